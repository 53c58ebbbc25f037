// SPDX-License-Identifier: MIT

/*
 * The project's own modules by URLs whose answers the browser keeps: a page that is loaded again asks only
 * for what has changed, and never runs what is not on disk any more.
 */

import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { browser, openPage } from './harness.mjs';
import { counts, documentOf, put, shows, writeProject } from './project.mjs';
import { lineAfter, start } from './steps.mjs';

const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome?.close());

const leaf = (text) => `${counts('leaf')}export const leaf: string = '${text}';
import.meta.hot?.accept((now) => { globalThis.text = now!.leaf; });\n`;
const late = (text) => `${counts('late')}export const late: string = '${text}';\n`;
const FILES = {
    'package.json': '{ "name": "app", "type": "module" }\n',
    'index.html': documentOf('/src/main.ts'),
    'src/main.ts': `${counts('main')}import { leaf } from './leaf';
import { fails, mine, same, worked } from './more';
import { plain } from './plain.js';
import data from './data.json';
import './style.css';
import './x.ts?a&&b';
import './x.ts?base=/';
Object.assign(globalThis, { agrees: mine === plain && plain === leaf, text: leaf, fails, same, worked, plain, data, done: true });
globalThis.openLate = () => import('./late').then((module) => { globalThis.late = module.late; });\n`,
    'src/leaf.ts': leaf('one'),
    'src/late.ts': late('one'),
    'src/plain.js': "import { leaf } from './leaf.ts';\nexport const plain = leaf;\n",
    'src/x.ts': 'export const x: number = 1;\nimport.meta.hot?.accept();\n',
    'src/data.json': '{ "list": [1] }\n',
    'src/style.css': 'body { margin: 7px }\n',
    'src/more.ts': `${counts('more')}import { leaf } from './leaf';
export const mine: string = leaf;
const name: string = 'leaf';
export const same = Promise.all([import('./leaf'), import(\`./\${name}.ts\`), import('/src/leaf.ts'),
    import(new URL('./leaf.ts', import.meta.url).href)])
    .then((all) => all.every((each) => each === all[0] && each.leaf === leaf));
export const worked = new Promise((resolve) => {
    new Worker(new URL('./more.worker.ts', import.meta.url), { type: 'module' })
        .onmessage = (event) => resolve(event.data);
});

export function fails(): never {
    throw new Error('a fault of more');
}
`,
    'src/more.worker.ts': 'const path: string = new URL(import.meta.url).pathname;\npostMessage(path);\n',
};
/** Those that a page loads at its start and that have a version from the second load on. */
const VERSIONED = ['data.json', 'leaf.ts', 'more.ts', 'style.css', 'x.ts'];

/** An expression: the names of the modules that the page has asked for. */
const ASKED = `performance.getEntriesByType('resource')
    .filter((each) => each.transferSize > 0 && each.initiatorType !== 'link')
    .map((each) => new URL(each.name).pathname).filter((each) => each.startsWith('/src/')
        && !each.endsWith('worker.ts')).map((each) => each.slice(5)).sort()`;
const PLAIN = ['main.ts', 'plain.js', 'x.ts']; // a map has no room for the second x.ts

async function run(body) {
    const dir = await writeProject(FILES);
    await mkdir(path.join(dir, 'node_modules'));
    await symlink(path.join(MODULES, '@esbuild'), path.join(dir, 'node_modules/@esbuild'));
    const server = await start(dir);
    const opened = await openPage(chrome, server.url);
    const { page } = opened;
    const ready = async () => {
        await shows(page, 'done', true);
        assert.equal(await page.evaluate('same'), true);
        await shows(page, 'runs', { leaf: 1, more: 1, main: 1 });
        await shows(page, 'getComputedStyle(document.body).marginTop', '7px');
    };
    const reload = async () => {
        await page.reload({ waitUntil: 'load' });
        await ready();
        await opened.mark();
    };
    const another = async () => {
        const next = await opened.context.newPage();
        await next.goto(server.url, { waitUntil: 'load' });
        await shows(next, 'done', true);
        return next;
    };
    try {
        await ready();
        await body({ dir, server, reload, another, ready, ...opened });
    } finally {
        await opened.close();
        await server.stop();
    }
}

test('a page that is loaded again asks for what is written as it runs, and for nothing that was compiled', () =>
    run(async ({ page, reload, another }) => {
        await reload();
        await shows(page, ASKED, [...VERSIONED, ...PLAIN].sort());
        for (let i = 0; i < 2; i++) {
            await reload();
            await shows(page, ASKED, PLAIN);
        }
        await shows(await another(), ASKED, PLAIN);
        assert.deepEqual(await page.evaluate('worked'), '/src/more.worker.ts');
    }));

test('an edit is in every page that is loaded after it, and nothing else is asked for', () =>
    run(async ({ dir, page, server, reload, another, isSame }) => {
        await reload();
        await reload();
        await lineAfter(server, ['hot'], () => put(dir, 'src/leaf.ts', leaf('two')));
        await shows(page, 'text', 'two');
        assert.ok(await isSame());
        const second = await another();
        await shows(second, 'text', 'two');
        assert.equal(await second.evaluate('same'), true);
        await shows(second, 'runs.leaf', 1);
        for (let i = 0; i < 3; i++) {
            await page.reload({ waitUntil: 'load' });
            await shows(page, '[done, text, runs.leaf]', [true, 'two', 1]);
            assert.equal(await page.evaluate('same'), true);
        }
        const asked = await page.evaluate(ASKED);
        assert.ok(!asked.includes('style.css') && !asked.includes('data.json'), asked.join());
    }));

test('what was edited while no page was open is there', () => run(async ({ dir, page, server, reload, ready }) => {
    await reload();
    await reload();
    await page.goto('about:blank');
    await put(dir, 'src/leaf.ts', leaf('two'));
    await put(dir, 'src/data.json', '{ "list": [1, 2] }\n');
    await page.goto(server.url);
    await ready();
    await shows(page, '[text, data]', ['two', { list: [1, 2] }]);
    await put(dir, 'src/leaf.ts', leaf('one'));
    await shows(page, 'text', 'one');
}));

test('what a page loads later is what is on disk then', () => run(async ({ dir, page, server, reload, isSame }) => {
    await page.evaluate('openLate()');
    await reload();
    await reload();
    await lineAfter(server, ['saved', 'hot', 'same'], () => put(dir, 'src/late.ts', late('two')));
    await page.evaluate('openLate()');
    await shows(page, '[late, runs.late]', ['two', 1]);
    assert.ok(await isSame());
}));

test('an edit that another page takes while one is loading leaves it with one instance', () =>
    run(async ({ dir, page, server, reload, another }) => {
        await reload();
        await reload();
        const second = await another();
        let release;
        const released = new Promise((resolve) => {
            release = resolve;
        });
        const asked = page.waitForRequest('**/src/plain.js*');
        await page.route('**/src/plain.js*', async (route) => {
            await released;
            await route.continue();
        });
        const loading = page.reload({ waitUntil: 'load' });
        await asked;
        await lineAfter(server, 'hot', () => put(dir, 'src/leaf.ts', leaf('two')));
        await shows(second, 'text', 'two');
        release();
        await loading.catch(() => {}); // it is loaded once more
        await shows(page, '[done, agrees, text, runs.leaf]', [true, true, 'two', 1]);
    }));

test('a name with an empty parameter is kept by its name', () => run(async ({ dir, server, reload, isSame }) => {
    await reload();
    await reload();
    const line = await lineAfter(server, ['hot', 'reload'], () => put(dir, 'src/x.ts',
        'export const x: number = 2;\nimport.meta.hot?.accept();\n'));
    assert.equal(line.verb, 'hot');
    assert.ok(await isSame());
}));

test('an error has the place in the source, whatever the URL', () => run(async ({ page, server, reload }) => {
    await reload();
    await reload();
    const line = await lineAfter(server, 'throw', () => page.evaluate('setTimeout(fails)'));
    assert.deepEqual([line.what, line.why], ['src/more.ts:14:11', 'Error: a fault of more']);
}));
