// SPDX-License-Identifier: MIT

/*
 * Random sequences of edits on generated projects (project.mjs). After each step one page
 * that stays open is compared with a fresh load of what is on disk: they show the same, or the open
 * page says that something is wrong where a fresh load fails too. And when nothing is wrong, it does
 * not say so.
 *
 * ORBITON_SEEDS says how many sequences, ORBITON_SEED=N, N-M or a list of such names them; without
 * either it is a few that have found something. A failure prints its seed and its steps.
 */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import {
    MANNERS, WATCHDOG_MS, browser, openPage, save, sync, temporaryFolder,
} from '../e2e/harness.mjs';
import { mutate, Project, random } from './project.mjs';
import { start } from '../e2e/steps.mjs';

const FOUND_SOMETHING = '18,79,101,103,110,115,122,124,134,146,156,178';
const STEPS = 8;

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

function seeds() {
    const { ORBITON_SEED: named, ORBITON_SEEDS: count } = process.env;
    const list = named || (count ? `1-${count}` : FOUND_SOMETHING);
    return list.split(',').flatMap((range) => {
        const [from, to = from] = range.split('-').map(Number);
        return Array.from({ length: to - from + 1 }, (_, i) => from + i);
    });
}

const folderOf = (name) => (name.includes('/') ? path.dirname(name) : '');

/** A folder all of whose files are to be in one other: it is moved, as people do it. */
async function moveFolders(dir, before, now) {
    const have = new Set([...before.keys()].map(folderOf).filter(Boolean));
    const want = new Set([...now.keys()].map(folderOf).filter(Boolean));
    const gone = [...have].filter((each) => !want.has(each));
    const come = [...want].filter((each) => !have.has(each));
    const moved = new Map(before);
    if (gone.length === 1 && come.length === 1) {
        await rename(path.join(dir, gone[0]), path.join(dir, come[0]));
        for (const [name, text] of before) {
            if (folderOf(name) === gone[0]) {
                moved.delete(name);
                moved.set(path.join(come[0], path.basename(name)), text);
            }
        }
    }
    return moved;
}

/** Brings the folder from one set of texts to another. */
async function write(dir, before, now, rnd) {
    const have = await moveFolders(dir, before, now);
    for (const [name, text] of now) {
        const file = path.join(dir, name);
        if (!have.has(name)) {
            await mkdir(path.dirname(file), { recursive: true });
            await writeFile(file, text);
        } else if (have.get(name) !== text) {
            await save(file, text, rnd.pick(MANNERS));
        }
    }
    for (const name of have.keys()) {
        if (!now.has(name)) {
            await rm(path.join(dir, name));
        }
    }
    const folders = new Set([...now.keys()].map(folderOf));
    for (const folder of new Set([...have.keys()].map(folderOf))) {
        if (!folders.has(folder)) {
            await rmdir(path.join(dir, folder));
        }
    }
}

/** What a page shows. Runs in the page. */
function look() {
    const style = getComputedStyle(document.querySelector('h1'));
    const texts = (selector) => [...document.querySelectorAll(selector)].map((each) => each.textContent);
    return JSON.stringify({
        slots: texts('p'),
        title: texts('h1'),
        lines: texts('.line'),
        style: `${style.width} ${style.height}`,
        boxes: [...document.querySelectorAll('.box')].map((each) => getComputedStyle(each).width),
    });
}

/** What the page says that is wrong. Runs in the page. */
function complaint() {
    const badge = document.querySelector('orbiton-badge')?.shadowRoot?.querySelector('.badge');
    const overlay = document.querySelector('orbiton-overlay')?.shadowRoot;
    const isBad = badge && !badge.hidden && ['failed', 'error', 'notice', 'held'].includes(badge.dataset.state);
    return isBad ? `${badge.dataset.state}: ${badge.textContent}` : overlay?.textContent ?? '';
}

/** Runs in the page; resolves to true once it looks as it should. */
function isSettled([wanted, isBroken, mayComplain, lookText, complaintText]) {
    const shown = (0, eval)(`(${lookText})`)();
    const said = (0, eval)(`(${complaintText})`)();
    if (isBroken) {
        return said !== '' || window.failed === true || shown === wanted;
    }
    return mayComplain && said !== '' ? true : shown === wanted && said === '';
}

/** Runs in the page; what it shows and whether it fails, once nothing is on its way. */
function takeFresh(lookText) {
    const isLoaded = document.readyState === 'complete' && window.pending === 0;
    return isLoaded && JSON.stringify({
        wanted: (0, eval)(`(${lookText})`)(),
        isBroken: window.failed === true || window.ran !== true,
    });
}

/** Away from the page; a reload that it has begun just then goes first. */
async function leave(page) {
    const isReloading = (error) => /interrupted by another navigation/.test(error.message);
    for (let left = false; !left;) {
        left = await page.goto('about:blank').then(() => true, (error) => {
            if (!isReloading(error)) {
                throw error;
            }
            return false;
        });
    }
}

/**
 * Opens what is on disk anew; gives what it shows, and whether it fails. It is a page like any other:
 * what the visited page registers just then may replace modules that it has loaded, whose cards import
 * by expression once more. So all that is wanted of it is taken in one task.
 */
async function loadFresh(fresh, server) {
    await fresh.page.goto(server.url, { waitUntil: 'load' });
    const taken = await fresh.page.waitForFunction(takeFresh, look.toString(), { timeout: WATCHDOG_MS });
    await leave(fresh.page);
    return JSON.parse(await taken.jsonValue());
}

/**
 * A server that is killed just when the page loads anew leaves the browser's own page of an error,
 * in which nothing of ours runs: a person loads it again.
 */
async function leaveErrorPage({ page }, server) {
    if (await page.evaluate(() => location.protocol === 'chrome-error:')) {
        await page.goto(server.url);
        return true;
    }
    return false;
}

async function compare({ server, fresh, visited, project, steps }) {
    await sync(server);
    let taken = await loadFresh(fresh, server);
    try {
        const settled = () => {
            const args = [taken.wanted, taken.isBroken, project.hasFailingAccept(), look.toString(),
                complaint.toString()];
            return visited.page.waitForFunction(isSettled, args, { timeout: WATCHDOG_MS });
        };
        await settled().catch(async (error) => {
            const isLeft = await leaveErrorPage(visited, server);
            // A new page that took an update just then was between the old and the new. The same files
            // make the same page, so one that shows something else says that it was.
            const again = await loadFresh(fresh, server);
            const isSame = again.wanted === taken.wanted && again.isBroken === taken.isBroken;
            if (isSame && !isLeft) {
                throw error;
            }
            taken = again;
            await settled();
        });
    } catch (error) {
        const ask = (fn) => visited.page.evaluate(fn).catch((each) => String(each));
        const lines = server.events.items.filter((each) => each.event !== 'page').slice(-12);
        assert.fail(`the page shows\n  ${await ask(look)}\nand says\n  ${await ask(complaint)}\n`
            + `a fresh load\n  ${taken.wanted}${taken.isBroken ? ' (broken)' : ''}\nsteps:\n  ${steps.join('\n  ')}\n`
            + `console:\n  ${visited.console.items.slice(-16).join('\n  ')}\n`
            + `server:\n  ${lines.map((each) => JSON.stringify(each)).join('\n  ')}\n${error.message}`);
    }
}

/** As git does it: a lock, many files, no lock. */
async function checkOut(dir, work) {
    const lock = path.join(dir, '.git', 'index.lock');
    await writeFile(lock, '');
    await work();
    await rm(lock);
}

async function runSequence(seed) {
    const rnd = random(seed);
    const project = new Project(rnd);
    const dir = temporaryFolder();
    const steps = [];
    let files = project.files();
    mkdirSync(path.join(dir, '.git'), { recursive: true });
    writeFileSync(path.join(dir, '.git', 'HEAD'), 'ref: refs/heads/main\n');
    await write(dir, new Map(), files, rnd);
    let server = await start(dir);
    const { port } = server;
    const visited = await openPage(chrome, server.url);
    const fresh = await openPage(chrome, 'about:blank');
    const step = async (work, { isCheckout = false, isRestart = false } = {}) => {
        if (isRestart) {
            server.child.kill('SIGKILL');
            await server.exited;
            steps.push('kill');
        }
        steps.push(work());
        const now = project.files();
        const edit = () => write(dir, files, now, rnd);
        await (isCheckout ? checkOut(dir, edit) : edit());
        files = now;
        if (isRestart) {
            server = await start(dir, ['--port', String(port), '--strict-port']);
        }
        await compare({ server, fresh, visited, project, steps });
    };
    await compare({ server, fresh, visited, project, steps: ['the start'] });
    for (let i = 0; i < STEPS; i++) {
        project.keepSnapshot();
        if (rnd.chance(0.08)) {
            project.state = structuredClone(rnd.pick(project.snapshots));
            await step(() => 'checkout', { isCheckout: true });
            continue;
        }
        const count = rnd.chance(0.3) ? 2 + rnd.below(4) : 1;
        await step(() => Array.from({ length: count }, () => mutate(project, rnd)).join(', '),
            { isRestart: rnd.chance(0.08) });
    }
    await step(() => {
        project.mend();
        return 'everything is mended';
    });
    assert.equal(await visited.page.evaluate(() => window.ran), true);
    await Promise.all([visited.close(), fresh.close()]);
    assert.equal(await server.stop(), 0, server.log.join('\n'));
    await rm(dir, { recursive: true, force: true });
}

for (const seed of seeds()) {
    test(`random edits, seed ${seed}`, () => runSequence(seed));
}
