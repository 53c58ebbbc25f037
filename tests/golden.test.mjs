// SPDX-License-Identifier: MIT
/*
 * tests/golden/scan/NAME.{js,css,html} with NAME.EXT.facts beside it: what the scanner finds, as
 * scan_dump of the build folder that ORBITON_BUILD names prints it. `make golden`
 * (ORBITON_GOLDEN=write) rewrites the facts; read the difference before you commit it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const scanDump = join(resolve(process.env.ORBITON_BUILD ?? join(root, 'build')), 'tests/scan_dump');
const folder = join(root, 'tests/golden/scan');
const MODES = new Set(['js', 'css', 'html']);

for (const name of readdirSync(folder).sort()) {
    const mode = extname(name).slice(1);
    if (!MODES.has(mode)) {
        continue;
    }
    test(`golden ${name}`, () => {
        const run = spawnSync(scanDump, [mode, '--pretty', join(folder, name)], { encoding: 'utf8' });
        assert.equal(run.status, 0, run.stderr);
        const path = join(folder, `${name}.facts`);
        if (process.env.ORBITON_GOLDEN === 'write') {
            writeFileSync(path, run.stdout);
        }
        assert.ok(existsSync(path), `${name}.facts is missing: make golden`);
        assert.equal(run.stdout, readFileSync(path, 'utf8'));
    });
}
