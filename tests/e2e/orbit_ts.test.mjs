// SPDX-License-Identifier: MIT

/*
 * Components in TypeScript: what their types are taken away by, what each edit of a section does, and
 * where mistakes are said to be.
 */

import assert from 'node:assert/strict';
import path from 'node:path';
import { symlink } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WATCHDOG_MS, browser, request } from './harness.mjs';
import { edit, lineAfter, start, visit } from './steps.mjs';
import { put, shows, writeProject } from './project.mjs';

const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));
/** Where no esbuild is found. */
const BARE = { PATH: '/usr/sbin:/sbin' };

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const COUNTER = `<template>
  <p class="count">{{ (label as string).toUpperCase() }} {{ count! }} {{ Step.One }}</p>
  <button @click="increment(Step.One as number)">more</button>
</template>

<code lang="ts">
import type { Named } from './named';
import { plus } from './plus';

interface Props { label: string }
enum Step { One = 1 }

export default class Counter implements Props, Named {
  label!: string;
  count: number = 0;
  increment<T extends number>(by: T): void { this.count = plus(this.count, by); }
}
</code>

<style>
.count { color: rgb(4, 5, 6) }
</style>
`;

const FILES = {
    '.gitignore': 'node_modules\n',
    'index.html': `<!doctype html><html><body><div id="app"></div>
<script type="module">
import { mount } from '/__orbit/runtime.js';
import Counter from '/src/counter.orbit';
mount(Counter, document.querySelector('#app'), { label: 'n' });
</script></body></html>
`,
    'src/counter.orbit': COUNTER,
    'src/named.ts': 'export interface Named { label: string }\n',
    'src/plus.ts': 'export const plus = (a: number, b: number): number => a + b;\n',
};
const PARTS = ['template', 'code', 'style&n=0']
    .map((each) => `/src/counter.orbit?orbit=${each}`);
const COUNT = "document.querySelector('.count').textContent";

async function withEsbuild(dir) {
    await put(dir, 'node_modules/.keep', '');
    await symlink(path.join(MODULES, '@esbuild'), path.join(dir, 'node_modules', '@esbuild'));
}

/** The program on the project, with a page whose counter is at 2. */
async function run(body) {
    const dir = await writeProject(FILES);
    await withEsbuild(dir);
    const server = await start(dir, [], { env: BARE });
    const opened = await visit(chrome, server, PARTS);
    try {
        await shows(opened.page, COUNT, 'N 0 1');
        await opened.page.click('button');
        await opened.page.click('button');
        await shows(opened.page, COUNT, 'N 2 1');
        await body({ dir, server, page: opened.page });
    } finally {
        await opened.close();
        await server.stop();
    }
}

const change = (dir, from, to) => edit(dir, 'src/counter.orbit', from, to);

/** Until the overlay says something that fits. */
const overlayShows = (page, pattern) => page.waitForFunction((source) => new RegExp(source).test(
    document.querySelector('orbiton-overlay')?.shadowRoot?.textContent ?? ''),
pattern.source, { timeout: WATCHDOG_MS });

test('each section is an update of its own, and the count is kept', () => run(
    async ({ dir, server, page }) => {
        const hot = async (from, to) =>
            (await lineAfter(server, 'hot', () => change(dir, from, to))).what;
        assert.match(await hot('rgb(4, 5, 6)', 'rgb(40, 50, 60)'), /\(style\)/);
        await shows(page, "getComputedStyle(document.querySelector('.count')).color",
            'rgb(40, 50, 60)');
        assert.match(await hot('>more<', '>one more<'), /\(template\)/);
        await shows(page, "document.querySelector('button').textContent", 'one more');
        assert.match(await hot('>one more<', '>{{ (count as number) * 2 }}<'), /1 new expression/);
        await shows(page, "document.querySelector('button').textContent", '4');
        assert.match(await hot('plus(this.count, by)', 'plus(this.count, by as number) + 10'), /\(code\)/);
        await page.click('button');
        await shows(page, COUNT, 'N 13 1');
    }));

test('an edit that concerns types alone changes nothing that runs', () => run(
    async ({ dir, server, page }) => {
        const line = await lineAfter(server, 'same',
            () => change(dir, 'interface Props { label: string }', 'type Props = { label: string };'));
        assert.match(line.what, /counter\.orbit/);
        assert.equal(await page.evaluate(COUNT), 'N 2 1');
    }));

test('a mistake has its place in the file, of the code and of the template', () => run(
    async ({ dir, server, page }) => {
        let line = await lineAfter(server, 'bad', () => change(dir, 'count: number = 0', 'count: number = = 0'));
        assert.match(line.what, /src\/counter\.orbit:15:19/);
        assert.match(line.why, /Unexpected "="/);
        await overlayShows(page, /src\/counter\.orbit:15:19/);
        assert.equal(await page.evaluate(COUNT), 'N 2 1');
        await change(dir, 'count: number = = 0', 'count: number = 0');
        await page.waitForFunction(() => !document.querySelector('orbiton-overlay')
            ?.shadowRoot?.querySelector('dialog[open]'), null, { timeout: WATCHDOG_MS });

        line = await lineAfter(server, 'bad', () => change(dir, '(label as string)', '(label as string[)'));
        assert.match(line.what, /src\/counter\.orbit:2:/);
    }));

test('the source map leads from the code that runs to the file', () => run(async ({ server }) => {
    const { body } = await request(server, '/src/counter.orbit?orbit=code');
    const [, url] = /sourceMappingURL=(\S+)/.exec(body);
    const map = JSON.parse((await request(server, `/src/${url}`)).body);

    assert.deepEqual(map.sources, ['/src/counter.orbit']);
    assert.deepEqual(map.sourcesContent, [COUNTER]);
    assert.doesNotMatch(body, /interface|: number|!:/);
}));

test('without esbuild the file has the error, with the command that helps', async () => {
    const dir = await writeProject(FILES);
    const server = await start(dir, [], { env: BARE });
    const page = await visit(chrome, server, ['/src/counter.orbit?orbit=template']);
    try {
        await overlayShows(page.page, /npm install -D esbuild/);
        await overlayShows(page.page, /src\/counter\.orbit/);
    } finally {
        await page.close();
        await server.stop();
    }
});
