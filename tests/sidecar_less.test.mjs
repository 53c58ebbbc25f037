// SPDX-License-Identifier: MIT

/* The sidecar's adapters for Less and Stylus: what the compilers make of a sheet, and what is said of a wrong one. */

import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { decodeMappings } from '../sidecar/maps.mjs';
import { project, startSidecar } from './sidecar.mjs';
import { VITE } from './vite.mjs';

const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));
const PACKAGES = ['less', 'stylus', 'postcss', 'vue'];

/** Where a text of the output is in the source, by the map: { file, line, column } from 1. */
function sourceOf({ code, map }, text) {
    const at = code.indexOf(text);
    assert.notEqual(at, -1, `${text} is in the output`);
    const before = code.slice(0, at).split('\n');
    const column = before.at(-1).length;
    const [, source, line, from] = decodeMappings(map.mappings)[before.length - 1]
        .filter((each) => each[0] <= column).at(-1);
    return { file: fileURLToPath(map.sources[source]), line: line + 1, column: from + 1 };
}

/**
 * A project of these files with the packages that sheets need. `make(path, code)` is what is made of a sheet, with a
 * vite.config.js of these files, and where `paths` of a tsconfig.json lead "@/*" to src.
 */
async function withProject(files, run) {
    const sidecar = await startSidecar(project({ ...VITE, ...files, 'node_modules/.none': '1' }));
    const { request, root } = sidecar;
    let id = 100;
    for (const name of PACKAGES) {
        symlinkSync(path.join(MODULES, name), path.join(root, 'node_modules', name));
    }
    let config;
    if (files['vite.config.js']) {
        const answer = await request({ id: id++, op: 'transform', plugin: 'config', path: `${root}/vite.config.js?config`,
            url: '/vite.config.js?config', code: '' });
        const { alias, css } = JSON.parse(answer.code);
        config = { alias, ...(css && { css: 'vite.config.js' }) };
    }
    const make = (file, code, plugin = 'style') => request({ id: id++, op: 'transform', plugin, config,
        path: `${root}/${file}`, url: `/${file}`, code, paths: [['@/*', [`${root}/src/*`]]] });
    try {
        await run({ ...sidecar, make });
    } finally {
        await sidecar.close();
    }
}

/** What both languages have the same way, in the text of each. */
const LANGUAGES = [
    { lang: 'less', other: 'less', name: 'Less', key: 'less', set: (name, value) => `@${name}: ${value};\n`, use: (name) => `@${name}` },
    { lang: 'styl', other: 'stylus', name: 'Stylus', key: 'stylus', set: (name, value) => `$${name} = ${value}\n`, use: (name) => `$${name}` },
];

for (const { lang, other, name, key, set, use } of LANGUAGES) {
    const rule = (selector, ...lines) => `${selector} {\n${lines.map((each) => `  ${each};\n`).join('')}}\n`;
    const paint = rule('b', `color: ${use('ink')}`);

    test(`a sheet in ${name} leads back to its source, and names what it is made of, also when it is wrong`, () =>
        withProject({
            [`src/part.${lang}`]: set('ink', 'rgb(1, 2, 3)') + rule('i', 'order: 1'),
            [`src/bad.${lang}`]: `\n${rule('i', `order: ${use('none')} +`)}`,
        }, async ({ make, root }) => {
            const done = await make(`src/a.${lang}`, `@import "part";\n${paint}`);
            assert.equal(done.type, 'css');
            assert.match(done.code, /color: (?:#010203|rgb\(1, ?2, ?3\))/);
            assert.deepEqual(done.deps, [`${root}/src/part.${lang}`]);
            assert.equal(sourceOf(done, 'order').line, 3);
            assert.equal(sourceOf(done, 'order').file, `${root}/src/part.${lang}`);
            assert.deepEqual(sourceOf(done, 'color'), { file: `${root}/src/a.${lang}`, line: 3, column: 3 });
            assert.ok(done.map.sourcesContent.includes(`@import "part";\n${paint}`));

            const bad = await make(`src/a.${lang}`, '@import "bad";\n');
            assert.equal(bad.error.loc.file, `${root}/src/bad.${lang}`);
            assert.equal(bad.error.loc.line, 3);
            assert.deepEqual(bad.deps, [`${root}/src/bad.${lang}`]);
            const own = await make(`src/a.${lang}`, `@import "part";\n${rule('b', 'color: red', 'order: url(')}`);
            assert.equal(own.error.loc.file, `${root}/src/a.${lang}`);
            assert.ok(own.error.message.length > 0 && !own.error.message.includes('|'), own.error.message);
        }));

    test(`a sheet that ${name} looks for in vain is named, in all places where it may yet come`, () =>
        withProject({ [`src/sub/here.${lang}`]: '@import "late";\n', 'src/file': '' }, async ({ make, root }) => {
            const { error, deps } = await make(`src/a.${lang}`, '@import "sub/here";\n');
            assert.equal(error.loc.file, `${root}/src/sub/here.${lang}`);
            assert.deepEqual([error.loc.line, /late/.test(error.message)], [1, true]);
            for (const place of [`src/sub/here.${lang}`, `src/sub/late.${lang}`]) {
                assert.ok(deps.includes(`${root}/${place}`), `${place} in ${deps}`);
            }
            const named = await make(`src/a.${lang}`, '@import "@/late";\n');
            assert.ok(named.deps.includes(`${root}/src/late.${lang}`), named.deps);
            const beyond = await make(`src/a.${lang}`, '@import "file/late";\n');
            assert.deepEqual([beyond.error.loc.line, /late/.test(beyond.error.message)], [1, true]);
        }));

    test(`names in ${name} lead to files, by aliases and tsconfig.json, and to packages`, () =>
        withProject({
            'vite.config.js': "export default { resolve: { alias: { styles: '/src/styles', old: 'pack' } } };",
            [`src/styles/vars.${lang}`]: set('ink', 'red'),
            'node_modules/pack/package.json': JSON.stringify({
                name: 'pack', style: `main.${lang}`, exports: { [lang === 'less' ? './theme' : './theme.styl']: { style: `./dist/shown.${lang}` } },
            }),
            [`node_modules/pack/vars.${lang}`]: set('ink', 'green'),
            [`node_modules/pack/dist/shown.${lang}`]: set('ink', 'teal'),
        }, async ({ make, root }) => {
            for (const [from, colour, file] of [
                ['./styles/vars', 'f00|red', `src/styles/vars.${lang}`],
                ['styles/vars', 'f00|red', `src/styles/vars.${lang}`],
                ['@/styles/vars', 'f00|red', `src/styles/vars.${lang}`],
                [`/src/styles/vars.${lang}`, 'f00|red', `src/styles/vars.${lang}`],
                ['pack/vars', '008000|green', `node_modules/pack/vars.${lang}`],
                [`~pack/vars.${lang}`, '008000|green', `node_modules/pack/vars.${lang}`],
                ['old/vars', '008000|green', `node_modules/pack/vars.${lang}`],
                [lang === 'less' ? 'pack/theme' : 'pack/theme.styl', '008080|teal', `node_modules/pack/dist/shown.${lang}`],
            ]) {
                const done = await make(`src/a.${lang}`, `@import "${from}";\n${paint}`);
                assert.match(done.code ?? '', new RegExp(`color: (?:#?)(?:${colour})`), `${from}: ${done.error?.message}`);
                assert.deepEqual(done.deps, [`${root}/${file}`], from);
            }
        }));

    test(`what vite.config says to ${name} counts: text in front, folders; places stay those of the file`, () =>
        withProject({
            'vite.config.js': `export default { css: { preprocessorOptions: { ${key}: {
                additionalData: ${JSON.stringify(`@import "front";\n${set('order', '7').trim()}${lang === 'less' ? '' : '\n'}`)},
                paths: ['lib'] } } } };`,
            [`lib/front.${lang}`]: set('ink', 'red'),
        }, async ({ make, root }) => {
            const done = await make(`a.${lang}`, paint + rule('i', `order: ${use('order')}`));
            assert.match(done.code, /color: (?:#f00|red)[^]*order: 7/);
            assert.deepEqual(done.deps, [`${root}/lib/front.${lang}`]);
            assert.deepEqual(sourceOf(done, 'color'), { file: `${root}/a.${lang}`, line: 2, column: 3 });
            assert.ok(done.map.sourcesContent.includes(paint + rule('i', `order: ${use('order')}`)));
            const { error } = await make(`a.${lang}`, `${paint}@import "none";\n`);
            assert.deepEqual([error.loc.file, error.loc.line], [`${root}/a.${lang}`, 4]);
            const vue = await make('A.vue', `<template><b/></template>\n<style lang="${other}" scoped>\n${paint}</style>`, 'vue');
            assert.match(vue.code, /b\[data-v-\w+\] *\{[^}]*color: (?:#f00|red)/);
            assert.ok(vue.deps.includes(`${root}/lib/front.${lang}`));
        }));

    test(`additionalData for ${name} may be a function, and what is wrong in it is said of vite.config`, () =>
        withProject({
            'vite.config.js': `export default { css: { preprocessorOptions: { ${key}: { additionalData: (code, path) =>
                (path.endsWith('a.${lang}') ? ${JSON.stringify(set('ink', 'red'))} : '@import "none";\\n') + code } } } };`,
        }, async ({ make, root }) => {
            assert.match((await make(`a.${lang}`, paint)).code, /color: (?:#f00|red)/);
            const { error } = await make(`b.${lang}`, paint);
            assert.match(error.message, new RegExp(`^in additionalData for .*b\\.${lang}: .*none`));
            assert.deepEqual(error.loc, { file: `${root}/vite.config.js` });
        }));

    test(`a CSS module may be written in ${name}, and a block of a Vue component, with errors in the lines of the file`, () =>
        withProject({}, async ({ make, root }) => {
            const module = await make(`src/a.module.${lang}`, set('ink', 'red') + `.a { .b { color: ${use('ink')} } }\n`);
            assert.equal(module.type, 'js');
            assert.match(module.code, /color: (?:#f00|red)[^]*"b": "b_/);
            for (const each of new Set([lang, other])) {
                const text = `<template><i/></template>\n<style lang="${each}">\n${set('ink', 'red')}${paint}</style>\n`;
                assert.match((await make('src/A.vue', text, 'vue')).code, /color: (?:#f00|red)/);
                const { error } = await make('src/A.vue', text.replace('b {', '@import "none";\nb {'), 'vue');
                assert.deepEqual([error.loc.file, error.loc.line], [`${root}/src/A.vue`, 4]);
            }
        }));

    test(`a sheet in ${name} without its compiler is an error that says the command`, async () => {
        const sidecar = await startSidecar(project({ 'node_modules/.none': '1' }));
        const { error } = await sidecar.transform('style', `a.${lang}`, paint);
        assert.match(error.message, new RegExp(`npm install -D ${other}$`));
        assert.equal(error.install, other);
        await sidecar.close();
    });
}

test('imports of Less have its options', () =>
    withProject({
        'src/ref.less': '.m() { order: 1 }\n.not-there { order: 2 }\n',
        'src/in.css': '.in { order: @{no} }\n',
        'src/sub/out.less': '@import (css) "far.css";\n',
    }, async ({ make, root }) => {
        const { code, deps } = await make('src/a.less', '@import (reference) "ref";\n@import (inline) "in.css";\n'
            + '@import (optional) "may-come";\n@import "plain.css";\n@import "sub/out";\n@import url(https://a.test/b.css);\n.a { .m() }\n');
        assert.match(code, /\.a \{\s*order: 1/);
        assert.doesNotMatch(code, /not-there/);
        assert.match(code, /order: @\{no\}/);
        assert.match(code, /@import "plain\.css";[^]*@import "sub\/far\.css";[^]*@import url\(https:\/\/a\.test\/b\.css\)/);
        for (const file of ['ref.less', 'in.css', 'may-come.less', 'sub/out.less']) {
            assert.ok(deps.includes(`${root}/src/${file}`), `${file} in ${deps}`);
        }
        assert.ok(!deps.some((each) => each.includes('plain')));
    }));

test('url() in a file that Less imports is relative to that, and leads where a name of the project does', () =>
    withProject({
        'src/ui/x.svg': '<svg/>',
        'src/sub/part.less': '@here: "./v";\n.m() { background: url(img/x.png) url("./y.png") url("../z.png") url("@{here}/w.png")\n'
            + 'url("@/ui/x.svg") url(/a.png) url(data:x) url("#b") url(https://a.test/c.png) url("~pack/d.png") }\n',
        'src/sub/dot.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
        'src/sub/data.less': '.data { background: data-uri("dot.svg") }\n',
    }, async ({ make, root }) => {
        const { code } = await make('src/a.less', '@import "sub/part";\n.a { .m() }\n');
        const urls = [...code.matchAll(/url\("?([^")]*)"?\)/g)].map(([, url]) => url);
        assert.deepEqual(urls, ['./sub/img/x.png', './sub/y.png', './z.png', './sub/v/w.png', '/src/ui/x.svg', '/a.png',
            'data:x', '#b', 'https://a.test/c.png', '~pack/d.png']);
        const data = await make('src/a.less', '@import "sub/data";\n');
        assert.match(data.code, /url\("data:image\/svg\+xml,/);
        assert.deepEqual(data.deps, [`${root}/src/sub/data.less`, `${root}/src/sub/dot.svg`]);
    }));

test('plugins of Less are files of the project or packages', () => {
    const plugin = (value) => `module.exports = { install(less, manager, functions) { functions.add('answer', () => ${value}); } };\n`;
    return withProject({
        'src/own.js': plugin(42),
        'node_modules/less-plugin-pack/package.json': '{"name": "less-plugin-pack", "main": "main.js"}',
        'node_modules/less-plugin-pack/main.js': plugin(43),
    }, async ({ make, root }) => {
        const own = await make('src/a.less', '@plugin "own";\n.a { order: answer() }\n');
        assert.match(own.code ?? own.error.message, /order: 42/);
        assert.deepEqual(own.deps, [`${root}/src/own.js`]);
        const pack = await make('src/a.less', '@plugin "pack";\n.a { order: answer() }\n');
        assert.match(pack.code ?? pack.error.message, /order: 43/);
    });
});

test('options of vite.config are those of Less and Stylus', () =>
    withProject({
        'vite.config.js': `export default { css: { preprocessorOptions: {
            less: { javascriptEnabled: true, modifyVars: { ink: 'teal' }, globalVars: { paper: 'navy' }, math: 'always' },
            styl: { define: { $order: 5 }, imports: ['./lib/always.styl'] } } } };`,
        'lib/always.styl': 'always()\n  top 3px\n',
    }, async ({ make, root }) => {
        const text = '@ink: red;\n.a {\n  color: @ink;\n  background: @paper;\n  order: `1 + 1`;\n  width: 4px / 2;\n}\n';
        const done = await make('a.less', text);
        assert.match(done.code, /color: teal;\s+background: navy;\s+order: 2;\s+width: 2px/);
        assert.deepEqual(sourceOf(done, 'background'), { file: `${root}/a.less`, line: 4, column: 3 });
        const { error } = await make('a.less', `${text}.b {\n  color: @none;\n}\n`);
        assert.deepEqual(error.loc, { file: `${root}/a.less`, line: 9, column: 10 });
        const styl = await make('a.styl', '.a\n  order $order\n  always()\n');
        assert.match(styl.code, /order: 5;\s+top: 3px/);
        assert.deepEqual(styl.deps, [`${root}/lib/always.styl`]);
    }));

test('a pattern in Stylus imports what fits it, and the folder counts', () =>
    withProject({ 'src/sub/a.styl': 'i\n  order 1\n', 'src/sub/b.styl': '' }, async ({ make, root }) => {
        const done = await make('src/a.styl', '@import "sub/*"\n');
        assert.match(done.code, /order: 1/);
        assert.deepEqual(done.dirs, [`${root}/src/sub`]);
    }));
