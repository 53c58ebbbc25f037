// SPDX-License-Identifier: MIT

/* examples/rust-wasm: cargo, the handler, errors, the debounce, --beta. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { browser, copyExample, save, sync, temporaryFolder } from './harness.mjs';
import { edit, lineAfter, linesSince, read, registered, start, visit } from './steps.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const LOADED = ['/', '/main.js', '/style.css', '/rust_wasm.wasm'];
const petals = (visited) => visited.page.inputValue('#count').catch(() => visited.page.evaluate(() => document.querySelector('#count').value));
const pixel = (visited) => visited.page.evaluate(() => {
    const { data } = document.querySelector('#flower').getContext('2d').getImageData(0, 0, 640, 640);
    return data.reduce((all, each) => (all * 31 + each) | 0, 0);
});

/** A petal more, once the page's code has come and taken the button. */
async function add(visited) {
    await visited.page.waitForFunction(() => document.querySelector('#add').onclick);
    await visited.page.click('#add');
    assert.equal(await petals(visited), '8 petals');
}

async function open(args = [], options = {}) {
    const dir = copyExample('rust-wasm');
    const server = await start(dir, args, options);
    const visited = await visit(chrome, server, LOADED);
    await add(visited);
    return { dir, server, visited };
}

const builds = (server, from) => server.events.items.slice(from)
    .filter((each) => each.event === 'update' && ['build', 'hot', 'reload', 'error'].includes(each.verb));

test('a Rust edit shows through the handler, without a reload, and the state is kept', async () => {
    const { dir, server, visited } = await open();
    const before = await pixel(visited);
    const line = await lineAfter(server, 'hot', () => edit(dir, 'src/flower.rs', 'HUE: f32 = 280.0', 'HUE: f32 = 120.0'));
    assert.match(line.what, /src\/flower\.rs/);
    assert.ok(line.timing.build > 0);
    assert.notEqual(await pixel(visited), before);
    assert.equal(await petals(visited), '8 petals');
    assert.equal(await visited.isSame(), true);

    // an error: the overlay has rustc's message at its place, the page runs on, and the fix heals it
    const good = read(dir, 'src/flower.rs');
    await lineAfter(server, 'error', () => edit(dir, 'src/flower.rs', 'let petals = petals.max(1);', 'let petals: u8 = petals.max(1);'));
    const item = visited.page.locator('orbiton-overlay .item').first();
    await item.waitFor();
    assert.match(await item.locator('.place').textContent(), /^src\/flower\.rs:\d+:\d+$/);
    assert.match(await item.locator('.text').textContent(), /E0308.*mismatched types/);
    const diagnostics = server.events.items.findLast((each) => each.event === 'diagnostics');
    assert.equal(diagnostics.diagnostics[0].path, 'src/flower.rs');
    await visited.page.evaluate(() => document.querySelector('#add').click());
    assert.equal(await petals(visited), '9 petals');
    await lineAfter(server, ['hot', 'same', 'build'], () => save(path.join(dir, 'src/flower.rs'), `${good}\n`));
    await visited.page.locator('orbiton-overlay').waitFor({ state: 'detached' });
    assert.equal(await petals(visited), '9 petals');
    assert.equal(await visited.isSame(), true);

    // no handler: reload, with the reason
    await visited.page.evaluate(() => window.__ORBIT_REGISTER_HMR_HANDLER(null));
    const from = server.events.items.length;
    const reload = await lineAfter(server, 'reload', () => edit(dir, 'src/flower.rs', 'HUE: f32 = 120.0', 'HUE: f32 = 20.0'));
    assert.match(reload.why, /no handler/);
    assert.equal(await visited.isSame(), false);
    await registered(server, LOADED, from);

    await visited.close();
    await server.stop();
});

test('only inputs build: same bytes, a touch, a README and outputs do not', async () => {
    const { dir, server, visited } = await open();
    await sync(server);
    const from = server.events.items.length;

    for (const how of ['in-place', 'rename', 'truncate-write', 'delete-create']) {
        await save(path.join(dir, 'src/lib.rs'), read(dir, 'src/lib.rs'), how);
        await sync(server);
    }
    utimesSync(path.join(dir, 'src/lib.rs'), new Date(), new Date());
    await sync(server);
    await save(path.join(dir, 'README.md'), 'edited');
    await sync(server);
    writeFileSync(path.join(dir, 'target', 'x.rs'), 'in the build folder');
    await sync(server);
    assert.deepEqual(builds(server, from), []);
    assert.equal(await visited.isSame(), true);

    const comment = await lineAfter(server, 'same', () => edit(dir, 'src/flower.rs', '//! Where', '//! Just where'));
    assert.match(comment.why, /no effect/);
    assert.equal(await visited.isSame(), true);
    await visited.close();
    await server.stop();
});

test('saves within the debounce and during a build: the last one wins', async () => {
    const { dir, server, visited } = await open();
    const file = path.join(dir, 'src/flower.rs');
    const text = read(dir, 'src/flower.rs');
    const at = (hue) => text.replace('HUE: f32 = 280.0', `HUE: f32 = ${hue}.0`);
    await save(file, at(1));
    await save(file, at(100));
    await save(file, at(33));
    await sync(server);
    const fresh = await visit(chrome, server, LOADED);
    await add(fresh);
    const expected = await pixel(fresh);
    await visited.page.waitForFunction((sum) => {
        const { data } = document.querySelector('#flower').getContext('2d').getImageData(0, 0, 640, 640);
        return data.reduce((all, each) => (all * 31 + each) | 0, 0) === sum;
    }, expected);
    assert.equal(await petals(visited), '8 petals');
    assert.equal(await visited.isSame(), true);
    await fresh.close();
    await visited.close();
    await server.stop();
});

test('a newer save stops a running build and nothing is left of it', async () => {
    const { dir, server, visited } = await open();
    await edit(dir, 'src/flower.rs', 'HUE: f32 = 280.0', 'HUE: f32 = 77.0');
    const line = await lineAfter(server, 'hot', () => edit(dir, 'src/flower.rs', 'HUE: f32 = 77.0', 'HUE: f32 = 78.5'));
    assert.match(line.what, /flower/);
    await sync(server);
    assert.equal(linesSince(server, 0).filter((each) => each.verb === 'error').length, 0);
    await visited.close();
    assert.equal(await server.stop(), 0);
});

/* A rustup whose only beta toolchain is the system's own; without one if `installed` is false. */
function rustupHome(installed) {
    const home = temporaryFolder();
    mkdirSync(path.join(home, 'toolchains'));
    if (installed) {
        const triple = execFileSync('/usr/bin/rustc', ['-vV'], { encoding: 'utf8' }).match(/host: (.*)/)[1];
        symlinkSync('/usr', path.join(home, 'toolchains', `beta-${triple}`));
    }
    return home;
}

/* The rustup on PATH, or null: a machine with Debian's cargo alone has none. */
function rustup() {
    return process.env.PATH.split(':').find((folder) => {
        try {
            return readdirSync(folder).includes('rustup');
        } catch {
            return false;
        }
    });
}

test('--beta without rustup says so and installs nothing', async () => {
    const dir = copyExample('rust-wasm');
    const server = await start(dir, ['--beta'], { env: { PATH: '/usr/bin:/bin' } });
    const event = await server.events.until((each) => each.event === 'diagnostics');
    assert.match(JSON.stringify(event.diagnostics), /rustup/);
    await server.stop();
});

test('--beta without a beta toolchain names the command that adds it', { skip: rustup() ? false : 'no rustup here' }, async () => {
    const dir = copyExample('rust-wasm');
    const home = rustupHome(false);
    const server = await start(dir, ['--beta'], { env: { RUSTUP_HOME: home } });
    const event = await server.events.until((each) => each.event === 'diagnostics');
    assert.match(JSON.stringify(event.diagnostics), /rustup toolchain install beta/);
    assert.deepEqual(readdirSync(path.join(home, 'toolchains')), []);
    await server.stop();
});

test('--beta with a beta toolchain builds with it', { skip: rustup() ? false : 'no rustup here' }, async () => {
    const { server, visited } = await open(['--beta'], { env: { RUSTUP_HOME: rustupHome(true) } });
    await visited.close();
    await server.stop();
});
