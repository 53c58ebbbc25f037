// SPDX-License-Identifier: MIT

/* A page that imports everything that can be imported: it runs, and errors name the file's lines. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { browser, openPage, request, temporaryFolder } from './harness.mjs';
import { start } from './steps.mjs';

// Exports add(a, b) = a + b.
const WASM_ADD = Buffer.from([0, 97, 115, 109, 1, 0, 0, 0,
    1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0,
    7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11]);
// Imports env.give (global i32) and exports it as "got".
const WASM_ENV = Buffer.from([0, 97, 115, 109, 1, 0, 0, 0,
    2, 13, 1, 3, 101, 110, 118, 4, 103, 105, 118, 101, 3, 127, 0,
    7, 7, 1, 3, 103, 111, 116, 3, 0]);
// The same from "./give.js".
const WASM_GIVE = Buffer.from([0, 97, 115, 109, 1, 0, 0, 0,
    2, 19, 1, 9, 46, 47, 103, 105, 118, 101, 46, 106, 115, 4, 103, 105, 118, 101, 3, 127, 0,
    7, 7, 1, 3, 103, 111, 116, 3, 0]);

const FILES = {
    'index.html': `<!doctype html>
<html><head>
<script type="importmap">{"imports": {"mapped": "/src/mapped.js"}}</script>
<link rel="stylesheet" href="/src/linked.css">
</head><body><p id="p">text</p>
<script type="module">
import { named } from './src/inline-dep';
import { mapped } from 'mapped';
globalThis.results = { inlineDep: named, mappedInline: mapped };
</script>
<script type="module" src="/src/main.js"></script>
</body></html>
`,
    '.env': 'VITE_TITLE=from env\nSECRET=never\n',
    'src/inline-dep.js': 'export const named = "inline-dep";\n',
    'src/mapped.js': 'export const mapped = "mapped";\n',
    'src/linked.css': 'body { color: rgb(1, 2, 3) }\n',
    'src/main.js': `import { ext } from './no-extension';
import folder from './folder';
import data, { answer } from './data.json';
import attribute from './data.json' with { type: 'json' };
import './styled.css';
import sheet from './object.css' with { type: 'css' };
import raw from './note.txt?raw';
import page from './page.html?raw';
import note from './note.txt';
import inline from './styled.css?inline';
import svg from './pic.svg';
import svgData from './pic.svg?inline';
import scriptUrl from './no-extension.js?url';
import Worker from './worker.js?worker';
import init from './add.wasm?init';
import initEnv from './env.wasm?init';
import { add } from './add.wasm';
import { got } from './give.wasm';
import { pkg } from 'pkg';
import { sub } from 'pkg/sub';
import { scoped } from '@scope/pkg';
import { mapped } from 'mapped';
import { odd } from './odd%20%23%25%3F name.js';
import { hidden } from '#inner';
import.meta.hot?.accept();
const lazy = import.meta.glob('./pages/*.js');
const eager = import.meta.glob('./pages/*.js', {
    eager: true,
    import: 'name',
});
const worker = new Worker();
const answered = new Promise((resolve) => worker.addEventListener('message', resolve));
const named = 'dynamic';
Object.assign(globalThis.results, {
    ext, folder, answer, data, attribute, raw, page, note, inline, svg, svgData, scriptUrl, mapped,
    odd, pkg, sub, scoped, hidden, got: got.value,
    add: add(1, 2),
    inited: (await init()).exports.add(20, 22),
    given: (await initEnv({ env: { give: 7 } })).exports.got.value,
    styled: getComputedStyle(document.getElementById('p')).borderTopWidth,
    sheet: sheet instanceof CSSStyleSheet && sheet.cssRules[0].cssText,
    lazy: Object.keys(lazy),
    lazyName: (await lazy['./pages/b.js']()).name,
    eager,
    env: [import.meta.env.VITE_TITLE, import.meta.env.DEV, import.meta.env.SECRET],
    dynamic: (await import(\`./\${named}.js\`)).default,
    worker: (await answered).data,
});
globalThis.fail = () => {
    throw new Error('thrown on purpose');
};
globalThis.done = true;
`,
    'src/no-extension.js': 'export const ext = "found";\n',
    'src/folder/index.js': 'export default "index";\n',
    'src/data.json': '{ "answer": 42, "not-a-name": 1 }\n',
    'src/styled.css': '#p { border: 3px solid; background: url(./pic.svg) }\n',
    'src/object.css': 'p { background-image: url("pic.svg"); }\n',
    'src/note.txt': 'a "note"\n',
    'src/page.html': '<p>page</p>\n',
    'src/pic.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'src/worker.js': 'import { ext } from "./no-extension";\npostMessage(ext + import.meta.env.VITE_TITLE);\n',
    'src/add.wasm': WASM_ADD,
    'src/env.wasm': WASM_ENV,
    'src/give.wasm': WASM_GIVE,
    'src/give.js': 'export const give = 9;\n',
    'src/dynamic.js': 'export default "dynamic";\n',
    'src/odd #%? name.js': 'export const odd = "odd";\n',
    'src/pages/a.js': 'export const name = "page a";\n',
    'src/pages/b.js': 'export const name = "page b";\n',
    'package.json': '{"name": "app", "imports": {"#inner": "./src/inner.js"}}',
    'src/inner.js': 'export const hidden = "inner";\n',
    'node_modules/pkg/package.json': JSON.stringify({ name: 'pkg', type: 'module',
        exports: { '.': { browser: './browser.js', default: './node.js' }, './sub': './lib/sub.js' } }),
    'node_modules/pkg/browser.js': 'export const pkg = "browser";\n',
    'node_modules/pkg/node.js': 'export const pkg = "node";\n',
    'node_modules/pkg/lib/sub.js': 'export const sub = "sub";\n',
    'node_modules/@scope/pkg/package.json': '{"name":"@scope/pkg","type":"module","module":"m.js"}',
    'node_modules/@scope/pkg/m.js': 'export const scoped = "scoped";\n',
};

function project(files) {
    const dir = temporaryFolder();
    for (const [name, content] of Object.entries(files)) {
        mkdirSync(path.join(dir, path.dirname(name)), { recursive: true });
        writeFileSync(path.join(dir, name), content);
    }
    return dir;
}

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

async function visit(server) {
    const visited = await openPage(chrome, server.url);
    await visited.page.waitForFunction(() => globalThis.done);
    return visited;
}

for (const args of [[], ['--no-hmr']]) {
    test(`everything that can be imported is there ${args}`, async () => {
        const dir = project(FILES);
        const server = await start(dir, args);
        const { page, errors } = await visit(server);
        const found = await page.evaluate(() => globalThis.results);

        assert.match(found.svg, /^\/src\/pic\.svg\?v=[0-9a-f]{32}$/);
        assert.match(found.note, /^\/src\/note\.txt\?v=[0-9a-f]{32}$/);
        delete found.svg;
        delete found.note;
        assert.deepEqual(found, {
            inline: '#p { border: 3px solid; background: url(/src/pic.svg) }\n',
            inlineDep: 'inline-dep',
            mappedInline: 'mapped',
            ext: 'found',
            folder: 'index',
            answer: 42,
            data: { answer: 42, 'not-a-name': 1 },
            attribute: { answer: 42, 'not-a-name': 1 },
            raw: 'a "note"\n',
            page: '<p>page</p>\n',
            svgData: `data:image/svg+xml;charset=utf-8;base64,${Buffer.from(FILES['src/pic.svg']).toString('base64')}`,
            scriptUrl: '/src/no-extension.js',
            mapped: 'mapped',
            odd: 'odd',
            pkg: 'browser',
            sub: 'sub',
            scoped: 'scoped',
            hidden: 'inner',
            got: 9,
            add: 3,
            inited: 42,
            given: 7,
            styled: '3px',
            sheet: 'p { background-image: url("/src/pic.svg"); }',
            lazy: ['./pages/a.js', './pages/b.js'],
            lazyName: 'page b',
            eager: { './pages/a.js': 'page a', './pages/b.js': 'page b' },
            env: ['from env', true, undefined],
            dynamic: 'dynamic',
            worker: 'foundfrom env',
        });

        const thrown = page.waitForEvent('pageerror');
        await page.evaluate(() => setTimeout(globalThis.fail));
        const line = FILES['src/main.js'].split('\n').findIndex((each) => /on purpose/.test(each)) + 1;
        assert.ok((await thrown).stack.includes(`main.js:${line}:11`), (await thrown).stack);
        assert.deepEqual(errors.map((error) => error.message), ['thrown on purpose']);
        await server.stop();
    });
}

test('a missing import fails in the browser, a reload after it appeared does not', async () => {
    const dir = project({
        'index.html': '<!doctype html><script type="module" src="/main.js"></script>',
        'main.js': 'import { late } from "./late";\nglobalThis.late = late;\nglobalThis.done = true;\n',
    });
    const server = await start(dir, ['--no-hmr']);
    const { page } = await openPage(chrome, server.url);
    assert.equal((await request(server, '/main.js')).status, 200);
    writeFileSync(path.join(dir, 'late.js'), 'export const late = "here";\n');
    await page.reload();
    await page.waitForFunction(() => globalThis.done);
    assert.equal(await page.evaluate(() => globalThis.late), 'here');
    await server.stop();
});

test('a thousand modules are served as they are', async () => {
    const files = {
        'index.html': '<!doctype html><script type="module" src="/m0.js"></script>',
    };
    for (let i = 0; i < 1000; i++) {
        const next = [2 * i + 1, 2 * i + 2].filter((k) => k < 1000);
        files[`m${i}.js`] = next.map((k) => `import './m${k}.js';\n`).join('')
            + `globalThis.count = (globalThis.count || 0) + 1;\n`;
    }
    const dir = project(files);
    const server = await start(dir);
    const { page } = await openPage(chrome, server.url);
    await page.waitForFunction(() => globalThis.count === 1000);
    const answer = await request(server, '/m1.js');
    assert.equal(answer.body, files['m1.js']);
    assert.ok(answer.headers['last-modified']);
    await server.stop();
});
