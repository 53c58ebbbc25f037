// SPDX-License-Identifier: MIT

/* orbiton.toml while the program runs: what can be applied is, and no page is disturbed by it. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { browser, request, save, sync, temporaryFolder } from './harness.mjs';
import { lineAfter, linesSince, start, visit } from './steps.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

function project(toml, more = {}) {
    const dir = temporaryFolder();
    const files = { 'index.html': '<!doctype html><p>hi', 'orbiton.toml': toml, ...more };
    for (const [name, text] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
        writeFileSync(path.join(dir, name), text);
    }
    return dir;
}

/** Saves the configuration and resolves to the note or error that matches. */
async function configure(server, toml, expected, name = 'orbiton.toml') {
    const from = server.events.items.length;
    await save(path.join(server.dir, name), toml, 'rename');
    return server.events.until((each) => expected.test(each.text ?? ''), { from, what: `${expected}` });
}

const get = (server, url) => request(server, url, { headers: { Host: `localhost:${server.port}`, Accept: 'text/html' } });

test('what the server reads is applied to the next answer', async () => {
    const server = await start(project('', {
        'a/x.txt': 'from a',
        'b/x.txt': 'from b',
        'm.js': 'import x from "/x.txt";\nimport.meta.hot;\n',
    }));
    assert.equal((await get(server, '/x.txt')).status, 404);
    assert.match((await get(server, '/m.js')).body, /hot\(import\.meta\.url\).*"\/x\.txt"/);

    await configure(server, '[dev_server]\nstatic_dirs = ["a"]\n[dev_server.headers]\nX-One = "1"\n',
        /^orbiton\.toml: applied dev_server\.static_dirs, dev_server\.headers$/);
    const first = await get(server, '/x.txt');
    assert.equal(first.body, 'from a');
    assert.equal(first.headers['x-one'], '1');
    assert.match((await get(server, '/m.js')).body, /hot\(import\.meta\.url\).*"\/x\.txt\?import"/);

    await configure(server, '[dev_server]\nstatic_dirs = ["b"]\nallowed_hosts = ["my.test"]\n', /applied/);
    const second = await get(server, '/x.txt');
    assert.equal(second.body, 'from b');
    assert.equal(second.headers['x-one'], undefined);
    assert.equal((await request(server, '/x.txt', { headers: { Host: 'my.test' } })).status, 200);

    await configure(server, '[hmr]\nenabled = false\n', /hmr\.enabled/);
    assert.doesNotMatch((await get(server, '/')).body, /client\.js/);
    assert.doesNotMatch((await get(server, '/m.js')).body, /__orbiton__/);
    assert.notEqual((await request(server, '/x.txt', { headers: { Host: 'my.test' } })).status, 200);
    assert.equal(await server.stop(), 0);
});

test('port and host are named, once they differ from what runs, and not when they are back', async () => {
    const server = await start(project('[dev_server]\nauto_open = false\n'));
    const note = await configure(server, '[dev_server]\nhost = "127.0.0.1"\n[hmr]\ndebounce_ms = 7\n', /restart/);
    assert.equal(note.text, 'orbiton.toml: restart orbiton to apply dev_server.host');
    assert.equal((await get(server, '/')).status, 200);

    const from = server.events.items.length;
    await configure(server, '[hmr]\ndebounce_ms = 8\n', /applied hmr\.debounce_ms/);
    await sync(server);
    assert.ok(!server.events.items.slice(from).some((each) => /restart/.test(each.text ?? '')));
    await server.stop();
});

test('a flag stays stronger than a changed file', async () => {
    const server = await start(project(''), ['--no-hmr']);
    await configure(server, '[hmr]\nenabled = true\ndebounce_ms = 9\n', /^orbiton\.toml: applied hmr\.debounce_ms$/);
    assert.doesNotMatch((await get(server, '/')).body, /client\.js/);
    await server.stop();
});

test('an error is shown with its place, here and on the page, and goes with its mending', async () => {
    const server = await start(project('[hmr]\ndebounce_ms = 1\n'));
    const visited = await visit(chrome, server);
    const from = server.events.items.length;

    await configure(server, '[hmr]\ndebounce_ms = "much"\n', /stays as it was/);
    const shown = await server.events.until((each) => each.event === 'diagnostics', { from });
    assert.equal(shown.diagnostics[0].path, 'orbiton.toml');
    assert.equal(shown.diagnostics[0].line, 2);
    await visited.page.getByText('orbiton.toml:2').first().waitFor();

    const late = await visit(chrome, server);
    await late.page.getByText('orbiton.toml:2').first().waitFor();

    await configure(server, '[hmr]\ndebounce_ms = 2\n', /applied hmr\.debounce_ms/);
    for (const { page } of [visited, late]) {
        await page.getByText('orbiton.toml:2').first().waitFor({ state: 'hidden' });
    }
    assert.equal(await visited.isSame(), true);
    await server.stop();
});

test('what pages read changes on open pages, which stay as they are', async () => {
    const server = await start(project(''));
    const visited = await visit(chrome, server);
    const from = server.events.items.length;
    await configure(server, '[hmr]\nhot_only = true\n', /applied hmr\.hot_only/);
    const held = await lineAfter(server, 'held', () => save(path.join(server.dir, 'index.html'), '<!doctype html><p>new<script></script>'));
    assert.match(held.what, /^index\.html/);
    assert.equal(await visited.isSame(), true);
    assert.ok(!linesSince(server, from).some((each) => /orbiton\.toml/.test(each.what)),
        'the configuration is no file of the page');
    await server.stop();
});

test('ignored files are those of the present patterns', async () => {
    const server = await start(project('[hmr]\nignore_patterns = ["*.log"]\n', { 'a.log': '1', 'b.css': 'b{}' }));
    let from = server.events.items.length;
    await save(path.join(server.dir, 'a.log'), '2');
    await sync(server);
    assert.deepEqual(linesSince(server, from), []);

    await configure(server, '[hmr]\nignore_patterns = ["*.css"]\n', /applied hmr\.ignore_patterns/);
    await sync(server);
    const seen = await lineAfter(server, 'saved', () => save(path.join(server.dir, 'a.log'), '3'));
    assert.equal(seen.what, 'a.log');
    from = server.events.items.length;
    await save(path.join(server.dir, 'b.css'), 'b{color:red}');
    await sync(server);
    assert.deepEqual(linesSince(server, from), []);
    await server.stop();
});

test('another build command builds at once; a failing one can be taken back', async () => {
    const command = (text) => `[build]\ncommand = "${text}"\ninputs = ["*.in"]\noutputs = ["out.txt"]\n`;
    const server = await start(project(command('cp a.in out.txt'), { 'a.in': 'A', 'b.in': 'B' }));
    await sync(server);
    assert.equal((await get(server, '/out.txt')).body, 'A');

    await configure(server, command('cp b.in out.txt'), /applied build\.command/);
    await sync(server);
    assert.equal((await get(server, '/out.txt')).body, 'B');

    await configure(server, command('false'), /applied build\.command/);
    assert.equal((await sync(server)).failing, true);
    await configure(server, '', /applied build\.command, build\.inputs, build\.outputs/);
    assert.equal((await sync(server)).failing, false);

    await configure(server, command('cp a.in out.txt'), /applied build\.command/);
    await sync(server);
    await lineAfter(server, 'build', () => save(path.join(server.dir, 'a.in'), 'AA'));
    assert.equal((await get(server, '/out.txt')).body, 'AA');
    assert.equal(await server.stop(), 0);
});

test('a build that runs gives way to the one of the new options', async () => {
    const command = (text) => `[build]\ncommand = "${text}"\ninputs = ["*.in"]\n`;
    const server = await start(project(command('sleep 1000'), { 'a.in': 'A' }));
    await configure(server, command('cp a.in out.txt'), /applied build\.command/);
    await sync(server);
    assert.equal((await get(server, '/out.txt')).body, 'A');
    assert.equal(await server.stop(), 0);
});

test('.orbiton.toml counts, too, and a file that comes or goes', async () => {
    const dir = temporaryFolder();
    writeFileSync(path.join(dir, 'index.html'), '<p>hi');
    const server = await start(dir);
    await configure(server, '[hmr]\ndebounce_ms = 3\n', /^\.orbiton\.toml: applied/, '.orbiton.toml');
    await configure(server, '[hmr]\ndebounce_ms = 4\n', /^orbiton\.toml: applied/);

    const from = server.events.items.length;
    rmSync(path.join(dir, 'orbiton.toml'));
    await server.events.until((each) => /^\.orbiton\.toml: applied hmr\.debounce_ms$/.test(each.text ?? ''), { from });
    rmSync(path.join(dir, '.orbiton.toml'));
    await server.events.until((each) => /^\.orbiton\.toml: applied hmr\.debounce_ms$/.test(each.text ?? ''),
        { from: server.events.items.length });
    await server.stop();
});
