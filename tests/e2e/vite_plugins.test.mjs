// SPDX-License-Identifier: MIT

/*
 * Plugins of a vite.config that orbiton has no part of its own for, in a page: what they make is there, is
 * replaced with the page's state, and what they do not know is an error where it is imported.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { REAL_VITE } from '../vite.mjs';
import { browser } from './harness.mjs';
import { badgeShows, documentOf, shows, withProject } from './project.mjs';
import { edit, lineAfter } from './steps.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome?.close());

const configOf = (plugins, head = '') => `${head}\nexport default { plugins: [${plugins}] };\n`;

const VIRTUAL = `{ name: 'virtual',
    resolveId: (id) => id === 'virtual:name' ? '\\0' + id : null,
    load: (id) => id === '\\0virtual:name' ? 'export default "virtual"' : null }`;

const FILES = {
    ...REAL_VITE,
    'package.json': '{"type": "module"}',
    'index.html': documentOf('/src/main.js'),
    'vite.config.js': configOf(`${VIRTUAL},
        { name: 'shape', load(id) {
            const [file, query] = id.split('?');
            return query === 'shape' ? 'export default ' + JSON.stringify(readFileSync(file, 'utf8').match(/<(\\w+)\\//)[1]) : null;
        } },
        { name: 'poem', transform: (code, id) => id.endsWith('.poem') ? 'export default ' + JSON.stringify(code.trim()) : null },
        { name: 'auto', transform: (code, id) => /\\bDOUBLE\\b/.test(code) && id.endsWith('.js')
            ? 'import { double as DOUBLE } from "/src/double.js";' + code : null }`,
    "import { readFileSync } from 'node:fs';"),
    'src/main.js': `import name from 'virtual:name';
import shape from './shape.svg?shape';
import icon from './icon.svg';
import poem from './spring.poem';
import { six } from './six.js';
globalThis.shown = [name, shape, icon.replace(/\\?.*/, ''), poem, six];
import.meta.hot.accept('./shape.svg?shape', (next) => { shown[1] = next.default; });
import.meta.hot.accept('./spring.poem', (next) => { shown[3] = next.default; });
import.meta.hot.accept('./six.js', (next) => { shown[4] = next.six; });
`,
    'src/icon.svg': '<svg/>\n',
    'src/shape.svg': '<svg xmlns="http://www.w3.org/2000/svg"><circle/></svg>\n',
    'src/spring.poem': 'roses\n',
    'src/six.js': 'export const six = DOUBLE(3);\n',
    'src/double.js': 'export const double = (n) => 2 * n;\n',
};

const LOADED = ['/src/main.js', '/src/six.js'];

test('what plugins make of names, of files by a query, of other files and of scripts is there, and hot', () =>
    withProject(chrome, FILES, LOADED, async ({ dir, server, page, isSame, write }) => {
        await shows(page, 'shown', ['virtual', 'circle', '/src/icon.svg', 'roses', 6]);
        await lineAfter(server, 'hot', () => edit(dir, 'src/shape.svg', '<circle/>', '<rect/>'));
        await shows(page, 'shown[1]', 'rect');
        await lineAfter(server, 'hot', () => write('src/spring.poem', 'violets\n'));
        await shows(page, 'shown[3]', 'violets');
        await lineAfter(server, 'hot', () => write('src/six.js', 'export const six = DOUBLE(4);\n'));
        await shows(page, 'shown[4]', 8);
        assert.equal(await isSame(), true);
    }));

test('another configuration makes what its plugins make anew', () =>
    withProject(chrome, FILES, LOADED, async ({ dir, server, page, untilReloaded }) => {
        await shows(page, 'shown[0]', 'virtual');
        await lineAfter(server, ['hot', 'reload'], () => edit(dir, 'vite.config.js', '"virtual"', '"another"'));
        await untilReloaded();
        await shows(page, 'shown', ['another', 'circle', '/src/icon.svg', 'roses', 6]);
    }));

test('a name that nobody knows is an error at its import, until a plugin of the configuration knows it', () =>
    withProject(chrome, { ...FILES, 'src/six.js': "import 'virtual:later';\nexport const six = DOUBLE(3);\n" },
        null, async ({ dir, server, write }) => {
            const { page } = await chrome.newContext().then(async (context) => ({ page: await context.newPage() }));
            await page.goto(server.url);
            await badgeShows(page, /src\/six\.js:1:8.*"virtual:later": there is no such package, and no plugin/s);
            await edit(dir, 'vite.config.js', "id === 'virtual:name' ?", 'id.startsWith("virtual:") ?');
            await edit(dir, 'vite.config.js', "id === '\\0virtual:name' ?", 'id.startsWith("\\0virtual:") ?');
            await shows(page, 'shown[4]', 6);
            await write('src/six.js', 'export const six = DOUBLE(5);\n');
            await shows(page, 'shown[4]', 10);
            await page.context().close();
        }));

test('names that plugins know may be more than a file may have queries', () => {
    const names = Array.from({ length: 100 }, (_, i) => `virtual:${i}`);
    return withProject(chrome, {
        ...REAL_VITE,
        'package.json': '{"type": "module"}',
        'index.html': documentOf('/src/main.js'),
        'vite.config.js': configOf(`{ name: 'numbers', resolveId: (id) => id.startsWith('virtual:') ? id : null,
            load: (id) => id.startsWith('virtual:') ? 'export default ' + id.slice(8) : null }`),
        'src/main.js': `${names.map((name, i) => `import n${i} from '${name}';`).join('\n')}
globalThis.sum = ${names.map((_, i) => `n${i}`).join(' + ')};\nimport.meta.hot.accept();\n`,
    }, ['/src/main.js'], async ({ dir, server, page, isSame }) => {
        await shows(page, 'sum', 4950);
        await lineAfter(server, 'hot', () => edit(dir, 'src/main.js', 'sum = ', 'sum = 1 + '));
        await shows(page, 'sum', 4951);
        assert.equal(await isSame(), true);
    });
});

test('what an import map leads to is no matter of plugins, and a file that is missing neither', () =>
    withProject(chrome, {
        ...REAL_VITE,
        'package.json': '{"type": "module"}',
        'index.html': documentOf('/src/main.js',
            '<script type="importmap">{"imports": {"cdn": "data:text/javascript,export default 42"}}</script>'),
        'vite.config.js': configOf(VIRTUAL),
        'src/main.js': "import cdn from 'cdn';\nimport name from 'virtual:name';\nglobalThis.shown = [cdn, name];\nimport.meta.hot.accept();\n",
    }, ['/src/main.js'], async ({ page, write }) => {
        await shows(page, 'shown', [42, 'virtual']);
        await write('src/main.js', "import '/src/gone.js';\n");
        await badgeShows(page, /"\/src\/gone\.js": there is no such file/);
    }));

const WORDS = `{ name: 'words', enforce: 'pre',
    configureServer() {},
    transform(code, id) { if (id.includes('/src/')) for (const [word] of code.matchAll(/w-\\d+px/g)) words.add(word); },
    resolveId: (id) => id === 'virtual:words.css' ? '/__words.css' : null,
    load: (id) => id === '/__words.css' ? [...words].map((word) => '.' + word + ' { width: ' + word.slice(2) + ' }').join('\\n') : null }`;

test('a sheet of a plugin that collects what modules use has the rule of a class that is used later', () =>
    withProject(chrome, {
        ...REAL_VITE,
        'package.json': '{"type": "module"}',
        'index.html': documentOf('/src/main.js', '<style>p { width: 1px }</style>').replace('<body>', '<body><p></p>'),
        'vite.config.js': configOf(WORDS, 'const words = new Set();'),
        'src/main.js': "import 'virtual:words.css';\nimport './box.js';\n",
        'src/box.js': "document.querySelector('p').className = 'w-20px';\nimport.meta.hot.accept();\n",
    }, ['/src/main.js', '/src/box.js'], async ({ page, isSame, write }) => {
        const width = "getComputedStyle(document.querySelector('p')).width";
        await shows(page, width, '20px');
        await write('src/box.js', "document.querySelector('p').className = 'w-30px';\nimport.meta.hot.accept();\n");
        await shows(page, width, '30px');
        assert.equal(await isSame(), true);
        assert.equal(await page.evaluate(() => document.querySelectorAll('style').length), 2);
    }));
