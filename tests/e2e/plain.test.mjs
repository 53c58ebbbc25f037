// SPDX-License-Identifier: MIT

/* examples/plain as a person uses it: every kind of edit shows, with its line. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, copyExample, sync } from './harness.mjs';
import { shows } from './project.mjs';
import { edit, lineAfter, start, visit } from './steps.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const LOADED = ['/', '/style.css', '/theme.css', '/main.js', '/counter.js', '/list.js', '/logo.svg'];

async function open() {
    const dir = copyExample('plain');
    const server = await start(dir);
    const visited = await visit(chrome, server, LOADED);
    for (let i = 0; i < 5; i++) {
        await visited.page.click('#count');
    }
    await visited.page.fill('#text', 'typed');
    return { dir, server, visited };
}

async function assertKept(visited) {
    assert.equal(await visited.page.textContent('#count'), '5');
    assert.equal(await visited.page.inputValue('#text'), 'typed');
    assert.equal(await visited.isSame(), true);
}

test('style, imported style and image edits show and keep the page\'s state', async () => {
    const { dir, server, visited } = await open();

    const style = await lineAfter(server, 'hot', () => edit(dir, 'style.css', 'border-radius: 16px', 'border-radius: 3px'));
    assert.match(style.what, /^style\.css/);
    assert.equal(await visited.page.evaluate(() => getComputedStyle(document.querySelector('main')).borderRadius), '3px');
    await assertKept(visited);

    await lineAfter(server, 'hot', () => edit(dir, 'theme.css', /--accent: [^;]*;/g, '--accent: rgb(1, 2, 3);'));
    assert.equal(await visited.page.evaluate(() => getComputedStyle(document.querySelector('#count')).backgroundColor), 'rgb(1, 2, 3)');
    await assertKept(visited);

    await lineAfter(server, 'hot', () => edit(dir, 'logo.svg', '<svg ', '<svg data-new="yes" '));
    assert.match(await visited.page.evaluate(async () => (await fetch(document.querySelector('img').src)).text()), /data-new/);
    await assertKept(visited);

    await visited.close();
    await server.stop();
});

test('an HTML edit shows in place, a JavaScript edit by a reload that says why', async () => {
    const { dir, server, visited } = await open();

    const html = await lineAfter(server, 'hot', () => edit(dir, 'index.html', '<h1>A plain page</h1>', '<h1>Edited</h1>'));
    assert.match(html.what, /^index\.html/);
    assert.equal(await visited.page.textContent('h1'), 'Edited');
    await assertKept(visited);

    const js = await lineAfter(server, 'reload', () => edit(dir, 'counter.js', 'count += 1', 'count += 10'));
    assert.match(js.what, /^counter\.js/);
    assert.match(js.why, /not accepted: counter\.js > main\.js > index\.html$/);
    assert.equal(await visited.isSame(), false);
    assert.match(await visited.page.locator('orbiton-badge .text').textContent(), /not accepted/);
    // The capsule carries the text field.
    await shows(visited.page, 'document.querySelector("#text").value', 'typed');
    await visited.page.click('#count');
    assert.equal(await visited.page.textContent('#count'), '10');

    await visited.close();
    await server.stop();
});

test('a mistake that is mended before anybody ran it is told as that', async () => {
    const { dir, server, visited } = await open();

    const bad = await lineAfter(server, 'bad', () => edit(dir, 'counter.js', /$/, '\nfunction ('));
    assert.match(bad.what, /^counter\.js:\d+:10$/);
    const mended = await lineAfter(server, ['same', 'saved'], () => edit(dir, 'counter.js', '\nfunction (', ''));
    assert.equal(mended.verb, 'same');
    assert.equal(mended.why, 'the open pages run this version already');
    await assertKept(visited);

    await visited.close();
    await server.stop();
});

test('every line has its times', async () => {
    const { dir, server, visited } = await open();
    const line = await lineAfter(server, 'hot', () => edit(dir, 'style.css', '1.6rem', '1.65rem'));
    assert.ok(line.ms > 0);
    for (const part of ['watch', 'send', 'apply', 'paint']) {
        assert.ok(line.timing[part] >= 0, `${part}: ${JSON.stringify(line.timing)}`);
    }
    await sync(server);
    await visited.close();
    await server.stop();
});
