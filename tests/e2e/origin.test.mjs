// SPDX-License-Identifier: MIT

/*
 * What throws in a page is said to be where a person wrote it: in the badge, which opens the editor
 * there, and in the terminal. Components in JavaScript and TypeScript, and a module of TypeScript and JSX.
 */

import assert from 'node:assert/strict';
import path from 'node:path';
import { symlink } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WATCHDOG_MS, browser } from './harness.mjs';
import { edit, lineAfter, read, start, visit } from './steps.mjs';
import { put, shows, writeProject } from './project.mjs';

const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const component = (lang, type) => `<template>
  <p class="${lang}">{{ n }}</p>
  <button class="${lang}-shown" @click="list = [{}]">shown</button>
  <button class="${lang}-called" @click="fail('called')">called</button>
  <i o-for="each in list">{{ each.name.length }}</i>
</template>

<code lang="${lang}">
${type ? 'interface Named { name: string }\n\ninterface More extends Named { more: string }\n' : ''}
export default class ${lang.toUpperCase()} {
  n = 1;
  list${type ? ': Named[]' : ''} = [{ name: 'a' }];
  fail(what${type ? ': string' : ''}) { throw new Error(what); }
  mounted() { this.n = 2; }
}
</code>
`;

const FILES = {
    '.gitignore': 'node_modules\n',
    'package.json': '{ "name": "app", "type": "module" }\n',
    'index.html': `<!doctype html><html><body><div id="a"></div><div id="b"></div>
<script type="module">
import { mount } from '/__orbit/runtime.js';
import Js from '/src/js.orbit';
import Ts from '/src/ts.orbit';
import { button } from '/src/button.tsx';
mount(Js, document.querySelector('#a'));
mount(Ts, document.querySelector('#b'));
document.body.append(button('tsx'));
</script></body></html>
`,
    'src/js.orbit': component('js', false),
    'src/ts.orbit': component('ts', true),
    'src/button.tsx': `type Text = string;

interface Props { class: Text }

/** @jsx h */
function h(tag: string, props: Props): HTMLElement {
    return Object.assign(document.createElement(tag), { className: props.class });
}

export function button(name: Text): HTMLElement {
    const element = <button class={name}/> as unknown as HTMLElement;
    element.onclick = () => { throw new Error('of tsx'); };
    return element;
}
`,
};
const URLS = ['/src/js.orbit?orbit=template', '/src/ts.orbit?orbit=template', '/src/button.tsx'];

async function run(body) {
    const dir = await writeProject(FILES);
    await put(dir, 'node_modules/.keep', '');
    await symlink(path.join(MODULES, '@esbuild'), path.join(dir, 'node_modules', '@esbuild'));
    const server = await start(dir, ['--verbose']);
    const opened = await visit(chrome, server, URLS);
    try {
        await shows(opened.page, "document.querySelector('.ts').textContent", '2');
        await body({ dir, server, page: opened.page });
    } finally {
        await opened.close();
        await server.stop();
    }
}

/** "PATH:LINE:COL" of a text in a file. */
function placeIn(dir, file, text) {
    const before = read(dir, file).split(text)[0].split('\n');
    return `${file}:${before.length}:${before.at(-1).length + 1}`;
}

/** Until the badge says that text with a place; the place. */
async function badgePlace(page, text) {
    const place = await page.waitForFunction((wanted) => {
        const root = document.querySelector('orbiton-badge')?.shadowRoot;
        const button = root?.querySelector('.place');
        return root?.querySelector('.text').textContent.includes(wanted) && !button.hidden
            && button.textContent;
    }, text, { timeout: WATCHDOG_MS });
    return place.jsonValue();
}

test('an error of the page is said to be where it was written', () => run(async ({ dir, server, page }) => {
    await page.route('**/__orbit/open?*', (route) => route.fulfill({ status: 204 }));
    const fails = async (selector, text, place) => {
        const from = server.events.items.length;
        await page.click(selector);
        assert.equal(await badgePlace(page, text), place);
        const asked = page.waitForRequest('**/__orbit/open?*');
        await page.locator('orbiton-badge .place').click();
        assert.equal(new URL((await asked).url()).searchParams.get('file'), place);
        await server.events.until((each) => JSON.stringify(each).includes(`${place}: `), { from });
        await page.locator('orbiton-badge .close').click();
    };
    for (const lang of ['js', 'ts']) {
        const file = `src/${lang}.orbit`;
        await fails(`.${lang}-called`, 'called', placeIn(dir, file, 'new Error(what)'));
        await fails(`.${lang}-shown`, 'length', placeIn(dir, file, 'length }}'));
    }
    await fails('.tsx', 'of tsx', placeIn(dir, 'src/button.tsx', "new Error('of tsx')"));
}));

for (const lang of ['js', 'ts']) {
    test(`code in ${lang} that cannot be shown is taken back, and the place is in its template`, () => run(
        async ({ dir, server, page }) => {
            const file = `src/${lang}.orbit`;
            const line = await lineAfter(server, 'error', () => edit(dir, file, '{{ n }}', '{{ n.m.name }}'));
            const place = placeIn(dir, file, 'name }}');
            assert.match(line.why, /^rolled back: .*name/);
            assert.ok(line.why.endsWith(`(${place})`), line.why);
            assert.equal(await badgePlace(page, 'name'), place);
            await shows(page, `document.querySelector('.${lang}').textContent`, '2');
        }));
}
