// SPDX-License-Identifier: MIT

/*
 * What a project's vite.config says, where nothing else says it: it holds at the first page, a save of it
 * changes what it concerns, and one that cannot be evaluated is told of and in nobody's way.
 */

import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { REACT_PLUGINS, VITE } from '../vite.mjs';
import { browser } from './harness.mjs';
import { withPackages } from './packages.mjs';
import { documentOf, put, shows, withProject } from './project.mjs';
import { edit, lineAfter, linesSince, registered, visit } from './steps.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome?.close());

/** The text of a configuration with that object in it. */
const configOf = (text, head = '') => `import { defineConfig } from 'vite';
import path from 'node:path';
${head}
const here = (name) => path.resolve(import.meta.dirname ?? process.cwd(), name);
export default defineConfig(${text});\n`;

const ALIASES = configOf(`{ resolve: { alias: [
    { find: '@', replacement: here('src') },
    { find: /^~lib\\/(.*)$/, replacement: here('lib') + '/$1' },
    { find: 'old', replacement: 'new' },
] } }`);

const FILES = {
    ...VITE,
    'package.json': '{"type": "module", "devDependencies": {"vite": "7"}}',
    'index.html': documentOf('/src/main.js'),
    'vite.config.js': ALIASES,
    'src/main.js': `import { label } from '@/label';
import { number } from '~lib/number.js';
import name, { other } from 'old';
const pages = import.meta.glob('@/pages/*.js', { eager: true, import: 'default' });
const show = (text) => { globalThis.shown = [text, number, name, other, Object.entries(pages)]; };
show(label);
import.meta.hot.accept('@/label', (next) => show(next.label));
`,
    'src/label.js': "export const label = 'one';\n",
    'src/pages/a.js': "export default 'page a';\n",
    'lib/number.js': 'export const number = 7;\n',
    'node_modules/new/package.json': '{"name": "new", "type": "module", "exports": "./new.js"}',
    'node_modules/new/new.js': "export { other } from 'user';\nexport default 'new';\n",
    'node_modules/user/package.json': '{"name": "user", "type": "module", "exports": "./user.js"}',
    'node_modules/user/user.js': "export const other = 'user';\n",
};

const VITE_FILE = 'node_modules/vite/package.json';
const SHOWN = ['one', 7, 'new', 'user', [['/src/pages/a.js', 'page a']]];
const problems = (server) => linesSince(server, 0).filter((each) => /warn|error|bad/.test(each.verb));
const asked = (dir) => readFileSync(path.join(dir, 'node_modules/asked'), 'utf8').trim().split('\n');

test('an alias of vite.config leads to files, packages and globs, and what it leads to is replaced', () =>
    withProject(chrome, FILES, ['/src/main.js', '/src/label.js'], async ({ dir, server, page, isSame, write }) => {
        await shows(page, 'shown', SHOWN);
        await lineAfter(server, 'hot', () => write('src/label.js', "export const label = 'a second one';\n"));
        await shows(page, 'shown[0]', 'a second one');
        assert.equal(await isSame(), true);
        assert.deepEqual(problems(server), []);
        assert.deepEqual(asked(dir), ['["serve","development","silent"]']);
    }));

test('a vite.config that is saved with another alias leads elsewhere at once', () =>
    withProject(chrome, { ...FILES, 'other/label.js': "export const label = 'of another folder';\n" },
        ['/src/main.js', '/src/label.js'], async ({ dir, server, page, untilReloaded }) => {
            await shows(page, 'shown', SHOWN);
            const from = server.events.items.length;
            await lineAfter(server, ['hot', 'reload'], () => edit(dir, 'vite.config.js', "{ find: '@',",
                "{ find: '@/label', replacement: here('other/label.js') }, { find: '@',"));
            await untilReloaded();
            await shows(page, 'shown[0]', 'of another folder');
            await registered(server, ['/other/label.js'], from);
            await lineAfter(server, ['hot', 'reload'], () => edit(dir, 'other/label.js', 'another', 'one more'));
            await shows(page, 'shown[0]', 'of one more folder');
            assert.deepEqual(problems(server), []);
        }));

test('a helper of vite.config is a part of it, and so is the file when it comes or goes', () =>
    withProject(chrome, {
        ...FILES,
        'vite.config.js': '// with config/alias.js\nexport default (env, alias) => ({ resolve: { alias } });\n',
        'config/alias.js': "export default { '@': '/src', '~lib': '/lib', old: 'new' };\n",
        'other/label.js': "export const label = 'by another helper';\n",
    }, ['/src/main.js', '/src/label.js'], async ({ dir, server, page, untilReloaded, write }) => {
        await shows(page, 'shown', SHOWN);
        const from = server.events.items.length;
        await lineAfter(server, ['hot', 'reload'], () => write('config/alias.js',
            "export default { '@/label': '/other/label.js', '@': '/src', '~lib': '/lib', old: 'new' };\n"));
        await untilReloaded();
        await shows(page, 'shown[0]', 'by another helper');
        await registered(server, ['/src/main.js', '/other/label.js'], from);
        await lineAfter(server, 'bad', async () => rmSync(path.join(dir, 'vite.config.js')));
        await lineAfter(server, ['hot', 'reload', 'fixed'], () => write('vite.config.mjs', ALIASES));
        await shows(page, 'shown[0]', 'one');
    }));

/** A package in the place of Sass, which knows variables. */
const SASS = {
    'node_modules/sass/package.json': '{"name": "sass", "version": "0.0.0", "type": "module", "exports": "./sass.js"}',
    'node_modules/sass/sass.js': `export const compileStringAsync = async (text) => {
    const values = new Map();
    const css = text.replace(/(\\$\\w+): ([^;]*);/g, (all, name, value) => {
        values.set(name, value);
        return '';
    }).replace(/\\$\\w+/g, (name) => values.get(name));
    return { css, loadedUrls: [], sourceMap: { version: 3, sources: [], mappings: '' } };
};\n`,
};

/** An error that the terminal tells of a file. */
async function diagnosed(server, file, pattern) {
    const fits = (each) => each.path === file && pattern.test(each.text);
    const event = await server.events.until((each) => each.event === 'diagnostics' && each.diagnostics.some(fits),
        { what: `an error of ${file}: ${pattern}` });
    return event.diagnostics.find(fits);
}

/** The overlay's text, when it fits. */
const overlayShows = (page, pattern) => page.waitForFunction((source) => new RegExp(source).test(
    document.querySelector('orbiton-overlay')?.shadowRoot?.textContent ?? ''), pattern.source);

test('a vite.config that throws is told with its place, is in nobody\'s way, and is mended', () =>
    withProject(chrome, {
        ...FILES,
        'vite.config.js': `${ALIASES}throw new Error('no such luck: alias');\n`,
        'src/main.js': "import './plain.js';\n",
        'src/plain.js': "globalThis.shown = 'without it';\nimport.meta.hot.accept();\n",
    }, ['/src/main.js', '/src/plain.js'], async ({ dir, server, page }) => {
        await shows(page, 'shown', 'without it');
        const { line } = await diagnosed(server, 'vite.config.js', /^no such luck: alias$/);
        assert.equal(line, ALIASES.split('\n').length);
        await overlayShows(page, /no such luck/);
        await edit(dir, 'vite.config.js', /throw.*/, '');
        await page.waitForFunction(() => !document.querySelector('orbiton-overlay'));
        await lineAfter(server, 'hot', () => put(dir, 'src/plain.js',
            "import { label } from '@/label';\nglobalThis.shown = label;\nimport.meta.hot.accept();\n"));
        await shows(page, 'shown', 'one');
        await edit(dir, 'vite.config.js', "here('src')", 'oops');
        await overlayShows(page, /oops/);
        await lineAfter(server, 'hot', () => edit(dir, 'src/label.js', 'one', 'what held before holds'));
        await shows(page, 'shown', 'what held before holds');
    }));

test('without Vite it is said what is missing, and the project works; its installation counts', () => {
    const { [VITE_FILE]: vite, ...files } = FILES;
    return withProject(chrome, {
        ...files,
        'package.json': '{"type": "module"}',
        'node_modules/.package-lock.json': '{}',
        'src/main.js': "import './plain.js';\n",
        'src/plain.js': "globalThis.shown = 'without it';\nimport.meta.hot.accept();\n",
    }, ['/src/main.js', '/src/plain.js'], async ({ server, page, write }) => {
        await shows(page, 'shown', 'without it');
        await diagnosed(server, 'vite.config.js', /vite, which is not installed; run: npm install -D vite/);
        await overlayShows(page, /npm install -D vite/);
        await write(VITE_FILE, vite);
        await write('node_modules/.package-lock.json', '{"packages": {}}');
        await page.waitForFunction(() => !document.querySelector('orbiton-overlay'));
        await lineAfter(server, 'hot', () => write('src/plain.js',
            "import { label } from '@/label';\nglobalThis.shown = label;\nimport.meta.hot.accept();\n"));
        await shows(page, 'shown', 'one');
    });
});

test('additionalData of vite.config is in every sheet of Sass, and a save of it swaps the sheets', () =>
    withProject(chrome, {
        ...FILES,
        'vite.config.js': configOf("{ css: { preprocessorOptions: { scss: { additionalData: '$ink: rgb(1, 2, 3);' } } } }"),
        'src/main.js': "import './a.scss';\nimport.meta.hot.accept();\n",
        'src/a.scss': 'body { color: $ink }\n',
        ...SASS,
    }, ['/src/main.js', '/src/a.scss'], async ({ dir, page, isSame, server }) => {
        const color = 'getComputedStyle(document.body).color';
        await shows(page, color, 'rgb(1, 2, 3)');
        await lineAfter(server, 'hot', () => edit(dir, 'vite.config.js', '(1, 2, 3)', '(4, 5, 66)'));
        await shows(page, color, 'rgb(4, 5, 66)');
        await lineAfter(server, 'hot', () => edit(dir, 'src/a.scss', '$ink', '$ink; order: 1'));
        await shows(page, 'getComputedStyle(document.body).order', '1');
        assert.equal(await isSame(), true);
        assert.deepEqual(problems(server), []);
    }));

test('what vite.config defines is there before the page begins, and another value reloads it', () =>
    withProject(chrome, {
        ...FILES,
        '.env': 'VITE_FILE=from a file\nAPP_NAME=by its prefix\nDB_PASSWORD=secret\n',
        'vite.config.js': configOf(`{ define: { __VERSION__: JSON.stringify("it's 1 & 2"), global: 'window',
            'process.env': { MODE: 'x' }, 'import.meta.env.VITE_DEFINED': '"defined"' }, envPrefix: 'APP_' }`),
        'index.html': documentOf('/src/main.js', '<script>globalThis.early = __VERSION__;</script>'),
        'src/main.js': `globalThis.shown = [early, __VERSION__, typeof __NONE__, global === window, process.env.MODE,
            import.meta.env.VITE_DEFINED, import.meta.env.VITE_FILE, import.meta.env.APP_NAME,
            import.meta.env.DB_PASSWORD ?? '', '__VERSION__'];\n`,
    }, ['/src/main.js'], async ({ dir, server, page, untilReloaded }) => {
        const shown = (version, named) =>
            [version, version, 'undefined', true, 'x', named, 'from a file', 'by its prefix', '', '__VERSION__'];
        await shows(page, 'shown', shown("it's 1 & 2", 'defined'));
        const from = server.events.items.length;
        await edit(dir, 'vite.config.js', '1 & 2', '3');
        await untilReloaded();
        await shows(page, 'globalThis.shown', shown("it's 3", 'defined'));
        await registered(server, ['/src/main.js'], from);
        await lineAfter(server, 'reload', () => edit(dir, 'vite.config.js', '"defined"', '"defined anew"'));
        await shows(page, 'globalThis.shown', shown("it's 3", 'defined anew'));
        assert.deepEqual(problems(server), []);
    }));

test('what vite.config says to the plugin for React counts; the count is kept over a save of it', () =>
    withPackages({
        ...VITE,
        ...REACT_PLUGINS,
        'package.json': '{"type": "module", "dependencies": {"react": "18"}, "devDependencies": {"vite": "7"}}',
        'index.html': documentOf('/src/main.tsx'),
        'vite.config.js': configOf("{ plugins: [react({ babel: { plugins: ['./mark.cjs', spell] } })] }",
            `import react from '@vitejs/plugin-react';
            const spell = () => ({ visitor: { JSXText(path) {
                path.node.value = path.node.value.replace('plain', 'first');
            } } });`),
        'mark.cjs': "module.exports = () => ({ visitor: { StringLiteral(path) {\n"
            + "    path.node.value = path.node.value.replace('none', 'marked');\n} } });\n",
        'src/main.tsx': "import { createRoot } from 'react-dom/client';\nimport App from './App.tsx';\n"
            + "const root = document.createElement('div');\ndocument.body.append(root);\n"
            + 'createRoot(root as HTMLElement).render(<App/>);\n',
        'src/App.tsx': "import { useState } from 'react';\nexport default function App() {\n"
            + '    const [n, set] = useState<number>(0);\n'
            + '    return <button title="none" onClick={() => set(n + 1)}>plain {n}</button>;\n}\n',
    }, ['react', 'react-dom', 'react-refresh', '@babel/core', 'esbuild'], async ({ dir, server }) => {
        const { page, isSame, close } = await visit(chrome, server, ['/src/main.tsx', '/src/App.tsx']);
        const text = "document.querySelector('button').textContent";
        try {
            await shows(page, text, 'first 0');
            await shows(page, "document.querySelector('button').title", 'marked');
            await page.click('button');
            await shows(page, text, 'first 1');
            await lineAfter(server, 'hot', () => edit(dir, 'src/App.tsx', 'plain', 'my plain'));
            await shows(page, text, 'my first 1');
            await lineAfter(server, 'hot', () => edit(dir, 'vite.config.js', "'first'", "'second'"));
            await shows(page, text, 'my second 1');
            await edit(dir, 'vite.config.js', './mark.cjs', 'not-there');
            await overlayShows(page, /npm install -D babel-plugin-not-there/);
            await edit(dir, 'vite.config.js', 'not-there', './mark.cjs');
            await page.waitForFunction(() => !document.querySelector('orbiton-overlay'));
            await lineAfter(server, 'hot', () => edit(dir, 'src/App.tsx', 'my plain', 'our plain'));
            await shows(page, text, 'our second 1');
            assert.equal(await isSame(), true);
        } finally {
            await close();
        }
    }));
