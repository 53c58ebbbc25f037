// SPDX-License-Identifier: MIT

/*
 * What vite.config said in an earlier run holds before the project's Vite has said anything, if it fits; what it
 * says then is taken over behind the first page.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { VITE } from '../vite.mjs';
import { browser, request } from './harness.mjs';
import { documentOf, put, shows, writeProject } from './project.mjs';
import { edit, lineAfter, linesSince, start, visit } from './steps.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome?.close());

const VITE_JS = 'node_modules/vite/vite.js';
const HOLD = 'node_modules/hold';

/** In Vite's place, it says nothing as long as there is node_modules/hold. */
const SLOW_VITE = {
    ...VITE,
    [VITE_JS]: VITE[VITE_JS].replace('{ appendFileSync,', '{ appendFileSync, existsSync, watch,')
        .replace(/(loadConfigFromFile\(.*\) \{)/, `$1
    await new Promise((resolve) => {
        const look = () => existsSync(join(root, '${HOLD}')) || (watcher.close(), resolve());
        const watcher = watch(join(root, 'node_modules'), look);
        look();
    });`),
};

const LABELS = {
    'index.html': documentOf('/src/main.js'),
    'src/main.js': "import { label } from '@/label.js';\nglobalThis.shown = label;\n",
    'src/label.js': "export const label = 'one';\n",
    'other/label.js': "export const label = 'another';\n",
};
const URLS = ['/src/main.js'];

/** What it says is in a file that nobody watches. */
const BY_FILE = {
    ...SLOW_VITE,
    ...LABELS,
    'package.json': '{"type": "module", "devDependencies": {"vite": "7"}}',
    'vite.config.js': `import { existsSync, readFileSync } from 'node:fs';
const said = readFileSync('node_modules/said', 'utf8');
if (existsSync('node_modules/broken')) {
    throw new Error('no such luck');
}
export default { resolve: { alias: { '@': said } } };\n`,
    'node_modules/said': '/src',
};

/** One run of the program with a page. */
async function run(dir, urls, steps, { args, env } = {}) {
    const server = await start(dir, args, { env });
    const visited = urls ? await visit(chrome, server, urls) : {};
    try {
        await steps({ server, ...visited });
    } finally {
        await visited.close?.();
        await server.stop();
    }
}

const hold = (dir) => put(dir, HOLD, '');
const letGo = async (dir) => rmSync(path.join(dir, HOLD));
const problems = (server) => linesSince(server, 0).filter((each) => /warn|error|bad/.test(each.verb));
const isOther = (line) => assert.match(line.what, /^vite\.config\.js \(says something else than in the last run\)$/);

test('a second start serves by the aliases of the first while Vite says nothing, and takes over what it says then', async () => {
    const dir = await writeProject(BY_FILE);
    await run(dir, URLS, ({ page }) => shows(page, 'shown', 'one'));
    await hold(dir);
    await put(dir, 'node_modules/said', '/other');
    await run(dir, URLS, async ({ server, page }) => {
        await shows(page, 'shown', 'one');
        assert.deepEqual(problems(server), []);
        isOther(await lineAfter(server, ['hot', 'reload'], () => letGo(dir)));
        await shows(page, 'globalThis.shown', 'another');
        assert.deepEqual(problems(server), []);
    });
    await hold(dir);
    await run(dir, URLS, ({ page }) => shows(page, 'shown', 'another'));
});

test('what an earlier run was told does not hold with another helper, nor where no page has a client', async () => {
    const dir = await writeProject({
        ...BY_FILE,
        'vite.config.js': `// with config/alias.js\n// with config/more.js
export default (env, alias, more) => ({ resolve: { alias: { ...alias, ...more } } });\n`,
        'config/alias.js': "export default { '@': '/src' };\n",
        'config/more.js': "import { readFileSync } from 'node:fs';\nexport default { more: readFileSync('node_modules/said', 'utf8') };\n",
        'src/main.js': "import { label } from '@/label.js';\nimport * as more from 'more/label.js';\nglobalThis.shown = label;\n",
    });
    const main = async (server) => (await request(server, '/src/main.js',
        { headers: { Host: `localhost:${server.port}` } })).body.match(/\/\w+\/label\.js/g);
    await run(dir, URLS, ({ page }) => shows(page, 'shown', 'one'));
    await put(dir, 'config/alias.js', "export default { '@': '/other' };\n");
    await run(dir, null, async ({ server }) => assert.deepEqual(await main(server), ['/other/label.js', '/src/label.js']));
    await put(dir, 'node_modules/said', '/other');
    await run(dir, null, async ({ server }) => assert.deepEqual(await main(server), ['/other/label.js', '/src/label.js']));
    await run(dir, null, async ({ server }) => assert.deepEqual(await main(server), ['/other/label.js', '/other/label.js']),
        { args: ['--no-hmr'] });
});

test('what vite.config defines by the environment is that of the run as soon as it is known', async () => {
    const dir = await writeProject({
        ...BY_FILE,
        'vite.config.js': 'export default { define: { __SAID__: JSON.stringify(process.env.SAID) } };\n',
        'src/main.js': 'globalThis.shown = __SAID__;\n',
    });
    await run(dir, URLS, ({ page }) => shows(page, 'shown', 'a'), { env: { SAID: 'a' } });
    await hold(dir);
    await run(dir, URLS, async ({ server, page, untilReloaded }) => {
        await shows(page, 'shown', 'a');
        await letGo(dir);
        await untilReloaded();
        await shows(page, 'globalThis.shown', 'b');
        assert.deepEqual(problems(server), []);
    }, { env: { SAID: 'b' } });
});

/** An error that the terminal tells of a file. */
const diagnosed = (server, file, pattern) => server.events.until((each) => each.event === 'diagnostics'
    && each.diagnostics.some((diag) => diag.path === file && pattern.test(diag.text)), { what: `an error of ${file}` });

test('a vite.config that worked in the last run and throws in this one is told, and what it said holds', async () => {
    const dir = await writeProject(BY_FILE);
    await run(dir, URLS, ({ page }) => shows(page, 'shown', 'one'));
    await put(dir, 'node_modules/broken', '');
    await run(dir, URLS, async ({ server, page }) => {
        await shows(page, 'shown', 'one');
        await diagnosed(server, 'vite.config.js', /^no such luck$/);
        await page.waitForFunction(() => /no such luck/.test(
            document.querySelector('orbiton-overlay')?.shadowRoot?.textContent ?? ''));
        rmSync(path.join(dir, 'node_modules/broken'));
        await put(dir, 'node_modules/said', '/other');
        await lineAfter(server, ['hot', 'reload', 'fixed'], () => edit(dir, 'vite.config.js', 'luck', 'good luck'));
        await shows(page, 'globalThis.shown', 'another');
        await page.waitForFunction(() => !document.querySelector('orbiton-overlay'));
    });
});

test('requests go to the server that an earlier run was told of', async () => {
    const backend = http.createServer((asked, answer) => answer.end(`for ${asked.url}`)).listen(0, '127.0.0.1');
    await once(backend, 'listening');
    const dir = await writeProject({
        ...BY_FILE,
        'vite.config.js': `export default { server: { proxy: { '/api': 'http://127.0.0.1:${backend.address().port}' } } };\n`,
    });
    const ask = async ({ server }) => assert.equal((await request(server, '/api/x',
        { headers: { Host: `localhost:${server.port}` } })).body, 'for /api/x');
    await run(dir, null, ask);
    await hold(dir);
    await run(dir, null, ask);
    backend.close();
});

test('a vite.config that is saved before it was asked again in this run counts as saved', async () => {
    const dir = await writeProject(BY_FILE);
    await run(dir, URLS, ({ page }) => shows(page, 'shown', 'one'));
    await hold(dir);
    await run(dir, URLS, async ({ server, page }) => {
        await shows(page, 'shown', 'one');
        const line = lineAfter(server, ['hot', 'reload'], () => letGo(dir));
        await edit(dir, 'vite.config.js', "'@': said", "'@': '/other'");
        assert.equal((await line).what, 'vite.config.js');
        await shows(page, 'globalThis.shown', 'another');
    });
});

/** A package in the place of Sass, which copies. */
const SASS = {
    'node_modules/sass/package.json': '{"name": "sass", "version": "0.0.0", "type": "module", "exports": "./sass.js"}',
    'node_modules/sass/sass.js': `export const compileStringAsync = async (css) =>
    ({ css, loadedUrls: [], sourceMap: { version: 3, sources: [], mappings: '' } });\n`,
};

test('a function of vite.config is called in a second start too; where it cannot be had that is an error', async () => {
    const dir = await writeProject({
        ...BY_FILE,
        ...SASS,
        'vite.config.js': `import { existsSync } from 'node:fs';
if (existsSync('node_modules/broken')) {
    throw new Error('no such luck');
}
const additionalData = (text) => 'body { color: rgb(1, 2, 3) }' + text;
export default { css: { preprocessorOptions: { scss: { additionalData } } }, resolve: { alias: [
    { find: '@', replacement: '/src', customResolver() {} }] } };\n`,
        'src/main.js': "import '@/a.scss';\nglobalThis.shown = 'one';\n",
        'src/a.scss': 'body { margin: 0 }\n',
    });
    const color = 'getComputedStyle(document.body).color';
    const warned = (server) => problems(server).map((each) => each.why);
    const note = ['resolve.alias: the customResolver of @ is not called'];
    await run(dir, URLS, async ({ server, page }) => {
        await shows(page, color, 'rgb(1, 2, 3)');
        assert.deepEqual(warned(server), note);
    });
    await run(dir, URLS, async ({ server, page }) => {
        assert.deepEqual(warned(server), note);
        await shows(page, color, 'rgb(1, 2, 3)');
    });
    await put(dir, 'node_modules/broken', '');
    await run(dir, ['/src/main.js'], async ({ server, page }) => {
        await diagnosed(server, 'vite.config.js', /^no such luck$/);
        rmSync(path.join(dir, 'node_modules/broken'));
        await edit(dir, 'vite.config.js', 'luck', 'good luck');
        await shows(page, color, 'rgb(1, 2, 3)');
        await page.waitForFunction(() => !document.querySelector('orbiton-overlay'));
    });
});
