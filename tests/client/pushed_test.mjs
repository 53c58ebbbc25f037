// SPDX-License-Identifier: MIT

/* Stylesheets whose text comes with the message. */

import assert from 'node:assert/strict';
import { clientTest, colorOf, isSamePage, sessionLoaded } from './setup.mjs';

const color = (n) => `#p { color: rgb(${n}, ${n}, ${n}); }`;
const push = (t, path, text) => t.server.apply([{ ...t.server.update('css', path, text), text }]);
const count = (t, selector) => t.page.locator(selector).count();
const open = (t) => t.open((vector) => '/style.css' in vector);

clientTest('a pushed text is in force at once, without a request', async (t) => {
    await open(t);
    await sessionLoaded(t);
    const link = await t.page.$('link');
    for (const n of [2, 3, 4]) {
        const requests = t.server.requests.length;
        const answer = await push(t, '/style.css', color(n));
        assert.equal(answer.mode, 'hot', JSON.stringify(answer));
        assert.equal(await colorOf(t.page), `rgb(${n}, ${n}, ${n})`);
        assert.deepEqual(t.server.requests.slice(requests), []);
    }
    assert.deepEqual([await count(t, 'link[rel=stylesheet]'), await count(t, 'style')], [1, 1]);
    // Code that holds the link holds the one in the document.
    assert.ok(await link.evaluate((each) => each.isConnected));
    assert.match(await t.page.textContent('style'), /sourceURL=http:.*\/style\.css \*\/$/);
    assert.ok(await isSamePage(t.page));
});

clientTest('a rule that the old sheet had and the new one has not is gone', async (t) => {
    await open(t);
    await push(t, '/style.css', 'i { top: 0 }');
    assert.equal(await colorOf(t.page), 'rgb(0, 0, 0)');
});

clientTest('a pushed text that code has switched off stays off when it is edited again', async (t) => {
    await open(t);
    await push(t, '/style.css', color(2));
    const setOff = (off) => t.page.locator('style').evaluate((node, value) => {
        node.sheet.disabled = value;
    }, off);
    await setOff(true);
    await push(t, '/style.css', color(3));
    assert.equal(await colorOf(t.page), 'rgb(0, 0, 0)');
    await setOff(false);
    assert.equal(await colorOf(t.page), 'rgb(3, 3, 3)');
});

clientTest('another edit of a sheet goes to each link of it, and to none that means another', async (t) => {
    await open(t);
    await push(t, '/style.css', color(2));
    await t.page.evaluate(() => {
        document.head.append(Object.assign(document.querySelector('link').cloneNode(), { id: 'two' }));
    });
    await push(t, '/style.css', color(3));
    assert.equal(await colorOf(t.page), 'rgb(3, 3, 3)');
    assert.equal(await count(t, 'style'), 2);
    t.server.set('/other.css', color(9));
    await t.page.evaluate(() => new Promise((resolve) => {
        document.querySelector('#two').remove();
        const link = document.querySelector('link');
        link.onload = resolve;
        link.href = '/other.css';
    }));
    const answer = await push(t, '/style.css', color(4));
    assert.equal(answer.mode, 'reload'); // shown nowhere
});

clientTest('a version without a text replaces both by a link', async (t) => {
    await open(t);
    await push(t, '/style.css', color(2));
    await t.server.apply([t.server.update('css', '/style.css', color(3))]);
    assert.equal(await colorOf(t.page), 'rgb(3, 3, 3)');
    assert.deepEqual([await count(t, 'link[rel=stylesheet]'), await count(t, 'style')], [1, 0]);
    await push(t, '/style.css', color(4));
    assert.equal(await colorOf(t.page), 'rgb(4, 4, 4)');
});

clientTest('the cascade and the attributes are the link\'s', async (t) => {
    t.server.set('/b.css', color(8));
    t.server.set('/index.html', `<!doctype html><html><head>
        <link rel="stylesheet" href="/style.css" media="screen" title="main">
        <link rel="stylesheet" href="/b.css" title="main"></head><body><p id="p">t</p></body></html>`);
    await t.open((vector) => '/style.css' in vector && '/b.css' in vector);

    await push(t, '/style.css', `${color(2)} #p { margin-top: 7px; }`);

    assert.equal(await colorOf(t.page), 'rgb(8, 8, 8)');
    const marginOf = () => t.page.evaluate(() => getComputedStyle(document.querySelector('#p')).marginTop);
    assert.equal(await marginOf(), '7px');
    const style = t.page.locator('style');
    assert.deepEqual([await style.getAttribute('media'), await style.getAttribute('title')],
        ['screen', 'main']);
    await t.page.evaluate(() => {
        document.querySelector('link').media = 'print';
    });
    assert.notEqual(await marginOf(), '7px');
});

for (const [name, act, expected] of [
    ['disabled', () => {
        document.querySelector('link').disabled = true;
    }, 'rgb(0, 0, 0)'],
    ['removed', () => document.querySelector('link').remove(), 'rgb(0, 0, 0)'],
    ['given another address', () => {
        document.querySelector('link').href = '/other.css';
    }, 'rgb(7, 7, 7)'],
    ['moved', () => document.body.append(document.querySelector('link')), 'rgb(2, 2, 2)']]) {
    clientTest(`a link that is ${name} by the page has its way`, async (t) => {
        await open(t);
        t.server.set('/other.css', color(7));
        await push(t, '/style.css', color(2));
        await t.page.evaluate(act);
        await t.page.waitForFunction((rgb) => !document.querySelector('style')
            && getComputedStyle(document.querySelector('#p')).color === rgb, expected);
    });
}

clientTest('a pushed text with an import is there when the import is', async (t) => {
    await open(t);
    t.server.set('/more.css', '#p { background-color: rgb(5, 5, 5); }');
    await push(t, '/style.css', `@import "/more.css"; ${color(2)}`);
    assert.equal(await t.page.evaluate(() => getComputedStyle(
        document.querySelector('#p')).backgroundColor), 'rgb(5, 5, 5)');
    assert.equal(await colorOf(t.page), 'rgb(2, 2, 2)');
    const answer = await t.server.apply([
        t.server.update('css', '/more.css', '#p { background-color: rgb(6, 6, 6); }')]);
    assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    assert.equal(await t.page.evaluate(() => getComputedStyle(
        document.querySelector('#p')).backgroundColor), 'rgb(6, 6, 6)');
});

clientTest('where inline styles are forbidden the sheet is fetched', async (t) => {
    t.server.headers = { 'Content-Security-Policy': "style-src 'self'" };
    await open(t);
    const answer = await push(t, '/style.css', color(2));
    assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    assert.equal(await colorOf(t.page), 'rgb(2, 2, 2)');
    assert.equal(await count(t, 'style'), 0);
});

clientTest('a second link to the same sheet changes too', async (t) => {
    t.server.set('/index.html', `<!doctype html><html><head></head><body><p id="p">t</p>
        <link rel="stylesheet" href="/style.css"><div id="host"></div><script>
        document.querySelector('#host').attachShadow({ mode: 'open' }).innerHTML =
            '<link rel="stylesheet" href="/style.css"><p id="p">x</p>';</script></body></html>`);
    await open(t);
    await push(t, '/style.css', color(2));
    assert.equal(await colorOf(t.page), 'rgb(2, 2, 2)');
    assert.equal(await t.page.evaluate(() => getComputedStyle(document.querySelector('#host')
        .shadowRoot.querySelector('p')).color), 'rgb(2, 2, 2)');
});
