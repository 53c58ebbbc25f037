// SPDX-License-Identifier: MIT

/* Transactions that no swap can apply: the page's handler, and the reload with its reason. */

import assert from 'node:assert/strict';
import { badge, badgeText, clientTest, colorOf, isSamePage } from './setup.mjs';

const register = (page, body) => page.evaluate((text) => {
    window.calls = window.calls || [];
    window.__ORBIT_REGISTER_HMR_HANDLER(new Function('modules', text));
}, body);

const appChange = (server, text = 'window.app = 2;') => server.update('js', '/app.js', text);

async function openWith(t, body) {
    await t.open((vector) => '/app.js' in vector && '/style.css' in vector);
    if (body) {
        await register(t.page, body);
    }
}

clientTest('a handler gets the names of what no swap has applied, once', async (t) => {
    await openWith(t, 'window.calls.push(modules)');

    const answer = await t.server.apply([
        t.server.update('css', '/style.css', '#p { color: rgb(2, 2, 2); }'), appChange(t.server)]);

    assert.equal(answer.mode, 'handler');
    assert.equal(answer.ok, true);
    assert.deepEqual(await t.page.evaluate(() => window.calls), [['app.js']]);
    assert.equal(await colorOf(t.page), 'rgb(2, 2, 2)');
    assert.ok(await isSamePage(t.page));
});

clientTest('a promise of a handler is waited for, and transactions keep their order', async (t) => {
    await openWith(t, `return new Promise((resolve) => { window.calls.push('start');
        window.finish = () => { window.calls.push('end'); resolve(); }; })`);

    const first = t.server.apply([appChange(t.server, '2')]);
    const second = t.server.apply([appChange(t.server, '3')]);
    await t.page.waitForFunction(() => window.finish);
    await t.page.evaluate(() => {
        const { finish } = window;
        window.finish = null;
        finish();
    });
    assert.equal((await first).mode, 'handler');
    await t.page.waitForFunction(() => window.finish);
    await t.page.evaluate(() => window.finish());
    assert.equal((await second).mode, 'handler');

    assert.deepEqual(await t.page.evaluate(() => window.calls), ['start', 'end', 'start', 'end']);
});

for (const [name, body] of [['throws', 'throw new Error("no way")'],
    ['rejects', 'return Promise.reject(new Error("no way"))']]) {
    clientTest(`a handler that ${name} means a reload, which says why`, async (t) => {
        await openWith(t, body);

        const answer = await t.server.apply([appChange(t.server)]);

        assert.equal(answer.mode, 'reload');
        assert.equal(answer.ok, true);
        assert.match(answer.reason, /no way/);
        assert.match(await badgeText(t.page, 'reloaded'), /the handler failed: no way/);
        assert.equal(await isSamePage(t.page), false);
        assert.equal(await t.page.evaluate(() => window.app), 2);
    });
}

clientTest('without a handler the page reloads and says why', async (t) => {
    await openWith(t);

    const answer = await t.server.apply([appChange(t.server)]);

    assert.equal(answer.mode, 'reload');
    assert.match(await badgeText(t.page, 'reloaded'), /app\.js changed, no handler is registered/);
    assert.equal(await isSamePage(t.page), false);
});

clientTest('the last handler stands, null takes it back, nonsense is refused', async (t) => {
    await openWith(t, 'window.calls.push("first")');
    await register(t.page, 'window.calls.push("second")');
    await t.page.evaluate(() => window.__ORBIT_REGISTER_HMR_HANDLER('nonsense'));

    await t.server.apply([appChange(t.server)]);
    assert.deepEqual(await t.page.evaluate(() => window.calls), ['second']);

    await t.page.evaluate(() => window.__ORBIT_REGISTER_HMR_HANDLER(null));
    const answer = await t.server.apply([appChange(t.server, '3')]);
    assert.equal(answer.mode, 'reload');
    assert.deepEqual(t.errors, []);
});

clientTest('a handler that never ends gives a notice, and later saves go on', async (t) => {
    await t.page.clock.install();
    await openWith(t, `window.calls.push(1);
        return window.calls.length > 1 ? 0 : new Promise(() => {})`);
    await t.page.clock.runFor(1000);

    const pending = t.server.apply([appChange(t.server)]);
    await t.page.waitForFunction(() => window.calls.length === 1);
    await t.page.clock.runFor(11000);
    const answer = await pending;

    assert.equal(answer.ok, false);
    assert.equal(answer.mode, 'failed');
    assert.match(await badgeText(t.page, 'notice'), /not finished after 10 s/);
    assert.ok(await isSamePage(t.page));
    const next = t.server.apply([appChange(t.server, '3')]);
    await t.page.waitForFunction(() => window.calls.length === 2);
    await t.page.clock.runFor(1000);
    assert.equal((await next).mode, 'handler');
});

clientTest('the own document reloads where its old text is lost; the message reload does', async (t) => {
    await openWith(t, '');
    const html = t.server.files.get('/index.html').replace('text', 'other');

    t.server.texts.clear();
    const update = t.server.update('html', '/index.html', html);
    const first = await t.server.apply([{ ...update, url: '/' }]);
    assert.equal(first.mode, 'reload');
    assert.match(await badgeText(t.page, 'reloaded'), /index\.html changed/);
    assert.equal(await t.page.textContent('#p'), 'other');

    await t.page.evaluate(() => {
        window.__marker = true;
    });
    t.server.seq = 9;
    t.server.send({ type: 'reload', seq: 9, reason: 'asked for', chain: ['a.js', 'b.js'] });
    await t.server.applied(9);
    assert.equal(await isSamePage(t.page), false);
    assert.match(await badgeText(t.page, 'reloaded'), /asked for \(a\.js → b\.js\)/);
});

clientTest('a reload that is asked for is done each time, also with hotOnly', async (t) => {
    t.server.config.hotOnly = true;
    await openWith(t);
    for (let n = 0; n < 3; n++) {
        const loaded = t.page.waitForEvent('load');
        t.server.send({ type: 'reload', seq: 9, reason: 'asked for', force: true });
        await loaded;
        await t.server.until((each) => each.type === 'register' && each.page === n + 2);
    }
});

/** From now on the page's long waits are over at once; four frames later it asks for /hurried. */
const hurry = (page) => page.evaluate(() => {
    const real = window.setTimeout;
    const frame = (n) => (n > 0 ? requestAnimationFrame(() => frame(n - 1)) : fetch('/hurried'));
    window.setTimeout = (step, ms, ...more) => {
        if (ms !== 5000) {
            return real(step, ms, ...more);
        }
        return real(() => {
            step();
            frame(4);
        });
    };
});

clientTest('a page whose server takes long has not refused to reload', async (t) => {
    await openWith(t, '');
    let release;
    const held = new Promise((resolve) => {
        release = resolve;
    });
    t.server.hold = (path) => (path === '/' ? held : null);
    await hurry(t.page);
    t.server.seq = 9;
    t.server.send({ type: 'reload', seq: 9, reason: 'asked for' });
    await t.server.untilRequest((each) => each === 'GET /hurried');
    release();

    assert.equal((await t.server.applied(9)).mode, 'reload');
});

clientTest('a page whose beforeunload refuses stays, and says so', async (t) => {
    await openWith(t, '');
    await t.page.evaluate(() => window.addEventListener('beforeunload', (event) => event.preventDefault()));
    await t.page.click('#p'); // a page that nobody has touched may not ask
    t.page.on('dialog', (dialog) => dialog.dismiss());
    await hurry(t.page);
    t.server.seq = 9;
    t.server.send({ type: 'reload', seq: 9, reason: 'asked for' });
    const answer = await t.server.applied(9);

    assert.equal(answer.error, 'the page did not reload');
    assert.ok(await isSamePage(t.page));
});

clientTest('a reload that does not help is not done again', async (t) => {
    await openWith(t);
    const update = appChange(t.server);
    assert.equal((await t.server.apply([update])).mode, 'reload');
    await t.page.evaluate(() => {
        window.__marker = true;
    });

    const answer = await t.server.apply([update]);

    assert.equal(answer.mode, 'failed');
    assert.match(await badgeText(t.page, 'failed'), /did not help/);
    assert.ok(await isSamePage(t.page));
});

clientTest('with hotOnly a reload is offered, styles change, and a click does it', async (t) => {
    t.server.config.hotOnly = true;
    await openWith(t);

    const answer = await t.server.apply([
        t.server.update('css', '/style.css', '#p { color: rgb(2, 2, 2); }'), appChange(t.server)]);

    assert.equal(answer.mode, 'held');
    assert.equal(answer.ok, false);
    assert.equal(await colorOf(t.page), 'rgb(2, 2, 2)');
    assert.match(await badgeText(t.page, 'held'), /a reload is needed: app\.js changed/);
    assert.ok(await isSamePage(t.page));
    const loaded = t.page.waitForEvent('load');
    await badge(t.page).getByRole('button', { name: 'Reload' }).click();
    await loaded;
    assert.equal(await isSamePage(t.page), false);
});

clientTest('fields, focus and scroll outlive a reload; secrets are not kept', async (t) => {
    t.server.set('/index.html', `<!doctype html><html><head></head><body>
        <input id="a"><input type="password" id="secret"><input type="checkbox" name="c">
        <select id="s"><option>1</option><option>2</option></select><textarea></textarea>
        <details id="d"><summary>s</summary>x</details><div style="height: 5000px"></div>
        <div class="box" style="height: 50px; overflow: auto"><p style="height: 500px"></p></div>
        <dialog>d<button id="in">b</button></dialog>
        <script src="/app.js"></script></body></html>`);
    await t.open((vector) => '/app.js' in vector);
    await t.page.fill('textarea', 'long text');
    await t.page.fill('#secret', 'secret');
    await t.page.check('[name=c]');
    await t.page.selectOption('#s', '2');
    await t.page.fill('#a', 'typed');
    await t.page.evaluate(() => {
        document.querySelector('#d').open = true;
        document.querySelector('#a').setSelectionRange(1, 3);
        document.querySelector('.box').scrollTop = 77;
        document.querySelector('dialog').show();
        document.querySelector('#a').focus();
        window.scrollTo(0, 1234);
        window.addEventListener('pagehide', () => {
            sessionStorage.copy = JSON.stringify({ ...sessionStorage });
        });
    });

    assert.equal((await t.server.apply([appChange(t.server)])).mode, 'reload');
    await t.page.waitForLoadState(); // what was not there before is put back now

    const state = await t.page.evaluate(() => {
        const get = (selector) => document.querySelector(selector);
        const a = get('#a');
        return [a.value, a.selectionStart, a.selectionEnd, document.activeElement.id,
            get('[name=c]').checked, get('#s').value, get('textarea').value, get('#d').open,
            Math.round(window.scrollY), get('.box').scrollTop, get('dialog').open, sessionStorage.copy.includes('"secret"')];
    });
    assert.deepEqual(state, ['typed', 1, 3, 'a', true, '2', 'long text', true, 1234, 77, true,
        false]);
});
