// SPDX-License-Identifier: MIT

/*
 * Modules whose text goes along with the message that tells of them: nothing is asked for, and yet
 * whoever imports one later, in whatever page, comes to the one instance that there is.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, openPage, sync } from './harness.mjs';
import { badgeShows, counts, documentOf, put, shows, withProject, writeProject } from './project.mjs';
import { lineAfter, registered, start, visit } from './steps.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const ACCEPTS = 'import.meta.hot.accept();\n';
const run = (files, body) => withProject(chrome, files, ['/main.js', '/leaf.js', '/user.js'], body);

/** The new instances that the page has asked for, as "/a.js?orbit=N". */
const asked = (page) => page.evaluate(() => performance.getEntriesByType('resource')
    .map((each) => new URL(each.name)).filter((url) => /orbit=/.test(url.search))
    .map((url) => url.pathname + url.search.replace(/\d+/, 'N')));
const untilAsked = (page, urls) => page.waitForFunction((count) => performance
    .getEntriesByType('resource').filter((each) => /orbit=/.test(each.name)).length >= count, urls.length)
    .then(async () => assert.deepEqual(await asked(page), urls));

const LEAF = `import { state } from './state.js';\n${counts('leaf')}`
    + `export let value = 'one';\nexport default () => { value += '!'; };\nexport { state };\n${ACCEPTS}`;
const FILES = {
    'index.html': documentOf('main.js'),
    'main.js': "import './leaf.js';\nimport './user.js';\n",
    'state.js': `${counts('state')}export const state = { n: 5 };\n${ACCEPTS}`,
    'leaf.js': LEAF,
    'user.js': "import * as leaf from './leaf.js';\nimport { state } from './state.js';\n"
        + `globalThis.user = leaf;\nglobalThis.state = state;\n${ACCEPTS}`,
};

test('an edited module comes with the message, and is what later importers get', () => run(FILES,
    async ({ server, page, write, isSame }) => {
        await lineAfter(server, 'hot', () => write('leaf.js', LEAF.replace('one', 'two')));
        assert.deepEqual(await asked(page), []);
        assert.equal(await page.evaluate('runs.leaf'), 2);

        await lineAfter(server, 'hot', () => write('user.js',
            `${FILES['user.js']}leaf.default();\nglobalThis.again = import('./leaf.js');\n`));
        await untilAsked(page, ['/leaf.js?orbit=N']);
        assert.deepEqual(await page.evaluate(
            'again.then((it) => [user.value, it.value, it === user, user.state.n, runs.leaf, runs.state])'),
        ['two!', 'two!', true, 5, 2, 1]);
        assert.equal(await isSame(), true);
    }));

test('a module comes with the one that takes it, and circles come, too', () => run({
    ...FILES,
    'leaf.js': `import { low } from './low.js';\n${LEAF.replace("'one'", 'low')}`,
    'low.js': `import { up } from './up.js';\n${counts('low')}export const low = 'one';\nexport { up };\n`,
    'up.js': `import { low } from './low.js';\n${counts('up')}export const up = () => low;\n`,
    'user.js': `${FILES['user.js']}import { up } from './up.js';\nglobalThis.up = up;\n`,
}, async ({ server, page, write, isSame }) => {
    await lineAfter(server, 'hot', () => write('low.js',
        `import { up } from './up.js';\n${counts('low')}export const low = 'two';\nexport { up };\n`));
    // The circle takes one way by a URL; it, and the user that takes what it imports, are new instances.
    await shows(page, '[user.value, up(), runs.low, runs.up, runs.leaf]', ['two', 'two', 2, 2, 2]);
    assert.equal(await isSame(), true);
}));

test('of a chain the module that takes it comes with the message', () => run({
    ...FILES,
    'leaf.js': `import { low } from './low.js';\n${LEAF.replace("'one'", 'low')}`,
    'low.js': `${counts('low')}export const low = 'one';\n`,
}, async ({ server, page, write, isSame }) => {
    await lineAfter(server, 'hot', () => write('low.js', `${counts('low')}export const low = 'two';\n`));
    await untilAsked(page, ['/low.js?orbit=N']);
    await lineAfter(server, 'hot', () => write('user.js', `${FILES['user.js']}import './low.js';\n`));
    assert.deepEqual(await page.evaluate('[user.value, runs.low, runs.leaf]'), ['two', 2, 2]);
    assert.equal(await isSame(), true);
}));

test('what a carried module imports by an expression, and where it lies, is as ever', () => run({
    ...FILES,
    'late_1.js': 'export const late = 1;\n',
    'leaf.js': 'globalThis.shown = 1;\n' + ACCEPTS,
}, async ({ page, write, server }) => {
    const text = 'const name = "late_1";\n'
        + 'import(`./${name}.js`).then((it) => { globalThis.late = it.late; });\n'
        + 'globalThis.shown = [new URL("./a.png", import.meta.url).pathname,'
        + ' import.meta.resolve("./b.js"), import.meta.url];\n' + ACCEPTS;
    await lineAfter(server, 'hot', () => write('leaf.js', text));
    await shows(page, 'late', 1);
    const [picture, resolved, own] = await page.evaluate('shown');
    const { origin } = new URL(page.url());
    assert.deepEqual([picture, resolved], ['/a.png', `${origin}/b.js`]);
    assert.match(own, /\/leaf\.js\?orbit=\d+$/);
}));

test('a page that comes later, beside one that runs it, has one instance of each module', () => run(FILES,
    async ({ server, page, write }) => {
        await lineAfter(server, 'hot', () => write('leaf.js', LEAF.replace('one', 'two')));
        // The text that the first page runs names the state's first instance.
        await lineAfter(server, 'hot', () => write('state.js',
            FILES['state.js'].replace('5', '6')));
        const second = await visit(chrome, server, ['/leaf.js', '/state.js', '/user.js']);
        assert.deepEqual(await second.page.evaluate('[user.value, state.n, runs.leaf, runs.state]'),
            ['two', 6, 1, 1]);
        assert.equal(await second.page.evaluate('user.state === state'), true);
        await lineAfter(server, 'hot', () => write('user.js', `${FILES['user.js']}leaf.default();\n`));
        for (const each of [page, second.page]) {
            await shows(each, 'user.value', 'two!');
        }
        assert.deepEqual(await page.evaluate('runs'), { leaf: 2, state: 2 });
        assert.deepEqual(await second.page.evaluate('runs'), { leaf: 1, state: 1 });
        await second.close();
    }));

test('after F5 there is one instance, which takes its next edit', () => run(FILES,
    async ({ server, page, write }) => {
        await lineAfter(server, 'hot', () => write('leaf.js', LEAF.replace('one', 'two')));
        const from = server.events.items.length;
        await page.reload();
        await registered(server, ['/leaf.js', '/user.js'], from);
        assert.deepEqual(await page.evaluate('[user.value, user.state === state, runs.leaf]'), ['two', true, 1]);
        const text = await page.evaluate(() => fetch(performance.getEntriesByType('resource')
            .find((each) => each.name.includes('/leaf.js')).name).then((answer) => answer.text()));
        assert.match(text, /export let value = 'two';/);
        await lineAfter(server, 'hot', () => write('leaf.js', LEAF.replace('one', 'three')));
        assert.equal(await page.evaluate('runs.leaf'), 2);
    }));

test('a page that comes later hears of what a carried module imports', () => run({
    ...FILES,
    'leaf.js': `import { low } from './low.js';\n${LEAF.replace("'one'", 'low')}`,
    'low.js': `${counts('low')}export const low = 'one';\n`,
    'main.js': "import './leaf.js';\nimport './user.js';\n",
    'user.js': `${FILES['user.js']}globalThis.low = () => leaf.value;\n`,
}, async ({ server, page, write }) => {
    const low = (text) => `${counts('low')}export const low = globalThis.shownLow = '${text}';\n`;
    await lineAfter(server, 'hot', () => write('low.js', low('two')));
    const second = await visit(chrome, server, ['/leaf.js', '/user.js', '/low.js']);
    await write('low.js', low('three'));
    for (const each of [page, second.page]) {
        await shows(each, 'shownLow', 'three');
    }
    assert.deepEqual(await second.page.evaluate('[runs.low, runs.leaf]'), [2, 2]);
    await second.close();
}));

test('what an old text imports late is what runs, also when a newer one was taken back', () => run({
    ...FILES,
    'user.js': `${FILES['user.js']}globalThis.go = () => import('./leaf.js');\n`,
}, async ({ server, page, write }) => {
    await lineAfter(server, 'hot', () => write('leaf.js', LEAF.replace('one', 'two')));
    await lineAfter(server, 'hot', () => write('user.js',
        `${FILES['user.js'].replace("import * as leaf from './leaf.js';\nimport { state }", 'import { state }')
            .replace('globalThis.user = leaf;\n', '')}globalThis.go = () => import('./leaf.js');\n`));
    await lineAfter(server, 'error', () => write('leaf.js', LEAF.replace(ACCEPTS, `${ACCEPTS}throw new Error('no');\n`)));
    const second = await visit(chrome, server, ['/user.js']);
    await second.close();
    assert.equal(await page.evaluate('go().then((it) => it.value, (error) => error.message)'), 'two');
}));

test('the words of a policy in a comment are none', () => run({
    ...FILES,
    'index.html': documentOf('main.js', '<!-- Content-Security-Policy: to do -->'),
}, async ({ server, page, write }) => {
    await lineAfter(server, 'hot', () => write('leaf.js', LEAF.replace('one', 'two')));
    assert.deepEqual(await asked(page), []);
}));

test('a module that came back by its URL is not taken for one that came with a message', () => run({
    ...FILES, 'main.js': "import './user.js';\n",
}, async ({ server, page, write }) => {
    const without = `${counts('user')}${ACCEPTS}`;
    await lineAfter(server, 'hot', () => write('leaf.js', LEAF.replace('one', 'two')));
    await lineAfter(server, 'hot', () => write('user.js', without));
    await lineAfter(server, 'hot', () => write('user.js', `${FILES['user.js']}${counts('user')}`));
    const runs = await page.evaluate('runs.leaf');
    const from = server.events.items.length;
    await page.evaluate(() => dispatchEvent(new Event('pagehide')));
    await page.evaluate(() => dispatchEvent(new Event('pageshow')));
    await registered(server, ['/leaf.js'], from);
    await sync(server);
    await shows(page, 'document.readyState', 'complete');
    assert.equal(await page.evaluate('runs.leaf'), runs);
}));

test('a carried module that throws is named by its file, and the last good one goes on', () => run(FILES,
    async ({ server, page, write, isSame }) => {
        const line = await lineAfter(server, 'error', () => write('leaf.js',
            LEAF.replace(ACCEPTS, `${ACCEPTS}throw new Error('it throws');\n`)));
        assert.match(line.why, /it throws/);
        await badgeShows(page, /leaf\.js:\d+:7/);
        await lineAfter(server, 'hot', () => write('leaf.js', LEAF.replace('one', 'two')));
        await lineAfter(server, 'hot', () => write('user.js', `${FILES['user.js']}globalThis.last = 1;\n`));
        assert.equal(await page.evaluate('user.value'), 'two');
        assert.equal(await isSame(), true);
    }));

test('a carried module that does not parse is named by its file and place', () => run(FILES,
    async ({ server, page, write }) => {
        await lineAfter(server, 'error', () => write('leaf.js', `${LEAF}let twice;\nlet twice;\n`));
        await badgeShows(page, /leaf\.js:8:5/);
    }));

test('where a policy forbids it, modules are asked for', () => run({
    ...FILES,
    'index.html': documentOf('main.js', '<meta http-equiv="Content-Security-Policy" '
        + 'content="script-src \'self\' \'unsafe-inline\'">'),
}, async ({ server, page, write, isSame }) => {
    await lineAfter(server, 'hot', () => write('leaf.js', LEAF.replace('one', 'two')));
    await untilAsked(page, ['/leaf.js?orbit=N']);
    assert.equal(await isSame(), true);
}));

test('a server that knows nothing of a carried module has it replaced by one that it knows', async () => {
    const dir = await writeProject(FILES);
    let server = await start(dir);
    const { port } = server;
    const urls = ['/main.js', '/leaf.js', '/user.js', '/state.js'];
    const { page, isSame, close } = await visit(chrome, server, urls);
    await lineAfter(server, 'hot', () => put(dir, 'leaf.js', LEAF.replace('one', 'two')));
    await server.stop('SIGKILL');
    server = await start(dir, ['--port', String(port), '--strict-port']);
    await shows(page, 'runs.leaf', 3);
    await server.events.until((each) => each.event === 'update' && each.verb === 'hot');
    await lineAfter(server, 'hot', () => put(dir, 'user.js', `${FILES['user.js']}leaf.default();\n`));
    assert.deepEqual(await page.evaluate('[user.value, runs.leaf]'), ['two!', 3]);
    assert.equal(await isSame(), true);
    await close();
    await server.stop();
});

test('a page of another host asks for what a page beside it was sent', () => run(FILES,
    async ({ server, write }) => {
        const from = server.events.items.length;
        const other = await openPage(chrome, `http://127.0.0.1:${server.port}/`);
        await registered(server, ['/leaf.js', '/user.js'], from);
        await lineAfter(server, 'hot', () => write('leaf.js', LEAF.replace('one', 'two')));
        await shows(other.page, 'runs.leaf', 2);
        await lineAfter(server, 'hot', () => write('user.js', `${FILES['user.js']}leaf.default();\n`));
        await shows(other.page, '[user.value, runs.leaf]', ['two!', 2]);
        await other.close();
    }));
