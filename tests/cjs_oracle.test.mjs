// SPDX-License-Identifier: MIT
/*
 * The scanner of CommonJS against cjs-module-lexer, over the scripts of the npm packages that the
 * tests install: every name and every re-export that Node's lexer finds must be found, but for those
 * that stand in code for production. More may be found, and is, in object literals. acorn tells which
 * require() there are. The scanner runs in scan_dump of the build folder that ORBITON_BUILD names.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { parse } from 'acorn';
import { full } from 'acorn-walk';
import { init, parse as lex } from 'cjs-module-lexer';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const scanDump = join(resolve(process.env.ORBITON_BUILD ?? join(root, 'build')), 'tests/scan_dump');

// Larger files are bundles, which take acorn's time.
const BYTES_MAX = 100_000;
const FILES_MIN = 500;
const SHOWN = 10;

function walk(folder, found = []) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
            walk(path, found);
        } else if (/\.c?js$/.test(entry.name)) {
            found.push(path);
        }
    }
    return found;
}

// Scripts that acorn reads and that mention CommonJS, each content once: { path, text, ast }.
function readAll() {
    const seen = new Set();
    const files = [];
    for (const path of walk(join(root, 'node_modules')).sort()) {
        const text = readFileSync(path, 'utf8');
        const hash = createHash('sha1').update(text).digest('hex');
        if (text.length > BYTES_MAX || seen.has(hash) || !/\b(exports|require)\b/.test(text)) {
            continue;
        }
        seen.add(hash);
        try {
            files.push({ path, text, ast: parse(text, { ecmaVersion: 'latest', sourceType: 'script',
                allowHashBang: true, allowReturnOutsideFunction: true }) });
        } catch {
            // a module, or a text with an error on purpose
        }
    }
    return files;
}

function requiresOf(ast) {
    const found = new Set();
    full(ast, (node) => {
        const argument = node.arguments?.[0];
        if (node.type === 'CallExpression' && node.callee.name === 'require' && node.arguments.length === 1 &&
            (argument.type === 'Literal' ? typeof argument.value === 'string'
                : argument.type === 'TemplateLiteral' && argument.quasis.length === 1)) {
            found.add(argument.type === 'Literal' ? argument.value : argument.quasis[0].value.cooked);
        }
    });
    return found;
}

// Node's lexer takes `exports.a === b` for an assignment.
const isAsked = (text, name) => new RegExp(`exports\\.${name.replace(/\W/g, '\\$&')}\\s*==`).test(text);
const missing = (wanted, found) => [...wanted].filter((each) => !found.includes(each));

test('all that Node and acorn find is found', async () => {
    await init();
    const files = readAll();
    assert.ok(files.length >= FILES_MIN, `only ${files.length} scripts in node_modules: npm install?`);
    const run = spawnSync(scanDump, ['cjs', '--list'], {
        input: files.map((file) => file.path).join('\n') + '\n', encoding: 'utf8', maxBuffer: 1 << 30,
    });
    assert.equal(run.status, 0, run.stderr.slice(0, 2000) + (run.error ?? ''));
    const facts = run.stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
    const wrong = [];
    let names = 0;
    let more = 0;
    files.forEach(({ path, text, ast }, i) => {
        const production = /NODE_ENV/.test(text);
        const bundle = /\[function\s*\(require,/.test(text);
        const lexed = lex(text);
        const lost = {
            exports: production ? [] : missing(lexed.exports, facts[i].exports)
                .filter((name) => !isAsked(text, name)),
            reexports: production ? [] : missing(lexed.reexports, facts[i].reexports),
            requires: production || bundle ? [] : missing(requiresOf(ast), facts[i].requires),
        };
        names += lexed.exports.length;
        more += missing(facts[i].exports, lexed.exports).length;
        if (lost.exports.length + lost.reexports.length + lost.requires.length > 0) {
            wrong.push({ path, ...lost });
        }
    });
    assert.equal(wrong.length, 0, `${wrong.length} of ${files.length} files:\n${
        wrong.slice(0, SHOWN).map((each) => JSON.stringify(each)).join('\n')}`);
    console.log(`# ${files.length} scripts, ${names} names, ${more} more`);
});
