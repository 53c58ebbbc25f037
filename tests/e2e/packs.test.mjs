// SPDX-License-Identifier: MIT

/* Packages of many files, packed by the project's esbuild: real ones from npm, and one that changes. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
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

const withPacks = (files, packages, run) => withPackages(files, ['esbuild', ...packages], run);

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

test('a package of hundreds of files is two modules, with the names and the instances that it has', async () => {
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
        const kept = readdirSync(path.join(dir, 'node_modules/.cache/orbiton'));
        assert.equal(kept.filter((name) => /^[0-9a-f]{32}\.js$/.test(name)).length, 2);
        assert.equal(kept.length, 2);
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

test('another version of a packed package is an update of those who accept it', async () => {
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

test('an edit by hand in a packed package is there at the next load', async () => {
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

test('functions keep their names, and what runs when it is loaded is not packed', async () => {
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

test('what a bundler would read otherwise is served as it is', async () => {
    const own = { ...MANY };
    own['node_modules/many/part3.js'] = 'export const part3 = import.meta.url.split("/").pop();\n';
    await withPacks(own, [], async ({ server }) => {
        const { page, close } = await open(server);
        assert.equal(await page.evaluate('parts'), 'p0 p1 p2 part3.js p4 p5 p6 p7 p8');
        await shows(page, `${filesOf('many')}.length`, 10);
        await close();
    });
});
