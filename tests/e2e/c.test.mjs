// SPDX-License-Identifier: MIT

/* examples/c-wasm: a command of the configuration, depfiles, clang's diagnostics. */

import assert from 'node:assert/strict';
import path from 'node:path';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { browser, copyExample, save, sync } from './harness.mjs';
import { edit, lineAfter, linesSince, read, start, visit } from './steps.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const LOADED = ['/', '/main.js', '/style.css', '/app.wasm'];

test('C edits, header edits, errors and their mending reach the page without a reload', async () => {
    const dir = copyExample('c-wasm');
    const server = await start(dir);
    const visited = await visit(chrome, server, LOADED);
    await visited.page.locator('button').first().click();
    const time = await visited.page.evaluate(() => document.querySelector('#time').value);

    // All lines up to that of a file which nobody uses: what a build writes is told by its line alone.
    const verbsSince = async (from) => {
        await sync(server);
        const readme = path.join(dir, 'README.md');
        await lineAfter(server, 'saved', () => save(readme, `${read(dir, 'README.md')}more\n`, 'rename'));
        return linesSince(server, from).map((each) => each.verb);
    };

    const first = server.events.items.length;
    const line = await lineAfter(server, 'hot', () => edit(dir, 'app.c', /0\.\d+/, '0.0625', 'rename'));
    assert.match(line.what, /app\.c/);
    assert.equal(await visited.page.evaluate(() => document.querySelector('#time').value), time);
    assert.deepEqual(await verbsSince(first), ['hot', 'saved']);

    const second = server.events.items.length;
    const comment = `${read(dir, 'page.h')}\n/* more */\n`;
    await lineAfter(server, 'same', () => save(path.join(dir, 'page.h'), comment, 'rename'));
    assert.deepEqual(await verbsSince(second), ['same', 'saved']);

    // What the tools of a build write has no lines of its own.
    await sync(server);
    const quiet = server.events.items.length;
    writeFileSync(path.join(dir, 'app.wasm.tmp0123abc'), 'half');
    await sync(server);
    await save(path.join(dir, 'app.wasm'), readFileSync(path.join(dir, 'app.wasm')));
    await sync(server);
    assert.deepEqual(linesSince(server, quiet), []);

    const good = read(dir, 'app.c');
    await lineAfter(server, 'error', () => save(path.join(dir, 'app.c'), `${good}\nint broken(void) { return missing; }\n`));
    const item = visited.page.locator('orbiton-overlay .item').first();
    await item.waitFor();
    assert.match(await item.locator('.place').textContent(), /^app\.c:\d+:\d+$/);
    assert.match(await item.locator('.text').textContent(), /missing/);

    await lineAfter(server, ['hot', 'same', 'build'], () => save(path.join(dir, 'app.c'), good));
    await visited.page.locator('orbiton-overlay').waitFor({ state: 'detached' });
    assert.equal(await visited.page.evaluate(() => document.querySelector('#time').value), time);
    assert.equal(await visited.isSame(), true);

    await visited.close();
    assert.equal(await server.stop(), 0);
});
