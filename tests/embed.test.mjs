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

test('a line of a client file that names a part stands for it, and nothing else does', () => {
    const write = (name, text) => {
        mkdirSync(dirname(join(folder, 'parts', name)), { recursive: true });
        writeFileSync(join(folder, 'parts', name), text);
    };
    write('a.js', 'one\n    // Part: first/b.js\nx // Part: first/b.js\nlast');
    write('first/b.js', '\0two\n// Part: c.js\n');
    const run = (out) => execFileSync(toolOf('../client/embed'), [out, join(folder, 'parts', 'a.js')],
        { stdio: 'pipe' });
    const out = join(folder, 'parts.c');
    run(out);
    const [, list] = /file_0\[\] = \{([^}]*)\}/.exec(readFileSync(out, 'utf8'));
    const bytes = list.match(/\d+/g).map(Number);
    assert.equal(String.fromCharCode(...bytes),
        'one\n\0two\n// Part: c.js\nx // Part: first/b.js\nlast\0');
    rmSync(join(folder, 'parts', 'first', 'b.js'));
    assert.throws(() => run(out), /cannot open .*first\/b\.js/);
});
