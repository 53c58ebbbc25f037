// SPDX-License-Identifier: MIT

/*
 * A page outlives the server that it came from. The next one has not got the texts that the page
 * runs, nor has it heard of what was tried, cleaned up or shown before; what a person saves meanwhile
 * must come out as it would have without the restart.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, sync } from './harness.mjs';
import { badgeShows, counts, documentOf, put, shows, writeProject } from './project.mjs';
import { start, visit } from './steps.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

/** Runs `body` with a page of these files; `restart(edit)` kills the server, edits, and starts one. */
async function run(files, body) {
    const dir = await writeProject({ 'index.html': documentOf('main.js'), ...files });
    let server = await start(dir);
    const { port } = server;
    const urls = Object.keys(files).map((name) => `/${name}${name.endsWith('.css') ? '?import' : ''}`);
    const visited = await visit(chrome, server, urls);
    const restart = async (edit = async () => {}) => {
        await server.stop('SIGKILL');
        await edit();
        server = await start(dir, ['--port', String(port), '--strict-port']);
        await sync(server); // it has seen the folder as it is: what is saved from now on is a change
    };
    await body({ page: visited.page, restart, write: (name, text) => put(dir, name, text) });
    assert.equal(await visited.isSame(), true);
    await visited.close();
    await server.stop();
}

const ACCEPTS = 'import.meta.hot.accept();\n';
const part = (name) => `${counts(name)}globalThis.${name} = 'here';\n`
    + `import.meta.hot.prune(() => { globalThis.${name} = 'gone'; });\n`;

test('a module that went before the restart runs when it comes back after it', () => run({
    'main.js': `import './part.js';\n${ACCEPTS}`,
    'part.js': part('part'),
}, async ({ page, write, restart }) => {
    await shows(page, 'part', 'here');
    await write('main.js', ACCEPTS);
    await shows(page, 'part', 'gone');
    await restart();
    await write('main.js', `import './part.js';\n// again\n${ACCEPTS}`);
    await shows(page, '[part, runs.part]', ['here', 2]);
}));

test('a module that only the old text imported goes when that is replaced after a restart', () => run({
    'main.js': `import './part.js';\nimport './other.js';\nimport './plain.css';\n${ACCEPTS}`,
    'part.js': part('part'),
    'other.js': part('other'),
    'plain.css': 'body { margin-top: 3px }',
}, async ({ page, write, restart }) => {
    await shows(page, '[part, other]', ['here', 'here']);
    await restart(() => write('main.js', `import './other.js';\n${ACCEPTS}`));
    await shows(page, '[part, other]', ['gone', 'here']);
    await shows(page, 'getComputedStyle(document.body).marginTop', '8px');
    assert.equal(await page.evaluate('runs.other'), 1);
}));

test('the number of an update that failed is not used again after a restart', () => run({
    'main.js': `globalThis.shown = 1;\n${ACCEPTS}`,
}, async ({ page, write, restart }) => {
    await write('main.js', `globalThis.shown = 2;\n${ACCEPTS}const = 1;\n`); // the scanner lets it pass
    await badgeShows(page, /Unexpected token|missing variable name/);
    await restart(() => write('main.js', `globalThis.shown = 33;\n${ACCEPTS}`));
    await shows(page, 'shown', 33);
}));

for (const [what, text, said] of [
    ['cannot load', `const broken = [1, (2\n${ACCEPTS}`, /main\.js/],
    ['has failed', `throw new Error('it throws');\n${ACCEPTS}`, /it throws/],
]) {
    test(`what ${what}, and is mended while the server is away, is said no more`, () => run({
        'main.js': `globalThis.shown = 1;\n${ACCEPTS}`,
    }, async ({ page, write, restart }) => {
        await write('main.js', text);
        await badgeShows(page, said);
        await restart(() => write('main.js', `globalThis.shown = 1;\n${ACCEPTS}`));
        await page.locator('orbiton-badge .badge[data-state="failed"]:not([hidden])')
            .waitFor({ state: 'detached' });
        await page.locator('orbiton-overlay').waitFor({ state: 'detached' });
    }));
}
