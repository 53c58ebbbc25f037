// SPDX-License-Identifier: MIT

/*
 * A project in a workspace, and packages beside it that it uses by links in node_modules: an edit of one is
 * an update like any other.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MANNERS, browser, request, temporaryFolder } from './harness.mjs';
import { install } from './packages.mjs';
import { counts, documentOf, put, shows, writeProject } from './project.mjs';
import { edit, lineAfter, read, registered, start, visit } from './steps.mjs';

const PROGRAM = process.env.ORBITON_BIN
    || fileURLToPath(new URL('../../build/orbiton', import.meta.url));
const UI = '@workspace/packages/ui';
const BUTTON = 'packages/ui/src/Button.tsx';
const TEXT = 'document.querySelector("button").textContent';
const PADDING = 'getComputedStyle(document.querySelector("button")).paddingTop';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome?.close());

/** A workspace in React: an app, and a package of components in TypeScript with a sheet. */
const REACT = {
    'packages/app/package.json': '{"name": "app", "type": "module", "dependencies": {"@acme/ui": "*", "react": "*"}}',
    'packages/app/index.html': documentOf('/src/main.tsx').replace('<body>', '<body><div id="root"></div>'),
    'packages/app/src/main.tsx': `import { createRoot } from 'react-dom/client';
import { Button } from '@acme/ui';
createRoot(document.getElementById('root')!).render(<Button label="clicked" />);
`,
    'packages/ui/package.json': '{"name": "@acme/ui", "type": "module", "exports": "./src/index.ts"}',
    'packages/ui/.gitignore': 'node_modules\n',
    'packages/ui/src/index.ts': 'export { Button } from "./Button";\n',
    [BUTTON]: `import { useState } from 'react';
import './button.css';
export function Button({ label }: { label: string }) {
    const [count, setCount] = useState(0);
    return <button onClick={() => setCount(count + 1)}>{label} {count} times</button>;
}
`,
    'packages/ui/src/button.css': 'button { padding: 5px; }\n',
};

/** Links at these places of `dir`: where it stands -> where it leads. */
function putLinks(dir, links) {
    for (const [at, to] of Object.entries(links)) {
        mkdirSync(path.dirname(path.join(dir, at)), { recursive: true });
        symlinkSync(to, path.join(dir, at));
    }
}

/** The same, as npm or pnpm lays it out. */
async function layOut(files, layout) {
    const dir = await writeProject({ ...files,
        ...(layout === 'pnpm' ? { 'pnpm-workspace.yaml': 'packages: ["packages/*"]\n', 'package.json': '{"name": "all"}' }
            : { 'package.json': '{"name": "all", "workspaces": ["packages/*"]}' }) });
    const packages = ['react', 'react-dom', 'react-refresh', 'oxc-transform'];
    install(dir, ...packages, 'sass');
    if (layout === 'npm') {
        putLinks(dir, { 'node_modules/@acme/ui': '../../packages/ui' });
        return dir;
    }
    // every package in the store, and links to what each has named
    const store = 'node_modules/.pnpm/all@1/node_modules';
    renameSync(path.join(dir, 'node_modules'), path.join(dir, 'store'));
    mkdirSync(path.join(dir, path.dirname(store)), { recursive: true });
    renameSync(path.join(dir, 'store'), path.join(dir, store));
    putLinks(dir, {
        ...Object.fromEntries(packages.map((name) => [`packages/app/node_modules/${name}`, `../../../${store}/${name}`])),
        'packages/app/node_modules/@acme/ui': '../../../ui',
        'packages/ui/node_modules/react': `../../../${store}/react`,
    });
    return dir;
}

/** Runs `run` with the app's server and a page in which the button was clicked five times. */
async function withWorkspace(layout, run, { files = REACT, env = {} } = {}) {
    const dir = await layOut(files, layout);
    const app = path.join(dir, 'packages/app');
    const server = await start(app, [], { env });
    const opened = await visit(chrome, server, [`/${UI}/src/Button.tsx`]);
    try {
        await shows(opened.page, TEXT, 'clicked 0 times');
        for (let i = 1; i <= 5; i++) {
            await opened.page.click('button');
            await shows(opened.page, TEXT, `clicked ${i} times`);
        }
        await run({ dir, app, server, ...opened });
    } finally {
        await opened.close();
        await server.stop();
    }
}

for (const layout of ['npm', 'pnpm']) {
    test(`${layout}: a component of a package is replaced with its state kept, and its sheet`, () =>
        withWorkspace(layout, async ({ dir, server, page, isSame }) => {
            for (const [i, how] of MANNERS.entries()) {
                const line = await lineAfter(server, 'hot',
                    () => edit(dir, BUTTON, /\}>.*\{label\}/, `}>${'!'.repeat(i + 1)}{label}`, how));
                assert.equal(line.what, `${UI}/src/Button.tsx`);
                await shows(page, TEXT, `${'!'.repeat(i + 1)}clicked 5 times`);
            }
            await edit(dir, 'packages/ui/src/button.css', '5px', '11px');
            await shows(page, PADDING, '11px');
            await shows(page, TEXT, '!!!!clicked 5 times');
            assert.ok(await isSame(), 'the page was not loaded anew');
        }));
}

test('an error in a package is told with its place, and mended', () =>
    withWorkspace('npm', async ({ dir, server, page, isSame }) => {
        const error = await lineAfter(server, 'bad', () => edit(dir, BUTTON, '</button>', '</buttn>'));
        assert.match(error.what, new RegExp(`^${UI}/src/Button.tsx:5:`));
        await page.waitForFunction((place) => document.querySelector('orbiton-overlay')?.shadowRoot.textContent.includes(place),
            `${UI}/src/Button.tsx:5`);
        await edit(dir, BUTTON, '</buttn>', '!</button>');
        await shows(page, TEXT, 'clicked 5 times!');
        assert.ok(await isSame(), 'the page was not loaded anew');
    }));

test('a file that a package imports and that is not there yet heals the import when it comes', () =>
    withWorkspace('npm', async ({ dir, server, page, isSame }) => {
        const error = await lineAfter(server, 'bad', () =>
            edit(dir, BUTTON, /^([^]*)\}>\{label\}/, 'import { mark } from "./parts/mark";\n$1}>{mark}{label}'));
        assert.match(error.what, new RegExp(`^${UI}/src/Button.tsx:1:`));
        await put(dir, 'packages/ui/src/parts/mark.ts', 'export const mark: string = "new: ";\n');
        await shows(page, TEXT, 'new: clicked 5 times');
        await edit(dir, 'packages/ui/src/parts/mark.ts', 'new', 'newer');
        await shows(page, TEXT, 'newer: clicked 5 times');
        assert.ok(await isSame(), 'the page was not loaded anew');
    }));

test('what is edited while nobody watches is new at the next load, and after a restart in the page that is open', () =>
    withWorkspace('npm', async ({ dir, app, server, page }) => {
        await edit(dir, BUTTON, '{label}', 'one: {label}');
        await shows(page, TEXT, 'one: clicked 5 times');
        await page.reload();
        await shows(page, TEXT, 'one: clicked 0 times');
        const port = String(server.port);
        await server.stop();
        await edit(dir, BUTTON, 'one:', 'two, while it was away:');
        const next = await start(app, ['--port', port]);
        try {
            await shows(page, TEXT, 'two, while it was away: clicked 0 times');
            await edit(dir, BUTTON, 'two, while it was away:', 'three:');
            await shows(page, TEXT, 'three: clicked 0 times');
            const from = next.events.items.length;
            await page.reload();
            await registered(next, [`/${UI}/src/Button.tsx`], from);
            await shows(page, TEXT, 'three: clicked 0 times');
        } finally {
            await next.stop();
        }
    }));

test('a sheet in Sass, data and a picture of a package are updated as those of the project', () =>
    withWorkspace('npm', async ({ dir, page, isSame }) => {
        await shows(page, 'getComputedStyle(document.querySelector("button")).color', 'rgb(1, 2, 3)');
        await edit(dir, 'packages/ui/src/_colors.scss', '1, 2, 3', '4, 5, 6');
        await shows(page, 'getComputedStyle(document.querySelector("button")).color', 'rgb(4, 5, 6)');
        await edit(dir, 'packages/ui/src/data.json', '""', '"Mark "');
        await shows(page, TEXT, 'Mark clicked 5 times');
        const before = await page.evaluate(() => document.querySelector('img').src);
        await edit(dir, 'packages/ui/src/logo.svg', 'red', 'blue');
        await page.waitForFunction((src) => document.querySelector('img').src !== src, before);
        const picture = await page.evaluate(async () => (await fetch(document.querySelector('img').src)).text());
        assert.match(picture, /blue/);
        await shows(page, TEXT, 'Mark clicked 5 times');
        assert.ok(await isSame(), 'the page was not loaded anew');
    }, {
        files: {
            ...REACT,
            [BUTTON]: `import { useState } from 'react';
import './button.scss';
import data from './data.json';
import logo from './logo.svg';
export function Button({ label }: { label: string }) {
    const [count, setCount] = useState(0);
    return <button onClick={() => setCount(count + 1)}><img src={logo} />{data.mark}{label} {count} times</button>;
}
`,
            'packages/ui/src/button.scss': '@use "./colors";\nbutton { color: colors.$main; }\n',
            'packages/ui/src/_colors.scss': '$main: rgb(1, 2, 3);\n',
            'packages/ui/src/data.json': '{"mark": ""}\n',
            'packages/ui/src/logo.svg': '<svg xmlns="http://www.w3.org/2000/svg"><rect fill="red"/></svg>\n',
        },
    }));

test('a file of a package that goes is named, and one that comes back is taken', () =>
    withWorkspace('npm', async ({ dir, server, page }) => {
        const away = path.join(dir, 'packages/ui/away.txt');
        const error = await lineAfter(server, 'bad', async () => renameSync(path.join(dir, BUTTON), away));
        assert.match(error.what, new RegExp(`^${UI}/src/index.ts:1:`));
        await edit(dir, 'packages/ui/away.txt', '{label}', 'back: {label}');
        renameSync(away, path.join(dir, BUTTON));
        // who imports it is another module by that, and the page may be loaded for it
        await page.waitForFunction(() => /^back: clicked/.test(document.querySelector('button')?.textContent));
    }));

test('what the tsconfig.json of app and package extend in the workspace holds, and is followed', () =>
    withWorkspace('npm', async ({ dir, server, page, isSame }) => {
        await edit(dir, BUTTON, /^/, 'import { mark } from "@ui/parts/mark";\n');
        await put(dir, 'packages/ui/src/parts/mark.ts', 'export const mark: string = "by a path: ";\n');
        await edit(dir, BUTTON, '{label}', '{mark}{label}');
        await shows(page, TEXT, 'by a path: clicked 5 times');
        assert.deepEqual(server.events.items.filter((each) => each.verb === 'warn'), []);
        assert.ok(await isSame(), 'the page was not loaded anew');
    }, {
        files: {
            ...REACT,
            'tsconfig.base.json': '{"compilerOptions": {"jsx": "react-jsx", "paths": {"@ui/*": ["./packages/ui/src/*"]}}}',
            'packages/app/tsconfig.json': '{"extends": "../../tsconfig.base.json", "include": ["src"]}',
            'packages/ui/tsconfig.json': '{"extends": "../../tsconfig.base.json", "include": ["src"]}',
        },
    }));

test('explain takes the path of a file of a package, and the editor is given the true one', async () => {
    const editor = path.join(temporaryFolder(), 'code');
    writeFileSync(editor, '#!/bin/sh\nprintf "%s\\n" "$@" > opened.tmp && mv opened.tmp opened.txt\n', { mode: 0o755 });
    await withWorkspace('npm', async ({ dir, app, server }) => {
        const explain = async (file) => (await promisify(execFile)(PROGRAM, ['explain', file, '--dir', app])).stdout;
        assert.match(await explain('../ui/src/Button.tsx'),
            /^@workspace\/packages\/ui\/src\/Button\.tsx: the pages are updated in place\n/);
        assert.match(await explain(path.join(dir, 'packages/other/x.ts')),
            /nothing: the file is ignored, or no page has used its package/);
        const host = `localhost:${server.port}`;
        const { body } = await request(server, '/', { headers: { Host: host, Accept: 'text/html' } });
        const [, token] = body.match(/"token":"(\w+)"/);
        const { status } = await request(server, `/__orbit/open?file=${UI}/src/Button.tsx:4:5`, { method: 'POST',
            headers: { Host: host, Origin: `http://${host}`, 'X-Orbit-Token': token } });
        assert.equal(status, 204);
        await server.events.until((each) => each.event === 'update' && /^opened\.txt/.test(each.what));
        assert.equal(read(app, 'opened.txt'), `-g\n${dir}/${BUTTON}:4:5\n`);
    }, { env: { ORBITON_EDITOR: editor } });
});

test('Vue: a component of a package keeps its count when its text is edited', async () => {
    const dir = await writeProject({
        'package.json': '{"name": "all", "workspaces": ["packages/*"]}',
        'packages/app/package.json': '{"name": "app", "type": "module", "dependencies": {"vue": "*", "ui": "*"}}',
        'packages/app/index.html': documentOf('/main.js').replace('<body>', '<body><div id="root"></div>'),
        'packages/app/main.js': 'import { createApp } from "vue";\nimport Button from "ui/Button.vue";\n'
            + 'createApp(Button).mount("#root");\n',
        'packages/ui/package.json': '{"name": "ui", "type": "module"}',
        'packages/ui/Button.vue': `<script setup>
import { ref } from 'vue';
const count = ref(0);
</script>
<template><button @click="count++">clicked {{ count }} times</button></template>
<style scoped>button { padding: 5px; }</style>
`,
    });
    install(dir, 'vue');
    putLinks(dir, { 'node_modules/ui': '../packages/ui' });
    const server = await start(path.join(dir, 'packages/app'));
    const { page, isSame, close } = await visit(chrome, server, ['/@workspace/packages/ui/Button.vue']);
    try {
        await shows(page, TEXT, 'clicked 0 times');
        await page.click('button');
        await shows(page, TEXT, 'clicked 1 times');
        await edit(dir, 'packages/ui/Button.vue', '>clicked', '>pressed');
        await shows(page, TEXT, 'pressed 1 times');
        await edit(dir, 'packages/ui/Button.vue', '5px', '11px');
        await shows(page, PADDING, '11px');
        await shows(page, TEXT, 'pressed 1 times');
        assert.ok(await isSame(), 'the page was not loaded anew');
    } finally {
        await close();
        await server.stop();
    }
});

/** A workspace without a framework: what a package exports a module of the app shows, which takes itself. */
const PLAIN = {
    '.git/HEAD': 'ref: refs/heads/main\n',
    '.gitignore': 'dist\n',
    'package.json': '{"name": "all", "workspaces": ["packages/*"]}',
    'packages/app/package.json': '{"name": "app"}',
    'packages/app/index.html': documentOf('/main.js'),
    'packages/app/main.js': `${counts('main')}import "./leaf.js";\n`,
    'packages/app/leaf.js': `import { text } from "lib";
globalThis.text = text;
import.meta.hot.accept();
`,
    'packages/lib/package.json': '{"name": "lib", "type": "module", "exports": "./dist/index.js"}',
    'packages/lib/dist/index.js': 'import { part } from "./chunk-a.js";\nexport const text = "built " + part;\n',
    'packages/lib/dist/chunk-a.js': 'export const part = "once";\n',
};

async function withPlain(run) {
    const dir = await writeProject(PLAIN);
    putLinks(dir, { 'node_modules/lib': '../packages/lib' });
    const server = await start(path.join(dir, 'packages/app'));
    const opened = await visit(chrome, server, ['/@workspace/packages/lib/dist/chunk-a.js']);
    try {
        await shows(opened.page, 'text', 'built once');
        await run({ dir, server, ...opened });
        assert.ok(await opened.isSame(), 'the page was not loaded anew');
        assert.equal(await opened.page.evaluate('runs.main'), 1);
    } finally {
        await opened.close();
        await server.stop();
    }
}

test('a package that is built is updated by its build, which git ignores, as one change', () =>
    withPlain(async ({ dir, server, page }) => {
        // while git works, or seems to, the set stays open
        const lock = path.join(dir, '.git/index.lock');
        const line = await lineAfter(server, 'hot', async () => {
            writeFileSync(lock, '');
            rmSync(path.join(dir, 'packages/lib/dist'), { recursive: true });
            await put(dir, 'packages/lib/dist/index.js',
                'import { part } from "./chunk-b.js";\nexport const text = "built " + part;\n');
            await put(dir, 'packages/lib/dist/chunk-b.js', 'export const part = "twice";\n');
            rmSync(lock);
        });
        assert.match(line.what, /packages\/lib\/dist\/index\.js/);
        await shows(page, 'text', 'built twice');
        await edit(dir, 'packages/lib/dist/chunk-b.js', 'twice', 'a third time');
        await shows(page, 'text', 'built a third time');
    }));

test('another entry of a package is an update of who imports it', () =>
    withPlain(async ({ dir, page }) => {
        await put(dir, 'packages/lib/src/index.js', 'export const text = "from src";\n');
        await edit(dir, 'packages/lib/package.json', './dist/index.js', './src/index.js');
        await shows(page, 'text', 'from src');
        await edit(dir, 'packages/lib/src/index.js', 'from src', 'edited in src');
        await shows(page, 'text', 'edited in src');
    }));
