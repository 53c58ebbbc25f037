// SPDX-License-Identifier: MIT

/* The inspector, `orbiton why` and `orbiton explain`: what a person can ask the running server. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { browser, copyExample, openPage, temporaryFolder } from './harness.mjs';
import { shows } from './project.mjs';
import { edit, lineAfter, registered, start, visit } from './steps.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = process.env.ORBITON_BIN || path.join(ROOT, 'build', 'orbiton');
const LOADED = ['/', '/src/main.js', '/src/cards/counter.js', '/src/lib/label.js', '/styles/app.css'];

let chrome;
const runtime = temporaryFolder();
const env = { XDG_RUNTIME_DIR: runtime };
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

async function ask(args, cwd) {
    try {
        const { stdout, stderr } = await promisify(execFile)(PROGRAM, args, { cwd, env: { ...process.env, ...env, TZ: 'UTC' } });
        return { code: 0, stdout, stderr };
    } catch (error) {
        return { code: error.code, stdout: error.stdout, stderr: error.stderr };
    }
}

async function open() {
    const dir = copyExample('modules');
    const server = await start(dir, [], { env });
    const visited = await visit(chrome, server, LOADED);
    return { dir, server, visited };
}

test('why tells what came of the last saves; explain what would come of one', async () => {
    const { dir, server, visited } = await open();

    const before = await ask(['why'], dir);
    assert.match(before.stdout, /nothing has been saved/);

    await lineAfter(server, 'hot', () => edit(dir, 'src/lib/label.js', 'Count:', 'Clicks:'));
    const from = server.events.items.length;
    await lineAfter(server, 'reload', () => edit(dir, 'src/main.js', '// The entry.', '// An entry.'));
    await registered(server, LOADED, from);
    const why = await ask(['why'], path.join(dir, 'src'));
    assert.equal(why.code, 0, why.stderr);
    assert.match(why.stdout, /hot +src\/lib\/label\.js {2}1 page/);
    assert.match(why.stdout, /reload +src\/main\.js/);
    assert.match(why.stdout, /not accepted: src\/main\.js > index\.html/);
    assert.equal(JSON.parse((await ask(['why', '--json'], dir)).stdout).transactions.length, 2);
    assert.equal((await ask(['why', '-n', '1'], dir)).stdout.includes('label.js'), false);

    await visited.mark();
    const leaf = await ask(['explain', 'src/lib/label.js'], dir);
    assert.match(leaf.stdout, /^src\/lib\/label\.js: the pages are updated in place\n/);
    assert.match(leaf.stdout, /: src\/cards\/counter\.js accepts itself/);
    const entry = await ask(['explain', 'main.js'], path.join(dir, 'src'));
    assert.match(entry.stdout, /^src\/main\.js: the pages are reloaded/);
    assert.match(entry.stdout, /not accepted: src\/main\.js > index\.html;/);
    assert.match((await ask(['explain', 'README.md'], dir)).stdout, /no open page has loaded it/);
    assert.match((await ask(['explain', '.git/config'], dir)).stdout, /ignored/);
    assert.equal(await visited.isSame(), true, 'nothing was changed by asking');

    await visited.close();
    await server.stop();
    const gone = await ask(['why'], dir);
    assert.equal(gone.code, 1);
    assert.match(gone.stderr, /no orbiton dev is running/);
});

test('wrong questions get an answer that helps', async () => {
    const dir = temporaryFolder();
    assert.equal((await ask(['explain'], dir)).code, 2);
    assert.match((await ask(['explain', 'x.js'], dir)).stderr, /orbiton dev/);
    assert.match((await ask(['why', '--jsn'], dir)).stderr, /--jsn/);
    assert.match((await ask(['help', 'explain'], dir)).stdout, /^Usage: orbiton explain/);
});

test('the inspector shows saves, graph, pages and server, by keyboard too', async () => {
    const { dir, server, visited } = await open();
    const inspector = await openPage(chrome, `${server.url}__orbit/`);
    const { page } = inspector;

    await page.waitForSelector('.empty');
    await lineAfter(server, 'hot', () => edit(dir, 'src/lib/label.js', 'Count:', 'Clicks:'));
    // The save is shown as soon as it has gone out: with "wait", until the page has answered.
    await shows(page, "document.querySelector('ol.saves .verb').textContent", 'hot');
    assert.match(await page.textContent('ol.saves'), /label\.js/);
    assert.equal(await page.textContent('#status'), '1 page');

    await page.keyboard.press('/');
    await page.keyboard.type('cards/counter');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => /accepts itself/.test(document.querySelector('.middle')?.textContent ?? ''));
    await page.waitForFunction(() => /If you saved it now/.test(document.querySelector('#explain').textContent));
    await page.keyboard.press('ArrowRight');
    const dep = await page.evaluate(() => document.activeElement.dataset.url);
    assert.match(dep, /^\/src\/lib\//);
    await page.keyboard.press('Enter');
    await page.waitForFunction((url) => document.querySelector('.middle').dataset.url === url, dep);

    await page.keyboard.press('3');
    await page.waitForFunction(() => /all up to date/.test(document.querySelector('#view-pages').textContent));
    await page.keyboard.press('4');
    await page.waitForFunction(() => /Folders watched/.test(document.querySelector('#view-server').textContent));

    await edit(dir, 'src/cards/tree.js', 'branch(2)', 'branch((2)');
    await page.waitForFunction(() => /tree\.js:\d+:\d+/.test(document.querySelector('#errors').textContent));
    assert.equal(await inspector.isSame(), true);
    assert.deepEqual(inspector.errors, []);

    await inspector.close();
    await visited.close();
    await server.stop();
});

test('the inspector finds its way back to a restarted server', async () => {
    const { dir, server, visited } = await open();
    const inspector = await openPage(chrome, `${server.url}__orbit/`);
    await inspector.page.waitForFunction(() => document.querySelector('#status').textContent === '1 page');
    await server.stop();
    await inspector.page.waitForFunction(() => document.querySelector('#status').className === 'away');
    const again = await start(dir, ['--port', String(server.port), '--strict-port'], { env });
    await inspector.page.waitForFunction(() => document.querySelector('#status').textContent === '1 page');
    await inspector.close();
    await visited.close();
    await again.stop();
});
