// SPDX-License-Identifier: MIT
/*
 * The CSS scanner against css-tree, over the style sheets of the npm packages that the tests
 * install, the golden ones, and small damage done to pieces of them. Tokens must be the same,
 * byte for byte; the URLs of real sheets must be the same. The scanner runs in scan_dump of the
 * build folder that ORBITON_BUILD names.
 *
 * Where css-tree is not the standard, the two are not compared: it does not see a url( whose name
 * is escaped, takes NUL for no part of a name and a backslash at the very end for no escape, and
 * counts the newline that cuts off a string as part of it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import * as csstree from 'css-tree';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const scanDump = join(resolve(process.env.ORBITON_BUILD ?? join(root, 'build')), 'tests/scan_dump');
const golden = join(root, 'tests/golden/scan');

const TOKENS_BYTES_MAX = 60_000; // of a sheet whose tokens are compared
const URLS_BYTES_MAX = 250_000; // of a sheet whose URLs are compared
const MUTANTS = 2000;
const MUTANT_BYTES_MAX = 160;
const SHOWN = 5;

// What damage is made of: everything that means something to a tokenizer.
const PIECES = ['"', '\'', '\\', '\\\n', '\\31 ', '\\d800', '\\0', 'url(', 'url( "', ')', '(', '{',
    '}', '[', ']', '/*', '*/', '<!--', '-->', '@', '@import', '#', '-', '--', '+', '.', 'e', '1', '1e3', '%', ';',
    ':', ',', '\n', '\r\n', '\f', '\t', ' ', '\x7f', '\x01', 'é', '\u{1f600}', '&', '!', 'image-set('];

function walk(folder, found = []) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
            walk(path, found);
        } else if (entry.name.endsWith('.css')) {
            found.push(path);
        }
    }
    return found;
}

function isUtf8(path) {
    const bytes = readFileSync(path);
    return Buffer.from(bytes.toString()).equals(bytes);
}

const paths = [...walk(join(root, 'node_modules')), ...walk(golden)].sort()
    .filter((path) => isUtf8(path) && !path.endsWith('by_the_standard.css'));

function scanAll(mode, files) {
    const run = spawnSync(scanDump, [mode, '--list'],
        { input: `${files.join('\n')}\n`, encoding: 'utf8', maxBuffer: 1 << 30 });
    assert.equal(run.status, 0, run.stderr);
    return run.stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
}

// Byte offsets of the text's UTF-16 offsets.
function byteOffsets(text) {
    const offsets = new Uint32Array(text.length + 1);
    let at = 0;
    for (let i = 0; i < text.length; i++) {
        offsets[i] = at;
        const code = text.codePointAt(i);
        at += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        if (code > 0xffff) {
            offsets[++i] = at;
        }
    }
    offsets[text.length] = at;
    return offsets;
}

function oracleTokens(text) {
    const offsets = byteOffsets(text);
    const tokens = [];
    csstree.tokenize(text, (type, start, end) => {
        tokens.push([csstree.tokenNames[type], offsets[start], offsets[Math.min(end, text.length)]]);
    });
    return tokens;
}

// Tokens with what follows a cut-off string made one with it.
function joined(tokens) {
    const result = [];
    for (const [kind, start, end] of tokens) {
        const last = result.at(-1);
        if (last?.[0] === 'bad-string-token' && kind === 'whitespace-token') {
            last[2] = end;
        } else {
            result.push([kind, start, end]);
        }
    }
    return result;
}

function fail(differences) {
    if (differences.length > 0) {
        assert.fail(`${differences.length} differ:\n${differences.slice(0, SHOWN).join('\n')}`);
    }
}

// The first token that differs, as a line; undefined: none.
function compareTokens(name, text, tokens) {
    const ours = joined(tokens);
    const theirs = joined(oracleTokens(text));
    const i = theirs.findIndex((token, k) => !isDeepStrictEqual(token, ours[k]));
    const at = i < 0 && ours.length !== theirs.length ? theirs.length : i;
    return at < 0 ? undefined : `${name}: token ${at}: ${JSON.stringify(ours[at])}, css-tree says ` +
        `${JSON.stringify(theirs[at])} of ${JSON.stringify(text.slice(0, 200))}`;
}

test('tokens of real sheets', () => {
    const some = paths.filter((path) => readFileSync(path).length <= TOKENS_BYTES_MAX);
    const tokens = scanAll('css-tokens', some);
    assert.ok(some.length >= 100);
    fail(some.map((path, i) => compareTokens(path, readFileSync(path, 'utf8'), tokens[i])).filter(Boolean));
});

// The generator of Numerical Recipes: every run makes the same mutants.
let seed = 7;
function random(n) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor(seed / 2 ** 32 * n);
}

function mutant(text) {
    const from = random(text.length);
    let piece = text.slice(from, from + random(MUTANT_BYTES_MAX));
    for (let i = random(8); i >= 0; i--) {
        const at = random(piece.length + 1);
        piece = piece.slice(0, at) + PIECES[random(PIECES.length)] + piece.slice(at + random(3));
    }
    // Half a surrogate pair is no text that a file can hold.
    return piece.toWellFormed().replace(/\\+$/, '');
}

test('tokens of damaged pieces', () => {
    const folder = mkdtempSync(join(tmpdir(), 'orbiton-css-'));
    try {
        const texts = paths.map((path) => readFileSync(path, 'utf8')).filter((text) => text.length > 0);
        const mutants = Array.from({ length: MUTANTS }, () => mutant(texts[random(texts.length)]));
        const files = mutants.map((text, i) => {
            const path = join(folder, `${i}.css`);
            writeFileSync(path, text);
            return path;
        });
        const tokens = scanAll('css-tokens', files);
        fail(mutants.map((text, i) => compareTokens('mutant', text, tokens[i])).filter(Boolean));
    } finally {
        rmSync(folder, { recursive: true });
    }
});

const isFetched = (url) => url.trim() !== '' && !/^\s*(#|data:|blob:|about:|javascript:)/i.test(url);

// The URLs of a value that css-tree gives as raw text.
function rawUrls(text) {
    const urls = [];
    const visit = (ast) => csstree.walk(ast, (node) => node.type === 'Url' && urls.push(node.value));
    visit(csstree.parse(`a{b:${text}}`, { parseCustomProperty: true, onParseError: () => {} }));
    return urls;
}

function oracleUrls(text) {
    const ast = csstree.parse(text.replace(/^\ufeff/, ''), { parseCustomProperty: true, onParseError: () => {} });
    const urls = [];
    const add = (mark, url) => isFetched(url) && urls.push(mark + url);
    let mayImport = true;
    for (const rule of ast.children) {
        if (rule.type === 'Atrule' && rule.name.toLowerCase() === 'import' && mayImport && !rule.block) {
            const url = rule.prelude?.children?.first;
            if (url?.type === 'Url' || url?.type === 'String') {
                add('@', url.value);
            }
        }
        mayImport &&= rule.type === 'Comment' ||
            (rule.type === 'Atrule' && /^(import|charset|layer)$/i.test(rule.name) && !rule.block);
    }
    csstree.walk(ast, function (node) {
        if (this.atrulePrelude || !(this.declaration || this.block)) {
            return;
        }
        if (node.type === 'Url') {
            add('', node.value);
        } else if (node.type === 'Function' && /^(-webkit-)?image-set$/i.test(node.name)) {
            node.children.filter((child) => child.type === 'String').forEach((child) => add('', child.value));
        } else if (node.type === 'Raw' && this.declaration) {
            rawUrls(node.value).forEach((url) => add('', url));
        }
    });
    return urls.sort();
}

test('URLs of real sheets', () => {
    const some = paths.filter((path) => readFileSync(path).length <= URLS_BYTES_MAX);
    const facts = scanAll('css', some);
    let count = 0;
    const differences = some.map((path, i) => {
        const ours = facts[i].deps.map((dep) => (dep.kind === 'css-import' ? '@' : '') + dep.text).sort();
        const theirs = oracleUrls(readFileSync(path, 'utf8'));
        count += theirs.length;
        return isDeepStrictEqual(ours, theirs) ? undefined
            : `${path}: only ours ${JSON.stringify(ours.filter((url) => !theirs.includes(url)))}, ` +
            `only css-tree's ${JSON.stringify(theirs.filter((url) => !ours.includes(url)))}`;
    }).filter(Boolean);
    fail(differences);
    assert.ok(count > 0);
});
