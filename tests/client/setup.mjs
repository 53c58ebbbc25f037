// SPDX-License-Identifier: MIT

/* One browser per test file, one server and one page per test, all gone afterwards. */

import { after, before, test } from 'node:test';
import { FakeServer } from './fake_server.mjs';
import { WATCHDOG_MS, browser as launch } from '../e2e/harness.mjs';

let browser = null;
before(async () => {
    browser = await launch();
});
after(() => browser?.close());

export const PAGE = `<!doctype html><html><head><title>t</title>
<link rel="stylesheet" href="/style.css"></head>
<body><p id="p">text</p><script src="/app.js"></script></body></html>`;

/** A test with { server, page, open, errors }; `open` loads the page and waits for its vector. */
export function clientTest(name, run) {
    test(name, { timeout: 180000 }, async () => {
        const server = await new FakeServer().start();
        const context = await browser.newContext({ serviceWorkers: 'block' });
        context.setDefaultTimeout(WATCHDOG_MS);
        const page = await context.newPage();
        const errors = [];
        page.on('pageerror', (error) => errors.push(error));
        server.set('/index.html', PAGE);
        server.set('/style.css', '#p { color: rgb(1, 1, 1); }');
        server.set('/app.js', 'window.app = 1;');
        const open = async (until = (vector) => '/' in vector) => {
            await page.goto(server.url);
            await server.untilVector(until);
            await page.evaluate(() => {
                window.__marker = true;
            });
        };
        try {
            await run({ server, page, context, open, errors });
        } finally {
            await context.close();
            await server.stop();
        }
    });
}

export const colorOf = (page, selector = '#p') =>
    page.evaluate((s) => getComputedStyle(document.querySelector(s)).color, selector);

export const isSamePage = (page) => page.evaluate(() => window.__marker === true);

export const badge = (page) => page.locator('orbiton-badge .badge');

const PASSING = ['updated', 'reloaded']; // they may have gone by the time that somebody looks

/** Waits until the badge is in the state, or has last been; its text. */
export async function badgeText(page, state) {
    const shown = PASSING.includes(state) ? '' : ':not([hidden])';
    await page.locator(`orbiton-badge .badge[data-state="${state}"]${shown}`)
        .waitFor({ state: 'attached' });
    return page.locator('orbiton-badge .text').textContent();
}

const PARTS = ['session', 'asset', 'badge', 'capsule', 'document', 'hot', 'imported', 'message', 'morph', 'origin',
    'overlay', 'preflight', 'pushed', 'reload', 'style', 'transaction'];

/** The client's other parts come with the server's first word; then it asks for nothing more. */
export const sessionLoaded = (t) => t.page.waitForFunction((parts) => parts.every(
    (name) => performance.getEntriesByType('resource').some(
        (entry) => entry.name.endsWith(`/__orbit/${name}.js`))), PARTS);
