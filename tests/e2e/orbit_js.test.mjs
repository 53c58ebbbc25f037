// SPDX-License-Identifier: MIT

/*
 * Components in JavaScript, in a browser: an edit of one section changes that section's part of the
 * page and nothing else, and an error leaves the page as it is.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { rename, rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { browser, sync } from './harness.mjs';
import { edit, lineAfter } from './steps.mjs';
import { badgeShows, shows, withProject } from './project.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const INDEX = `<!doctype html><html><body><div id="app"></div>
<script type="module">
import { mount } from '/__orbit/runtime.js';
import App from '/src/app.orbit';
mount(App, document.querySelector('#app'));
</script></body></html>
`;

const APP = `<template>
  <h1 class="title">Hello</h1>
  <Counter></Counter>
  <input class="note">
</template>

<style>
.title { color: rgb(1, 2, 3) }
</style>
`;

const COUNTER = `<template>
  <p class="count">{{ count }}</p>
  <button @click="increment">more</button>
</template>

<code lang="js">
export default class Counter {
  count = 0;
  step = 1;
  increment() { this.count += this.step; }
}
</code>

<style>
.count { color: rgb(4, 5, 6) }
</style>
`;

const FILES = { 'index.html': INDEX, 'src/app.orbit': APP, 'src/counter.orbit': COUNTER };
const URLS = ['/src/app.orbit?orbit=template', '/src/counter.orbit?orbit=template',
    '/src/counter.orbit?orbit=code', '/src/counter.orbit?orbit=style&n=0'];

/** What the page has fetched of the component's parts. */
const fetched = (page) => page.evaluate(() => performance.getEntriesByType('resource')
    .filter((each) => /orbit=(style|template|code)/.test(each.name)).map((each) => each.name));

const text = (selector) => `document.querySelector('${selector}').textContent`;
const color = (selector) => `getComputedStyle(document.querySelector('${selector}')).color`;

/** A page whose counter is at 2 and whose field has a text; `unchanged` fails if one was lost. */
function run(body, more = {}) {
    return withProject(chrome, { ...FILES, ...more }, URLS, async (project) => {
        const { page } = project;
        await shows(page, text('.count'), '0');
        await page.click('button');
        await page.click('button');
        await shows(page, text('.count'), '2');
        await page.fill('.note', 'kept');
        await page.evaluate(() => {
            globalThis.mark = document.querySelector('.count');
        });
        await body({
            ...project,
            async unchanged() {
                assert.equal(await page.inputValue('.note'), 'kept');
                assert.ok(await page.evaluate(() => globalThis.mark.isConnected));
            },
        });
    });
}

test('a style changes alone', () => run(async ({ dir, server, page, unchanged }) => {
    const before = await fetched(page);
    const line = await lineAfter(server, 'hot',
        () => edit(dir, 'src/counter.orbit', 'rgb(4, 5, 6)', 'rgb(40, 50, 60)'));
    assert.match(line.what, /src\/counter\.orbit \(style\)/);
    await shows(page, color('.count'), 'rgb(40, 50, 60)');
    assert.equal(await page.evaluate(text('.count')), '2');
    await unchanged();
    assert.equal(await page.evaluate(() => document.head.querySelectorAll('style').length), 2);
    assert.deepEqual(await fetched(page), before);
}));

test('styles are those of their component', () => run(async ({ dir, page }) => {
    await edit(dir, 'src/app.orbit', '.title {', '.count, .title {');
    await edit(dir, 'src/app.orbit', 'rgb(1, 2, 3)', 'rgb(10, 20, 30)');
    await shows(page, color('.title'), 'rgb(10, 20, 30)');
    assert.equal(await page.evaluate(color('.count')), 'rgb(4, 5, 6)');
}));

// shows() evaluates texts, which is what unsafe-eval is for.
test('styles carry the nonce of the page, and are edited under its policy', () => withProject(chrome, {
    ...FILES,
    'index.html': INDEX.replace('<html>', `<html><head><meta http-equiv="Content-Security-Policy"
        content="default-src 'none'; script-src 'self' 'unsafe-eval' 'nonce-n1'; style-src 'nonce-n1'; connect-src 'self'">
        </head>`).replace('<script ', '<script nonce="n1" '),
}, URLS, async ({ dir, page, console: lines }) => {
    await shows(page, color('.count'), 'rgb(4, 5, 6)');
    await edit(dir, 'src/counter.orbit', '4, 5, 6', '40, 5, 6');
    await shows(page, color('.count'), 'rgb(40, 5, 6)');
    await edit(dir, 'src/counter.orbit', '</style>', '</style>\n<style>p { font-size: 31px }</style>');
    await shows(page, "getComputedStyle(document.querySelector('.count')).fontSize", '31px');

    const refused = lines.items.filter((each) => /style/.test(each) && /Content Security/.test(each));
    assert.deepEqual(refused, []);
}));

test('a template of known pieces changes alone', () => run(
    async ({ dir, server, page, unchanged }) => {
        const before = await fetched(page);
        const line = await lineAfter(server, 'hot', () => edit(dir, 'src/counter.orbit',
            '<p class="count">{{ count }}</p>', '<b>it is</b>\n  <p class="count">{{ count }}</p>'));
        assert.match(line.what, /src\/counter\.orbit \(template\)/);
        await shows(page, text('b'), 'it is');
        assert.equal(await page.evaluate(text('.count')), '2');
        await unchanged();
        assert.deepEqual(await fetched(page), before);
        await page.click('button');
        await shows(page, text('.count'), '3');
    }));

test('a new expression brings its code along', () => run(async ({ dir, server, page }) => {
    const line = await lineAfter(server, 'hot', () => edit(dir, 'src/counter.orbit',
        '>more<', '>more by {{ step }}<'));
    assert.match(line.what, /\(template, 1 new expression\)/);
    await shows(page, text('button'), 'more by 1');
    assert.equal(await page.evaluate(text('.count')), '2');
    assert.equal(await page.inputValue('.note'), 'kept');
}));

test('code is exchanged and the state stays', () => run(async ({ dir, server, page, unchanged }) => {
    const line = await lineAfter(server, 'hot', () => edit(dir, 'src/counter.orbit',
        'this.count += this.step', 'this.count += 10 * this.step'));
    assert.match(line.what, /\(code\)/);
    await page.click('button');
    await shows(page, text('.count'), '12');
    await unchanged();
}));

test('what cannot be kept is said', () => run(async ({ dir, server, page }) => {
    const line = await lineAfter(server, 'hot', () => edit(dir, 'src/counter.orbit',
        'count = 0;', "count = 'none';"));
    assert.match(line.what, /\(code\)/);
    assert.match(line.why, /lost .*Counter\.count/);
    await badgeShows(page, /Counter\.count/);
    await shows(page, text('.count'), 'none');
}));

test('an error is named at its place and the page stays', () => run(
    async ({ dir, server, page, unchanged }) => {
        const line = await lineAfter(server, 'bad', () => edit(dir, 'src/counter.orbit',
            '{{ count }}', '{{ count + }}'));
        assert.match(line.what, /src\/counter\.orbit:2:\d+/);
        await page.locator('orbiton-overlay').waitFor({ state: 'attached' });
        assert.equal(await page.evaluate(text('.count')), '2');
        await page.evaluate(() => document.querySelector('button').click());
        await shows(page, text('.count'), '3');
        await edit(dir, 'src/counter.orbit', '{{ count + }}', '{{ count + 1 }}');
        await shows(page, text('.count'), '4');
        await unchanged();
    }));

test('a name that nothing declares is told when it is saved, unless somebody gives such a prop', () => run(
    async ({ dir, server, page, write }) => {
        const line = await lineAfter(server, 'warn', () => edit(dir, 'src/counter.orbit',
            '{{ count }}', '{{ cuont }} {{ unit }}'));
        assert.deepEqual([line.what, line.why], ['src/counter.orbit:2:23',
            'Counter.cuont: nothing declares it; did you mean count?']);
        const next = await server.events.until((each) => each.verb === 'warn' && each !== line);
        assert.deepEqual([next.what, next.why], ['src/counter.orbit:2:35', 'Counter.unit: nothing declares it']);
        await shows(page, text('.count'), ' ');
        const moved = await lineAfter(server, 'warn', () => edit(dir, 'src/counter.orbit',
            '<template>', '<style>.count { top: 0 }</style>\n<template>'));
        assert.deepEqual([moved.what, moved.why], ['src/counter.orbit:3:23', line.why]);
        await server.events.until((each) => each.what === 'src/counter.orbit:3:35');

        await edit(dir, 'src/app.orbit', '<Counter>', '<Counter unit="px">');
        const from = server.events.items.length;
        await edit(dir, 'src/counter.orbit', '{{ cuont }}', '{{ count }}:');
        await shows(page, text('.count'), '2: px');
        await sync(server);
        assert.deepEqual(server.events.items.slice(from).filter((each) => each.verb === 'warn'), []);
    }));

test('a component that is new or gone', () => run(async ({ dir, server, page, write }) => {
    const line = await lineAfter(server, 'bad',
        () => edit(dir, 'src/app.orbit', '<Counter>', '<FreshThing></FreshThing>\n  <Counter>'));
    assert.match(line.why, /no component 'FreshThing'/);
    await write('src/fresh-thing.orbit', '<template><i>fresh</i></template>\n');
    await shows(page, text('i'), 'fresh');
    assert.equal(await page.evaluate(text('.count')), '2');
    const at = server.events.items.length;
    await rm(path.join(dir, 'src/fresh-thing.orbit'));
    const isBad = (what, why) => (each) => each.event === 'update' && each.verb === 'bad' &&
        what.test(each.what) && why.test(each.why);
    await server.events.until(isBad(/^src\/app\.orbit:3:3$/, /no component 'FreshThing'/), { from: at });
    await server.events.until(
        isBad(/^src\/app\.orbit$/, /^the component src\/fresh-thing\.orbit is gone$/), { from: at });
    await write('src/fresh-thing.orbit', '<template><i>again</i></template>\n');
    await shows(page, text('i'), 'again');
}));

test('a component is renamed, and then its parent says so', () => run(
    async ({ dir, server, page, isSame }) => {
        const from = server.events.items.length;
        await rename(path.join(dir, 'src/counter.orbit'), path.join(dir, 'src/tally.orbit'));
        await server.events.until((each) => each.event === 'update' && each.verb === 'bad' &&
            each.what === 'src/app.orbit:3:3' && /no component 'Counter'/.test(each.why), { from });
        await page.locator('orbiton-overlay dialog[open]').waitFor();
        assert.equal(await page.evaluate(text('.count')), '2');
        await edit(dir, 'src/app.orbit', '<Counter></Counter>', '<Tally></Tally>');
        await shows(page, text('.count'), '0');
        await page.locator('orbiton-overlay dialog[open]').waitFor({ state: 'detached' });
        await page.click('button');
        await shows(page, text('.count'), '1');
        assert.equal(await page.inputValue('.note'), 'kept');
        assert.equal(await isSame(), true);
    }));

test('props come, change and are renamed, and the state stays', () => run(
    async ({ dir, page, console: lines, unchanged }) => {
        await edit(dir, 'src/counter.orbit', /<button[^]*step = 1;/, (found) => found
            .replace('<button', '<i>{{ label }}</i>$&').replace('step', "label = 'none';\n  step"));
        await shows(page, text('i'), 'none');
        await edit(dir, 'src/app.orbit', '<Counter>', '<Counter label="given">');
        await shows(page, text('i'), 'given');
        await edit(dir, 'src/app.orbit', 'label="given"', ':label="[1, 2].length"');
        await shows(page, text('i'), '2');
        await edit(dir, 'src/counter.orbit', /label/g, 'name');
        await lines.until((each) => /Counter\.label: there is no such prop/.test(each));
        await shows(page, text('i'), 'none');
        await edit(dir, 'src/app.orbit', ':label', ':name');
        await shows(page, text('i'), '2');
        await shows(page, text('.count'), '2');
        await unchanged();
    }));

test('two files of one name are an error that names both', () => run(
    async ({ server, write }) => {
        const line = await lineAfter(server, 'bad',
            () => write('src/more/Counter.orbit', '<template><i>x</i></template>\n'));
        assert.match(line.why, /src\/counter\.orbit/);
        assert.match(line.why, /src\/more\/Counter\.orbit/);
    }));

test('what a section names in other files is watched', () => run(
    async ({ dir, page, write }) => {
        await write('src/look.css', '.count { color: rgb(7, 7, 7) }\n');
        await edit(dir, 'src/counter.orbit', /<style>[^]*<\/style>/, '<style src="look.css"></style>');
        await shows(page, color('.count'), 'rgb(7, 7, 7)');
        await edit(dir, 'src/look.css', '7, 7, 7', '8, 8, 8');
        await shows(page, color('.count'), 'rgb(8, 8, 8)');
        assert.equal(await page.evaluate(text('.count')), '2');
    }));

test('what is saved while the page takes an update is told by its parts', () => withProject(chrome, {
    ...FILES,
    'index.html': INDEX.replace('</body>', '<script type="module" src="/slow.js"></script></body>'),
    'slow.js': 'import.meta.hot.accept(() => new Promise((go) => { window.go = go; }));\n',
}, [...URLS, '/slow.js'], async ({ server, dir, page }) => {
    await edit(dir, 'slow.js', '\n', '\n// again\n');
    await page.waitForFunction(() => window.go);
    await edit(dir, 'src/counter.orbit', '>more<', '>one more<');
    await edit(dir, 'src/counter.orbit', '4, 5, 6', '44, 5, 6');
    await edit(dir, 'src/app.orbit', '>Hello<', '>Hello again<');
    await sync(server);
    const from = server.events.items.length;
    await page.evaluate(() => window.go());
    const line = await server.events.until((each) => each.event === 'update'
        && /counter/.test(each.what), { from });

    assert.equal(line.what, 'src/counter.orbit (template, style), src/app.orbit (template)');
    await shows(page, 'document.querySelector("button").textContent', 'one more');
}));

test('where a component that imports a package threw is known, in an async handler too', () => run(
    async ({ dir, server, page, unchanged }) => {
        const at = (said) => {
            const [, line, col] = /src\/counter\.orbit:(\d+):(\d+)/.exec(said);
            return readFileSync(path.join(dir, 'src/counter.orbit'), 'utf8').split('\n')[line - 1].slice(col - 1);
        };
        await edit(dir, 'src/counter.orbit', /[^]*/, (old) => old.replace('<button', '<i @click="later">late</i><button')
            .replace('export default class Counter {', `import { one } from 'one';
export default class Counter {
  async later() {
    await one;
    throw new Error('later than that');
  }`));
        await page.locator('i').click();
        await badgeShows(page, /later than that.*src\/counter\.orbit:\d+:\d+/);
        assert.match(at(await page.evaluate(() => document.querySelector('orbiton-badge').shadowRoot.textContent)),
            /^(new )?Error\('later/);
        const line = await lineAfter(server, 'error', () => edit(dir, 'src/counter.orbit',
            'count = 0;', 'count = [].no.way;'));
        assert.match(at(line.why), /^way/);
        await unchanged();
    }, {
        '.gitignore': 'node_modules\n',
        'node_modules/one/package.json': '{ "name": "one", "version": "1.0.0", "type": "module", "main": "index.js" }\n',
        'node_modules/one/index.js': 'export const one = 1;\n',
    }));
