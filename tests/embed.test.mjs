// SPDX-License-Identifier: MIT
/* tools/embed.c: the names that the program knows its embedded files by, wherever the source lies. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { toolOf } from './golden.mjs';

const folder = mkdtempSync(join(tmpdir(), 'orbiton-embed-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a file of the runtime keeps its folder, and no other does', () => {
    for (const source of ['source', 'orbit', 'orbit/orbit']) {
        const files = ['client/client.js', 'client/orbit/render.js'].map((name) => join(folder, source, name));
        files.forEach((file) => {
            mkdirSync(dirname(file), { recursive: true });
            writeFileSync(file, '');
        });
        const out = join(folder, 'out.c');
        execFileSync(toolOf('../client/embed'), [out, ...files]);
        const names = [...readFileSync(out, 'utf8').matchAll(/\{ STR_INIT\("([^"]*)"\)/g)];
        assert.deepEqual(names.map((match) => match[1]), ['client.js', 'orbit/render.js'], source);
    }
});
