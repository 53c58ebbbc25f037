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
import { MANNERS, browser, sync } from './harness.mjs';
import { install } from './packages.mjs';
import { counts, documentOf, put, shows, writeProject } from './project.mjs';
import { edit, lineAfter, registered, start, visit } from './steps.mjs';

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

/** The same, as npm or pnpm lays it out. */
async function layOut(files, layout) {
    const dir = await writeProject({ ...files,
        ...(layout === 'pnpm' ? { 'pnpm-workspace.yaml': 'packages: ["packages/*"]\n', 'package.json': '{"name": "all"}' }
            : { 'package.json': '{"name": "all", "workspaces": ["packages/*"]}' }) });
    const link = (to, at) => {
        mkdirSync(path.dirname(path.join(dir, at)), { recursive: true });
        symlinkSync(to, path.join(dir, at));
    };
    install(dir, 'react', 'react-dom', 'react-refresh', 'oxc-transform');
    if (layout === 'npm') {
        link('../../packages/ui', 'node_modules/@acme/ui');
        return dir;
    }
    /* every package in the store, and links to what each has named */
    renameSync(path.join(dir, 'node_modules'), path.join(dir, 'store'));
    mkdirSync(path.join(dir, 'node_modules/.pnpm/all@1/'), { recursive: true });
    renameSync(path.join(dir, 'store'), path.join(dir, 'node_modules/.pnpm/all@1/node_modules'));
    for (const name of ['react', 'react-dom', 'react-refresh', 'oxc-transform']) {
        link(`../../../node_modules/.pnpm/all@1/node_modules/${name}`, `packages/app/node_modules/${name}`);
    }
    link('../../../node_modules/.pnpm/all@1/node_modules/react', 'packages/ui/node_modules/react');
    link('../../../ui', 'packages/app/node_modules/@acme/ui');
    return dir;
}

/** Runs `run` with the app's server and a page in which the button was clicked five times. */
async function withWorkspace(layout, run) {
    const dir = await layOut(REACT, layout);
    const app = path.join(dir, 'packages/app');
    const server = await start(app);
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

test('explain takes the path of a package\'s file, and the editor is given the true one', () =>
    withWorkspace('npm', async ({ dir, app, server }) => {
        const { stdout } = await promisify(execFile)(PROGRAM, ['explain', '../ui/src/Button.tsx', '--dir', app]);
        assert.match(stdout, /^@workspace\/packages\/ui\/src\/Button\.tsx: the pages are updated in place\n/);
        const other = await promisify(execFile)(PROGRAM, ['explain', path.join(dir, 'packages/other/x.ts'), '--dir', app]);
        assert.match(other.stdout, /nothing: the file is ignored, or no page has used its package/);
        await sync(server);
    }));

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
    mkdirSync(path.join(dir, 'node_modules'));
    symlinkSync('../packages/lib', path.join(dir, 'node_modules/lib'));
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
        /* while git works, or seems to, the set stays open */
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
