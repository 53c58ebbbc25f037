// SPDX-License-Identifier: MIT

/* Packages of many files, packed by the project's bundler: real ones from npm, and one that changes. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { browser, openPage, request } from './harness.mjs';
import { withPackages } from './packages.mjs';
import { counts, documentOf, put, shows } from './project.mjs';
import { visit } from './steps.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome?.close());

const [major, minor] = process.versions.node.split('.').map(Number);
const BUNDLERS = {
    esbuild: {},
    rolldown: { skip: (major > 20 || (major === 20 && minor >= 19)) ? false : 'rolldown needs node 20.19' },
};

/** A test with each of the bundlers; `run` is given what runs the program on a project that has it. */
function testEach(name, run) {
    for (const [bundler, options] of Object.entries(BUNDLERS)) {
        test(`${bundler}: ${name}`, options, () => run((files, packages, use) =>
            withPackages(files, [bundler, ...packages], use)));
    }
}

async function open(server) {
    const opened = await openPage(chrome, server.url);
    await shows(opened.page, 'globalThis.done === true', true);
    assert.deepEqual(opened.errors.map(String), []);
    return opened;
}

/** An expression: the files of a package that the page has loaded, without the folder. */
const filesOf = (name) => `performance.getEntriesByType('resource')
    .map((each) => each.name.split('/node_modules/${name}/')[1]).filter(Boolean).sort()`;

const USES = {
    'index.html': documentOf('/main.js'),
    'main.js': `import * as all from 'lodash-es';
import { chunk, map as mapOf } from 'lodash-es';
import { of, map } from 'rxjs';
const { default: add } = await import('lodash-es/add.js');
const { default: Subject } = await import('rxjs').then((m) => ({ default: m.Subject }));
globalThis.names = Object.keys(all).sort();
globalThis.same = all.add === add && all.chunk === chunk;
globalThis.values = [chunk([1, 2, 3], 2).length, add(1, 2), mapOf([1], (x) => x + 1)[0]];
of(4).pipe(map((x) => x + 1)).subscribe((x) => values.push(x));
const subject = new Subject();
subject.subscribe((x) => values.push(x));
subject.next(6);
globalThis.done = true;
`,
};

testEach('a package of hundreds of files is two modules, with the names and the instances that it has', async (withPacks) => {
    await withPacks(USES, ['lodash-es', 'rxjs'], async ({ dir, server }) => {
        const { page, close } = await open(server);
        assert.deepEqual(await page.evaluate('names'), Object.keys(await import('lodash-es')).sort());
        assert.equal(await page.evaluate('same'), true);
        assert.deepEqual(await page.evaluate('values'), [2, 3, 2, 5, 6]);
        await shows(page, filesOf('lodash-es'), ['add.js', 'lodash.js', 'lodash.js?pack']);
        await shows(page, `${filesOf('rxjs')}.length`, 2);
        // what is asked for as bytes is the file
        const bytes = await request(server, '/node_modules/lodash-es/add.js', {
            headers: { 'Sec-Fetch-Dest': 'empty' },
        });
        assert.match(bytes.body, /createMathOperation/);
        await close();
        const folder = path.join(dir, 'node_modules/.cache/orbiton');
        const kept = readdirSync(folder);
        assert.ok(kept.every((name) => /^[0-9a-f]{32}\.js$/.test(name)));
        // beside them lies what they are made of, if the files are not too new
        const texts = kept.map((name) => readFileSync(path.join(folder, name), 'utf8').split('\n')[1]);
        assert.equal(texts.filter((text) => !text.startsWith('[')).length, 2);
    });
});

const part = (n, text) => [`node_modules/many/part${n}.js`, `${counts(`part${n}`)}export const part${n} = ${JSON.stringify(text)};\n`];
const numbers = [...Array(9).keys()];
const MANY = {
    'index.html': documentOf('/main.js'),
    'package.json': '{"name": "app"}',
    'package-lock.json': '{"lockfileVersion": 3}',
    'main.js': `import * as many from 'many';
globalThis.parts = Object.values(many).join(' ');
globalThis.done = true;
import.meta.hot.accept();
`,
    'node_modules/many/package.json': '{"name": "many", "type": "module", "main": "index.js", "sideEffects": false}',
    'node_modules/many/index.js': numbers.map((n) => `export * from './part${n}.js';\n`).join(''),
    ...Object.fromEntries(numbers.map((n) => part(n, `p${n}`))),
};

const NEEDED = {
    ...MANY,
    'package.json': '{"name": "app", "dependencies": {"many": "1"}}',
    'main.js': `import * as many from 'many';
globalThis.parts = Object.values(many).join(' ');
globalThis.same = (await import('needed/deep')).value === many.part0;
globalThis.done = true;
`,
    'node_modules/many/part0.js': "export { value as part0 } from 'needed/deep';\n",
    'node_modules/many/part1.js': "import old from 'old';\nexport const part1 = old.value;\n",
    'node_modules/needed/package.json': `{"name": "needed", "type": "module",
    "exports": {"./deep": {"development": "./dev.js", "default": "./not.js"}, "./name": "./name.js"}}`,
    'node_modules/needed/dev.js': `${counts('needed')}import name from 'needed/name';\nexport const value = [name];\n`,
    'node_modules/needed/name.js': "export default 'needed';\n",
    'node_modules/old/package.json': '{"name": "old", "main": "old.js"}',
    'node_modules/old/old.js': "exports.value = 'old';\n",
};

testEach('what only a packed package needs is part of the pack', async (withPacks) => {
    await withPacks(NEEDED, [], async ({ dir, server }) => {
        const first = await open(server);
        assert.equal(await first.page.evaluate('parts'), 'needed old p2 p3 p4 p5 p6 p7 p8');
        assert.equal(await first.page.evaluate('same'), true);
        assert.equal(await first.page.evaluate('runs.needed'), 1);
        await shows(first.page, filesOf('many'), ['index.js', 'index.js?pack']);
        await shows(first.page, filesOf('needed'), ['dev.js']); // which main.js asks for
        await first.close();
        await put(dir, 'node_modules/needed/name.js', "export default 'by hand';\n");
        const second = await open(server);
        assert.equal(await second.page.evaluate('parts'), 'by hand old p2 p3 p4 p5 p6 p7 p8');
        await second.close();
    });
});

testEach('another version of a packed package is an update of those who accept it', async (withPacks) => {
    await withPacks(MANY, [], async ({ dir, server }) => {
        const { page, isSame, close } = await visit(chrome, server, ['/main.js', '/node_modules/many/index.js?pack']);
        await shows(page, 'parts', 'p0 p1 p2 p3 p4 p5 p6 p7 p8');
        await shows(page, filesOf('many'), ['index.js', 'index.js?pack']);
        await put(dir, ...part(4, 'another'));
        await put(dir, 'package-lock.json', '{"lockfileVersion": 3, "packages": {}}');
        await shows(page, 'parts', 'p0 p1 p2 p3 another p5 p6 p7 p8');
        assert.ok(await isSame());
        await close();
    });
});

testEach('an edit by hand in a packed package is there at the next load', async (withPacks) => {
    await withPacks(MANY, [], async ({ dir, server }) => {
        const first = await open(server);
        await first.close();
        await put(dir, ...part(4, 'by hand'));
        const second = await open(server);
        assert.equal(await second.page.evaluate('parts'), 'p0 p1 p2 p3 by hand p5 p6 p7 p8');
        assert.equal(await second.page.evaluate('runs.part4'), 1);
        await second.close();
    });
});

testEach('functions keep their names, and what runs when it is loaded is not packed', async (withPacks) => {
    const own = { ...MANY };
    for (const n of [3, 4]) {
        own[`node_modules/many/part${n}.js`] = `function own() {}\nexport const part${n} = own.name;\n`;
    }
    const withEffects = (files) => Object.entries(files)
        .filter(([file]) => file.startsWith('node_modules/many/'))
        .map(([file, text]) => [file.replace('many', 'loud'), text.replace('"sideEffects": false', '"sideEffects": true')]);
    Object.assign(own, Object.fromEntries(withEffects(own)));
    own['main.js'] = `import 'loud';\n${own['main.js']}`;
    await withPacks(own, [], async ({ server }) => {
        const { page, close } = await open(server);
        assert.equal(await page.evaluate('parts'), 'p0 p1 p2 own own p5 p6 p7 p8');
        await shows(page, filesOf('many'), ['index.js', 'index.js?pack']);
        await shows(page, `${filesOf('loud')}.length`, 10);
        await close();
    });
});

testEach('what a bundler would read otherwise is served as it is', async (withPacks) => {
    const own = { ...MANY };
    own['node_modules/many/part3.js'] = 'export const part3 = import.meta.url.split("/").pop();\n';
    await withPacks(own, [], async ({ server }) => {
        const { page, close } = await open(server);
        assert.equal(await page.evaluate('parts'), 'p0 p1 p2 part3.js p4 p5 p6 p7 p8');
        await shows(page, `${filesOf('many')}.length`, 10);
        await close();
    });
});

testEach('what was served before stays outside of the pack, and is the one instance for it too', async (withPacks) => {
    const own = { ...MANY };
    own['node_modules/many/part3.js'] = `${counts('part3')}export const part3 = 'p3';\nexport const self = {};\n`;
    own['node_modules/many/part5.js'] = `import * as all from './part3.js';
export { self as same } from './part3.js';
export const part5 = Object.keys(all).join('+');
`;
    own['main.js'] = `const first = await import('many/part3.js');
const many = await import('many');
globalThis.parts = Object.values(many).filter((each) => typeof each === 'string').join(' ');
globalThis.same = many.same === first.self && many.self === first.self;
globalThis.done = true;
`;
    await withPacks(own, [], async ({ server }) => {
        const { page, close } = await open(server);
        assert.equal(await page.evaluate('parts'), 'p0 p1 p2 p3 p4 part3+self p6 p7 p8');
        assert.equal(await page.evaluate('same'), true);
        assert.equal(await page.evaluate('runs.part3'), 1);
        await shows(page, filesOf('many'), ['index.js', 'index.js?pack', 'part3.js']);
        await close();
    });
});

/* Whatever a package exports, and however: [text of a file, what the page shows of it]. */
const FORMS = [
    ['export default function () {}', 'm.default.name', 'default'],
    ['export default class { static own = this.name; }', 'm.default.name + m.default.own', 'defaultdefault'],
    ['export default () => 1;', 'm.default.name', 'default'],
    ['class own {}\nexport { own as other };', 'm.other.name', 'own'],
    ['export let live = 1;\nexport const bump = () => { live += 1; };', '(m.bump(), m.live)', 2],
    ['export const mode = process.env.NODE_ENV;', 'm.mode', 'development'],
    ['export const top = typeof this;', 'm.top', 'undefined'],
    ['let ran = 0;\n/* @__PURE__ */ (() => { ran += 1; })();\nexport const pure = () => ran;', 'm.pure()', 1],
    ['import "./form9.js";\nexport const later = () => globalThis.aside;', 'm.later()', 'ran'],
    ['globalThis.aside = "ran";\nexport {};', 'Object.keys(m).length', 0],
    ['export * from "outer";', 'Object.keys(m).join()', 'a,b'],
    ['import * as all from "./form10.js";\nexport const names = Object.keys(all).sort().join();', 'm.names', 'a,b'],
    ['import { a } from "./form10.js";\nexport { a as handed } from "./form10.js";\nexport const taken = a;', 'm.taken + m.handed', 'aa'],
    ['import { ring } from "./form14.js";\nexport function of() { return "of"; }\nexport const got = ring;', 'm.got', 'of'],
    ['import { of } from "./form13.js";\nexport const ring = of();', 'm.ring', 'of'],
];

testEach('a packed module is what it is by itself, whatever it exports and imports', async (withPacks) => {
    const own = {
        ...MANY,
        'node_modules/outer/package.json': '{"name": "outer", "type": "module", "main": "index.js"}',
        'node_modules/outer/index.js': 'export const a = "a", b = "b";\n',
        'node_modules/many/index.js': FORMS.map((_, n) => `export * as form${n} from './form${n}.js';\n`).join(''),
        'main.js': `import * as many from 'many';
globalThis.shown = [${FORMS.map(([, shown], n) => `((m) => ${shown})(many.form${n})`).join(', ')}];
globalThis.alone = [${FORMS.map(([, shown], n) => `((m) => ${shown})(await import('many/form${n}.js'))`).join(', ')}];
globalThis.done = true;
`,
    };
    FORMS.forEach(([text], n) => {
        own[`node_modules/many/form${n}.js`] = `${text}\n`;
    });
    await withPacks(own, [], async ({ server }) => {
        const { page, close } = await open(server);
        const wanted = FORMS.map(([, , value]) => value);
        assert.deepEqual(await page.evaluate('shown'), wanted);
        wanted[4] += 1; // it is one instance
        assert.deepEqual(await page.evaluate('alone'), wanted);
        await shows(page, `${filesOf('many')}.includes('index.js?pack')`, true);
        await close();
    });
});
