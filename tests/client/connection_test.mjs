// SPDX-License-Identifier: MIT

/* What a page says of itself, and that it comes back whatever happens to the connection. */

import assert from 'node:assert/strict';
import { badgeText, clientTest, colorOf, isSamePage, sessionLoaded } from './setup.mjs';
import { hashOf } from './fake_server.mjs';

clientTest('the page registers what it has loaded, with its versions', async (t) => {
    t.server.set('/index.html', `<!doctype html><html><head>
        <link rel="stylesheet" href="/style.css">
        <script type="importmap">{"imports": {"m": "/m.js"}}</script>
        <script type="module">import 'm';</script></head>
        <body><iframe src="/frame.html"></iframe><img src="/none.svg?x=1#y"></body></html>`);
    t.server.set('/m.js', 'window.m = 1; fetch("/data.json");');
    t.server.set('/data.json', '{}');
    t.server.set('/frame.html', '<!doctype html><p>frame</p>');

    await t.open((vector) => '/data.json' in vector && '/none.svg?x=1' in vector);

    const first = t.server.messages[0];
    assert.equal(first.type, 'register');
    assert.equal(first.url, '/');
    assert.equal(first.epoch, 'epoch-1');
    assert.equal(first.seq, 1);
    const vector = { ...t.server.vector };
    delete vector['/favicon.ico'];
    const text = (name) => hashOf(t.server.files.get(name));
    assert.deepEqual(vector, {
        '/': text('/index.html'),
        '/style.css': text('/style.css'),
        '/m.js': text('/m.js'),
        '/data.json': text('/data.json'),
        '/none.svg?x=1': 'missing',
    });
    const ages = Object.assign({}, ...t.server.messages.map((each) => each.ages));
    assert.equal(ages['/m.js'], 1);
    // The import map was taken although the client came first.
    assert.equal(await t.page.evaluate(() => window.m), 1);
    assert.deepEqual(t.errors, []);
});

clientTest('the page says that it has been loaded, once on each connection', async (t) => {
    const complete = (page) => t.server.messages.filter((each) => each.complete && each.page === page).length;
    t.server.set('/index.html', `<!doctype html><html><head></head><body>
        <script type="module" src="/app.js"></script></body></html>`);
    t.server.set('/app.js', "import '/late.js';");
    t.server.set('/late.js', '');
    t.server.set('/data.json', '{}');
    let go;
    const late = new Promise((resolve) => {
        go = resolve;
    });
    t.server.hold = (url) => (url === '/late.js' ? late : null);
    await t.page.goto(t.server.url, { waitUntil: 'commit' });
    await t.server.untilVector((vector) => '/app.js' in vector);
    assert.equal(complete(1), 0);
    go();
    await t.server.until((each) => each.complete);
    await t.page.evaluate(() => fetch('/data.json'));
    await t.server.untilVector((vector) => '/data.json' in vector);
    assert.equal(complete(1), 1);
    t.server.dropPages();
    await t.server.until((each) => each.complete && each.page === 2);
    assert.equal(complete(1), 1);
    assert.equal(complete(2), 1);
});

clientTest('a large vector is sent in parts', async (t) => {
    const names = Array.from({ length: 450 }, (_, n) => `/i${n}.json`);
    names.forEach((name) => t.server.set(name, name));
    t.server.set('/app.js', `window.all = Promise.all(Array.from({ length: 450 },
        (_, n) => fetch('/i' + n + '.json')));`);
    await t.open((vector) => names.every((name) => name in vector));
    const before = t.server.messages.length;

    t.server.dropPages();
    await t.server.until((each) => each.type === 'register' && !each.more && each.page === 2);

    const parts = t.server.messages.slice(before).filter((each) => each.type === 'register');
    assert.equal(parts[0].more, true);
    assert.ok(parts.every((each) => Object.keys(each.loaded).length <= 400));
    const all = Object.assign({}, ...parts.map((each) => each.loaded));
    assert.ok(names.every((name) => all[name] === hashOf(name)));
});

clientTest('no message is too long for the server, whatever the names', async (t) => {
    const folder = `${'d'.repeat(120)}/${'e'.repeat(120)}`;
    const names = Array.from({ length: 450 }, (_, n) => `/${folder}/i${n}.js`);
    names.forEach((name) => t.server.set(name, ''));
    t.server.set('/index.html', `<!doctype html><html><head></head><body>
        <script type="module" src="/main.js"></script></body></html>`);
    t.server.set('/main.js', `for (let n = 0; n < 450; n++) { const name = './${folder}/i' + n + '.js';
        import(name); }
        import.meta.hot.accept(${JSON.stringify(names.map((name) => `.${name}`))});`);
    await t.open((vector) => names.every((name) => name in vector));
    const before = t.server.messages.length;

    t.server.dropPages();
    await t.server.until((each) => each.type === 'register' && !each.more && each.page === 2);

    const parts = t.server.messages.slice(before).filter((each) => each.type === 'register');
    const edges = parts.flatMap((each) => each.edges?.['/main.js'] ?? []);
    assert.deepEqual([...edges].sort(), [...names].sort());
    assert.ok(names.every((name) => parts.some((each) => name in each.loaded)));
    parts.forEach((each) => assert.ok(JSON.stringify(each).length < 64 * 1024));
});

clientTest('on an insecure origin versions are left empty', async (t) => {
    await t.context.addInitScript(() => {
        delete PerformanceResourceTiming.prototype.serverTiming;
    });
    await t.open((vector) => '/app.js' in vector);

    assert.equal(t.server.vector['/'], '');
    assert.equal(t.server.vector['/style.css'], '');
    const update = t.server.update('css', '/style.css', '#p { color: rgb(2, 2, 2); }');
    await t.server.apply([update]);
    t.server.dropPages();
    const again = await t.server.until((each) => each.type === 'register' && each.page === 2);
    assert.equal(again.loaded['/style.css'], update.hash);
});

clientTest('a lost connection comes back, says everything, and reloads nothing', async (t) => {
    await t.open((vector) => '/app.js' in vector);

    t.server.dropPages();
    const again = await t.server.until((each) => each.type === 'register' && each.page === 2);

    assert.ok('/style.css' in again.loaded && '/' in again.loaded && '/app.js' in again.loaded);
    assert.ok(!('/app.js' in again.ages), 'told once');
    await t.server.apply([t.server.update('css', '/style.css', '#p { color: rgb(7, 7, 7); }')]);
    assert.equal(await colorOf(t.page), 'rgb(7, 7, 7)');
    assert.ok(await isSamePage(t.page));
});

clientTest('a restarted server is found again, with its new token', async (t) => {
    await t.open((vector) => '/app.js' in vector);
    await sessionLoaded(t);

    await t.server.stop();
    assert.match(await badgeText(t.page, 'disconnected'), /not reachable/);
    t.server.token = 'token-2';
    t.server.epoch = 'epoch-2';
    t.server.seq = 40;
    await t.server.start();
    const again = await t.server.until((each) => each.type === 'register' && each.page > 1);
    assert.equal(again.epoch, 'epoch-1');
    const answer = await t.server.apply([
        t.server.update('css', '/style.css', '#p { color: rgb(8, 8, 8); }')]);

    assert.equal(answer.mode, 'hot');
    assert.equal(await colorOf(t.page), 'rgb(8, 8, 8)');
    assert.ok(await isSamePage(t.page));
    const lost = t.page.locator('orbiton-badge .badge[data-state="disconnected"]');
    await lost.waitFor({ state: 'detached' });
});

clientTest('where WebSockets are refused, the same goes over events', async (t) => {
    t.server.refuseSockets = true;
    await t.open((vector) => '/app.js' in vector);

    const answer = await t.server.apply([
        t.server.update('css', '/style.css', '#p { color: rgb(6, 6, 6); }')]);

    assert.equal(answer.mode, 'hot');
    assert.equal(await colorOf(t.page), 'rgb(6, 6, 6)');
    assert.ok(t.server.requests.includes('GET /__orbit/events?token=token-1'));
    t.server.dropPages();
    await t.server.until((each) => each.type === 'register' && each.page === 2);
    assert.ok(await isSamePage(t.page));
});

clientTest('a hidden tab waits, and comes at once when it is seen', async (t) => {
    await t.context.addInitScript(() => {
        window.hiddenNow = false;
        Object.defineProperty(document, 'hidden', { get: () => window.hiddenNow });
    });
    await t.open((vector) => '/app.js' in vector);
    await sessionLoaded(t);
    const setHidden = (value) => t.page.evaluate((v) => {
        window.hiddenNow = v;
        document.dispatchEvent(new Event('visibilitychange'));
    }, value);

    await setHidden(true);
    const before = t.server.requests.length;
    t.server.dropPages();
    await t.server.until((each) => each.type === 'closed');
    // The badge needs a second to say so, and a first retry would have come long before.
    assert.match(await badgeText(t.page, 'disconnected'), /not reachable/);
    assert.deepEqual(t.server.requests.slice(before), []);

    await setHidden(false);
    await t.server.until((each) => each.type === 'register' && each.page === 2);
});

clientTest('a hidden page acknowledges, although it paints no frames', async (t) => {
    await t.context.addInitScript(() => {
        Object.defineProperty(document, 'hidden', { get: () => true });
        window.requestAnimationFrame = () => 0;
    });
    await t.open((vector) => '/style.css' in vector);

    const answer = await t.server.apply([
        t.server.update('css', '/style.css', '#p { color: rgb(2, 2, 2); }')]);

    assert.equal(answer.ok, true);
});

clientTest('nonsense from the server is passed over', async (t) => {
    await t.open((vector) => '/style.css' in vector);
    for (const each of ['', '{', '[]', 'null', '1', '{"type": 3}', '{"type": "constructor"}',
        '{"type": "rebuild"}', '{"type": "error", "diagnostics": 7}', '{"type": "clear", "x": {}}',
        '{"type": "error", "diagnostics": [null, 1, {"text": {}}]}', '{"type": "clear"}',
        '{"type": "hmr", "seq": 0, "updates": [{"type": "css"}], "modules": 4}']) {
        t.server.send(each);
    }

    const answer = await t.server.apply([
        t.server.update('css', '/style.css', '#p { color: rgb(2, 2, 2); }')]);

    assert.equal(answer.ok, true);
    assert.deepEqual(t.errors, []);
    assert.ok(await isSamePage(t.page));
});

clientTest('a strict content security policy has nothing to object to', async (t) => {
    t.server.headers = { 'Content-Security-Policy': "default-src 'none'; script-src 'nonce-n1'; "
        + "style-src 'self'; img-src 'self'; connect-src 'self'" };
    t.server.set('/app.js', '');
    await t.context.addInitScript(() => {
        window.violations = [];
        document.addEventListener('securitypolicyviolation', (event) => {
            window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
        });
    });
    await t.open((vector) => '/style.css' in vector);

    const update = t.server.update('css', '/style.css', '#p { color: rgb(2, 2, 2); }');
    assert.equal((await t.server.apply([update])).ok, true);
    t.server.send({ type: 'error', diagnostics: [{ severity: 'error', text: 'broken' }] });
    await t.page.locator('orbiton-overlay dialog[open]').waitFor();

    const violations = await t.page.evaluate(() => window.violations);
    assert.deepEqual(violations.filter((each) => !each.includes('/app.js')), []);
    assert.equal(await t.page.locator('orbiton-overlay dialog').evaluate(
        (each) => getComputedStyle(each).borderTopWidth), '4px');
});

clientTest('included twice, and by hand without a token, there is one client', async (t) => {
    t.server.tag = '<script src="/__orbit_hmr_client.js"></script>'
        + '<script src="/__orbit/client.js"></script>';
    await t.open((vector) => '/style.css' in vector);

    assert.equal(t.server.pageCount, 1);
    assert.ok(t.server.requests.includes('GET /__orbit/token'));
    assert.deepEqual(t.errors, []);
});

clientTest('errors of the page are told', async (t) => {
    t.server.set('/app.js', 'setTimeout(() => { throw new Error("first"); }); '
        + 'Promise.reject(new Error("second"));');
    await t.open();

    const first = await t.server.until((each) => each.type === 'log' && /first/.test(each.text));
    assert.equal(first.level, 'error');
    await t.server.until((each) => each.type === 'log' && /second/.test(each.text));
});

clientTest('a page that is shown again by going back is connected again', async (t) => {
    await t.open((vector) => '/app.js' in vector);
    t.server.set('/other.html', '<!doctype html><html><head></head><body>other</body></html>');
    await t.page.goto(`${t.server.url}other.html`);
    await t.server.untilVector((vector) => '/other.html' in vector);
    const before = t.server.messages.length;

    await t.page.goBack();

    await t.server.until((each) => t.server.messages.indexOf(each) >= before
        && each.type === 'register' && each.url === '/');
});
