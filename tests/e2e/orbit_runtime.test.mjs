// SPDX-License-Identifier: MIT

/*
 * examples/js-counter as a person uses it: the keyboard and the mouse of the browser, and saves of
 * each section while the cursor stands in the field.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, copyExample } from './harness.mjs';
import { edit, lineAfter, start, visit } from './steps.mjs';
import { shows } from './project.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const text = (selector) => `document.querySelector('${selector}').textContent.trim()`;
const APP = 'src/app.orbit';
const ROW = 'src/counter-row.orbit';

test('the example counts, and each section is replaced under it', async () => {
    const dir = copyExample('js-counter');
    const server = await start(dir);
    const { page, errors } = await visit(chrome, server, [`/${APP}?orbit=code`, `/${ROW}?orbit=template`]);

    assert.equal(await page.evaluate(text('.total')), '2 counters, 8 in all');
    await page.fill('.row input', '4');
    await page.click('.row button:nth-of-type(2)');
    await shows(page, text('.row span'), 'Apples: 7');
    await shows(page, text('.total'), '2 counters, 12 in all');
    await page.type('form input', 'Plums');
    await page.waitForSelector('form button:enabled'); // a form with a disabled button is not sent
    await page.keyboard.press('Enter');
    await shows(page, text('.row:nth-of-type(3) span'), 'Plums: 0');
    assert.equal(await page.inputValue('form input'), '');
    await page.keyboard.type('half a na');
    await page.keyboard.press('ArrowLeft');
    await page.evaluate(() => {
        globalThis.field = document.querySelector('form input');
        globalThis.rows = [...document.querySelectorAll('.row')];
    });

    await lineAfter(server, 'hot', () => edit(dir, APP, '<h1>{{ title }}</h1>',
        '<header><h1>{{ title }}</h1></header>\n    <h2>Fruit</h2>'));
    await shows(page, text('h2'), 'Fruit');
    await lineAfter(server, 'hot', () => edit(dir, ROW, '>-</button>', '>less</button><i>{{ step }}</i>'));
    await shows(page, text('.row i'), '4');
    await lineAfter(server, 'hot', () => edit(dir, ROW, 'gap: 0.5rem', 'gap: 7px'));
    await shows(page, 'getComputedStyle(document.querySelector(".row")).gap', '7px');
    await lineAfter(server, 'hot', () => edit(dir, APP, 'sum + each.count', 'sum + 2 * each.count'));
    await shows(page, text('.total'), '3 counters, 24 in all');

    await page.keyboard.type('m');
    assert.deepEqual(await page.evaluate(() => {
        const field = document.querySelector('form input');
        return [field === globalThis.field, field === document.activeElement, field.value,
            [...document.querySelectorAll('.row')].every((row, i) => row === globalThis.rows[i])];
    }), [true, true, 'half a nma', true]);
    await page.click('.row [aria-label=remove]');
    await shows(page, text('.row span'), 'Pears: 5');
    assert.equal(await page.evaluate('rows[0].isConnected'), false);
    assert.deepEqual(errors ?? [], []);
    await server.stop();
});
