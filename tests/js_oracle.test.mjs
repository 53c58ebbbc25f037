// SPDX-License-Identifier: MIT
/*
 * The JavaScript scanner against acorn (and, for the edges, es-module-lexer), over the ES modules
 * of the npm packages that the tests install, over test262's parser tests, and over small damage
 * done to real files. A file that acorn accepts as a module must give the same facts and no error;
 * what acorn rejects may give anything but a crash. The scanner runs in scan_dump of the build
 * folder that ORBITON_BUILD names.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'acorn';
import { full } from 'acorn-walk';
import * as lexer from 'es-module-lexer';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const scanDump = join(resolve(process.env.ORBITON_BUILD ?? join(root, 'build')), 'tests/scan_dump');
const modules = join(root, 'node_modules');
const HARD = join(root, 'tests/golden/scan');

// Larger files are bundles: they take acorn's time and hold few edges.
const BYTES_MAX = 400_000;
const MUTANTS = 4000;
const MUTATED_BYTES_MAX = 4000;
const SHOWN = 5;

function walk(folder, found = []) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
            walk(path, found);
        } else if (/\.m?js$/.test(entry.name)) {
            found.push(path);
        }
    }
    return found;
}

// The files of a folder, each content once, as { path, text }.
function readAll(folder) {
    const seen = new Set();
    const files = [];
    for (const path of walk(folder).sort()) {
        const bytes = readFileSync(path);
        const hash = createHash('sha1').update(bytes).digest('hex');
        if (bytes.length <= BYTES_MAX && !seen.has(hash)) {
            seen.add(hash);
            files.push({ path, text: bytes.toString() });
        }
    }
    return files;
}

function scanAll(paths) {
    const run = spawnSync(scanDump, ['js', '--list'], {
        input: paths.join('\n') + '\n', encoding: 'utf8', maxBuffer: 1 << 30,
    });
    assert.equal(run.status, 0, run.stderr.slice(0, 2000) + (run.error ?? ''));
    return run.stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
}

const nameOf = (node) => (node.type === 'Literal' ? node.value : node.name).toWellFormed?.() ??
    (node.type === 'Literal' ? node.value : node.name);

function patternNames(node, add) {
    switch (node?.type) {
    case 'Identifier': add(node.name); break;
    case 'ObjectPattern': node.properties.forEach((p) => patternNames(p.value ?? p.argument, add)); break;
    case 'ArrayPattern': node.elements.forEach((e) => patternNames(e, add)); break;
    case 'AssignmentPattern': patternNames(node.left, add); break;
    case 'RestElement': patternNames(node.argument, add); break;
    }
}

// Whether `await` stands at the top level: not in a function, a field or a static block.
function hasAwait(node) {
    if (!node || typeof node.type !== 'string') {
        return false;
    }
    if (/Function/.test(node.type) || node.type === 'StaticBlock') {
        return false;
    }
    if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await)) {
        return true;
    }
    return Object.values(node).some((value) =>
        Array.isArray(value) ? value.some(hasAwait) : value && typeof value === 'object' && hasAwait(value));
}

const known = new Map();

// What acorn makes of the text, in the form of scan_dump; null: no module.
function oracle(text) {
    if (!known.has(text)) {
        known.set(text, readWithAcorn(text));
    }
    return known.get(text);
}

function readWithAcorn(text) {
    let ast;
    try {
        ast = parse(text, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true });
    } catch {
        return null;
    }
    const ascii = /^[\0-\x7f]*$/.test(text);
    const at = ascii ? (i) => i : (i) => Buffer.byteLength(text.slice(0, i));
    const facts = { deps: [], imported: [], exports: [], hot: false, env: false };
    const addDep = (kind, node, source, end, extra = {}) => facts.deps.push({
        kind, statement: [at(node.start), at(end)], specifier: [at(source.start + 1), at(source.end - 1)],
        text: kind === 'dynamic-expr' ? '' : literal(source), ...extra, names: [],
    });
    const literal = (node) => {
        const value = node.type === 'Literal' ? node.value : node.quasis[0].value.cooked;
        return value.toWellFormed ? value.toWellFormed() : value;
    };
    const isText = (node) => (node.type === 'Literal' && typeof node.value === 'string') ||
        (node.type === 'TemplateLiteral' && node.expressions.length === 0);
    const declared = (node, kind) => {
        // The semicolon and what stands before it are not part of the statement.
        let end = node.source.end;
        if (node.attributes?.length > 0 || /^(\s|\/\*[^]*?\*\/|\/\/.*\n)*with\s*\{/.test(text.slice(end, node.end))) {
            end = text.lastIndexOf('}', node.end) + 1;
        }
        const type = node.attributes?.find((a) => nameOf(a.key) === 'type')?.value.value;
        addDep(kind, node, node.source, end, type ? { type } : {});
        return facts.deps.at(-1).names;
    };
    for (const node of ast.body) {
        if (node.type === 'ImportDeclaration') {
            const names = declared(node, 'import');
            for (const s of node.specifiers) {
                names.push(s.type === 'ImportDefaultSpecifier' ? 'default'
                    : s.type === 'ImportNamespaceSpecifier' ? '*' : nameOf(s.imported));
            }
        } else if (node.type === 'ExportAllDeclaration') {
            const names = declared(node, 'reexport');
            if (node.exported) {
                names.push('*');
                facts.exports.push(nameOf(node.exported));
            } else {
                facts.deps.at(-1).exportAll = true;
            }
        } else if (node.type === 'ExportDefaultDeclaration') {
            facts.exports.push('default');
        } else if (node.type === 'ExportNamedDeclaration') {
            const names = node.source && declared(node, 'reexport');
            for (const s of node.specifiers) {
                facts.exports.push(nameOf(s.exported));
                names?.push(nameOf(s.local));
            }
            const add = (name) => facts.exports.push(name);
            if (node.declaration?.declarations) {
                node.declaration.declarations.forEach((d) => patternNames(d.id, add));
            } else if (node.declaration) {
                add(node.declaration.id.name);
            }
        }
    }
    full(ast, (node) => {
        if (node.type === 'ImportExpression') {
            const paren = text[node.source.start - 1] === '(' && isText(node.source) &&
                /\(\s*\($/.test(text.slice(0, node.source.start));
            const kind = isText(node.source) && !paren ? 'dynamic' : 'dynamic-expr';
            const member = (object, name) => object?.type === 'ObjectExpression' &&
                object.properties.find((p) => !p.computed && p.key && nameOf(p.key) === name)?.value;
            const type = kind === 'dynamic' && member(member(node.options, 'with'), 'type');
            addDep(kind, node, node.source, node.end,
                type?.type === 'Literal' && typeof type.value === 'string' ? { type: type.value } : {});
            if (kind === 'dynamic-expr') {
                facts.deps.at(-1).specifier = null;
            }
        }
        if (node.type === 'MemberExpression' && !node.computed && node.object.type === 'MetaProperty' &&
            node.object.meta.name === 'import') {
            facts.hot ||= node.property.name === 'hot';
            facts.env ||= node.property.name === 'env';
        }
    });
    facts.await = hasAwait(ast);
    return sorted(facts);
}

function sorted(facts) {
    facts.deps.sort((a, b) => a.statement[0] - b.statement[0]);
    facts.exports.sort();
    delete facts.imported;
    return facts;
}

// The scanner's facts in the oracle's form.
function ours(facts) {
    const kept = facts.deps.map((dep) => ({ ...dep, names: [] }));
    for (const name of facts.imported ?? []) {
        kept[name.dep].names.push(name.name);
    }
    const deps = kept.filter((dep) => /import|reexport|dynamic/.test(dep.kind));
    for (const dep of deps) {
        if (dep.kind === 'dynamic-expr') {
            dep.specifier = null;
        }
        delete dep.attributes;
        delete dep.ignore;
    }
    return sorted({
        deps, exports: facts.exports, hot: facts.hot ?? false, env: facts.env ?? false,
        await: facts.await ?? false,
    });
}

// The specifiers that es-module-lexer finds.
function lexerEdges(text) {
    const [imports] = lexer.parse(text);
    return imports.filter((i) => i.type !== 'import-meta' && i.specifier !== undefined && !i.glob)
        .map((i) => i.specifier);
}

function differences(files, facts) {
    const bad = [];
    let compared = 0;
    let edges = 0;
    files.forEach(({ path, text }, i) => {
        const expected = oracle(text);
        if (!expected) {
            return;
        }
        compared++;
        edges += expected.deps.length;
        const actual = ours(facts[i]);
        if (facts[i].error || !isDeepStrictEqual(normal(actual), normal(expected))) {
            bad.push({ path, error: facts[i].error, ...difference(actual, expected) });
        }
    });
    return { bad, compared, edges };
}

const normal = (facts) => JSON.parse(JSON.stringify(facts, (key, value) =>
    value && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value));

// What differs, for the report of a failure.
function difference(actual, expected) {
    const shown = {};
    for (const key of Object.keys(expected)) {
        if (!isDeepStrictEqual(normal(actual[key]), normal(expected[key]))) {
            const strings = (list) => new Set([list].flat().map((v) => JSON.stringify(normal(v))));
            const a = strings(actual[key]), e = strings(expected[key]);
            shown[key] = {
                actual: [...a].filter((v) => !e.has(v)).slice(0, 3),
                expected: [...e].filter((v) => !a.has(v)).slice(0, 3),
            };
        }
    }
    return shown;
}

function report(bad) {
    return `${bad.length} differ\n` + JSON.stringify(bad.slice(0, SHOWN), null, 1);
}

// Writes texts to files of a folder that is gone afterwards, for scan_dump.
function withFiles(t, texts) {
    const folder = mkdtempSync(join(tmpdir(), 'orbiton-scan-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    return texts.map((text, i) => {
        const path = join(folder, `${i}.js`);
        writeFileSync(path, text);
        return { path, text };
    });
}

test('real modules give the facts that acorn finds', async () => {
    const files = readAll(modules).filter(({ path }) => !path.includes('test262-parser-tests'));
    const facts = scanAll(files.map(({ path }) => path));
    const { bad, compared, edges } = differences(files, facts);
    assert.equal(bad.length, 0, report(bad));
    assert.ok(compared > 1500, `only ${compared} modules`);
    assert.ok(edges > 3000, `only ${edges} edges`);
});

test('es-module-lexer finds the same edges, where it can read the file', async () => {
    await lexer.init;
    const files = readAll(modules).filter(({ path, text }) =>
        !path.includes('test262-parser-tests') && !text.startsWith('\ufeff') && oracle(text));
    const facts = scanAll(files.map(({ path }) => path));
    const bad = [];
    files.forEach(({ path, text }, i) => {
        const deps = facts[i].deps.filter((d) => /^(import|reexport|dynamic)$/.test(d.kind));
        const actual = deps.map((d) => d.text);
        const expected = lexerEdges(text);
        if (!isDeepStrictEqual(actual, expected)) {
            bad.push({ path, actual, expected });
        }
    });
    assert.equal(bad.length, 0, report(bad));
});

test("test262's parser tests: what is a module is read as one", () => {
    const folder = join(modules, 'test262-parser-tests');
    const files = ['pass', 'pass-explicit', 'early', 'fail'].flatMap((name) => readAll(join(folder, name)));
    const facts = scanAll(files.map(({ path }) => path));
    const { bad, compared } = differences(files, facts);
    assert.equal(bad.length, 0, report(bad));
    assert.ok(compared > 2000, `only ${compared} modules`);
});

test('the hard cases by hand give the facts that acorn finds', () => {
    const files = readAll(HARD);
    const { bad, compared } = differences(files, scanAll(files.map(({ path }) => path)));
    assert.equal(bad.length, 0, report(bad));
    assert.ok(compared > 10, `only ${compared} modules`);
});

// Small damage: what stays a module must be read as acorn reads it.
const SCRAPS = ['\n', ' ', '/', '(', ')', '{', '}', '[', ']', ';', ',', ':', '?', '`', '"', "'", '=', '=>', '++',
    '...', '/re/', '\n/x/g', '/*\n*/', '//\n', 'class', 'function', 'async ', 'await ', 'import("m")',
    'import.meta.hot', 'export ', 'of ', 'in ', 'yield', 'return', 'x', '1.', '#p', '.', '?.', '${', '\u2028',
    'static', 'get', 'let ', '()=>{}', 'import'];

function mutate(text, random) {
    const pick = (n) => Math.floor(random() * n);
    const at = pick(text.length);
    switch (pick(4)) {
    case 0: return text.slice(0, at) + text.slice(at + 1 + pick(3));
    case 1: return text.slice(0, at) + SCRAPS[pick(SCRAPS.length)] + text.slice(at);
    case 2: {
        const from = pick(text.length);
        return text.slice(0, at) + text.slice(from, from + 1 + pick(20)) + text.slice(at);
    }
    default: return text.slice(0, at) + text.slice(at).replace(/\s+/, SCRAPS[pick(SCRAPS.length)]);
    }
}

test('damaged modules that are still modules are read as acorn reads them', (t) => {
    let seed = Number(process.env.ORBITON_SEED ?? 1);
    const random = () => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return seed / 2 ** 32;
    };
    const sources = [...readAll(HARD), ...readAll(join(modules, 'test262-parser-tests/pass')),
        ...readAll(join(modules, 'lodash-es')), ...readAll(join(modules, 'svelte')),
        ...readAll(join(modules, 'rxjs'))]
        .map(({ text }) => text)
        .filter((text) => text.length > 10 && text.length < MUTATED_BYTES_MAX && !text.includes('\r') && oracle(text));
    const count = Number(process.env.ORBITON_MUTANTS ?? MUTANTS);
    const texts = Array.from({ length: count }, () => {
        let text = sources[Math.floor(random() * sources.length)];
        for (let n = 1 + Math.floor(random() * 2); n > 0; n--) {
            text = mutate(text, random);
        }
        return text;
    });
    const files = withFiles(t, texts);
    const { bad, compared } = differences(files, scanAll(files.map(({ path }) => path)));
    assert.equal(bad.length, 0, report(bad.map((b) => ({ ...b, text: readFileSync(b.path, 'utf8').slice(0, 600) }))));
    assert.ok(compared > count / 10, `only ${compared} modules`);
});
