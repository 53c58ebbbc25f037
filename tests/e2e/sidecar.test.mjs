// SPDX-License-Identifier: MIT

/*
 * What the sidecar does with sheets and with a plugin of the project, and what a person sees when it is
 * killed, hangs, prints rubbish, has no memory left or lacks a package: a message, a page that goes on, and
 * a next save that works.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { browser, copyExample, openPage, request, sync } from './harness.mjs';
import { install } from './packages.mjs';
import { badgeShows, documentOf, put, shows, writeProject } from './project.mjs';
import { edit, lineAfter, start, visit } from './steps.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome?.close());

/** The Node processes that work in a folder. */
function sidecarsOf(dir) {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => {
        try {
            return readlinkSync(`/proc/${pid}/cwd`) === dir
                && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('node\0');
        } catch {
            return false; // it is gone, or not ours
        }
    }).map(Number);
}

async function withFiles(files, packages, urls, run, env = {}) {
    const dir = await writeProject(files);
    install(dir, ...packages);
    const server = await start(dir, [], { env });
    const visited = urls ? await visit(chrome, server, urls) : {};
    try {
        await run({ dir, server, ...visited });
    } finally {
        await visited.close?.();
        await server.stop();
    }
    assert.deepEqual(sidecarsOf(dir), [], 'nothing is left behind');
}

const marginOf = (selector) => `getComputedStyle(document.querySelector("${selector}")).marginTop`;
const colorOf = (selector) => `getComputedStyle(document.querySelector("${selector}")).color`;

test('Sass: a sheet is swapped when it or what it is made of is saved, and an error is mended', () =>
    withFiles({
        'index.html': documentOf('/src/main.js', '<link rel="stylesheet" href="/src/linked.scss">'),
        'src/main.js': 'import "./a.scss";\ndocument.body.innerHTML = "<b>b</b><i>i</i><u>u</u>";\n',
        'src/a.scss': '@use "colors";\nb { color: colors.$a; }\n',
        'src/linked.scss': '$x: rgb(0, 0, 9);\ni { & { color: $x; } }\n',
        'src/_colors.scss': '$a: rgb(1, 2, 3);\n',
    }, ['sass'], ['/src/main.js'], async ({ dir, server, page, isSame }) => {
        await shows(page, colorOf('b'), 'rgb(1, 2, 3)');
        await shows(page, colorOf('i'), 'rgb(0, 0, 9)');
        await edit(dir, 'src/_colors.scss', '3', '4');
        await shows(page, colorOf('b'), 'rgb(1, 2, 4)');
        await edit(dir, 'src/linked.scss', '9', '8');
        await shows(page, colorOf('i'), 'rgb(0, 0, 8)');
        const bad = await lineAfter(server, 'bad', () => edit(dir, 'src/_colors.scss', '$a:', '$a'));
        assert.match(bad.what, /^src\/_colors\.scss:1:/);
        await shows(page, colorOf('b'), 'rgb(1, 2, 4)');
        await edit(dir, 'src/_colors.scss', '$a', '$a:');
        await edit(dir, 'src/_colors.scss', '4', '5');
        await shows(page, colorOf('b'), 'rgb(1, 2, 5)');
        assert.ok(await isSame());
    }));

test('Tailwind: a class that is first used gets its rule', () =>
    withFiles({
        'index.html': documentOf('/src/main.js', '<link rel="stylesheet" href="/src/a.css">'),
        'package.json': '{"devDependencies": {"tailwindcss": "4", "@tailwindcss/postcss": "4"}}',
        'src/main.js': 'document.body.innerHTML = "<b class=\'pt-1\'>b</b>";\n'
            + 'import.meta.hot.accept();\n',
        'src/a.css': '@import "tailwindcss";\n',
    }, ['tailwindcss', '@tailwindcss/postcss'], ['/src/main.js'], async ({ dir, page, isSame }) => {
        const padding = 'getComputedStyle(document.querySelector("b")).paddingTop';
        await shows(page, padding, '4px');
        await edit(dir, 'src/main.js', 'pt-1', 'pt-9');
        await shows(page, padding, '36px');
        assert.ok(await isSame());
    }));

test('a CSS module: another rule keeps the modules that import it, another name does not', () =>
    withFiles({
        'index.html': documentOf('/src/main.js'),
        'src/main.js': 'import styles, { title } from "./a.module.css";\n'
            + 'globalThis.runs = (globalThis.runs ?? 0) + 1;\n'
            + 'document.body.innerHTML = `<b class="${title}">${Object.keys(styles)}</b>`;\n'
            + 'import.meta.hot.accept();\n',
        'src/a.module.css': '.title { color: rgb(1, 1, 1) }\n',
    }, ['lightningcss'], ['/src/main.js'], async ({ dir, page, isSame }) => {
        await shows(page, colorOf('b'), 'rgb(1, 1, 1)');
        await edit(dir, 'src/a.module.css', '1, 1)', '1, 2)');
        await shows(page, colorOf('b'), 'rgb(1, 1, 2)');
        await shows(page, 'runs', 1);
        await edit(dir, 'src/a.module.css', '.title', '.more { top: 0 }\n.title');
        await shows(page, 'document.body.textContent', 'more,title');
        assert.ok(await isSame());
    }));

test('the sheets of a version that is taken back go with it, and come with the next one', () =>
    withFiles({
        'index.html': documentOf('/src/main.js'),
        'src/main.js': 'document.body.innerHTML = "<b>one</b>";\nimport.meta.hot.accept();\n',
        'src/plain.css': 'b { margin-top: 7px }\n',
        'src/a.module.css': 'b { color: rgb(1, 1, 1) }\n',
    }, ['lightningcss'], ['/src/main.js'], async ({ dir, page, isSame }) => {
        await shows(page, 'document.body.textContent', 'one');
        const main = 'import "./plain.css";\nimport "./a.module.css";\n'
            + 'document.body.innerHTML = "<b>two</b>";\nimport.meta.hot.accept();\n';
        await put(dir, 'src/main.js', `${main}throw new Error("refused");\n`);
        await badgeShows(page, /refused/);
        await shows(page, 'document.body.textContent', 'one');
        await shows(page, `[${colorOf('b')}, ${marginOf('b')}]`, ['rgb(0, 0, 0)', '0px']);
        await put(dir, 'src/main.js', main);
        await shows(page, 'document.body.textContent', 'two');
        await shows(page, `[${colorOf('b')}, ${marginOf('b')}]`, ['rgb(1, 1, 1)', '7px']);
        assert.ok(await isSame());
    }));

test('a plugin of the project: its files, what they depend on, and itself', async () => {
    const dir = copyExample('plugin');
    const server = await start(dir);
    const { page, close, isSame } = await visit(chrome, server, ['/main.js']);
    const lines = '[...document.querySelectorAll("p")].map((p) => p.textContent)';
    await shows(page, lines, ['The first crocus.', 'The last snow.', '- no author']);
    await edit(dir, 'spring.txt', 'crocus', 'snowdrop');
    await shows(page, lines, ['The first snowdrop.', 'The last snow.', '- no author']);
    await edit(dir, 'footer.txt', 'no author', 'anonymous');
    await shows(page, lines, ['The first snowdrop.', 'The last snow.', '- anonymous']);
    const bad = await lineAfter(server, 'bad',
        () => edit(dir, 'spring.txt', 'The last', `${'very '.repeat(20)}last`));
    assert.deepEqual([bad.what, bad.why], ['spring.txt:2:61', 'this line is too long for a poem']);
    await edit(dir, 'spring.txt', 'very '.repeat(20), 'The ');
    assert.ok(await isSame());
    await close();
    await server.stop();
});

const VUE = {
    'index.html': documentOf('/src/main.js'),
    'src/main.js': 'import { createApp } from "vue";\nimport App from "./App.vue";\n'
        + 'createApp(App).mount(document.body);\n',
    'src/App.vue': '<script setup>\nimport { ref } from "vue";\nconst n = ref(0);\n</script>\n'
        + '<template><button @click="n++">a {{ n }}</button></template>\n',
    'plain.js': 'export const plain = 1;\n',
};
const BUTTON = 'document.querySelector("button").textContent';

test('killed while idle: the next save is answered by a new one', () =>
    withFiles(VUE, ['vue'], ['/src/App.vue'], async ({ dir, page, isSame }) => {
        await page.click('button');
        const [pid] = sidecarsOf(dir);
        process.kill(pid, 'SIGKILL');
        await edit(dir, 'src/App.vue', '>a ', '>b ');
        await shows(page, BUTTON, 'b 1');
        assert.notDeepEqual(sidecarsOf(dir), [pid]);
        assert.ok(await isSame());
    }));

/* A component, and a module that refuses a certain text; both import it. */
const SHARED = {
    'index.html': documentOf('/src/main.js'),
    'src/text.js': 'export const text = "one";\n',
    'src/judge.js': 'import { text } from "./text.js";\nexport { text };\nimport.meta.hot.accept((next) => {\n'
        + '    if (next.text === "bad") throw new Error("refused");\n});\n',
};
const COMPONENTS = {
    vue: {
        'src/main.js': 'import { createApp } from "vue";\nimport App from "./App.vue";\nimport "./judge.js";\n'
            + 'createApp(App).mount(document.body);\n',
        'src/App.vue': '<script setup>\nimport { text } from "./text.js";\n</script>\n'
            + '<template><button>{{ text }}</button></template>\n<style>button { color: rgb(1, 1, 1) }</style>\n',
    },
    svelte: {
        'src/main.js': 'import { mount } from "svelte";\nimport App from "./App.svelte";\nimport "./judge.js";\n'
            + 'mount(App, { target: document.body });\n',
        'src/App.svelte': '<script>\nimport { text } from "./text.js";\n</script>\n'
            + '<button>{text}</button>\n<style>button { color: rgb(1, 1, 1) }</style>\n',
    },
};
for (const [name, files] of Object.entries(COMPONENTS)) {
    test(`${name}: what a component imports is edited, and goes back when that is refused`, () =>
        withFiles({ ...SHARED, ...files }, [name], [`/src/App.${name}`], async ({ dir, page, isSame }) => {
            await shows(page, BUTTON, 'one');
            await edit(dir, 'src/text.js', 'one', 'two');
            await shows(page, BUTTON, 'two');
            await edit(dir, 'src/text.js', 'two', 'bad');
            await badgeShows(page, /refused/);
            await shows(page, BUTTON, 'two');
            await edit(dir, `src/App.${name}`, '1, 1)', '1, 2)');
            await edit(dir, 'src/text.js', 'bad', 'three');
            await shows(page, BUTTON, 'three');
            await shows(page, colorOf('button'), 'rgb(1, 1, 2)');
            assert.ok(await isSame());
        }));
}

/** A plugin that does with a file what the file says. */
const ODD = {
    'index.html': documentOf('/main.js'),
    'package.json': '{"orbiton": {"plugins": {".odd": "./odd.mjs"}}}',
    'odd.mjs': `import { writeSync } from 'node:fs';
export default () => ({
    name: 'odd',
    async transform({ code }) {
        const word = code.trim();
        if (word === 'rubbish') writeSync(1, 'Compiling...\\n');
        if (word === 'exit') process.exit(7);
        if (word === 'kill') process.kill(process.pid, 'SIGKILL');
        if (word === 'hang') for (;;);
        if (word === 'memory') for (const list = [];;) list.push(new Array(1e6).fill(1));
        return { code: 'export default ' + JSON.stringify(word) };
    },
});
`,
    'main.js': 'import word from "./a.odd";\ndocument.body.textContent = word;\n'
        + 'import.meta.hot.accept();\n',
    'plain.js': 'export const plain = 1;\n',
    'a.odd': 'one\n',
};

for (const [word, message] of [
    ['exit', /sidecar.*ended with status 7/],
    ['kill', /sidecar.*signal 9/],
    ['hang', /did not answer within 10 seconds/],
]) {
    test(`a file that makes its compiler ${word} is an error, and nothing else waits`, () =>
        withFiles(ODD, [], ['/main.js'], async ({ dir, server, page, isSame }) => {
            const text = 'document.body.textContent';
            await shows(page, text, 'one');
            const bad = lineAfter(server, 'bad', () => edit(dir, 'a.odd', 'one', word));
            // A file that needs no sidecar is served while that is busy, dead or in a loop.
            assert.equal((await request(server, '/plain.js')).body, ODD['plain.js']);
            assert.match((await bad).why, message);
            await shows(page, text, 'one');
            await edit(dir, 'a.odd', word, 'two');
            await shows(page, text, 'two');
            assert.ok(await isSame());
        }));
}

test('a compiler that runs out of memory is named, and the page comes back with the next save', () =>
    withFiles({ ...ODD, 'a.odd': 'memory\n' }, [], null, async ({ dir, server }) => {
        const { page, close } = await openPage(chrome, server.url);
        const bad = await server.events.until((each) => each.verb === 'bad', { what: 'an error' });
        assert.match(bad.why, /sidecar.*ran out of memory/);
        await edit(dir, 'a.odd', 'memory', 'two');
        await shows(page, 'document.body.textContent', 'two');
        await close();
    }, { NODE_OPTIONS: '--max-old-space-size=64' }));

test('what a compiler prints on standard output is told, and its answers are taken', () =>
    withFiles(ODD, [], ['/main.js'], async ({ dir, server, page }) => {
        await edit(dir, 'a.odd', 'one', 'rubbish');
        await shows(page, 'document.body.textContent', 'rubbish');
        await server.events.until((each) => /Compiling\.\.\./.test(JSON.stringify(each)),
            { what: 'a warning' });
    }));

test('a package that is missing is named with its command, and found once it is there', () =>
    withFiles({ ...VUE, 'src/main.js': 'import "./a.scss";\n', 'src/a.scss': 'b { c { d: e } }\n' },
        [], null, async ({ dir, server }) => {
            const { page, close } = await openPage(chrome, server.url);
            const bad = await server.events.until((each) => each.verb === 'bad', { what: 'an error' });
            assert.match(bad.why, /npm install -D sass/);
            install(dir, 'sass');
            await put(dir, 'src/a.scss', 'b { c { d: f } }\n');
            await sync(server);
            await page.waitForFunction(() => [...document.styleSheets]
                .some((sheet) => [...sheet.cssRules].some((rule) => rule.cssText.includes('b c'))));
            await close();
        }));

test('a project without such files has no Node process', () =>
    withFiles({ 'index.html': documentOf('/plain.js'), 'plain.js': 'export default 1;\n' }, ['vue'],
        ['/plain.js'], async ({ dir }) => {
            assert.deepEqual(sidecarsOf(dir), []);
        }));

test('the page waits for the first compiler, and is rendered', () =>
    withFiles(VUE, ['vue'], null, async ({ dir, server }) => {
        const { page, close } = await openPage(chrome, server.url);
        await shows(page, BUTTON, 'a 0');
        assert.equal(sidecarsOf(dir).length, 1);
        assert.ok(path.isAbsolute(dir));
        await close();
    }));
