// SPDX-License-Identifier: MIT

/* What pages rely on: each told only what it uses, catching up, checkouts as one transaction. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { browser, MANNERS, openPage, save, sync, temporaryFolder } from './harness.mjs';
import { shows } from './project.mjs';
import { lineAfter, linesSince, registered, start, visit } from './steps.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

function project(files) {
    const dir = temporaryFolder();
    for (const [name, text] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
        writeFileSync(path.join(dir, name), text);
    }
    return dir;
}

const PAGE = '<link rel=stylesheet href=style.css><input id=text><script type=module src=main.js></script>';

const SMALL = {
    'index.html': PAGE,
    'style.css': '@import "theme.css"; body { color: rgb(1, 1, 1) }',
    'theme.css': 'body { background: rgb(2, 2, 2) }',
    'main.js': 'import "./dep.js"; window.main = 1',
    'dep.js': 'window.dep = 1',
    'other.html': '<p>other',
};

const small = () => project(SMALL);

const LOADED = ['/', '/style.css', '/theme.css', '/main.js', '/dep.js'];

const color = (visited) => visited.page.evaluate(() => getComputedStyle(document.body).color);
const background = (visited) => visited.page.evaluate(() => getComputedStyle(document.body).backgroundColor);

test('a stylesheet is swapped for each manner of saving, and the page keeps its state', async () => {
    const dir = small();
    const server = await start(dir);
    const visited = await visit(chrome, server, LOADED);
    await visited.page.fill('#text', 'typed');
    let n = 10;
    for (const how of MANNERS) {
        n += 1;
        const line = await lineAfter(server, 'hot', () => save(path.join(dir, 'style.css'),
            `@import "theme.css"; body { color: rgb(${n}, 1, 1) } /* ${'x'.repeat(n)} */`, how));
        assert.match(line.what, /^style\.css/);
        assert.equal(line.pages, 1);
        assert.equal(await color(visited), `rgb(${n}, 1, 1)`, how);
    }
    assert.equal(await visited.page.inputValue('#text'), 'typed');
    assert.equal(await visited.isSame(), true);
    await visited.close();
    await server.stop();
});

test('a sheet that is only @imported is swapped too', async () => {
    const dir = small();
    const server = await start(dir);
    const visited = await visit(chrome, server, LOADED);
    await lineAfter(server, 'hot', () => save(path.join(dir, 'theme.css'), 'body { background: rgb(9, 9, 9) }'));
    assert.equal(await background(visited), 'rgb(9, 9, 9)');
    assert.equal(await visited.isSame(), true);
    await visited.close();
    await server.stop();
});

test('the same bytes, and a touch, reach nobody', async () => {
    const dir = small();
    const server = await start(dir);
    const visited = await visit(chrome, server, LOADED);
    await sync(server);
    const from = server.events.items.length;
    const before = await sync(server);
    for (const how of MANNERS) {
        await save(path.join(dir, 'main.js'), 'import "./dep.js"; window.main = 1', how);
        await sync(server);
    }
    execFileSync('touch', [path.join(dir, 'style.css')]);
    const afterwards = await sync(server);
    assert.equal(afterwards.seq, before.seq);
    assert.deepEqual(linesSince(server, from).filter((line) => line.verb !== 'same'), []);
    assert.equal(await visited.isSame(), true);
    await visited.close();
    await server.stop();
});

test('a page is told only what it has loaded', async () => {
    const dir = small();
    const server = await start(dir);
    const one = await visit(chrome, server, LOADED);
    const two = await visit(chrome, server, ['/other.html'], 'other.html');
    const line = await lineAfter(server, 'reload', () => save(path.join(dir, 'dep.js'), 'window.dep = 22'));
    assert.equal(line.pages, 1);
    await shows(one.page, 'dep', 22);
    assert.equal(await two.isSame(), true);
    const unused = await lineAfter(server, 'saved', () => writeFileSync(path.join(dir, 'README.md'), 'hello'));
    assert.match(unused.why, /no open page/);
    const html = await lineAfter(server, 'hot', () => save(path.join(dir, 'other.html'), '<p>changed'));
    assert.equal(html.pages, 1);
    assert.equal(await two.page.textContent('p'), 'changed');
    await one.close();
    await two.close();
    await server.stop();
});

test('a handler gets the names, once, and a throw or a rejection reloads', async () => {
    const dir = small();
    const server = await start(dir);
    const visited = await visit(chrome, server, LOADED);
    await visited.page.evaluate(() => {
        window.calls = [];
        window.__ORBIT_REGISTER_HMR_HANDLER((modules) => { window.calls.push(modules); });
    });
    await lineAfter(server, 'hot', () => save(path.join(dir, 'dep.js'), 'window.dep = 333'));
    assert.deepEqual(await visited.page.evaluate(() => window.calls), [['dep.js']]);
    await lineAfter(server, 'hot', () => save(path.join(dir, 'style.css'), 'body { color: rgb(3, 3, 3) }'));
    assert.equal((await visited.page.evaluate(() => window.calls)).length, 1);

    await visited.page.evaluate(() => {
        window.__ORBIT_REGISTER_HMR_HANDLER(() => { throw new Error('not mine'); });
    });
    const from = server.events.items.length;
    const line = await lineAfter(server, 'reload', () => save(path.join(dir, 'dep.js'), 'window.dep = 4444'));
    assert.match(line.why, /not mine/);
    await shows(visited.page, 'dep', 4444);
    await registered(server, ['/', '/main.js', '/dep.js'], from);

    await visited.mark();
    await visited.page.evaluate(() => {
        window.__ORBIT_REGISTER_HMR_HANDLER(() => Promise.reject(new Error('later')));
    });
    await lineAfter(server, 'reload', () => save(path.join(dir, 'dep.js'), 'window.dep = 55555'));
    assert.equal(await visited.isSame(), false);
    await visited.close();
    await server.stop();
});

test('two files that change together arrive together', async () => {
    const dir = small();
    execFileSync('git', ['init', '-q'], { cwd: dir });
    const server = await start(dir);
    const visited = await visit(chrome, server, LOADED);
    await visited.page.evaluate(() => {
        window.calls = [];
        window.__ORBIT_REGISTER_HMR_HANDLER((modules) => { window.calls.push(modules.sort()); });
    });
    writeFileSync(path.join(dir, '.git', 'index.lock'), '');
    await save(path.join(dir, 'dep.js'), 'window.dep = 7777');
    await save(path.join(dir, 'main.js'), 'import "./dep.js"; window.main = 8888');
    await lineAfter(server, 'hot', () => rmSync(path.join(dir, '.git', 'index.lock')));
    assert.deepEqual(await visited.page.evaluate(() => window.calls), [['dep.js', 'main.js']]);
    await visited.close();
    await server.stop();
});

test('5,000 files changed by one git checkout are one transaction', async () => {
    const dir = small();
    const git = (args, input) => execFileSync('git', args, { cwd: dir, input });
    const files = (text, more) => [...more,
        ...Array.from({ length: 5000 }, (_, i) => [`data/${i % 50}/${i}.txt`, `${text} ${i}`])];
    const commit = (branch, from, list) => `commit refs/heads/${branch}\n`
        + `committer a <a@b> 1 +0000\ndata 0\n${from}`
        + list.map(([name, text]) => `M 100644 inline ${name}\ndata ${text.length}\n${text}\n`).join('');
    git(['init', '-q', '-b', 'one']);
    git(['fast-import', '--quiet'], commit('one', '', files('one', Object.entries(SMALL)))
        + commit('two', 'from refs/heads/one\n', files('the second', [
            ['dep.js', 'window.dep = "two"'],
            ['style.css', 'body { color: rgb(22, 22, 22) }']])));
    git(['checkout', '-q', '-f', 'one']);

    const server = await start(dir);
    const visited = await visit(chrome, server, LOADED);
    const before = await sync(server);
    const line = await lineAfter(server, 'reload', () => git(['checkout', '-q', 'two']));
    const afterwards = await sync(server);
    assert.match(line.what, /5002 files.*two/);
    assert.equal(afterwards.seq, before.seq + 1);
    await shows(visited.page, 'dep', 'two');
    await shows(visited.page, 'getComputedStyle(document.body).color', 'rgb(22, 22, 22)');
    await visited.close();
    await server.stop();
});

test('a restarted server: nothing changed, nothing happens; a changed sheet is swapped', async () => {
    const dir = small();
    const first = await start(dir);
    const port = ['--port', String(first.port), '--strict-port'];
    const visited = await visit(chrome, first, LOADED);
    await visited.page.fill('#text', 'typed');
    await first.stop('SIGKILL');

    const second = await start(dir, port);
    await registered(second, LOADED);
    assert.equal((await sync(second)).pages, 1);
    assert.deepEqual(linesSince(second, 0), []);
    assert.equal(await visited.isSame(), true);
    await second.stop();

    await save(path.join(dir, 'style.css'), 'body { color: rgb(44, 44, 44) }');
    const third = await start(dir, port);
    const line = await third.events.until((each) => each.verb === 'hot', { what: 'a line hot' });
    assert.match(line.what, /style\.css/);
    assert.equal(await color(visited), 'rgb(44, 44, 44)');
    assert.equal(await visited.page.inputValue('#text'), 'typed');
    assert.equal(await visited.isSame(), true);
    await visited.close();
    await third.stop();
});

test('--hot-only offers the reload and does not do it', async () => {
    const dir = small();
    const server = await start(dir, ['--hot-only']);
    const visited = await visit(chrome, server, LOADED);
    await lineAfter(server, 'held', () => save(path.join(dir, 'dep.js'), 'window.dep = 66'));
    assert.equal(await visited.isSame(), true);
    await visited.close();
    await server.stop();
});

test('a file that a page looked for and did not find is a change when it appears', async () => {
    const dir = project({ 'index.html': '<script src=late.js></script>' });
    const server = await start(dir);
    const visited = await visit(chrome, server, ['/', '/late.js']);
    await lineAfter(server, 'reload', () => writeFileSync(path.join(dir, 'late.js'), 'window.late = 1'));
    await shows(visited.page, 'late', 1);
    await visited.close();
    await server.stop();
});

test('on an insecure origin, where browsers withhold versions, the page learns them from the server', async () => {
    const dir = small();
    writeFileSync(path.join(dir, 'orbiton.toml'), '[dev_server]\nallowed_hosts = ["orbit.test"]\n');
    const insecure = await browser(['--host-resolver-rules=MAP orbit.test 127.0.0.1']);
    const first = await start(dir);
    const from = first.events.items.length;
    const visited = await openPage(insecure, `http://orbit.test:${first.port}/`);
    await registered(first, LOADED, from);
    assert.equal(await visited.page.evaluate(() => isSecureContext), false);
    await lineAfter(first, 'hot', () => save(path.join(dir, 'style.css'), 'body { color: rgb(5, 5, 5) }'));
    assert.equal(await color(visited), 'rgb(5, 5, 5)');
    await first.stop('SIGKILL');

    const second = await start(dir, ['--port', String(first.port), '--strict-port']);
    await registered(second, ['/', '/main.js']);
    await sync(second);
    assert.deepEqual(linesSince(second, 0), []);
    assert.equal(await visited.isSame(), true);
    await insecure.close();
    await second.stop();
});
