// SPDX-License-Identifier: MIT

/*
 * The two minutes that orbiton is judged by: one page of examples/modules, clicked to 5, typed into
 * and scrolled, and then never touched. Whatever is saved, the counter says 5 after it, the text and
 * the scroll position are still there, the change is on the screen, and a line says why.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { WATCHDOG_MS, browser, copyExample, sync } from './harness.mjs';
import { edit, lineAfter, linesSince, read, registered, start, visit } from './steps.mjs';

const CARDS = ['counter', 'clock', 'tree', 'cities', 'notes', 'panel', 'pages', 'sum']
    .map((name) => `/src/cards/${name}.js`);

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

function git(dir, ...args) {
    const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false'];
    return execFileSync('git', [...who, ...args], { cwd: dir, stdio: ['ignore', 'pipe', 'ignore'] });
}

async function open(args = []) {
    const dir = copyExample('modules');
    git(dir, 'init', '-q', '-b', 'main');
    git(dir, 'add', '.');
    git(dir, 'commit', '-q', '-m', 'start');
    const server = await start(dir, args);
    const visited = await visit(chrome, server, ['/', ...CARDS]);
    const { page } = visited;
    for (let i = 0; i < 5; i++) {
        await page.click('#up');
    }
    await page.fill('#name', 'Ada');
    await page.click('#more summary');
    await page.evaluate(() => window.scrollTo(0, 120));
    return { dir, server, visited, page };
}

const shows = (page, selector, text) => page.waitForFunction(
    ([place, wanted]) => document.querySelector(place)?.textContent.includes(wanted),
    [selector, text], { timeout: WATCHDOG_MS });

const hasStyle = (page, selector, property, value) => page.waitForFunction(
    ([place, name, wanted]) => getComputedStyle(document.querySelector(place))[name] === wanted,
    [selector, property, value], { timeout: WATCHDOG_MS });

const showsError = (page) => page.waitForFunction(
    () => document.querySelector('orbiton-badge')?.shadowRoot
        ?.querySelector('.badge[data-state="failed"]:not([hidden])'), null, { timeout: WATCHDOG_MS });

async function assertKept(visited, label = 'Count:') {
    const { page } = visited;
    assert.equal(await page.textContent('#count'), `${label} 5`);
    assert.equal(await page.inputValue('#name'), 'Ada');
    assert.equal(await page.evaluate(() => document.querySelector('#more').open), true);
    assert.equal(await page.evaluate(() => window.scrollY), 120);
    assert.equal(await visited.isSame(), true, 'the page has not been reloaded');
}

test('two minutes in one page that is never touched', async (t) => {
    const { dir, server, visited, page } = await open();

    await t.test('a style', async () => {
        const line = await lineAfter(server, 'hot', () => edit(dir, 'styles/app.css', 'border-radius: 8px', 'border-radius: 2px'));
        assert.match(line.what, /^styles\/app\.css/);
        await hasStyle(page, '#counter', 'borderTopLeftRadius', '2px');
        await assertKept(visited);
    });

    await t.test('a style that another one imports, and one that JavaScript imports', async () => {
        await lineAfter(server, 'hot', () => edit(dir, 'styles/theme.css', /--accent: [^;]*;/g, '--accent: rgb(1, 2, 3);'));
        await hasStyle(page, 'h1', 'color', 'rgb(1, 2, 3)');
        await lineAfter(server, 'hot', () => edit(dir, 'src/cards/notes.css', 'italic', 'oblique'));
        await hasStyle(page, '#notes p', 'fontStyle', 'oblique');
        await assertKept(visited);
    });

    await t.test('the text of the document', async () => {
        const line = await lineAfter(server, 'hot', () => edit(dir, 'index.html', '>Twenty modules</h1>', ' class="new">More than twenty</h1>'));
        assert.match(line.what, /^index\.html/);
        await shows(page, '#title', 'More than twenty');
        assert.equal(await page.getAttribute('#title', 'class'), 'new');
        await assertKept(visited);
    });

    await t.test('the code of the counter itself', async () => {
        const line = await lineAfter(server, 'hot', () => edit(dir, 'src/cards/counter.js', "'+1'", "'plus'"));
        assert.match(line.what, /^src\/cards\/counter\.js/);
        await shows(page, '#up', 'plus');
        await assertKept(visited);
    });

    await t.test('code below it that accepts nothing', async () => {
        await lineAfter(server, 'hot', () => edit(dir, 'src/lib/label.js', 'Count:', 'Clicks:'));
        await shows(page, '#count', 'Clicks:');
        await assertKept(visited, 'Clicks:');
        await lineAfter(server, 'hot', () => edit(dir, 'src/lib/label.js', 'Clicks:', 'Count:'));
        await shows(page, '#count', 'Count:');
        await assertKept(visited);
    });

    await t.test('a diamond runs once, a circle as one, an old clock is stopped', async () => {
        await lineAfter(server, 'hot', () => edit(dir, 'src/lib/shared.js', 'the middle', 'the centre'));
        await shows(page, '#panel', 'right of the centre');
        assert.equal(await page.evaluate(() => window.sharedRuns), 2);
        await lineAfter(server, 'hot', () => edit(dir, 'src/tree/leaf.js', '`leaf', '`blade'));
        await shows(page, '#tree', '(blade (blade . blade .)');
        await lineAfter(server, 'hot', () => edit(dir, 'src/cards/clock.js', 'It is ', 'Now '));
        await shows(page, '#clock', 'Now ');
        assert.equal(await page.evaluate(() => window.runningClocks), 1);
        await assertKept(visited);
    });

    await t.test('JSON, text and a picture', async () => {
        await lineAfter(server, 'hot', () => edit(dir, 'data/cities.json', '"Bergen"', '"Bern"'));
        await shows(page, '#cities', 'Bern');
        await lineAfter(server, 'hot', () => edit(dir, 'data/poem.txt', 'as text', 'as words'));
        await shows(page, '#notes', 'as words');
        await lineAfter(server, 'hot', () => edit(dir, 'images/logo.svg', '<svg ', '<svg data-new="yes" '));
        assert.match(await page.evaluate(async () => (await fetch(document.querySelector('img').src)).text()), /data-new/);
        await assertKept(visited);
    });

    await t.test('a file saved without a change', async () => {
        const from = server.events.items.length;
        const text = read(dir, 'src/cards/counter.js');
        await lineAfter(server, 'same', () => writeFileSync(path.join(dir, 'src/cards/counter.js'), text));
        await sync(server);
        assert.deepEqual(linesSince(server, from).map((each) => each.verb), ['same']);
        await assertKept(visited);
    });

    await t.test('a syntax error, and its mending', async () => {
        const text = read(dir, 'src/cards/counter.js');
        await edit(dir, 'src/cards/counter.js', 'state.count += step', 'state.count += (step');
        await showsError(page);
        await assertKept(visited);
        await lineAfter(server, 'hot', () => writeFileSync(path.join(dir, 'src/cards/counter.js'), text.replace("'-1'", "'minus'")));
        await shows(page, '#counter', 'minus');
        await assertKept(visited);
    });

    await t.test('a syntax error that only a parser sees, and its mending', async () => {
        const text = read(dir, 'src/lib/format.js');
        await lineAfter(server, ['bad', 'error'], () => edit(dir, 'src/lib/format.js', 'export const', 'export const const'));
        await showsError(page);
        await assertKept(visited);
        await lineAfter(server, ['same', 'hot'], () => writeFileSync(path.join(dir, 'src/lib/format.js'), text));
        await assertKept(visited);
    });

    await t.test('a module that throws at its top level, and its mending', async () => {
        await lineAfter(server, ['error'], () => edit(dir, 'src/cards/counter.js', 'export function draw', "throw new Error('thrown on purpose')\nexport function draw"));
        await showsError(page);
        await assertKept(visited);
        await page.evaluate(() => document.querySelector('#up').click());
        await page.evaluate(() => document.querySelector('#counter button').click());
        await assertKept(visited);
        await lineAfter(server, 'hot', () => edit(dir, 'src/cards/counter.js', "throw new Error('thrown on purpose')\n", ''));
        await assertKept(visited);
    });

    await t.test('two files that only work together', async () => {
        writeFileSync(path.join(dir, 'src/lib/words.js'), 'export const word = "Count:"\n');
        await edit(dir, 'src/lib/label.js', "export const label = 'Count:'", "export { word } from './words.js'");
        await showsError(page);
        await assertKept(visited);
        await lineAfter(server, 'hot', () => edit(dir, 'src/lib/format.js', /\blabel\b/g, 'word').then(() => edit(dir, 'src/lib/format.js', 'word.js', 'label.js')).then(() => edit(dir, 'src/pages/about.js', /{ label }/, '{ word as label }')));
        await assertKept(visited);
    });

    await t.test('a new page in a folder that is globbed, opened, edited', async () => {
        await lineAfter(server, 'hot', () => writeFileSync(path.join(dir, 'src/pages/late.js'), "export const text = 'Late.'\n"));
        await shows(page, '#pages', 'late');
        await page.evaluate(() => document.querySelector('#open-late').click());
        await shows(page, '#page', 'Late.');
        await assertKept(visited);
    });

    await t.test('a git branch and back', async () => {
        git(dir, 'add', '.');
        git(dir, 'commit', '-q', '-m', 'edits');
        git(dir, 'checkout', '-q', '-b', 'other');
        await lineAfter(server, 'hot', () => edit(dir, 'src/lib/left.js', 'left of', 'port of'));
        await shows(page, '#panel', 'port of');
        await lineAfter(server, 'hot', () => edit(dir, 'styles/app.css', 'border-radius: 2px', 'border-radius: 5px'));
        git(dir, 'commit', '-q', '-a', '-m', 'other');
        const line = await lineAfter(server, 'hot', async () => git(dir, 'checkout', '-q', 'main'));
        assert.match(line.what, /switched to branch main/);
        await shows(page, '#panel', 'left of');
        await hasStyle(page, '#counter', 'borderTopLeftRadius', '2px');
        await assertKept(visited);
        await lineAfter(server, 'hot', async () => git(dir, 'checkout', '-q', 'other'));
        await shows(page, '#panel', 'port of');
        await hasStyle(page, '#counter', 'borderTopLeftRadius', '5px');
        await assertKept(visited);
    });

    await t.test('a renamed folder of modules, with its importers', async () => {
        await rename(path.join(dir, 'src/tree'), path.join(dir, 'src/wood'));
        await edit(dir, 'src/cards/tree.js', '../tree/branch.js', '../wood/branch.js');
        await edit(dir, 'src/wood/leaf.js', '`blade', '`needle');
        await shows(page, '#tree', 'needle');
        await assertKept(visited);
    });

    await t.test('the server killed, an edit, the server started again', async () => {
        const { port } = server;
        server.child.kill('SIGKILL');
        await server.exited;
        await edit(dir, 'src/lib/right.js', 'right of', 'starboard of');
        await edit(dir, 'styles/app.css', 'border-radius: 5px', 'border-radius: 7px');
        const again = await start(dir, ['--port', String(port), '--strict-port']);
        await shows(page, '#panel', 'starboard of');
        await hasStyle(page, '#counter', 'borderTopLeftRadius', '7px');
        await assertKept(visited);
        await registered(again, CARDS);
        await lineAfter(again, 'hot', () => edit(dir, 'src/cards/counter.js', "'plus'", "'more'"));
        await shows(page, '#up', 'more');
        await assertKept(visited);
        await again.stop();
    });

    assert.deepEqual(visited.errors.filter((each) => !/on purpose/.test(each.message)), []);
    await rm(dir, { recursive: true, force: true });
    await visited.close();
});
