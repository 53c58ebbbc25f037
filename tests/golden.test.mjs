// SPDX-License-Identifier: MIT
/*
 * tests/golden/{scan,orbit}/NAME.{js,css,html,orbit} with NAME.EXT.facts beside it: what is found, as
 * scan_dump of the build folder that ORBITON_BUILD names prints it. `make golden`
 * (ORBITON_GOLDEN=write) rewrites the facts; read the difference before you commit it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { test } from 'node:test';
import { expectGolden, root, toolOf } from './golden.mjs';

const scanDump = toolOf('scan_dump');
const folders = ['scan', 'orbit'].map((name) => join(root, 'tests/golden', name));
const MODES = new Set(['js', 'css', 'html', 'orbit']);

const files = folders.flatMap((folder) => readdirSync(folder).sort().map((name) => [folder, name]));

for (const [folder, name] of files) {
    const mode = extname(name).slice(1);
    if (!MODES.has(mode)) {
        continue;
    }
    test(`golden ${name}`, () => {
        const run = spawnSync(scanDump, [mode, '--pretty', join(folder, name)], { encoding: 'utf8' });
        assert.equal(run.status, 0, run.stderr);
        expectGolden(join(folder, `${name}.facts`), run.stdout);
    });
}
