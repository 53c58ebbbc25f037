// SPDX-License-Identifier: MIT
/*
 * tests/golden/orbit_gen_js/NAME.orbit with NAME.orbit.js beside it: the generated module, or the
 * messages, as orbit_modules of the build folder that ORBITON_BUILD names prints them
 * (ORBITON_GOLDEN=write rewrites them). Of each module: it parses, the code block stands in its own
 * lines, and what the map says is copied is the same text in both files.
 */
import assert from 'node:assert/strict';
import { parse } from 'acorn';
import { transformSync } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { expectGolden, root, toolOf } from './golden.mjs';

const tool = toolOf('orbit_modules');
const folder = join(root, 'tests/golden/orbit_gen_js');

/** Checks the properties that every generated module has. */
function checkModule(source, modules) {
    const { code, map } = modules;
    const bytes = Buffer.from(code);
    const sourceBytes = Buffer.from(source);
    let at = 0;

    // TypeScript is esbuild's to read; what it gives is parsed here.
    const plain = source.includes('<code lang="ts">')
        ? transformSync(code, { loader: 'ts', target: 'esnext' }).code : code;
    parse(plain, { ecmaVersion: 'latest', sourceType: 'module' });
    for (const [out, from, len] of map) {
        assert.ok(out >= at, 'sorted, without overlap');
        at = out + len;
        const copied = bytes.subarray(out, at).toString();
        const there = sourceBytes.subarray(from, from + len).toString();
        // Character references in attributes are longer than what they mean.
        assert.ok(copied === there || sourceBytes.subarray(from).toString().includes('&'), `${copied} is ${there}`);
    }
    const block = /<code[^>]*>([^]*)<\/code>/.exec(source)?.[1];
    if (block) {
        const first = source.slice(0, source.indexOf(block)).split('\n').length - 1;
        const lines = code.split('\n');
        block.split('\n').slice(1, -1).forEach((line, i) => {
            const plain = (text) => text.replace(/export( *)default|const( *)\$logic=| \$logic(?= )|^ *(?=class|function)/, '').trim();
            assert.equal(plain(lines[first + 1 + i]), plain(line));
        });
    }
}

for (const name of readdirSync(folder).filter((each) => each.endsWith('.orbit')).sort()) {
    test(`golden ${name}`, () => {
        const run = spawnSync(tool, [`src/${name}`, join(folder, name), 'Card=src/card.orbit'],
            { encoding: 'utf8' });
        assert.equal(run.status, 0, run.stderr);
        const modules = JSON.parse(run.stdout);
        const found = modules.errors.length > 0 ? `${modules.errors.join('\n')}\n` : modules.code;
        expectGolden(join(folder, `${name}.js`), found);
        assert.equal(name.startsWith('error_'), modules.errors.length > 0);
        if (modules.errors.length === 0) {
            checkModule(readFileSync(join(folder, name), 'utf8'), modules);
        }
    });
}
