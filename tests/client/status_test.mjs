// SPDX-License-Identifier: MIT

/* The badge and the overlay. */

import assert from 'node:assert/strict';
import { badge, badgeText, clientTest } from './setup.mjs';

const ERROR = {
    severity: 'error',
    path: 'src/main.rs',
    line: 3,
    col: 7,
    code: 'E0308',
    text: 'mismatched <img src=x onerror="window.hacked = 1"> types',
    hint: 'try this',
    frame: '  2 | let a;\n> 3 | let b: u8 = "";\n    |       ^',
};
const overlay = (page) => page.locator('orbiton-overlay dialog');
const gone = (page) => page.locator('orbiton-overlay').waitFor({ state: 'detached' });

clientTest('the overlay shows each error as text, with its place, frame and hint', async (t) => {
    await t.open();
    t.server.send({ type: 'error', diagnostics: [ERROR, { severity: 'warning', text: 'unused' }] });
    await overlay(t.page).waitFor();

    assert.equal(await overlay(t.page).locator('h1').textContent(), '1 error');
    const item = overlay(t.page).locator('.item').first();
    assert.equal(await item.locator('.place').textContent(), 'src/main.rs:3:7');
    assert.equal(await item.locator('pre').textContent(), ERROR.frame);
    assert.match(await item.locator('.text').textContent(), /^error E0308 mismatched <img src=x/);
    assert.equal(await item.locator('.hint').textContent(), 'try this');
    assert.equal(await overlay(t.page).locator('.item').count(), 2);
    assert.equal(await overlay(t.page).locator('img').count(), 0);
    assert.equal(await t.page.evaluate(() => window.hacked), undefined);

    await item.locator('.place').click();
    const opened = await t.server.until((each) => each.type === 'opened');
    assert.equal(opened.file, 'src/main.rs:3:7');
});

clientTest('closed with Esc it stays closed until the errors change', async (t) => {
    t.server.set('/app.js', 'document.body.append(document.createElement("input"))');
    await t.open((vector) => '/app.js' in vector);
    await t.page.focus('input');
    t.server.send({ type: 'error', diagnostics: [ERROR] });
    await overlay(t.page).waitFor();
    assert.equal(await t.page.evaluate(() => document.activeElement.localName), 'orbiton-overlay');

    await t.page.keyboard.press('Escape');
    await gone(t.page);
    assert.equal(await t.page.evaluate(() => document.activeElement.localName), 'input');

    t.server.send({ type: 'error', diagnostics: [ERROR] });
    assert.match(await badgeText(t.page, 'failed'), /src\/main\.rs:3:7: mismatched/);
    assert.equal(await t.page.locator('orbiton-overlay').count(), 0);

    t.server.send({ type: 'error', diagnostics: [{ ...ERROR, line: 4 }] });
    await overlay(t.page).waitFor();
    await t.page.keyboard.press('Escape');
    await gone(t.page);
    await badge(t.page).getByRole('button', { name: 'Show' }).click();
    await overlay(t.page).waitFor();
});

for (const end of [{ type: 'clear' }, { type: 'rebuild', status: 'completed', ms: 5 }]) {
    clientTest(`the overlay goes by itself: ${end.type}`, async (t) => {
        await t.open();
        t.server.send({ type: 'rebuild', status: 'started' });
        assert.match(await badgeText(t.page, 'rebuilding'), /rebuilding/);
        t.server.send({ type: 'rebuild', status: 'failed', ms: 3, diagnostics: [ERROR] });
        await overlay(t.page).waitFor();

        t.server.send(end);
        await gone(t.page);
        await badge(t.page).waitFor({ state: 'hidden' });

        // The same error is news after a good state.
        t.server.send({ type: 'error', diagnostics: [ERROR] });
        await overlay(t.page).waitFor();
    });
}

clientTest('cleared and broken again in one breath, it is open', async (t) => {
    await t.open();
    t.server.send({ type: 'error', diagnostics: [ERROR] });
    await overlay(t.page).waitFor();

    t.server.send({ type: 'clear' });
    t.server.send({ type: 'error', diagnostics: [{ ...ERROR, text: 'second' }] });

    await overlay(t.page).getByText('second').waitFor();
    assert.equal(await overlay(t.page).evaluate((each) => each.open), true);
});

clientTest('badge and overlay can be switched off', async (t) => {
    t.server.config.badge = false;
    t.server.config.overlay = false;
    await t.open((vector) => '/style.css' in vector);
    t.server.send({ type: 'rebuild', status: 'started' });
    t.server.send({ type: 'error', diagnostics: [ERROR] });

    const answer = await t.server.apply([t.server.update('css', '/style.css', '#p { top: 1px }')]);

    assert.equal(answer.ok, true);
    assert.equal(await t.page.locator('orbiton-badge, orbiton-overlay').count(), 0);
});

clientTest('an overlay that is open goes when a new configuration switches it off', async (t) => {
    await t.open();
    t.server.send({ type: 'error', diagnostics: [ERROR] });
    await overlay(t.page).waitFor();

    t.server.send({ type: 'config', config: { hotOnly: false, badge: true, overlay: false } });
    await gone(t.page);
    assert.match(await badgeText(t.page, 'failed'), /src\/main\.rs:3:7/);
});

clientTest('the badge is a status line that no rule of the page reaches or feels', async (t) => {
    t.server.set('/style.css', `
        * { display: none !important; color: red !important; z-index: 0 !important }
        html, body, p { display: block !important }`);
    await t.open((vector) => '/style.css' in vector);
    const height = await t.page.evaluate(() => document.documentElement.scrollHeight);
    t.server.send({ type: 'rebuild', status: 'started' });
    await badgeText(t.page, 'rebuilding');

    assert.equal(await badge(t.page).getAttribute('role'), 'status');
    assert.ok(await badge(t.page).isVisible());
    const seen = await t.page.evaluate(() => {
        const host = document.querySelector('orbiton-badge');
        const style = getComputedStyle(host);
        return [style.zIndex, style.display, document.documentElement.scrollHeight,
            getComputedStyle(host.shadowRoot.querySelector('.text')).color];
    });
    assert.deepEqual(seen.slice(0, 3), ['2147483647', 'block', height]);
    assert.notEqual(seen[3], 'rgb(255, 0, 0)');
});
