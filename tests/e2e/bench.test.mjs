// SPDX-License-Identifier: MIT

/* What bench/measure.mjs says of painted changes is true of the page: in which frame, and at rest. */

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { openPage, painted, saveToPainted } from '../../bench/measure.mjs';
import { browser as launch } from './harness.mjs';

const TEXT = { shown: `document.querySelector('p').textContent === 'new'`,
    change: `document.querySelector('p').textContent = 'new'`, how: {} };
const STYLE = { shown: `getComputedStyle(document.querySelector('p')).color === 'rgb(2, 2, 2)'`,
    change: `document.querySelector('style').textContent = 'p { color: rgb(2, 2, 2); width: 31px; }'`,
    how: { sized: 'p' } };

let browser = null;
before(async () => {
    browser = await launch();
});
after(() => browser?.close());

/** A page that counts in `asked` who asks for frames. */
async function open(t) {
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto('data:text/html,<style>p { width: 30px; }</style><p>old</p>');
    await page.evaluate(() => {
        const ask = window.requestAnimationFrame;
        window.asked = 0;
        window.requestAnimationFrame = (step) => {
            window.asked++;
            return ask(step);
        };
    });
    return page;
}

for (const [kind, { shown, change, how }] of Object.entries({ text: TEXT, style: STYLE })) {
    test(`a ${kind} that changes in an animation frame is seen before the next one`, async (t) => {
        const page = await open(t);
        const order = await page.evaluate(`new Promise((resolve) => {
            const order = [];
            (${painted})(() => ${shown}, ${JSON.stringify(how)}).then(() => order.push('seen'));
            requestAnimationFrame(() => requestAnimationFrame(() => {
                order.push('changed');
                ${change};
                requestAnimationFrame(() => {
                    order.push('next');
                    requestAnimationFrame(() => resolve(order));
                });
            }));
        })`);
        assert.deepEqual(order, ['changed', 'seen', 'next']);
    });

    test(`nobody asks for a frame while a ${kind} is waited for`, async (t) => {
        const page = await open(t);
        const ms = await saveToPainted({ page }, shown, () => {
            page.evaluate(change);
            return performance.now();
        }, kind, how);
        assert.ok(Number.isFinite(ms));
        assert.equal(await page.evaluate('asked'), 0);
    });
}

test('a page that animates asks for frames until the change is seen', async (t) => {
    const page = await open(t);
    await saveToPainted({ page }, STYLE.shown, () => {
        page.evaluate(STYLE.change);
        return performance.now();
    }, 'style', { ...STYLE.how, animates: true });
    const asked = await page.evaluate('asked');
    assert.ok(asked > 1);
    await page.evaluate(() => new Promise(requestAnimationFrame));
    assert.equal(await page.evaluate('asked'), asked + 1);
});

test('a page that is loaded again gives no time', async (t) => {
    const page = await open(t);
    let reloaded;
    await assert.rejects(saveToPainted({ page }, TEXT.shown, () => {
        reloaded = page.reload();
        return performance.now();
    }, 'text'));
    await reloaded;
});

test('each load of a page tells of its text', async (t) => {
    let n = 0;
    const server = http.createServer((req, res) => {
        n += req.url === '/'; // an icon may be asked for, too
        res.setHeader('content-type', 'text/html');
        res.end(`<!doctype html><p id="text"></p>
            <script type="module">document.querySelector('#text').textContent = 'text ${n}'</script>`);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const { context, page, shown } = await openPage(browser, server.address());
    t.after(() => context.close());
    const told = (text) => new Promise((resolve) => {
        shown.wake = () => shown.text === text && resolve();
        shown.wake();
    });
    await told('text 1');
    const { at } = shown;
    await page.reload();
    await told('text 2');
    assert.ok(shown.at > at);
});
