// SPDX-License-Identifier: MIT

/* Stylesheets and images under a running page, in a real browser. */

import assert from 'node:assert/strict';
import { clientTest, colorOf, isSamePage } from './setup.mjs';
import { hashOf } from './fake_server.mjs';

const svg = (color) => '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8">'
    + `<rect width="8" height="8" fill="${color}"/></svg>`;

clientTest('a changed stylesheet is swapped without a reload and acknowledged', async (t) => {
    await t.open((vector) => '/style.css' in vector);

    const update = t.server.update('css', '/style.css', '#p { color: rgb(2, 2, 2); }');
    const answer = await t.server.apply([update]);

    assert.equal(answer.ok, true, JSON.stringify(answer));
    assert.equal(answer.mode, 'hot');
    assert.ok(answer.ms.apply >= 0 && answer.ms.paint >= answer.ms.apply);
    assert.equal(await colorOf(t.page), 'rgb(2, 2, 2)');
    assert.equal(await t.page.locator('link[rel=stylesheet]').count(), 1);
    assert.ok(await isSamePage(t.page));
});

clientTest('the cascade keeps its order, and attributes stay', async (t) => {
    t.server.set('/a.css', '#p { color: rgb(1, 0, 0); }');
    t.server.set('/b.css', '#p { color: rgb(2, 0, 0); }');
    t.server.set('/index.html', `<!doctype html><html><head>
        <link id="a" rel="stylesheet" href="a.css?theme=x" media="all" data-x="1">
        <link rel="stylesheet" href="b.css"></head><body><p id="p">t</p></body></html>`);
    await t.open((vector) => '/a.css?theme=x' in vector && '/b.css' in vector);

    const update = t.server.update('css', '/a.css', '#p { color: rgb(9, 0, 0); margin: 7px; }');
    await t.server.apply([{ ...update, url: '/a.css?theme=x' }]);

    assert.equal(await colorOf(t.page), 'rgb(2, 0, 0)');
    const [link, margin] = await t.page.evaluate(() => {
        const a = document.querySelector('#a');
        return [[a.media, a.dataset.x, a.getAttribute('href')],
            getComputedStyle(document.querySelector('#p')).marginTop];
    });
    assert.equal(margin, '7px');
    assert.deepEqual(link, ['all', '1', `a.css?theme=x&v=${update.hash}`]);
});

clientTest('a sheet behind @import is swapped, at any depth', async (t) => {
    t.server.set('/style.css', '@import "css/one.css";');
    t.server.set('/css/one.css', '@layer low, high; @import "two.css"; #p { margin: 0; }');
    t.server.set('/css/two.css', '#p { color: rgb(1, 1, 1); }');
    await t.open((vector) => '/css/two.css' in vector);

    for (const n of [2, 3, 1]) {
        const color = `rgb(${n}, ${n}, ${n})`;
        const update = t.server.update('css', '/css/two.css', `#p { color: ${color}; }`);
        const answer = await t.server.apply([update]);
        assert.equal(answer.mode, 'hot');
        assert.equal(await colorOf(t.page), color);
    }
    assert.ok(await isSamePage(t.page));
});

clientTest('an @import in a <style> is swapped', async (t) => {
    t.server.set('/index.html', `<!doctype html><html><head><style>@import "/t.css";</style>
        </head><body><p id="p">t</p></body></html>`);
    t.server.set('/t.css', '#p { color: rgb(1, 1, 1); }');
    await t.open((vector) => '/t.css' in vector);

    const update = t.server.update('css', '/t.css', '#p { color: rgb(2, 2, 2); }');
    const answer = await t.server.apply([update]);

    assert.equal(answer.mode, 'hot');
    assert.equal(await colorOf(t.page), 'rgb(2, 2, 2)');
    assert.equal(await t.page.locator('style').count(), 1);
});

clientTest('two sheets of one transaction change in the same frame, without a flash', async (t) => {
    t.server.set('/b.css', '#p { background-color: rgb(1, 1, 1); }');
    t.server.set('/index.html', `<!doctype html><html><head>
        <link rel="stylesheet" href="/style.css"><link rel="stylesheet" href="/b.css">
        </head><body><p id="p">t</p></body></html>`);
    await t.open((vector) => '/b.css' in vector && '/style.css' in vector);
    await t.page.evaluate(() => {
        window.seen = new Set();
        const look = () => {
            const { color, backgroundColor } = getComputedStyle(document.querySelector('#p'));
            window.seen.add(`${color} on ${backgroundColor}`);
            requestAnimationFrame(look);
        };
        look();
    });
    // The second sheet is answered only when the first has arrived and frames have passed.
    let release;
    const held = new Promise((resolve) => {
        release = resolve;
    });
    t.server.hold = (path) => (path.startsWith('/b.css?v=') ? held : null);

    const answer = t.server.apply([
        t.server.update('css', '/style.css', '#p { color: rgb(2, 2, 2); }'),
        t.server.update('css', '/b.css', '#p { background-color: rgb(2, 2, 2); }'),
    ]);
    await t.server.untilRequest((each) => each.startsWith('GET /b.css?v='));
    await t.page.evaluate(async () => {
        for (let frames = 0; frames < 10; frames++) {
            await new Promise(requestAnimationFrame);
        }
    });
    release();
    assert.equal((await answer).ok, true);

    const seen = await t.page.evaluate(() => [...window.seen]);
    assert.deepEqual(seen, ['rgb(1, 1, 1) on rgb(1, 1, 1)', 'rgb(2, 2, 2) on rgb(2, 2, 2)']);
});

clientTest('a deleted sheet loses its effect, and a new one gets it back', async (t) => {
    await t.open((vector) => '/style.css' in vector);
    t.server.files.delete('/style.css');
    const gone = { type: 'css', url: '/style.css', path: 'style.css', module: 'style.css' };

    const first = await t.server.apply([{ ...gone, hash: '', deleted: true }]);
    assert.equal(first.mode, 'hot');
    assert.equal(await colorOf(t.page), 'rgb(0, 0, 0)');

    await t.server.apply([t.server.update('css', '/style.css', '#p { color: rgb(4, 4, 4); }')]);
    assert.equal(await colorOf(t.page), 'rgb(4, 4, 4)');
    assert.equal(await t.page.locator('link[rel=stylesheet]').count(), 1);
    assert.ok(await isSamePage(t.page));
});

clientTest('a sheet that cannot be loaded leaves the page as it was', async (t) => {
    await t.open((vector) => '/style.css' in vector);
    t.server.files.delete('/style.css');

    const answer = await t.server.apply([{ type: 'css', url: '/style.css', path: 'style.css',
        module: 'style.css', hash: hashOf('never served') }]);

    assert.equal(answer.ok, false);
    assert.equal(answer.mode, 'failed');
    assert.match(answer.error, /style\.css could not be loaded/);
    assert.equal(await colorOf(t.page), 'rgb(1, 1, 1)');
    assert.equal(await t.page.locator('link[rel=stylesheet]').count(), 1);
});

clientTest('the vector tells what was really served, not what was announced', async (t) => {
    await t.open((vector) => '/style.css' in vector);
    const announced = hashOf('older');
    const served = t.server.set('/style.css', '#p { color: rgb(5, 5, 5); }');

    await t.server.apply([{ type: 'css', url: '/style.css', path: 'style.css', module: 'style.css',
        hash: announced }]);

    await t.server.untilVector((vector) => vector['/style.css'] === served);
});

clientTest('a sheet in a shadow root is found', async (t) => {
    t.server.set('/app.js', `const host = document.createElement('div'); host.id = 'host';
        host.attachShadow({ mode: 'open' }).innerHTML =
            '<link rel="stylesheet" href="/in.css"><b>x</b>';
        document.body.append(host);`);
    t.server.set('/in.css', 'b { color: rgb(1, 1, 1); }');
    await t.open((vector) => '/in.css' in vector);

    const update = t.server.update('css', '/in.css', 'b { color: rgb(3, 3, 3); }');
    const answer = await t.server.apply([update]);

    assert.equal(answer.mode, 'hot');
    assert.equal(await t.page.evaluate(() => getComputedStyle(
        document.querySelector('#host').shadowRoot.querySelector('b')).color), 'rgb(3, 3, 3)');
});

clientTest('images are swapped wherever they are shown', async (t) => {
    t.server.set('/a.svg', svg('red'));
    t.server.set('/style.css', '#box { background-image: url("a.svg"); width: 8px; height: 8px }');
    t.server.set('/index.html', `<!doctype html><html><head>
        <link rel="icon" href="/a.svg"><link rel="stylesheet" href="/style.css"></head><body>
        <img id="one" src="a.svg"><img id="two" srcset="/other.svg 1x, /a.svg 2x">
        <svg><image id="three" href="a.svg"/><use id="four" href="a.svg#x"/></svg>
        <video id="five" poster="/a.svg"></video><i id="six" style="background: url(a.svg)"></i>
        <div id="box"></div></body></html>`);
    t.server.set('/other.svg', svg('blue'));
    await t.open((vector) => '/a.svg' in vector && '/style.css' in vector);

    const update = t.server.update('asset', '/a.svg', svg('lime'));
    const answer = await t.server.apply([update]);

    assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    const v = `?v=${update.hash}`;
    const found = await t.page.evaluate(() => {
        const get = (id, name) => document.getElementById(id).getAttribute(name);
        return [get('one', 'src'), get('two', 'srcset'), get('three', 'href'), get('four', 'href'),
            get('five', 'poster'), document.getElementById('six').style.backgroundImage,
            document.querySelector('link[rel=icon]').getAttribute('href')];
    });
    assert.deepEqual(found, [`a.svg${v}`, `/other.svg 1x, /a.svg${v} 2x`, `a.svg${v}`,
        `a.svg${v}#x`, `/a.svg${v}`, `url("a.svg${v}")`, `/a.svg${v}`]);
    assert.ok(await isSamePage(t.page));
});

clientTest('a background image is shown anew, again and again', async (t) => {
    t.server.set('/a.svg', svg('red'));
    t.server.set('/style.css', '#p { background: url("a.svg"); width: 8px; height: 8px; '
        + 'font-size: 0 }');
    await t.open((vector) => '/a.svg' in vector);
    const p = t.page.locator('#p');
    const pictures = [await p.screenshot()];

    for (const color of ['lime', 'blue', 'red']) {
        const answer = await t.server.apply([t.server.update('asset', '/a.svg', svg(color))]);
        assert.equal(answer.mode, 'hot');
        pictures.push(await p.screenshot());
    }

    const different = new Set(pictures.map((each) => each.toString('base64')));
    assert.equal(different.size, 3);
    assert.deepEqual(pictures[0], pictures[3]);
});

clientTest('of many quick changes of a sheet the last one stands', async (t) => {
    await t.open((vector) => '/style.css' in vector);
    const answers = [];
    for (let n = 1; n <= 30; n++) {
        answers.push(t.server.apply([
            t.server.update('css', '/style.css', `#p { color: rgb(${n}, 0, 0); }`)]));
    }

    for (const answer of await Promise.all(answers)) {
        assert.equal(answer.ok, true);
    }
    assert.equal(await colorOf(t.page), 'rgb(30, 0, 0)');
    assert.equal(await t.page.locator('link[rel=stylesheet]').count(), 1);
});
