// SPDX-License-Identifier: MIT

/* examples/modules as a person uses it: what is edited changes, what was done to the page stays. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, copyExample } from './harness.mjs';
import { shows } from './project.mjs';
import { edit, lineAfter, start, visit } from './steps.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const LOADED = ['/', '/src/main.js', '/src/cards/counter.js', '/src/cards/notes.js',
    '/src/tree/leaf.js', '/styles/app.css', '/src/cards/notes.css'];

async function withPage(run) {
    const dir = copyExample('modules');
    const server = await start(dir);
    const { page, isSame, close } = await visit(chrome, server, LOADED);
    for (let i = 0; i < 5; i++) {
        await page.click('#up');
    }
    await page.fill('#name', 'typed');
    const assertKept = async () => {
        assert.equal(await page.textContent('#count'), 'Count: 5');
        assert.equal(await page.inputValue('#name'), 'typed');
        assert.equal(await isSame(), true);
    };
    const badge = (state) => page.locator(`orbiton-badge .badge[data-state="${state}"]`);
    const hot = (name, from, to) => lineAfter(server, 'hot', () => edit(dir, name, from, to));
    try {
        await run({ dir, server, page, isSame, assertKept, badge, hot });
    } finally {
        await close();
        await server.stop();
    }
}

test('a module that accepts itself changes and keeps its data', () => withPage(async (t) => {
    await t.hot('src/cards/counter.js', "'+1'", "'one more'");

    assert.equal(await t.page.textContent('#up'), 'one more');
    await t.assertKept();
    await t.page.click('#up');
    assert.equal(await t.page.textContent('#count'), 'Count: 6');
}));

test('modules in a circle below a boundary are replaced as one', () => withPage(async (t) => {
    await t.hot('src/tree/leaf.js', '`leaf ', '`LEAF ');

    assert.match(await t.page.textContent('#tree code'), /LEAF/);
    await t.assertKept();
}));

test('a document is edited in place', () => withPage(async (t) => {
    await t.hot('index.html', 'Twenty modules', 'Some twenty modules');
    assert.equal(await t.page.textContent('#title'), 'Some twenty modules');
    // From now on only what differs is sent.
    await t.hot('index.html', 'Some twenty', 'Some \u{1f642} twenty');
    await t.hot('index.html', 'twenty modules', 'and twenty modules');
    await t.hot('index.html', 'The end of', 'This is the end of');

    assert.equal(await t.page.textContent('#title'), 'Some \u{1f642} and twenty modules');
    assert.equal(await t.page.textContent('#footer'), 'This is the end of the page.');
    await t.assertKept();
}));

test('sheets change, named by the document and imported by a module', () => withPage(async (t) => {
    await t.hot('src/cards/notes.css', 'font-style: italic', 'font-style: oblique; margin: 3px');
    const style = (selector, name) => t.page.evaluate(([s, n]) =>
        getComputedStyle(document.querySelector(s))[n], [selector, name]);

    assert.equal(await style('#notes p', 'marginTop'), '3px');
    await t.hot('styles/app.css', /^/, '#title { letter-spacing: 2px; }\n');
    assert.equal(await style('#title', 'letterSpacing'), '2px');
    await t.assertKept();
}));

test('a version that throws is taken back, and the next good one applies', () => withPage(async (t) => {
    await lineAfter(t.server, 'error', () =>
        edit(t.dir, 'src/cards/counter.js', 'const state', 'null.x;\nconst state'));

    assert.match(await t.badge('failed').locator('.text').textContent(), /null/);
    assert.match(await t.badge('failed').locator('.place').textContent(), /^src\/cards\/counter\.js:/);
    await t.assertKept();
    await t.hot('src/cards/counter.js', "null.x;\n", '// whole again\n');
    await t.badge('updated').waitFor({ state: 'attached' }); // it may have gone by now
    await t.assertKept();
}));

test('what nobody accepts reloads and says the way', () => withPage(async (t) => {
    const line = await lineAfter(t.server, 'reload', () =>
        edit(t.dir, 'src/main.js', /$/, '\ndocument.body.id = "edited"\n'));

    assert.match(line.why, /main\.js/);
    await shows(t.page, 'document.body.id', 'edited');
    assert.equal(await t.isSame(), false);
    // The capsule carries the field, which a module makes.
    await shows(t.page, 'document.querySelector("#name").value', 'typed');
}));
