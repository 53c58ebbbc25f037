// SPDX-License-Identifier: MIT

/*
 * Packages by URLs whose answers the browser keeps: a page that is loaded again asks for none of their
 * files, has each of their modules once, and has them as they are on disk.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, openPage } from './harness.mjs';
import { counts, documentOf, put, shows, writeProject } from './project.mjs';
import { start } from './steps.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome?.close());

const PACKAGES = {
    'package.json': '{"name": "app"}',
    'package-lock.json': '{"lockfileVersion": 3}',
    'node_modules/dep/package.json': '{"name": "dep", "type": "module", "main": "index.js"}',
    'node_modules/dep/index.js': `${counts('dep')}export * from './state.js';\nexport const dep = {};\n`,
    'node_modules/dep/state.js': `${counts('state')}export const state = { text: 'one' };\n`,
    'node_modules/old/index.js': `${counts('old')}exports.old = require('./part').part;\n`,
    'node_modules/old/part.js': 'exports.part = "part";\n',
};
const PROJECT = {
    'index.html': documentOf('/main.js'),
    'main.js': `import { dep, state } from 'dep';
import { old } from 'old';
Object.assign(globalThis, { dep, old, text: state.text, done: true });
globalThis.later = () => import('./late.js').then((late) => { globalThis.late = late.same(dep); });
import.meta.hot.accept();
`,
    'late.js': 'import { dep } from "dep";\nimport "old";\nexport const same = (other) => dep === other;\n',
    ...PACKAGES,
};
const edited = (text) => `${counts('state')}export const state = { text: '${text}' };\n`;

/** An expression: whether each file of a package that the page has was sent for it. */
const SENT = `performance.getEntriesByType('resource')
    .filter((each) => each.name.includes('/node_modules/')).map((each) => each.transferSize > 0)`;
const none = (count) => Array(count).fill(false);
const all = (count) => Array(count).fill(true);

/** Opens another page of a context, which shares what the browser keeps. */
async function another(context, server) {
    const page = await context.newPage();
    await page.goto(server.url, { waitUntil: 'load' });
    await shows(page, 'done', true);
    return page;
}

async function run(files, body) {
    const dir = await writeProject(files);
    const server = await start(dir);
    const opened = await openPage(chrome, server.url);
    try {
        await shows(opened.page, 'done', true);
        await body({ dir, server, ...opened });
        assert.deepEqual(opened.errors.map(String), []);
    } finally {
        await opened.close();
        await server.stop();
    }
}

test('a page that is loaded again asks for no file of a package', () => run(PROJECT, async ({ page, context, server }) => {
    await shows(page, SENT, all(5));
    await page.reload({ waitUntil: 'load' });
    await shows(page, 'done', true);
    await shows(page, SENT, none(5));
    const second = await another(context, server);
    await shows(second, SENT, none(5));
    await shows(second, 'runs', { state: 1, dep: 1, old: 1 });
}));

test('an edit by hand is there at the next load, and a page that is open keeps its instances', () =>
    run(PROJECT, async ({ dir, page, context, server }) => {
        await put(dir, 'node_modules/dep/state.js', edited('by hand'));
        const second = await another(context, server);
        await shows(second, 'text', 'by hand');
        await shows(second, SENT, all(5));
        for (const each of [page, second]) {
            await each.evaluate('later()');
            await shows(each, '[late, runs.dep, runs.state, runs.old]', [true, 1, 1, 1]);
        }
        await second.reload({ waitUntil: 'load' });
        await shows(second, 'text', 'by hand');
        await shows(second, SENT, none(5));
    }));

test('an edit by hand while no server runs is there with the next one', async () => {
    const dir = await writeProject(PROJECT);
    const first = await start(dir);
    const { page, context, close } = await openPage(chrome, first.url);
    await shows(page, 'text', 'one');
    await page.close();
    await first.stop();
    await put(dir, 'node_modules/dep/state.js', edited('by hand'));
    const second = await start(dir, ['--port', String(first.port), '--strict-port']);
    const next = await another(context, second);
    await shows(next, 'text', 'by hand');
    await shows(next, 'runs', { state: 1, dep: 1, old: 1 });
    await close();
    await second.stop();
});

test('a version that is installed leaves one instance of each module, now and after a reload', () =>
    run(PROJECT, async ({ dir, page, isSame }) => {
        await put(dir, 'node_modules/dep/state.js', edited('two'));
        await put(dir, 'package-lock.json', '{"lockfileVersion": 3, "packages": {}}');
        await shows(page, 'text', 'two');
        await page.evaluate('later()');
        await shows(page, '[late, runs]', [true, { state: 2, dep: 2, old: 1 }]);
        assert.ok(await isSame());
        await page.reload({ waitUntil: 'load' });
        await shows(page, 'text', 'two');
        await page.evaluate('later()');
        await shows(page, '[late, runs]', [true, { state: 1, dep: 1, old: 1 }]);
    }));

test('each way of naming a module of a package leads to one instance', () => run({
    ...PACKAGES,
    'index.html': documentOf('/main.js').replace('</body>', `<script type="module">
import { dep } from 'dep';
globalThis.inline = dep;
</script></body>`),
    'shared.js': `${counts('shared')}export const shared = 1;\n`,
    'main.js': `import { dep } from 'dep';
import * as all from './node_modules/dep/index.js';
import '/shared.js';
import { ways } from 'ways';
const name = 'index';
const found = [all, await import('/node_modules/dep/index.js'), await import('dep'),
    await import(\`./node_modules/dep/\${name}.js\`), await import(\`/node_modules/dep/\${name}.js\`),
    await import(new URL('/node_modules/dep/index.js', location.href).href), ...await ways()];
globalThis.same = found.map((each) => each.dep === dep);
globalThis.main = dep;
globalThis.done = true;
`,
    'node_modules/ways/package.json': '{"name": "ways", "type": "module", "main": "index.js"}',
    'node_modules/ways/index.js': `import './style.css';
import '../../shared.js';
const way = (text) => text;
export const ways = async () => [await import('dep'), await import('../dep/index.js'),
    await import(way('../dep/index.js')), await import(new URL('../dep/index.js', import.meta.url).href),
    await import(way('../../shared.js')).then(() => import('dep'))];
globalThis.note = fetch(new URL('note.txt', import.meta.url)).then((each) => each.text());
const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
globalThis.worked = new Promise((resolve) => { worker.onmessage = (event) => resolve(event.data); });
`,
    'node_modules/ways/style.css': 'body { margin-top: 3px; background: url(note.txt) }\n',
    'node_modules/ways/note.txt': 'a note',
    'node_modules/ways/worker.js': `import { dep } from 'dep';
import { dep as again } from '../dep/index.js';
postMessage([dep === again, runs.dep, new URL(import.meta.url).pathname]);
`,
}, async ({ page }) => {
    await shows(page, 'same', all(11));
    await shows(page, 'inline === main', true);
    await shows(page, 'runs', { state: 1, dep: 1, shared: 1 });
    assert.equal(await page.evaluate('note'), 'a note');
    assert.deepEqual(await page.evaluate('worked'), [true, 1, '/node_modules/ways/worker.js']);
    await shows(page, 'getComputedStyle(document.body).marginTop', '3px');
}));

const PLAIN = {
    'an import map of its own': '<script type="importmap">{"imports": {"x": "/x.js"}}</script>',
    'a script that adds an import map': '<script>document.head.append(Object.assign('
        + 'document.createElement("script"), { type: "importmap", textContent: "{}" }))</script>',
    'a policy': '<meta http-equiv="content-security-policy" content="script-src \'self\'">',
    'a package as a script': '<script type="module" src="/node_modules/dep/index.js"></script>',
};

for (const [what, head] of Object.entries(PLAIN)) {
    test(`a document with ${what} has packages by their plain URLs`, () => run({
        ...PROJECT, 'index.html': documentOf('/main.js', head),
    }, async ({ page, console }) => {
        await shows(page, `${SENT}.length`, 5);
        assert.equal(await page.evaluate(`performance.getEntriesByType('resource')
            .filter((each) => each.name.includes('/@packages/')).length`), 0);
        await shows(page, 'runs', { state: 1, dep: 1, old: 1 });
        assert.deepEqual(console.items.filter((line) => /import ?map|Security/i.test(line)), []);
    }));
}

test('a module of a page that is its worker as well is, there, the module of the plain URL', () => run({
    ...PROJECT,
    'node_modules/dep/index.js': `${counts('dep')}export * from './state.js';\nexport const dep = {};
export const both = new URL('./both.js', import.meta.url).href;\n`,
    'node_modules/dep/both.js': `import { dep } from 'dep';
import { dep as again } from './index.js';
if (globalThis.WorkerGlobalScope) postMessage([dep === again, runs.dep, new URL(import.meta.url).pathname]);
export const inPage = !globalThis.WorkerGlobalScope;\n`,
    'main.js': `import { both } from 'dep';
import { inPage } from 'dep/both.js';
globalThis.worked = new Promise((resolve) => {
    new Worker(both, { type: 'module' }).onmessage = (event) => resolve(event.data);
});
globalThis.done = inPage;\n`,
}, async ({ page }) => {
    for (let i = 0; i < 2; i++) {
        await shows(page, 'done', true);
        assert.deepEqual(await page.evaluate('worked'), [true, 1, '/node_modules/dep/both.js']);
        await page.reload({ waitUntil: 'load' });
    }
}));

test('a policy that has a nonce for scripts keeps nothing from it', () => run({
    ...PROJECT,
    'index.html': `<!doctype html><html><head>
<meta http-equiv="content-security-policy" content="script-src 'nonce-abc' 'self'">
</head><body><script nonce="abc" type="module" src="/main.js"></script></body></html>\n`,
}, async ({ page, console }) => {
    await page.reload({ waitUntil: 'load' });
    await shows(page, 'done', true);
    await shows(page, SENT, none(5));
    assert.deepEqual(console.items.filter((line) => /import ?map|Security/i.test(line)), []);
}));
