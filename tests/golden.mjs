// SPDX-License-Identifier: MIT
/* What the tests of golden files share: the tools, and a text that is compared or rewritten. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** A program of tests/tools, in the build folder that ORBITON_BUILD names. */
export const toolOf = (name) => join(resolve(process.env.ORBITON_BUILD ?? join(root, 'build')), 'tests', name);

/** The text is that of the file; with ORBITON_GOLDEN=write the file is made so before. */
export function expectGolden(path, text) {
    if (process.env.ORBITON_GOLDEN === 'write') {
        writeFileSync(path, text);
    }
    assert.ok(existsSync(path), `${path} is missing: make golden`);
    assert.equal(text, readFileSync(path, 'utf8'));
}

/** A test for each .orbit file of `folder`: what orbit_gen makes of it in the language. */
export function testGenerated(folder, lang) {
    for (const name of readdirSync(folder).filter((each) => each.endsWith('.orbit')).sort()) {
        test(`golden ${name}`, () => {
            const run = spawnSync(toolOf('orbit_gen'), [lang, '-', join(folder, name)],
                { encoding: 'utf8' });
            assert.equal(run.stderr, '');
            assert.ok(!run.stdout.includes('DIFFERS'), run.stdout);
            expectGolden(join(folder, `${name}.out`), run.stdout);
        });
    }
}
