// SPDX-License-Identifier: MIT

/*
 * Sheets in Less and Stylus in a page: linked, imported, as modules, inline, in components and of packages. A save of
 * one, or of what it is made of, swaps the sheet and keeps the page.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser } from './harness.mjs';
import { install } from './packages.mjs';
import { documentOf, put, shows, writeProject } from './project.mjs';
import { edit, lineAfter, start, visit } from './steps.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome?.close());

async function withFiles(files, packages, run) {
    const dir = await writeProject(files);
    install(dir, ...packages);
    const server = await start(dir);
    const visited = await visit(chrome, server, ['/src/main.js']);
    try {
        await run({ dir, server, ...visited });
    } finally {
        await visited.close();
        await server.stop();
    }
}

const colorOf = (selector) => `getComputedStyle(document.querySelector("${selector}")).color`;

/** The same sheets in both languages. */
for (const { lang, name, set, use } of [
    { lang: 'less', name: 'less', set: (value) => `@ink: ${value};\n`, use: '@ink' },
    { lang: 'styl', name: 'stylus', set: (value) => `$ink = ${value}\n`, use: '$ink' },
]) {
    test(`${name}: a sheet is swapped when it or what it is made of is saved, and an error is mended`, () =>
        withFiles({
            'package.json': `{"devDependencies": {"${name}": "*"}}`,
            'index.html': documentOf('/src/main.js', `<link rel="stylesheet" href="/src/linked.${lang}">`),
            'src/main.js': `import './a.${lang}';\nimport 'pack/p.${lang}';\nimport names from './m.module.${lang}';\n`
                + `import text from './in.${lang}?inline';\nglobalThis.text = text;\n`
                + 'document.body.innerHTML = `<b>b</b><i>i</i><u class="${names.u}">u</u><s>s</s>`;\n',
            [`src/a.${lang}`]: `@import 'sub/part';\nb { color: ${use}; }\n`,
            [`src/sub/part.${lang}`]: set('rgb(1, 2, 3)'),
            [`src/linked.${lang}`]: 'i { &, & { color: rgb(0, 0, 9); } }\n',
            [`src/m.module.${lang}`]: `@import 'sub/part';\n.u { color: ${use}; }\n`,
            [`src/in.${lang}`]: `${set('rgb(7, 7, 7)')}em { color: ${use} }\n`,
            [`node_modules/pack/p.${lang}`]: `${set('rgb(5, 5, 5)')}s { color: ${use} }\n`,
            'node_modules/pack/package.json': '{"name": "pack"}',
        }, [name, 'lightningcss'], async ({ dir, server, page, isSame }) => {
            await shows(page, colorOf('b'), 'rgb(1, 2, 3)');
            await shows(page, colorOf('i'), 'rgb(0, 0, 9)');
            await shows(page, colorOf('u'), 'rgb(1, 2, 3)');
            await shows(page, colorOf('s'), 'rgb(5, 5, 5)');
            await shows(page, '/^em \\{\\s+color: (?:#070707|rgb\\(7, 7, 7\\))/.test(text)', true);
            await edit(dir, `src/sub/part.${lang}`, '3', '4');
            await shows(page, colorOf('b'), 'rgb(1, 2, 4)');
            await shows(page, colorOf('u'), 'rgb(1, 2, 4)');
            await edit(dir, `src/linked.${lang}`, '9', '8');
            await shows(page, colorOf('i'), 'rgb(0, 0, 8)');
            const bad = await lineAfter(server, 'bad', () => edit(dir, `src/a.${lang}`, 'sub/part', 'sub/late'));
            assert.match(bad.what, new RegExp(`^src/a\\.${lang}:1:`));
            await shows(page, colorOf('b'), 'rgb(1, 2, 4)');
            await put(dir, `src/sub/late.${lang}`, set('rgb(1, 2, 5)'));
            await shows(page, colorOf('b'), 'rgb(1, 2, 5)');
            assert.ok(await isSame());
        }));
}

test('a block in Less of a Vue component is swapped with what it imports, and the component keeps its state', () =>
    withFiles({
        'package.json': '{"dependencies": {"vue": "3"}, "devDependencies": {"less": "4"}}',
        'index.html': documentOf('/src/main.js', '<div id="app"></div>'),
        'src/main.js': "import { createApp } from 'vue';\nimport App from './App.vue';\ncreateApp(App).mount('#app');\n",
        'src/App.vue': '<script setup>\nimport { ref } from "vue";\nconst n = ref(0);\n</script>\n'
            + '<template><b @click="n++">{{ n }}</b></template>\n'
            + '<style lang="less" scoped>\n@import "./vars";\nb { color: @ink; &:hover { top: 0 } }\n</style>\n',
        'src/vars.less': '@ink: rgb(1, 2, 3);\n',
    }, ['vue', 'less'], async ({ dir, page, isSame }) => {
        await shows(page, colorOf('b'), 'rgb(1, 2, 3)');
        await page.click('b');
        await shows(page, 'document.querySelector("b").textContent', '1');
        await edit(dir, 'src/vars.less', '3', '4');
        await shows(page, colorOf('b'), 'rgb(1, 2, 4)');
        await shows(page, 'document.querySelector("b").textContent', '1');
        assert.ok(await isSame());
    }));
