// SPDX-License-Identifier: MIT

/*
 * The starters of create-vite as they come from npm, under `orbiton dev`: no file is changed before
 * the first page. A count is clicked to 5, then a text, a style, a mistake and a hook are saved under it.
 * `make starters` runs this; it is not part of `make test`.
 */

import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { browser, temporaryFolder } from '../e2e/harness.mjs';
import { shows } from '../e2e/project.mjs';
import { edit, lineAfter, linesSince, start, visit } from '../e2e/steps.mjs';

const MODULES = fileURLToPath(new URL('node_modules', import.meta.url));

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome?.close());

const BUTTON = 'document.querySelector("button.counter").textContent.trim()';
const HEADING = 'document.querySelector("h1").textContent';
const PADDING = 'getComputedStyle(document.querySelector("button.counter")).paddingTop';
const OVERLAY = 'document.querySelector("orbiton-overlay")?.shadowRoot.textContent ?? ""';

/** Copies what a manifest names, and all that this needs, as far as it is in our lock file. */
function install(dir, manifest) {
    const { dependencies, devDependencies, optionalDependencies, peerDependencies } = manifest;
    const names = { ...dependencies, ...devDependencies, ...optionalDependencies, ...peerDependencies };
    for (const name of Object.keys(names)) {
        const from = path.join(MODULES, name);
        const to = path.join(dir, 'node_modules', name);
        if (existsSync(from) && !existsSync(to)) {
            cpSync(from, to, { recursive: true });
            const { devDependencies: _, ...own } = readManifest(from);
            install(dir, own);
        }
    }
}

function readManifest(folder) {
    return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
}

/** What `npm create vite` and `npm install` leave for a template, without what only checks and lints. */
function create(template) {
    const dir = path.join(temporaryFolder(), 'my-app');
    cpSync(path.join(MODULES, 'create-vite', `template-${template}`), dir, { recursive: true });
    renameSync(path.join(dir, '_gitignore'), path.join(dir, '.gitignore'));
    install(dir, readManifest(dir));
    return dir;
}

/** A starter's page as the template shows it, with the count at 5, and what edits it. */
async function withStarter(template, urls, run, dir = create(template)) {
    const server = await start(dir);
    const opened = await visit(chrome, server, urls);
    const { page, errors } = opened;
    try {
        await shows(page, HEADING, 'Get started');
        // Pictures by import, those of public/ by their place.
        await shows(page, '[...document.images].every((each) => each.complete && each.naturalWidth > 0)'
            + ' && document.images.length > 3', true);
        assert.equal(await page.evaluate(async () => (await fetch('/icons.svg')).status), 200);
        await shows(page, BUTTON, 'Count is 0');
        await shows(page, PADDING, '5px');
        await count(page, 5, 'Count is 5');
        assert.deepEqual(linesSince(server, 0).filter((each) => /warn|error|bad/.test(each.verb)), []);
        await run({ ...opened, dir, server });
        assert.deepEqual(errors, []);
    } finally {
        await opened.close();
        await server.stop();
    }
}

/** Clicks so many times; by script, since an overlay may lie above the button. */
async function count(page, times, wanted) {
    await page.evaluate((n) => {
        for (let i = 0; i < n; i++) {
            document.querySelector('button.counter').click();
        }
    }, times);
    await shows(page, BUTTON, wanted);
}

/** A style is another, and the count is what it was. */
async function restyle(t, file, kept) {
    const { page } = t;
    await edit(t.dir, file, 'padding: 5px 10px', 'padding: 13px 10px');
    await shows(page, PADDING, '13px');
    await shows(page, BUTTON, kept);
}

/** A mistake is shown with its place, the page goes on; mended, it is gone. */
async function breakAndMend({ page, dir, server }, file, good, bad, next) {
    const line = await lineAfter(server, 'bad', () => edit(dir, file, good, bad));
    assert.match(line.what, new RegExp(`^${file}:\\d+:`));
    await shows(page, `(${OVERLAY}).includes(${JSON.stringify(file)})`, true);
    await count(page, 1, next);
    await edit(dir, file, bad, good);
    await shows(page, OVERLAY, '');
    await shows(page, BUTTON, next);
}

/** React and Preact have the same template but for names. */
async function components(t, file, sheet, hooks) {
    const { page } = t;
    await edit(t.dir, file, 'Count is', 'Clicked:');
    await shows(page, BUTTON, 'Clicked: 5');
    await edit(t.dir, file, 'Get started', 'Go on');
    await shows(page, HEADING, 'Go on');
    await restyle(t, sheet, 'Clicked: 5');
    await breakAndMend(t, file, '</button>', '</buttn>', 'Clicked: 6');
    // Other hooks: the component begins anew, by the rules of Fast Refresh.
    await edit(t.dir, file, /import \{ useState \} from '(.*)'([^]*)useState\(0\)/,
        `import { useEffect, useState } from '${hooks}'$2useState(0)\n`
        + '  useEffect(() => { document.title = `count ${count}` }, [count])');
    await shows(page, 'document.title', 'count 0');
    await count(page, 1, 'Clicked: 1');
    await shows(page, 'document.title', 'count 1');
    assert.ok(await t.isSame(), 'the page was not loaded anew');
}

test('react-ts: text, style and a mistake keep the count, another hook begins anew', () =>
    withStarter('react-ts', ['/src/App.tsx', '/src/App.css'], (t) =>
        components(t, 'src/App.tsx', 'src/App.css', 'react')));

// What the starter's Vite brings along is the first choice; older projects have others.
const COMPILERS = {
    '@swc/core': ['@swc/core', 'react-refresh'],
    '@babel/core': ['@babel/core', '@babel/preset-typescript',
        '@babel/plugin-transform-react-jsx-development', 'react-refresh'],
};

for (const [compiler, packages] of Object.entries(COMPILERS)) {
    test(`react-ts by ${compiler}: as with Vite's own compiler`, () => {
        const dir = create('react-ts');
        for (const name of ['vite', 'rolldown', 'oxc-transform', '@vitejs/plugin-react']) {
            rmSync(path.join(dir, 'node_modules', name), { recursive: true, force: true });
        }
        install(dir, { dependencies: Object.fromEntries(packages.map((name) => [name, '*'])) });
        return withStarter('react-ts', ['/src/App.tsx', '/src/App.css'], (t) =>
            components(t, 'src/App.tsx', 'src/App.css', 'react'), dir);
    });
}

test('react-ts with Tailwind as its plugin for Vite: a class that is first used gets its rule', () => {
    const dir = create('react-ts');
    const manifest = readManifest(dir);
    manifest.devDependencies = { ...manifest.devDependencies, tailwindcss: '4', '@tailwindcss/vite': '4' };
    writeFileSync(path.join(dir, 'package.json'), JSON.stringify(manifest));
    install(dir, manifest);
    const sheet = path.join(dir, 'src/index.css');
    writeFileSync(sheet, `@import "tailwindcss";\n${readFileSync(sheet, 'utf8')}`);
    return withStarter('react-ts', ['/src/App.tsx', '/src/index.css'], async (t) => {
        await edit(dir, 'src/App.tsx', 'className="counter"', 'className="counter mt-[37px]"');
        await shows(t.page, 'getComputedStyle(document.querySelector("button.counter")).marginTop', '37px');
        await shows(t.page, BUTTON, 'Count is 5');
        assert.ok(await t.isSame(), 'the page was not loaded anew');
    }, dir);
});

test('preact-ts: text, style and a mistake keep the count, another hook begins anew', () =>
    withStarter('preact-ts', ['/src/app.tsx', '/src/app.css'], (t) =>
        components(t, 'src/app.tsx', 'src/app.css', 'preact/hooks')));

test('vue-ts: text, style and a mistake keep the count, another script begins anew', () =>
    withStarter('vue-ts', ['/src/components/HelloWorld.vue', '/src/style.css'], async (t) => {
        const { page } = t;
        const file = 'src/components/HelloWorld.vue';
        await edit(t.dir, file, 'Count is', 'Clicked:');
        await shows(page, BUTTON, 'Clicked: 5');
        await edit(t.dir, file, 'Get started', 'Go on');
        await shows(page, HEADING, 'Go on');
        await restyle(t, 'src/style.css', 'Clicked: 5');
        await breakAndMend(t, file, '</button>', '</buttn>', 'Clicked: 6');
        await edit(t.dir, file, /import \{ ref \}([^]*)ref\(0\)/,
            'import { onMounted, ref }$1ref(0)\nconst at: { text: string } = { text: "mounted" }\n'
            + 'onMounted(() => { document.title = `${at.text} ${count.value}` })');
        await shows(page, 'document.title', 'mounted 0');
        await count(page, 1, 'Clicked: 1');
        assert.ok(await t.isSame(), 'the page was not loaded anew');
    }));

test('svelte-ts: a style and a mistake keep the count, anything else begins anew without a reload', () =>
    withStarter('svelte-ts', ['/src/lib/Counter.svelte', '/src/app.css'], async (t) => {
        const { page } = t;
        const file = 'src/lib/Counter.svelte';
        await restyle(t, 'src/app.css', 'Count is 5');
        await breakAndMend(t, file, 'Count is {count}', 'Count is {count', 'Count is 6');
        await edit(t.dir, file, 'Count is', 'Clicked:');
        await shows(page, BUTTON, 'Clicked: 0');
        await edit(t.dir, 'src/App.svelte', 'Get started', 'Go on');
        await shows(page, HEADING, 'Go on');
        await count(page, 2, 'Clicked: 2');
        await edit(t.dir, file, /\$state\(0\)([^]*)\{count\}/,
            '$state(0)\n  let step: number = $state(10)\n'
            + '  $effect(() => { document.title = `count ${count}` })$1{count + step}');
        await shows(page, BUTTON, 'Clicked: 10');
        await shows(page, 'document.title', 'count 0');
        await count(page, 1, 'Clicked: 11');
        await shows(page, 'document.title', 'count 1');
        assert.ok(await t.isSame(), 'the page was not loaded anew');
    }));

test('vanilla-ts: a style and a mistake keep the count, code that accepts nothing reloads', () =>
    withStarter('vanilla-ts', ['/src/counter.ts', '/src/style.css'], async (t) => {
        const { page, dir, server } = t;
        await restyle(t, 'src/style.css', 'Count is 5');
        await breakAndMend(t, 'src/counter.ts', 'let counter', 'let 5counter', 'Count is 6');
        assert.ok(await t.isSame(), 'the page was not loaded anew');
        const line = await lineAfter(server, 'reload', () =>
            edit(dir, 'src/counter.ts', 'Count is', 'Clicked:'));
        assert.match(line.why, /counter\.ts/);
        await t.untilReloaded();
        await shows(page, BUTTON, 'Clicked: 0');
        await count(page, 1, 'Clicked: 1');
    }));
