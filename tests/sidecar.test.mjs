// SPDX-License-Identifier: MIT

/*
 * The sidecar's protocol and its adapters: what compilers of real projects make of a file, what they
 * say of a wrong one, and that nothing that they do ends the process.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
    closeSync, constants, cpSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'acorn';

import { decodeMappings } from '../sidecar/maps.mjs';
import { flatPlugins } from '../sidecar/vite_config.mjs';
import { project, startSidecar } from './sidecar.mjs';
import { REACT_PLUGINS, VITE } from './vite.mjs';

const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));

const isModule = (code) => parse(code, { ecmaVersion: 'latest', sourceType: 'module' });

/** Where a text of the output is in the source, by the map: { line, column } from 1. */
function sourceOf({ code, map }, text) {
    const at = code.indexOf(text);
    assert.notEqual(at, -1, `${text} is in the output`);
    const before = code.slice(0, at).split('\n');
    const column = before.at(-1).length;
    const segment = decodeMappings(map.mappings)[before.length - 1]
        .filter((each) => each[0] <= column).at(-1);
    return { line: segment[2] + 1, column: segment[3] + 1 };
}

async function withSidecar(texts, run) {
    const sidecar = await startSidecar(project(texts));
    try {
        await run(sidecar);
    } finally {
        await sidecar.close();
    }
}

test('the end of its input ends it, whatever is under way', async () => {
    const sidecar = await startSidecar(project({}));
    sidecar.transform('svelte', 'a.svelte', '<b/>').catch(() => {});
    assert.equal(await sidecar.close(), 0);
});

test('a component of React registers with Fast Refresh and leads back to its source', () =>
    withSidecar({}, async ({ transform }) => {
        const source = 'import { useState } from "react";\ntype Props = { a: number };\n'
            + 'export default function App({ a }: Props) {\n'
            + '  const [n, set] = useState(a);\n  return <b onClick={() => set(n + 1)}>{n}</b>;\n}\n';
        const done = await transform('react', 'src/App.tsx', source);
        isModule(done.code);
        assert.match(done.code, /\$RefreshReg\$\(_c, "App"\)/);
        assert.match(done.code, /from"\/__orbit\/react.js"/);
        assert.match(done.version, /^oxc-transform@/);
        assert.deepEqual(sourceOf(done, 'useState(a)'), { line: 4, column: 20 });
    }));

for (const [name, file, folder] of [['@vitejs/plugin-react', 'dist/refresh-runtime.js', 'apps/web'],
    ['@vitejs/plugin-react-swc', 'refresh-runtime.js', '']]) {
    test(`the copy of React's runtime in ${name} is found${folder && ', in a workspace by its name'}`, () =>
        withSidecar({
            'node_modules/.none': '1',
            [`node_modules/${name}/package.json`]: '{}',
            [`node_modules/${name}/${file}`]: '',
        }, async ({ send, transform, root }) => {
            symlinkSync(fileURLToPath(new URL('../node_modules/oxc-transform', import.meta.url)),
                path.join(root, 'node_modules/oxc-transform'));
            if (folder) {
                send({ hello: { protocol: 1, root: path.join(root, folder), workspace: root } });
            }
            const { code } = await transform('react', `${folder}/a.jsx`, 'export const A = () => <b/>;');
            assert.ok(code.includes(`from"${folder && '/@workspace'}/node_modules/${name}/${file}"`), code);
        }));
}

/** A project of Vite up to 7 and its plugin for React; `store` is where its packages lie. */
function withBabel(store, run) {
    const folder = store ? `node_modules/${store}/node_modules` : 'node_modules';
    return withSidecar({ 'node_modules/.none': '1', [`${folder}/.none`]: '1' }, (sidecar) => {
        const to = path.join(sidecar.root, folder);
        for (const name of ['@babel', 'esbuild']) {
            symlinkSync(path.join(MODULES, name), path.join(to, name));
        }
        const own = store ? path.join(sidecar.root, 'node_modules', store, 'react-refresh@1') : to;
        cpSync(path.join(MODULES, 'react-refresh'), path.join(own, 'react-refresh'), { recursive: true });
        if (store) {
            symlinkSync(path.join(own, 'react-refresh'), path.join(to, 'react-refresh'));
        }
        return run(sidecar);
    });
}

test('Babel puts in what Fast Refresh lives on, and esbuild does the rest', () => withBabel('', async (sidecar) => {
    const source = 'import { useState } from "react";\nenum Kind { A = 1 }\n\n'
        + 'export default function App({ a }: { a: number }) {\n'
        + '  const [n, set] = useState<number>(a);\n  return <b onClick={() => set(n + 1)}>{n satisfies number}</b>;\n}\n'
        + 'const mark = (target: object, name: string) => {};\nexport class Model { @mark a = Kind.A; }\n';
    const done = await sidecar.transform('react', 'src/App.tsx', source);
    isModule(done.code);
    assert.match(done.code, /\$RefreshReg\$\(_c, "App"\)/);
    assert.match(done.code, /import\*as __orbit_runtime from"react-refresh\/runtime"/);
    assert.match(done.code, /jsxDEV\("b"[^]*lineNumber: 6/);
    assert.match(done.version, /^@babel\/core@7\.\S+ esbuild@0\./);
    assert.deepEqual(sourceOf(done, 'useState(a)'), { line: 5, column: 20 });
    assert.deepEqual(done.map.sources, ['App.tsx']);

    const { code } = await sidecar.request({
        id: 'old', op: 'transform', plugin: 'react', path: path.join(sidecar.root, 'src/App.tsx'), url: '/src/App.tsx',
        code: source, tsconfig: { compilerOptions: { experimentalDecorators: true, jsx: 'preserve' } },
    });
    assert.match(code, /\], Model\.prototype, "a"/);
    assert.match(code, /jsxDEV\("b"/);
    const { error } = await sidecar.transform('react', 'src/App.tsx', 'const a = 1;\nconst b = <b;\n');
    assert.deepEqual([error.loc.line, error.loc.column], [2, 13]);
    assert.match(error.message, /Unexpected token/);
    const plain = await sidecar.transform('react', 'src/a.ts', 'export const a = <T>(x: T): T => <T>x;\n');
    assert.match(plain.code, /export const a = \(x\) => x/);
}));

test('what the plugin for React has brought along is found where pnpm has it', () =>
    withBabel('.pnpm', async ({ transform }) => {
        const { code } = await transform('react', 'src/a.jsx', 'export const A = () => <b/>;');
        assert.match(code, /\$RefreshReg\$\(_c, "A"\)/);
        assert.ok(code.includes('from"/node_modules/.pnpm/react-refresh@1/react-refresh/runtime.js"'), code);
    }));

test('JSX is made by what tsconfig.json names', async () => {
    const ask = async ({ request, root }) => (await request({
        id: 'jsx', op: 'transform', plugin: 'react', path: path.join(root, 'src/a.tsx'), url: '/src/a.tsx',
        code: 'export const A = () => <b css={{ color: "red" }}/>;\n',
        tsconfig: { compilerOptions: { jsx: 'react-jsx', jsxImportSource: '@emotion/react' } },
    })).code;
    for (const run of [(step) => withSidecar({}, step), (step) => withBabel('', step)]) {
        await run(async (sidecar) => {
            const code = await ask(sidecar);
            assert.match(code, /from "@emotion\/react\/jsx-dev-runtime"/);
            assert.match(code, /\$RefreshReg\$\(_c, "A"\)/);
        });
    }
});

test('a module of React without components is left alone', () => withSidecar({}, async (sidecar) => {
    const done = await sidecar.transform('react', 'src/api.ts', 'export const a: number = 1;\n');
    assert.doesNotMatch(done.code, /refresh|import\.meta/i);
    const entry = await sidecar.transform('react', 'src/main.ts',
        'import { createRoot } from "react-dom/client";\nexport const a: number = createRoot;\n');
    assert.match(entry.code, /^import \{ createRoot/);
    assert.deepEqual(sourceOf(entry, 'createRoot }'), { line: 1, column: 10 });
}));

test('a hook of its own has a signature, and does not take updates', () =>
    withSidecar({}, async ({ transform }) => {
        const done = await transform('react', 'src/useA.ts',
            'import { useState } from "react";\nexport function useA() { return useState(1); }\n');
        assert.match(done.code, /\$RefreshSig\$\(\)/);
        assert.doesNotMatch(done.code, /\.take\(/);
    }));

test('a syntax error in JSX has its place', () => withSidecar({}, async ({ transform }) => {
    const { error } = await transform('react', 'src/App.tsx',
        'const ä = "😀";\nexport const App = () => <b>;\n');
    assert.equal(error.loc.line, 2);
    const again = await transform('react', 'src/App.tsx', 'const a = "😀"; const = 1;\n');
    assert.deepEqual([again.error.loc.line, again.error.loc.column], [1, 23]);
}));

test('TypeScript without a framework is stripped of its types', () =>
    withSidecar({}, async ({ transform }) => {
        const done = await transform('script', 'src/a.ts', 'let a: number = 1;\nexport { a };\n');
        assert.match(done.code, /let a = 1/);
        assert.deepEqual(sourceOf(done, '1;'), { line: 1, column: 17 });
    }));

test('what rolldown says of a file is told with its place, and a tsconfig that it cannot read is not', () =>
    withSidecar({
        'node_modules/.none': '1',
        'node_modules/rolldown/package.json': '{"exports": {"./utils": "./utils.mjs"}}',
        'node_modules/rolldown/utils.mjs': `export const transform = async (file, code, { tsconfig }) =>
            code === 'bad' ? { code: '', errors: [{ code: 'PARSE_ERROR', loc: { line: 2, column: 4 },
                message: '[PARSE_ERROR] Expected a semicolon\\n   | drawing' }] }
            : tsconfig === false ? { code: 'good', errors: [], tsconfigFilePaths: [] }
            : { code: '', errors: [{ code: 'TSCONFIG_ERROR', message: 'no such package' }] };`,
    }, async ({ transform }) => {
        const { error } = await transform('script', 'src/a.ts', 'bad');
        assert.equal(error.message, 'Expected a semicolon');
        assert.deepEqual([error.loc.line, error.loc.column], [2, 5]);
        assert.equal((await transform('script', 'src/a.ts', 'let a')).code, 'good');
    }));

test('what Vite brings along is found where pnpm has it for Vite only', () =>
    withSidecar({
        'node_modules/.none': '1',
        'node_modules/.pnpm/node_modules/rolldown/package.json':
            '{"name": "rolldown", "version": "1.2.3", "exports": {"./utils": "./utils.mjs"}}',
        'node_modules/.pnpm/node_modules/rolldown/utils.mjs':
            'export const transform = async (file, code) => ({ code: `made of ${code}`, errors: [] });',
    }, async ({ transform }) => {
        const done = await transform('script', 'src/a.ts', 'a');
        assert.deepEqual([done.code, done.version], ['made of a', 'rolldown@1.2.3']);
    }));

/** A project whose compiler is that one, which leaves the import of a helper, and what it has more. */
const withHelper = (compiler, more, run) => withSidecar({
    'node_modules/.none': '1',
    [`node_modules/${compiler}/package.json`]: `{"exports": {".": "./index.mjs", "./utils": "./utils.mjs"}}`,
    [`node_modules/${compiler}/${compiler === 'rolldown' ? 'utils' : 'index'}.mjs`]:
        `export const transform = async (file, code) => ({
            code: 'import { a } from "b";\\nimport _decorate from "@oxc-project/runtime/helpers/decorate";\\n' + code,
            helpersUsed: { decorate: '@oxc-project/runtime/helpers/decorate' }, errors: [],
        });`,
    ...more,
}, run);

const ROLLDOWN = {
    'node_modules/rolldown/package.json': '{"exports": {"./utils": "./utils.mjs", ".": "./index.mjs"}}',
    'node_modules/rolldown/index.mjs': `let failed = false;
        export const build = async ({ input, plugins: [{ resolveId, load }] }) => {
            if (!failed) {
                failed = true;
                throw new Error('not now');
            }
            return { output: [{ code: 'var _=(function(){return "$&",' + JSON.stringify(load(resolveId(input))) + '})();\\n' }] };
        };`,
};

test('functions that a compiler imports of a package that no project has are put where the import is', async () => {
    for (const compiler of ['rolldown', 'oxc-transform']) {
        await withHelper(compiler, ROLLDOWN, async ({ transform }) => {
            // one that could not be had is asked for again
            assert.equal((await transform('script', 'src/a.ts', 'f(_decorate);')).error.message, 'not now');
            for (const text of ['f(_decorate);', 'g(_decorate);']) {
                const { code } = await transform('script', 'src/a.ts', text);
                assert.equal(code, 'import { a } from "b";\nvar _decorate=(function(){return "$&",'
                    + `${JSON.stringify('export{default}from"@oxc-project/runtime/helpers/decorate"')}})();\n${text}`);
            }
        });
    }
});

test('such an import stays where the project has that package, and names it where nothing else helps', async () => {
    await withHelper('oxc-transform', {}, async ({ transform }) => {
        const { error } = await transform('script', 'src/a.ts', 'f(_decorate);');
        assert.match(error.message, /needs @oxc-project\/runtime, which is not installed/);
        assert.equal(error.install, '@oxc-project/runtime');
    });
    await withHelper('oxc-transform', { 'node_modules/@oxc-project/runtime/package.json': '{}' }, async ({ transform }) => {
        const { code } = await transform('script', 'src/a.ts', 'f(_decorate);');
        assert.match(code, /^import _decorate from "@oxc-project\/runtime\/helpers\/decorate";$/m);
    });
});

test('an import of such a function that is written in another way is an error and not a page without it', () =>
    withHelper('oxc-transform', {
        ...ROLLDOWN,
        'node_modules/oxc-transform/index.mjs': `export const transform = async () => ({ errors: [],
            code: 'import*as _d from"@oxc-project/runtime/helpers/decorate";',
            helpersUsed: { decorate: '@oxc-project/runtime/helpers/decorate' },
        });`,
    }, async ({ transform }) => {
        const { error } = await transform('script', 'src/a.ts', 'f();');
        assert.match(error.message, /imports @oxc-project\/runtime\/helpers\/decorate in a way that is not known/);
    }));

test('a component of Preact uses prefresh', () => withSidecar({}, async ({ transform }) => {
    const done = await transform('preact', 'src/app.tsx', 'export const App = () => <b>1</b>;\n');
    isModule(done.code);
    assert.match(done.code, /preact\/jsx-dev-runtime/);
    assert.match(done.code, /import"@prefresh\/core"/);
}));

const VUE = '<script setup lang="ts">\nimport { ref } from "vue";\nconst n = ref<number>(0);\n</script>\n'
    + '<template>\n  <b class="a" @click="n++">count {{ (n as number) }}</b>\n</template>\n'
    + '<style scoped>\n.a { color: red }\n</style>\n';

const hashesOf = (code) => code.match(/__orbit = \["(\w+)", "(\w+)", "(\w+)"\]/).slice(1);

test('a Vue component is one module, with a map of script and template', () =>
    withSidecar({}, async ({ transform }) => {
        const done = await transform('vue', 'src/App.vue', VUE);
        isModule(done.code);
        assert.match(done.code, /\.a\[data-v-\w+\]/);
        assert.deepEqual(sourceOf(done, 'ref(0)'), { line: 3, column: 11 });
        assert.equal(sourceOf(done, 'toDisplayString($setup.n').line, 6);
    }));

test('what is edited in a Vue component says whether it is rendered again or made anew', () =>
    withSidecar({}, async ({ transform }) => {
        const hashes = async (text) => hashesOf((await transform('vue', 'src/App.vue', text)).code);
        const [script, template, style] = await hashes(VUE);
        const restyled = await hashes(VUE.replace('red', 'blue'));
        assert.deepEqual(restyled.slice(0, 2), [script, template]);
        assert.notEqual(restyled[2], style);
        assert.equal((await hashes(VUE.replace('count', 'sum')))[0], script);
        assert.notEqual((await hashes(VUE.replace('count', 'sum')))[1], template);
        assert.notEqual((await hashes(VUE.replace('(0)', '(1)')))[0], script);
        assert.deepEqual(await hashes(`<!-- above -->\n${VUE}`), [script, template, style]);
    }));

test('errors in a Vue component have the place in the file', () =>
    withSidecar({}, async ({ transform }) => {
        const script = await transform('vue', 'src/App.vue', VUE.replace('const n', 'const const n'));
        assert.equal(script.error.loc.line, 3);
        const template = await transform('vue', 'src/App.vue', VUE.replace('n++"', 'n +"'));
        assert.equal(template.error.loc.line, 6);
        const unclosed = await transform('vue', 'src/App.vue', VUE.replace('</b>', ''));
        assert.equal(unclosed.error.loc.line, 6);
    }));

test('blocks of a Vue component may be in files of their own', () =>
    withSidecar({ 'src/a.css': '.b { top: 0 }' }, async ({ transform }) => {
        const done = await transform('vue', 'src/App.vue',
            '<template><i/></template><style src="./a.css"></style>');
        assert.match(done.code, /top: 0/);
        assert.match(done.deps[0], /src\/a\.css$/);
        const gone = await transform('vue', 'src/App.vue', '<template src="./b.html"/>');
        assert.match(gone.error.message, /b\.html cannot be read/);
        assert.match(gone.deps[0], /src\/b\.html$/);
    }));

test('what is wrong in a file that a component is made of names that file', () =>
    withSidecar({
        'src/t.html': '<b>{{ n }</i>',
        'src/_colors.scss': '$a: ;\n',
        'svelte.config.js': 'export default {};\n',
    }, async ({ transform }) => {
        const template = await transform('vue', 'src/App.vue', '<template src="./t.html"/>');
        assert.ok(template.error);
        assert.match(template.deps[0], /src\/t\.html$/);
        const style = await transform('vue', 'src/App.vue',
            '<template><i/></template><style lang="scss">@use "colors";</style>');
        assert.match(style.error.loc.file, /src\/_colors\.scss$/);
        assert.match(style.deps[0], /src\/_colors\.scss$/);
        const svelte = await transform('svelte', 'src/App.svelte', '<b>{n</b>');
        assert.match(svelte.deps[0], /svelte\.config\.js$/);
    }));

test('Sass in a Vue component has its errors in the lines of the file', () =>
    withSidecar({}, async ({ transform }) => {
        const text = '<template><i/></template>\n<style lang="scss">\n$c: red;\ni { color: $c }\n</style>\n';
        assert.match((await transform('vue', 'src/App.vue', text)).code, /color: red/);
        const { error } = await transform('vue', 'src/App.vue', text.replace('$c }', '$d }'));
        assert.deepEqual([error.message, error.loc.line], ['Undefined variable.', 4]);
    }));

const SVELTE = '<script lang="ts">\nlet n: number = $state(0);\n</script>\n'
    + '<b class="a" onclick={() => n++}>{n}</b>\n<style>.a { color: red }</style>\n';

test('a style edit of a Svelte component leaves its code as it is', () =>
    withSidecar({}, async ({ transform }) => {
        const codeOf = async (text) => {
            const done = await transform('svelte', 'src/App.svelte', text);
            isModule(done.code);
            return done.code.match(/__orbit_code = "(\w+)"/)[1];
        };
        const before = await codeOf(SVELTE);
        assert.equal(await codeOf(SVELTE.replace('red', 'blue')), before);
        assert.notEqual(await codeOf(SVELTE.replace('{n}', '{n}!')), before);
    }));

test('what a Svelte component accepts by itself stays as it is written', () =>
    withSidecar({}, async ({ transform }) => {
        const own = 'import.meta.hot.accept("./dep.js", () => {});';
        const { code } = await transform('svelte', 'src/App.svelte',
            `<script module>\n${own}\nexport const LIMIT = 1;\n</script>\n${SVELTE}`);
        isModule(code);
        assert.ok(code.includes(own));
        assert.equal(code.split('import.meta.hot.accept(').length, 2);
        assert.match(code, /import\.meta\.hot\.acceptExports\(\["default"\], \(module\) => \{/);
    }));

test('a Svelte component leads back to its source, and its errors too', () =>
    withSidecar({}, async ({ transform }) => {
        const done = await transform('svelte', 'src/App.svelte', SVELTE);
        assert.equal(sourceOf(done, '$.state(0)').line, 2);
        const { error } = await transform('svelte', 'src/App.svelte', SVELTE.replace('{n}<', '{n<'));
        assert.equal(error.loc.line, 4);
    }));

test('runes work in modules', () => withSidecar({}, async ({ transform }) => {
    const done = await transform('svelte', 'src/store.svelte.ts',
        'let a: number = $state(1);\nexport const add = (): number => a++;\n');
    isModule(done.code);
    assert.match(done.code, /\$\.state\(1\)/);
}));

test('a sheet of Sass names what it is made of, also when it is wrong', () =>
    withSidecar({ 'src/_colors.scss': '$a: red;\n', 'src/_bad.scss': '$a: ;\n' },
        async ({ transform }) => {
            const done = await transform('style', 'src/a.scss', '@use "colors";\nb { c: colors.$a; }\n');
            assert.equal(done.type, 'css');
            assert.match(done.code, /c: red/);
            assert.match(done.deps[0], /src\/_colors\.scss$/);
            const bad = await transform('style', 'src/a.scss', '@use "bad";\n');
            assert.match(bad.error.loc.file, /src\/_bad\.scss$/);
            assert.match(bad.deps[0], /src\/_bad\.scss$/);
            const here = await transform('style', 'src/a.scss', 'b {\n  c: $d;\n}\n');
            assert.deepEqual([here.error.loc.line, here.error.loc.column], [2, 6]);
        }));

const TAILWIND = '{"devDependencies": {"@tailwindcss/postcss": "4"}}';

test('a sheet of Sass that is missing is named, in all places where it may yet come', () =>
    withSidecar({ 'src/_here.scss': '@use "sub/late";\n' }, async ({ transform, root }) => {
        const { error, deps } = await transform('style', 'src/a.scss', '@use "here";\n');
        assert.match(error.loc.file, /src\/_here\.scss$/);
        for (const place of ['src/_here.scss', 'src/sub/_late.scss', 'src/sub/late.scss', 'sub/late.css',
            'src/sub/late/_index.scss', 'sub/late/index.sass']) {
            assert.ok(deps.includes(`${root}/${place}`), `${place} in ${deps}`);
        }
    }));

test('what has no adapter is an error that says what is needed', () =>
    withSidecar({}, async ({ transform }) => {
        for (const [plugin, name] of [['solid', 'Solid'], ['qwik', 'Qwik']]) {
            const { error } = await transform(plugin, 'src/App.tsx', 'export default <b/>;');
            assert.match(error.message, new RegExp(`^the JSX of ${name} needs a compiler of its own: .*plugin`));
            assert.deepEqual(error.notes, []);
        }
    }));

test('Tailwind finds its classes in the project and names the folder', () =>
    withSidecar({ 'src/a.html': '<b class="mt-7">', 'package.json': TAILWIND }, async ({ transform }) => {
        const done = await transform('style', 'src/a.css', '@import "tailwindcss";\n');
        assert.match(done.code, /\.mt-7/);
        assert.ok(done.dirs.length > 0);
    }));

test('a style of a Vue component goes through what a sheet does', () =>
    withSidecar({ 'package.json': TAILWIND, 'src/b.css': 'i { top: 0 }\n' }, async ({ transform }) => {
        const source = (name) => '<template><b>b</b></template>\n<style scoped>\n'
            + `@reference "tailwindcss";\nb { @apply ${name}; }\n</style>\n`
            + '<style lang="scss">i { &:hover { top: 0 } }</style>\n';
        const done = await transform('vue', 'src/A.vue', source('mt-7'));
        assert.match(done.code, /b\[data-v-\w+\] *\{[^}]*margin-top/);
        assert.match(done.code, /i:hover/);
        const bad = await transform('vue', 'src/A.vue', source('nonesuch'));
        assert.match(bad.error.message, /nonesuch/);

        // What a sheet is made of is told as it is of a sheet of its own: files, and folders that have names.
        const sheet = '@import "tailwindcss";\n@import "./b.css";\n';
        const own = await transform('style', 'src/a.css', sheet);
        const part = await transform('vue', 'src/B.vue',
            `<template><b/></template>\n<style>${sheet}</style>\n`);
        assert.ok(own.dirs.length > 0);
        assert.deepEqual(part.dirs, own.dirs);
        assert.deepEqual(part.deps, own.deps);
    }));

test('a warning of a style of a Vue component has its place in the file', () =>
    withSidecar({
        'postcss.config.mjs': 'export default { plugins: [{ postcssPlugin: "a", Declaration(d, { result }) '
            + '{ if (d.value === "x") d.warn(result, "no x"); } }] };\n',
    }, async ({ transform }) => {
        const { warnings } = await transform('vue', 'src/A.vue',
            '<template><b/></template>\n<style>\nb { c: x }\n</style>\n');
        assert.equal(warnings.length, 1);
        assert.match(warnings[0].message, /no x/);
        assert.match(warnings[0].loc.file, /src\/A\.vue$/);
        assert.deepEqual([warnings[0].loc.line, warnings[0].loc.column], [3, 5]);
    }));

/** A project whose packages are the plugin for Vite, by name only, and what this consists of. */
function tailwindOfVite(texts) {
    const root = project({ ...texts, 'node_modules/.none': 'its own' });
    const modules = path.join(root, 'node_modules');
    mkdirSync(path.join(modules, '@tailwindcss/vite'), { recursive: true });
    writeFileSync(path.join(modules, '@tailwindcss/vite/package.json'), '{"name": "@tailwindcss/vite"}');
    for (const name of ['tailwindcss', '@tailwindcss/node', '@tailwindcss/oxide']) {
        symlinkSync(path.join(MODULES, name), path.join(modules, name));
    }
    return root;
}

test('Tailwind as a plugin of Vite: the same by its own compiler, sheets without it as they are', async () => {
    const root = tailwindOfVite({
        'package.json': '{"devDependencies": {"@tailwindcss/vite": "4"}}',
        'src/a.html': '<b class="mt-7">',
        'src/theme.css': '@theme { --color-mine: #010203; }\n',
    });
    const { close, transform, send } = await startSidecar(root);
    try {
        const source = '@import "tailwindcss";\n@import "./theme.css";\n';
        const done = await transform('style', 'src/a.css', source);
        assert.match(done.code, /\.mt-7/);
        assert.ok(done.dirs.length > 0);
        assert.ok(done.deps.some((each) => each.endsWith('src/theme.css')));
        writeFileSync(path.join(root, 'src/b.html'), '<i class="text-mine mt-8">');
        const more = await transform('style', 'src/a.css', source);
        assert.match(more.code, /\.mt-8/);
        assert.match(more.code, /--color-mine: #010203/);
        const theme = path.join(root, 'src/theme.css');
        writeFileSync(theme, '@theme { --color-mine: #040506; }\n');
        send({ op: 'changed', paths: [theme] });
        assert.match((await transform('style', 'src/a.css', source)).code, /--color-mine: #040506/);
        const plain = '@import "./theme.css";\nb { color: red }\n';
        assert.equal((await transform('style', 'src/plain.css', plain)).code, plain);
        const bad = await transform('style', 'src/a.css', 'b { top: 0 }\ni { @apply nonesuch; }\n');
        assert.match(bad.error.message, /nonesuch/);
        assert.deepEqual([bad.error.loc.line, bad.error.loc.column], [2, 12]);
        const open = await transform('style', 'src/a.css', '\n\nb { top: 0\n');
        assert.equal(open.error.message, 'Missing closing } at b');
        assert.equal(open.error.loc.line, 3);
    } finally {
        await close();
    }
});

test('a theme that is saved while Tailwind compiles the sheet counts', async () => {
    const themeOf = (color) => `@theme static { --color-mine: ${color}; }\n`;
    const root = tailwindOfVite({
        'package.json': '{"devDependencies": {"@tailwindcss/vite": "4"}}',
        'theme.css': themeOf('#010203'),
        // Plugins are loaded when all sheets are read; this one is not before somebody has opened the gate.
        'plugin.mjs': 'import { readFile } from "node:fs/promises";\n'
            + 'await readFile(new URL("gate", import.meta.url)).catch(() => {});\nexport default () => {};\n',
    });
    const [theme, gate] = ['theme.css', 'gate'].map((each) => path.join(root, each));
    const source = '@import "tailwindcss" source(none);\n@import "./theme.css";\n@plugin "./plugin.mjs";\n';
    execFileSync('mkfifo', [gate]);
    const { close, transform, send } = await startSidecar(root);
    try {
        const first = transform('style', 'a.css', source);
        // Waits for the plugin; a compiler that is done without it would leave this waiting for ever.
        const opening = openFile(gate, 'w');
        const opened = await Promise.race([opening, first.then(() => null)]);
        if (!opened) {
            closeSync(openSync(gate, constants.O_RDONLY | constants.O_NONBLOCK));
            await (await opening).close();
        }
        assert.ok(opened, 'the plugin was loaded');
        try {
            writeFileSync(theme, themeOf('#040506'));
            send({ op: 'changed', paths: [theme] });
            await transform('style', 'b.css', 'b { top: 0 }\n'); // what was sent before is known then
            rmSync(gate);
        } finally {
            await opened.close();
        }
        assert.match((await first).code, /--color-mine: #010203/);
        assert.match((await transform('style', 'a.css', source)).code, /--color-mine: #040506/);
    } finally {
        await close();
    }
});

test('a PostCSS configuration that changed is read anew', () => {
    const config = (color) => 'export default { plugins: [{ postcssPlugin: "a", Declaration(d) '
        + `{ if (d.value === "x") d.value = "${color}"; } }] };\n`;
    return withSidecar({ 'postcss.config.mjs': config('red') }, async ({ transform, send }) => {
        const { code, deps } = await transform('style', 'a.css', 'b { c: x }\n');
        assert.match(code, /c: red/);
        writeFileSync(deps[0], config('blue'));
        send({ op: 'changed', paths: [deps[0]] });
        assert.match((await transform('style', 'a.css', 'b { c: x }\n')).code, /c: blue/);
    });
});

test('a CSS module may be written in Sass', () => withSidecar({}, async ({ transform }) => {
    const done = await transform('style', 'src/a.module.scss', '$c: red; .a { .b { color: $c } }\n');
    assert.equal(done.type, 'js');
    assert.match(done.code, /color: red/);
    assert.match(done.code, /"b": "b_/);
}));

test('URLs in the sheets of components are from the root on', () =>
    withSidecar({}, async ({ transform }) => {
        const css = '@import "./base.css"; '
            + '.a { background: url(./a.png) url("../b.png#x") url(/c.png) url(data:x) }'
            + ' /* url(no.png) */ .b::after { content: "url(no.png)" }';
        for (const [plugin, path, text] of [
            ['vue', 'src/x/A.vue', `<template><i/></template><style>${css}</style>`],
            ['svelte', 'src/x/A.svelte', `<i class="a b"></i><style>${css}</style>`],
            ['style', 'src/x/a.module.css', css]]) {
            const { code } = await transform(plugin, path, text);
            assert.match(code, /url\(\\"\/src\/x\/a\.png\\"\)|url\(\/src\/x\/a\.png\)/, path);
            assert.match(code, /@import (?:url\()?\\"\/src\/x\/base\.css\\"/, path);
            assert.match(code, /\/src\/b\.png#x/, path);
            assert.match(code, /\(\\?"?\/c\.png/, path);
            assert.match(code, /\(\\?"?data:x/, path);
            assert.doesNotMatch(code, /src\/x\/no\.png/, path);
        }
    }));

test('names of tsconfig.json lead in sheets where they lead in scripts', () =>
    withSidecar({
        'src/styles/_vars.scss': '$ink: rgb(1, 2, 3);\n',
        'src/assets/a b.svg': '<svg/>',
        'src/ui/x.svg': '<svg/>',
    }, async ({ request, root }) => {
        let id = 100;
        const make = (plugin, path, code) => request({
            id: id++, op: 'transform', plugin, path: `${root}/${path}`, url: `/${path}`, code,
            paths: [['@/*', [`${root}/gen/*`, `${root}/src/*`]], ['@/ui/*', [`${root}/src/ui/*`]],
                ['vars', [`${root}/src/styles/vars`]], ['out/*', ['/elsewhere/*']]],
        });
        const sheet = await make('style', 'a.scss', '@use "vars" as v;\ni { color: v.$ink }\n');
        assert.match(sheet.code, /rgb\(1, 2, 3\)/);
        assert.deepEqual(sheet.deps, [`${root}/src/styles/_vars.scss`]);
        const urls = 'b { background: url("@/assets/a b.svg?x#y"), url(@/ui/x.svg), url(@/none.svg), '
            + 'url(out/x.svg), url(./@/x.svg) }';
        const placed = ['/src/assets/a%20b.svg?x#y', '/src/ui/x.svg', '/gen/none.svg', '/src/out/x.svg',
            '/src/@/x.svg'];
        for (const [plugin, path, code] of [
            ['vue', 'src/A.vue', `<template><b/></template><style lang="scss">${urls}</style>`],
            ['svelte', 'src/A.svelte', `<b></b><style>${urls}</style>`],
            ['style', 'src/a.module.css', urls],
        ]) {
            const { code: made } = await make(plugin, path, code);
            for (const url of placed) {
                assert.ok(made.includes(`url(\\"${url}\\")`), `${url} in ${made}`);
            }
        }
    }));

/** A project in which the package in Vite's place evaluates this vite.config.js. */
const withConfig = (text, files, run, packages = []) => withSidecar({
    ...VITE, ...files, 'vite.config.js': text, 'node_modules/.none': '1',
}, async (sidecar) => {
    const { request, root } = sidecar;
    let id = 100;
    for (const name of ['sass', 'postcss', 'vue', ...packages]) {
        symlinkSync(path.join(MODULES, name), path.join(root, 'node_modules', name));
    }
    /** What orbiton is told of it, and says with each file. */
    const read = () => request({ id: id++, op: 'transform', plugin: 'config', path: `${root}/vite.config.js?config`,
        url: '/vite.config.js?config', code: text });
    const { alias, css, react } = JSON.parse((await read()).code);
    const config = { alias, react, ...(css && { css: 'vite.config.js' }) };
    await run({
        ...sidecar,
        read,
        make: (file, code, plugin = 'style') => request({ id: id++, op: 'transform', plugin, config,
            path: `${root}/${file}`, url: `/${file}`, code }),
    });
});

test('of a vite.config orbiton is told the aliases in their order, and what is no alias', () =>
    withConfig(`// with a.js
        export default async (env, a) => ({ resolve: { alias: [{ find: '@/', replacement: '/app/src/' },
            { find: /^~(.*)$/u, replacement: '$1', customResolver() {} }, { find: 'x', replacement: 7 }, a] } });`,
    { 'a.js': "export default { find: 'a', replacement: 'b' };" }, async ({ read, root }) => {
        const { code, deps } = await read();
        assert.deepEqual(JSON.parse(code), {
            alias: [{ find: '@', replacement: '/app/src' }, { pattern: '^~(.*)$', flags: 'u', replacement: '$1' },
                { find: 'a', replacement: 'b' }],
            notes: ['resolve.alias: the customResolver of /^~(.*)$/u is not called',
                'resolve.alias: x leads to 7, which is no text'],
        });
        assert.deepEqual(deps, [`${root}/vite.config.js`, `${root}/a.js`]);
    }));

test('plugins of a vite.config are one list, whatever they stand in', async () => {
    const plugins = [{ name: 'a' }, null, false, [Promise.resolve([{ name: 'b' }, Promise.resolve({ name: 'c' })])]];
    assert.deepEqual((await flatPlugins({ plugins })).map(({ name }) => name), ['a', 'b', 'c']);
    assert.deepEqual(await flatPlugins({}), []);
});

/** The same where React is compiled as with Vite up to 7. */
const withReact = (text, files, run) => withConfig(text, { ...REACT_PLUGINS, ...files }, run,
    ['@babel', 'esbuild', 'react-refresh']);

const COMPONENT = 'import { useState } from "react";\ntype Props = { a: number };\n'
    + 'export default function App({ a }: Props) {\n'
    + '  const [n, set] = useState(a);\n  return <b title="plain" onClick={() => set(n + 1)}>{n}</b>;\n}\n';

/**
 * A plugin of Babel that moves all lines and makes another text of "plain"; it fails where "wrong" is, and makes
 * what nobody can compile where "twice" is.
 */
const MARK = `const mark = ({ template, types }) => ({ visitor: {
    Program(path) {
        path.unshiftContainer('body', template.statements.ast('const one = 1; const two = 2; const three = 3;'));
    },
    StringLiteral(path) {
        if (path.node.value === 'wrong') {
            throw path.buildCodeFrameError('this is wrong');
        }
        if (path.node.value === 'twice') {
            path.findParent((each) => each.isProgram()).unshiftContainer('body', template.statements.ast('export default 1;'));
        }
        path.node.value = path.node.value.replace(/^plain$/, 'marked');
    },
} });
`;

test('what vite.config says to the plugin for React counts: plugins of Babel, file by file, and where JSX is from', () =>
    withReact(`import react from '@vitejs/plugin-react';
        ${MARK}
        export default { plugins: [react({ jsxImportSource: '@a/b',
            babel: (id, { ssr }) => (/none/.test(id) || ssr ? {} : { plugins: [mark] }) })] };`,
    {}, async ({ make, read }) => {
        const { react } = JSON.parse((await read()).code);
        assert.deepEqual([react.importSource, react.steps.file], ['@a/b', 'vite.config.js']);
        const done = await make('src/App.tsx', COMPONENT, 'react');
        isModule(done.code);
        assert.match(done.code, /const three = 3[^]*title: "marked"/);
        assert.match(done.code, /from "@a\/b\/jsx-dev-runtime"/);
        assert.equal(done.code.match(/\$RefreshReg\$\(_c/g).length, 1);
        assert.equal(done.code.match(/\$RefreshSig\$\(\);/g).length, 1);
        assert.doesNotMatch(done.code, /refreshed_by_plugin/);
        assert.deepEqual(sourceOf(done, 'useState(a)'), { line: 4, column: 20 });
        assert.deepEqual(done.map.sources, ['App.tsx']);

        for (const name of ['none.tsx', 'a.skip.tsx']) {
            const { code } = await make(`src/${name}`, COMPONENT, 'react');
            assert.match(code, /\$RefreshReg\$\(_c[^]*title: "plain"|title: "plain"[^]*\$RefreshReg\$\(_c/);
        }
        const { error: syntax } = await make('src/App.tsx', 'const a = 1;\nconst b = <b;\n', 'react');
        assert.deepEqual([syntax.loc.line, syntax.loc.column, syntax.message], [2, 13, 'Unexpected token']);
        const { error } = await make('src/App.tsx', 'const a = 1;\nconst b = "wrong";\n', 'react');
        assert.deepEqual([error.loc.line, error.loc.column, error.message], [2, 11, 'this is wrong']);
        const { error: late } = await make('src/App.tsx', 'const a = 1;\n\nexport default "twice";\n', 'react');
        assert.equal(late.loc.line, 3);
        assert.match(late.message, /Multiple exports/);
    }));

test('another text of a vite.config that says something to Babel is another answer', () =>
    withReact(`// with a.js
        import react from '@vitejs/plugin-react';
        export default (env, plugin) => ({ plugins: [react({ babel: { plugins: [plugin] } })] });`,
    { 'a.js': `${MARK}export default mark;\n` }, async ({ make, read, root, send }) => {
        const before = JSON.parse((await read()).code).react.steps.hash;
        assert.match((await make('src/App.tsx', COMPONENT, 'react')).code, /marked/);
        writeFileSync(`${root}/a.js`, `${MARK.replace("'marked'", "'other'")}export default mark;\n`);
        send({ op: 'changed', paths: [`${root}/a.js`] });
        assert.notEqual(JSON.parse((await read()).code).react.steps.hash, before);
        assert.match((await make('src/App.tsx', COMPONENT, 'react')).code, /other/);
    }));

test('a package that is named to Babel and not there is said with the command', () =>
    withReact(`import react from '@vitejs/plugin-react';
        export default { plugins: [react({ babel: { plugins: ['not-there'] } })] };`, {}, async ({ make }) => {
        const { error } = await make('src/App.tsx', COMPONENT, 'react');
        assert.equal(error.install, 'babel-plugin-not-there');
        assert.match(error.message, /vite\.config\.js.* babel-plugin-not-there.* npm install -D babel-plugin-not-there/);
    }));

test("Babel's own configuration counts if vite.config says so", () =>
    withReact(`import react from '@vitejs/plugin-react';
        export default { plugins: [react({ babel: { babelrc: true } })] };`,
    { '.babelrc': '{ "plugins": ["./mark.cjs"] }', 'mark.cjs': `${MARK}module.exports = mark;\n`, 'package.json': '{}' },
    async ({ make, root }) => {
        const { code, deps } = await make('src/App.tsx', COMPONENT, 'react');
        assert.match(code, /marked/);
        assert.ok(deps.includes(`${root}/.babelrc`), deps);
    }));

test('a plugin for React that is told nothing is not asked', () =>
    withReact(`import react from '@vitejs/plugin-react';
        export default { plugins: [react()], resolve: { alias: { '@': '/src' } } };`, {}, async ({ make, read }) => {
        assert.equal(JSON.parse((await read()).code).react, undefined);
        assert.match((await make('src/App.tsx', COMPONENT, 'react')).code, /\$RefreshReg\$\(_c/);
    }));

test('a module that a plugin makes JavaScript of is refreshed, too', () =>
    withReact(`import { whole } from '@vitejs/plugin-react';
        ${MARK}
        export default { plugins: whole({ jsxImportSource: '@a/b', plugins: [mark] }) };`,
    {}, async ({ make, read }) => {
        assert.equal(JSON.parse((await read()).code).react.importSource, '@a/b');
        const done = await make('src/App.jsx', COMPONENT.replace(/type.*|: Props/g, ''), 'react');
        assert.match(done.code, /title: "marked"/);
        assert.match(done.code, /\$RefreshReg\$\(_c/);
        assert.deepEqual(sourceOf(done, 'useState(a)'), { line: 4, column: 20 });
    }));

test('that for swc without plugins only says where JSX is from, unless its words say more', async () => {
    for (const [said, file] of [['', undefined], [', tsDecorators: true', 'vite.config.js']]) {
        await withReact(`import { whole } from '@vitejs/plugin-react';
            export default { plugins: whole({ jsxImportSource: '@a/b'${said} }) };`, {}, async ({ read }) => {
            const { react } = JSON.parse((await read()).code);
            assert.deepEqual([react.importSource, react.steps?.file], ['@a/b', file]);
        });
    }
});

test('what Babel adds to JSX that is to call React.createElement is not there', () =>
    withReact(`import react from '@vitejs/plugin-react';
        ${MARK}
        export default { plugins: [react({ jsxRuntime: 'classic', babel: { plugins: [mark] } })] };`, {}, async ({ make }) => {
        const { code } = await make('src/App.tsx', COMPONENT, 'react');
        assert.match(code, /jsxDEV\("b", \{[^]*title: "marked"/);
    }));

test("rolldown's plugin for Babel does what its filter lets through, if it is for the page", () =>
    withReact(`import react, { rolldownBabel } from '@vitejs/plugin-react';
        ${MARK}
        const never = () => ({ visitor: { Program() { throw new Error('never'); } } });
        export default { plugins: [react(), rolldownBabel({ include: /useState/, plugins: [mark] }),
            rolldownBabel({ isFor: false, plugins: [never] })] };`, {}, async ({ make }) => {
        const done = await make('src/App.tsx', COMPONENT, 'react');
        assert.match(done.code, /title: "marked"/);
        assert.match(done.code, /\$RefreshReg\$\(_c/);
        assert.deepEqual(sourceOf(done, 'useState(a)'), { line: 4, column: 20 });
        const { code } = await make('src/Plain.tsx', 'export const A = () => <b title="plain"/>;\n', 'react');
        assert.match(code, /title: "plain"/);
    }));

test('what a vite.config says of JSX comes before tsconfig.json', () =>
    withReact("export default { esbuild: { jsxImportSource: '@a/b' } };", {}, async ({ request, root, read }) => {
        const { react } = JSON.parse((await read()).code);
        const { code } = await request({ id: 'a', op: 'transform', plugin: 'react', path: `${root}/a.tsx`, url: '/a.tsx',
            code: COMPONENT, config: { react }, tsconfig: { compilerOptions: { jsxImportSource: '@c/d' } } });
        assert.match(code, /from "@a\/b\/jsx-dev-runtime"/);
    }));

test('what a plugin for React keeps to itself is said', () =>
    withReact(`export default { plugins: [{ name: 'vite:react-babel', config() {} }] }; // jsxImportSource`, {},
        async ({ read }) => {
            const [note] = JSON.parse((await read()).code).notes;
            assert.match(note, /jsxImportSource is known from @vitejs\/plugin-react 3 on/);
        }));

test('what a vite.config defines is JSON or the name of something, for the page or for import.meta.env', () =>
    withConfig(`export default { define: { __A__: '"text"', __B__: JSON.stringify({ b: [1] }), __C__: 7, __D__: true,
        global: 'window', 'process.env': {}, 'a.b.c': 'globalThis.x', __E__: null, __F__: '() => 1', 'a-b': 1,
        'import.meta.env.VITE_X': '"x"', 'import.meta.env.Y': 'window', 'import.meta.url': '1' } };`, {},
    async ({ read }) => {
        const { define, env, notes } = JSON.parse((await read()).code);
        assert.deepEqual(define, {
            __A__: { is: 'text' }, __B__: { is: { b: [1] } }, __C__: { is: 7 }, __D__: { is: true },
            global: { of: 'window' }, 'process.env': { is: {} }, 'a.b.c': { of: 'globalThis.x' }, __E__: { is: null },
        });
        assert.deepEqual(env, { VITE_X: 'x' });
        assert.deepEqual(notes.map((each) => each.split(' ')[1]), ['__F__', 'a-b', 'import.meta.env.Y', 'import.meta.url']);
    }));

test('what a vite.config hands to other servers is told with what its rewrites do', () =>
    withConfig(`const replace = (from, to) => (path) => path.replace(from, to);
export default { server: { proxy: {
        '/plain': 'http://localhost:1',
        '/cut': { target: 'http://localhost:2', changeOrigin: true, ws: true, secure: false, rewrite: replace(/^\\/cut/, '') },
        '/put': { target: 'http://localhost:2/base/', rewrite: replace('/put', '/v2') },
        '/slash': { target: 'http://localhost:2', rewrite: replace(/^\\/slash\\//, '/') },
        '/pre': { target: 'http://localhost:2', rewrite: (path) => '/x' + path },
        '/same': { target: 'http://localhost:2', rewrite: (path) => path },
        '^/all/.*': { target: 'http://localhost:2', rewrite: (path) => path.replace(/^\\/all/, '') },
        '^/(a|b)/': { target: 'http://localhost:2', rewrite: (path) => path.replace(/^\\/a/, '/z') },
        '/every': { target: 'http://localhost:2', rewrite: replace(/\\/every/g, '') },
        '/upper': { target: 'http://localhost:2', rewrite: (path) => path.toUpperCase() },
        '/bad': { target: 'http://localhost:2', rewrite: (path) => path.none() },
        '/object': { target: { host: 'localhost', port: 3 }, headers: { A: 'b' }, xfwd: true },
        '/socket': { target: 'ws://localhost:4', rewriteWsOrigin: true, bypass() {}, configure() {} },
        '/tls': 'https://localhost', '/none': {}, '/off': undefined,
    } } };`, {}, async ({ read }) => {
        const { proxy, notes } = JSON.parse((await read()).code);
        const rule = (path, more = {}) => ({ path, target: 'http://localhost:2', ...more });
        assert.deepEqual(proxy, [
            rule('/plain', { target: 'http://localhost:1', changeOrigin: true }),
            rule('/cut', { strip: '/cut', changeOrigin: true, ws: true }),
            rule('/put', { target: 'http://localhost:2/base/', strip: '/put', add: '/v2' }),
            rule('/slash', { strip: '/slash/', add: '/' }),
            rule('/pre', { strip: '/pre', add: '/x/pre' }),
            rule('/same'),
            rule('^/all/.*', { strip: '/all' }),
            rule('^/(a|b)/', { strip: '/a', add: '/z' }),
            rule('/every'), rule('/upper'), rule('/bad'),
            rule('/object', { target: 'http://localhost:3', headers: 'A: b\r\n' }),
            rule('/socket', { target: 'ws://localhost:4' }),
            rule('/tls', { target: 'https://localhost', changeOrigin: true }),
        ]);
        const said = 'its rewrite was not seen to replace just the begin of a path; it is not called';
        assert.deepEqual(notes, [
            `server.proxy: /same: ${said}`, `server.proxy: /every: ${said}`, `server.proxy: /upper: ${said}`,
            `server.proxy: /bad: ${said}`,
            'server.proxy: /object: xfwd: not taken', 'server.proxy: /socket: rewriteWsOrigin, bypass, configure: not taken',
            'server.proxy: /tls: https://localhost: only http:// is spoken to targets, no TLS',
            'server.proxy: /none: no target that is understood',
        ]);
    }));

test('a rewrite of a vite.config that does more than it does at the begin of its key is not taken for less', () =>
    withConfig(`const to = (rewrite) => ({ target: 'http://localhost:2', rewrite });
export default { server: { proxy: {
        '/deep': to((path) => path.replace(/^\\/deep\\/v1/, '/v2')),
        '/slash': to((path) => path.replace(/^\\/slash\\/?/, '')),
        '^/v\\\\d+/': to((path) => path.replace(/^\\/v1/, '/one')),
        '/lower': to((path) => path.toLowerCase()),
        '/php': to((path) => path.replace(/^\\/php/, '').replace(/\\.php$/, '')),
        '/end': to((path) => path.replace(/\\.cgi$/, '')),
        '/number': to((path) => path.replace(/^\\/number/, '').replace(/\\/\\d+$/, '')),
        '/two': to((path) => path.replace(/^\\/two/, '').replace('/users', '/people')),
        '/both': to((path) => path.replace(/^\\/both\\/v1/, '/v2').replace(/^\\/both/, '')),
        '/query': to((path) => path.replace('/query', '').replace('debug=1', '')),
        '/other': to((path) => path.replace(/^\\/another/, '')),
        '/space': to((path) => path.replace(/^\\/space/, '/a b')),
        '/long': to(eval('(path) => { const names = "' + Array.from({ length: 1000 }, (_, i) => '/' + i).join(' ')
            + '"; return path.replace(/^.long/, ""); }')),
    } } };`, {}, async ({ read }) => {
        const { proxy, notes } = JSON.parse((await read()).code);
        assert.deepEqual(proxy.map(({ path, strip, add }) => [path, strip, add]), [
            ['/deep', '/deep/v1', '/v2'], ['/slash', '/slash', undefined], ['^/v\\d+/', '/v1', '/one'],
            ...['/lower', '/php', '/end', '/number', '/two', '/both', '/query', '/other', '/space', '/long']
                .map((path) => [path, undefined, undefined]),
        ]);
        assert.deepEqual(notes, proxy.slice(3).map(({ path }) => (
            `server.proxy: ${path}: its rewrite was not seen to replace just the begin of a path; it is not called`)));
    }));

test('header fields of a vite.config that are of one connection, or none, are left out of what another server gets', () =>
    withConfig(`export default { server: { proxy: {
        '/quiet': { target: 'http://localhost:2', headers: { connection: 'keep-alive' } },
        '/said': { target: 'http://localhost:2', headers: { Host: 'a', 'Content-Length': 1, 'keep-alive': 'timeout=5',
            'Proxy-Connection': 'close', TE: 'trailers', Trailer: 'A', 'Transfer-Encoding': 'chunked', Upgrade: 'a',
            Connection: 'close', 'C D': 'e', '': 'f', 'G\\n': 'h', I: 'j\\n', K: 'l\\x01', M: ['n', 'o\\tp'] } },
    } } };`, {}, async ({ read }) => {
        const { proxy, notes } = JSON.parse((await read()).code);
        assert.deepEqual(proxy.map(({ headers }) => headers), [undefined, 'Host: a\r\nM: n\r\nM: o\tp\r\n']);
        assert.deepEqual(notes, ['server.proxy: /said: headers: "Content-Length", "keep-alive", "Proxy-Connection", "TE", '
            + '"Trailer", "Transfer-Encoding", "Upgrade", "C D", "", "G\\n", "I", "K": not taken']);
    }));

test('a target of a vite.config may be an object, as Node has them', () =>
    withConfig(`export default { server: { proxy: {
        '/a': { target: { protocol: 'http', host: 'localhost', port: 3000 } },
        '/b': { target: { protocol: 'ws:', hostname: 'localhost', port: '3000', path: '/base' } },
        '/c': { target: { host: 'localhost:3000', port: 3000 } },
        '/d': { target: { protocol: 'http:', host: 'localhost:3000', hostname: 'localhost', port: '3000' } },
        '/e': { target: { hostname: 'localhost' } },
        '/f': { target: { port: 3000 } },
    } } };`, {}, async ({ read }) => {
        const { proxy, notes } = JSON.parse((await read()).code);
        assert.deepEqual(proxy.map(({ target }) => target), ['http://localhost:3000', 'ws://localhost:3000/base',
            'http://localhost:3000', 'http://localhost:3000', 'http://localhost']);
        assert.deepEqual(notes, ['server.proxy: /f: no target that is understood']);
    }));

test('an alias of vite.config leads in sheets where it leads in scripts', () =>
    withConfig(`export default { resolve: { alias: [{ find: '@', replacement: process.cwd() + '/src' },
        { find: 'styles', replacement: '/src/styles' }, { find: /^~/, replacement: '' },
        { find: 'old', replacement: 'theme' }] } };`,
    {
        'src/styles/_vars.scss': '$ink: rgb(1, 2, 3);\n',
        'node_modules/theme/package.json': '{}',
        'node_modules/theme/_colors.scss': '$paper: rgb(4, 5, 6);\n',
    }, async ({ make, root }) => {
        for (const name of ['@/styles/vars', 'styles/vars']) {
            const sheet = await make('a.scss', `@use "${name}" as v;\ni { color: v.$ink }\n`);
            assert.match(sheet.code, /rgb\(1, 2, 3\)/);
            assert.deepEqual(sheet.deps, [`${root}/src/styles/_vars.scss`]);
        }
        for (const name of ['old/colors', '~theme/colors']) {
            const { code } = await make('a.scss', `@use "${name}" as c;\ni { color: c.$paper }\n`);
            assert.match(code, /rgb\(4, 5, 6\)/);
        }
        const { code } = await make('src/a.module.css',
            'b { background: url(@/none.svg?x), url(styles/a.svg), url(./@/x.svg) }');
        for (const url of ['/src/none.svg?x', '/src/styles/a.svg', '/src/@/x.svg']) {
            assert.ok(code.includes(`url(\\"${url}\\")`), `${url} in ${code}`);
        }
    }));

test('a vite.config that was good holds while the saved one throws, which has its place', () =>
    withConfig("export default { css: { preprocessorOptions: { scss: { additionalData: '$ink: red;' } } } };\n", {},
        async ({ read, make, send, root }) => {
            const sheet = async () => (await make('a.scss', 'i { color: $ink }\n')).code;
            const config = path.join(root, 'vite.config.js');
            assert.match(await sheet(), /red/);
            writeFileSync(config, '\n\n  null.alias;\n');
            send({ op: 'changed', paths: [config] });
            const { error } = await read();
            assert.match(error.message, /reading 'alias'/);
            assert.deepEqual(error.loc, { file: config, line: 3, column: 8 });
            assert.match(await sheet(), /red/);
            writeFileSync(config, 'export default {};\n');
            send({ op: 'changed', paths: [config] });
            assert.deepEqual(JSON.parse((await read()).code), { alias: [], notes: [] });
            assert.equal(await sheet(), undefined);
        }));

test('what vite.config says to Sass counts: a text in front, folders, functions; places stay those of the file', () =>
    withConfig(`export default { css: { preprocessorOptions: {
        scss: { additionalData: '@use "vars" as *;\\n$b: 1;', loadPaths: [process.cwd() + '/lib'] },
        sass: { additionalData: (source, path) => '$of: "' + path.slice(-6) + '"\\n' + source },
    } } };`, { 'lib/_vars.scss': '$ink: rgb(1, 2, 3);\n' }, async ({ make, root }) => {
        const done = await make('a.scss', 'i { color: $ink }\nb { order: $b }\n');
        assert.match(done.code, /rgb\(1, 2, 3\)[^]*order: 1/);
        assert.deepEqual(done.deps, [`${root}/lib/_vars.scss`]);
        assert.deepEqual(sourceOf(done, 'i {'), { line: 1, column: 1 });
        assert.deepEqual(sourceOf(done, 'order'), { line: 2, column: 5 });
        assert.ok(done.map.sourcesContent.includes('i { color: $ink }\nb { order: $b }\n'));
        assert.match((await make('b.sass', 'i\n  color: $of\n')).code, /color: "b\.sass"/);
        const { error } = await make('a.scss', 'i {}\n  u { color: $none }\n');
        assert.deepEqual(error.loc, { file: `${root}/a.scss`, line: 2, column: 14 });
        const first = await make('a.scss', 'u { color: $none }\n');
        assert.deepEqual([first.error.loc.line, first.error.loc.column], [1, 12]);
        const vue = await make('A.vue', '<template><b/></template>\n<style lang="scss">i { color: $ink }</style>', 'vue');
        assert.match(vue.code, /rgb\(1, 2, 3\)/);
    }));

test('what is wrong in additionalData is said of vite.config', () =>
    withConfig("export default { css: { preprocessorOptions: { scss: { additionalData: '@use \"none\";' } } } };", {},
        async ({ make, root }) => {
            const { error } = await make('a.scss', 'i { order: 1 }\n');
            assert.match(error.message, /^in additionalData for .*a\.scss: /);
            assert.deepEqual(error.loc, { file: `${root}/vite.config.js` });
        }));

/** Makes a style sheet of a folder where these `paths` hold, with targets from the folder on. */
const withPaths = ({ request, root }, file, code, paths) => request({
    id: 100, op: 'transform', plugin: 'style', path: `${root}/${file}`, url: `/${file}`, code,
    paths: paths.map(([name, targets]) => [name, targets.map((each) => `${root}/${each}`)]),
});

test('a pattern of tsconfig.json that every name fits leads url() only to what is there', () =>
    withSidecar({ 'src/img/there.svg': '<svg/>', 'src/types/x/mine.svg': '<svg/>' }, async (sidecar) => {
        const { code } = await withPaths(sidecar, 'src/a.module.css', 'b { background: url(./x.svg), '
            + 'url(../y.svg), url(img/there.svg), url(x/mine.svg), url("?z") }',
        [['*', ['node_modules/*', 'src/types/*']]]);
        for (const url of ['/src/x.svg', '/y.svg', '/src/img/there.svg', '/src/types/x/mine.svg',
            '/src/a.module.css?z']) {
            assert.ok(code.includes(`url(\\"${url}\\")`), `${url} in ${code}`);
        }
    }));

test('a name in Sass is for the first sheet that is there, and else for the package', () =>
    withSidecar({
        'src/_vars.scss': '$ink: rgb(1, 2, 3);\n',
        'src/theme/_index.scss': '$ink: rgb(4, 5, 6);\n',
        'gen/theme/other.scss': '',
        'node_modules/.none': '1',
        'node_modules/pack/package.json': '{}',
        'node_modules/pack/_sheet.scss': '$ink: rgb(7, 8, 9);\n',
    }, async (sidecar) => {
        symlinkSync(path.join(MODULES, 'sass'), path.join(sidecar.root, 'node_modules/sass'));
        for (const paths of [[['@*', ['gen/*', 'src/*']]], [['@*', ['src/*']], ['*', ['src/types/*']]]]) {
            for (const [name, colour] of [['@vars', '1, 2, 3'], ['@theme', '4, 5, 6'],
                ['pack/sheet', '7, 8, 9'], ['~pack/sheet', '7, 8, 9'], ['pkg:pack/sheet', '7, 8, 9']]) {
                const { code, error } = await withPaths(sidecar, 'a.scss',
                    `@use "${name}" as v;\ni { color: v.$ink }\n`, paths);
                assert.ok(code?.includes(`rgb(${colour})`), `${name}: ${code ?? error.message}`);
            }
        }
    }));

test('each style of a Vue component is a sheet, which may begin with imports', () =>
    withSidecar({}, async ({ transform }) => {
        const { code } = await transform('vue', 'src/A.vue', '<template><i/></template>\n'
            + '<style>i { color: red }</style>\n<style>@import "/b.css"; b { color: blue }</style>\n');
        const [, texts] = code.match(/__orbit_sheet\("[^"]*", (\[.*\]), import\.meta\.hot\);/);
        assert.deepEqual(JSON.parse(texts).map((text) => text.trim().slice(0, 7)),
            ['i { col', '@import']);
    }));

test('an edit of a CSS module keeps its names', () => withSidecar({}, async ({ transform }) => {
    const names = async (css) => {
        const done = await transform('style', 'src/a.module.css', css);
        isModule(done.code);
        return done.code.match(/const \$names = \{[^}]*\}/)[0];
    };
    assert.equal(await names('.a-b { c: d } .e { f: g }'), await names('.a-b { c: x } .e { f: y }'));
    const wrong = await transform('style', 'src/a.module.css', '.a {\n  b: c;\n');
    assert.ok(wrong.code || wrong.error.loc.line);
}));

test('names of a CSS module by postcss alone are those of CSS modules', async () => {
    const postcss = (await import('postcss')).default;
    const { withOwnNames } = await import(new URL('../sidecar/css_names.mjs', import.meta.url));
    const made = (css) => {
        const { code, exports } = withOwnNames(postcss, css, 'src/a.module.css');
        const hash = exports.x.name.slice('x_'.length);
        return { code: code.replaceAll(hash, 'H'), exports: JSON.parse(JSON.stringify(exports).replaceAll(hash, 'H')) };
    };
    for (const [css, wanted] of [
        ['.x > #b:not(.c, .d)::after { content: ".e" }', '.x_H > #b_H:not(.c_H, .d_H)::after { content: ".e" }'],
        [':global(.g) .x, .y {}', '.g .x_H, .y_H {}'],
        [':global .g .h :local(.x) .i, .y {}', '.g .h .x_H .i, .y_H {}'],
        ['.x:is(:global .g, .y) .z {}', '.x_H:is(.g, .y_H) .z_H {}'],
        ['.x[href=".a"] a {}', '.x_H[href=".a"] a {}'],
        ['.x\\:h:hover { &.y { .z & {} } }', '.x\\:h_H:hover { &.y_H { .z_H & {} } }'],
        ['@media (min-width: 1.5px) { .x { width: .5px } }', '@media (min-width: 1.5px) { .x_H { width: .5px } }'],
        ['@keyframes x { 1.5% {} } .y { animation: 1s x ease, z }',
            '@keyframes x_H { 1.5% {} } .y_H { animation: 1s x_H ease, z }'],
        ['@keyframes :global(k) {} .x { animation-name: k }', '@keyframes k {} .x_H { animation-name: k }'],
        ['@keyframes größe {} .x { animation: größe 1s }', '@keyframes größe_H {} .x_H { animation: größe_H 1s }'],
        ['@keyframes a\\:b {} .x { animation: a\\:b 1s, b }', '@keyframes a\\:b_H {} .x_H { animation: a\\:b_H 1s, b }'],
        ['@keyframes "k" {} .x { animation: k 1s, \'k\' }', '@keyframes "k_H" {} .x_H { animation: k_H 1s, \'k_H\' }'],
        ['.\\31 0.x .y {}', '.\\31 0_H.x_H .y_H {}'],
    ]) {
        assert.equal(made(`.x {}\n${css}`).code, `.x_H {}\n${wanted}`);
    }
    const { code, exports } = made('.b {} .x { composes: b; composes: c d from "./o.css", e from global; top: 0 }\n'
        + ':export { ink: red }');
    assert.doesNotMatch(code, /composes|export/);
    assert.deepEqual(exports, {
        b: { name: 'b_H', composes: [] },
        x: {
            name: 'x_H',
            composes: [{ type: 'local', name: 'b_H' }, { type: 'dependency', name: 'c', specifier: './o.css' },
                { type: 'dependency', name: 'd', specifier: './o.css' }, { type: 'global', name: 'e' }],
        },
        ink: { name: 'red', composes: [] },
    });
});

/** A node_modules/postcss that is this repository's, for a project without lightningcss. */
const ONLY_POSTCSS = {
    'node_modules/.none': '1',
    'node_modules/postcss/package.json': '{"name": "postcss", "version": "8.0.0", "main": "index.cjs"}',
    'node_modules/postcss/index.cjs': `module.exports = require(${JSON.stringify(path.join(MODULES, 'postcss'))});`,
};

test('what a class composes, it hands on to those that compose it', async () => {
    for (const files of [{}, ONLY_POSTCSS]) {
        await withSidecar(files, async ({ transform }) => {
            const { code } = await transform('style', 'src/a.module.css', '.a { composes: b d; top: 0 }\n'
                + '.b { composes: c from "./o.module.css"; composes: d; top: 0 }\n.d { composes: a; top: 0 }\n');
            const [, value] = code.match(/^ {2}"a": (.*),$/m);
            assert.deepEqual(value.replace(/_[\w-]+"/g, '"').split(' + " " + ').sort(),
                ['"a"', '"b"', '"d"', '$0["c"]'], code);
        });
    }
});

test('a CSS module needs no lightningcss where there is postcss', () =>
    withSidecar(ONLY_POSTCSS, async ({ transform }) => {
        const done = await transform('style', 'src/a.module.css', '.a { composes: b from "./b.module.css" }\n');
        assert.match(done.code, /import \$0 from "\.\/b\.module\.css"/);
        assert.match(done.code, /"a": "a_[\da-f]{8}" \+ " " \+ \$0\["b"\]/);
        assert.match(done.version, /postcss@8\.0\.0/);
        const { error } = await transform('style', 'src/a.module.css', '.a {\n  b: c;\n');
        assert.deepEqual([error.message, error.loc.line, error.loc.column], ['Unclosed block', 1, 1]);
    }));

test('Svelte 4 is not told what it does not know, and no update is promised', () => withSidecar({
    'node_modules/.none': '1',
    'node_modules/svelte/package.json':
        '{"name": "svelte", "version": "4.2.19", "type": "module", "exports": {"./compiler": "./compiler.js"}}',
    'node_modules/svelte/compiler.js': `export function compile(source, options) {
    const unknown = Object.keys(options).find((name) => !['filename', 'dev', 'css', 'generate'].includes(name));
    if (unknown) throw new Error("Unrecognized option '" + unknown + "'");
    const code = 'export default ' + JSON.stringify([source, options.generate, options.css]);
    return { js: { code, map: null }, css: { code: 'b { color: red }' }, warnings: [] };
}
`,
}, async ({ transform }) => {
    const { code, version } = await transform('svelte', 'src/A.svelte', '<b/>');
    assert.match(code, /^export default \["<b\/>","dom","external"\]/);
    assert.match(code, /__orbit_sheet\("\/src\/A\.svelte", "b \{ color: red \}"/);
    assert.doesNotMatch(code, /accept/);
    assert.equal(version, 'svelte@4.2.19');
}));

test('a compiler that is not installed is named with the command', () =>
    withSidecar({ 'node_modules/.none': '1' }, async ({ transform }) => {
        for (const [plugin, path, install] of [['vue', 'a.vue', 'vue'], ['style', 'a.scss', 'sass'],
            ['svelte', 'a.svelte', 'svelte'], ['script', 'a.ts', 'oxc-transform'],
            ['react', 'a.tsx', 'react-refresh'], ['style', 'a.module.css', 'lightningcss']]) {
            const { error } = await transform(plugin, path, '');
            assert.match(error.message, new RegExp(`npm install -D ${install}$`));
        }
    }));

const OWN = `export default function ({ root }) {
    return {
        name: 'shout',
        changed() { throw new Error('not now'); },
        transform({ path, code }) {
            if (code.includes('print')) process.stdout.write('rubbish\\n'), console.log('more');
            if (code.includes('throw')) throw new Error('no');
            if (code.includes('later')) setTimeout(() => { throw new Error('late'); });
            if (code.includes('hang')) return new Promise(() => {});
            return { code: 'export default ' + JSON.stringify(code.toUpperCase()), deps: [path] };
        },
    };
}
`;

test('a plugin of the project: what it prints or throws harms nobody', () =>
    withSidecar({ 'shout.mjs': OWN }, async ({ transform, send, log }) => {
        assert.equal((await transform('./shout.mjs', 'a.txt', 'a')).code, 'export default "A"');
        assert.equal((await transform('./shout.mjs', 'a.txt', 'print')).code, 'export default "PRINT"');
        assert.match((await transform('./shout.mjs', 'a.txt', 'throw')).error.message, /^no$/);
        await transform('./shout.mjs', 'a.txt', 'later');
        transform('./shout.mjs', 'a.txt', 'hang').catch(() => {}); // it never comes
        send({ op: 'cancel', id: 5 });
        assert.equal((await transform('./shout.mjs', 'a.txt', 'b')).code, 'export default "B"');
        assert.match(log.join(''), /rubbish/);
    }));

test('a line that is no JSON harms none of those that come with it', () =>
    withSidecar({ 'shout.mjs': OWN }, async ({ transform, raw, together, log }) => {
        const answer = together(() => {
            raw('no JSON\nnull\n');
            return transform('./shout.mjs', 'a.txt', 'a');
        });
        assert.equal((await answer).code, 'export default "A"');
        assert.match(log.join(''), /SyntaxError/);
    }));

test('a plugin that throws when it is told of a change loses no request behind it', () =>
    withSidecar({ 'shout.mjs': OWN }, async ({ transform, send, together }) => {
        await transform('./shout.mjs', 'a.txt', 'a');
        // In one piece, as a pipe hands over what was written before it is read.
        const answer = together(() => {
            send({ op: 'changed', paths: ['/a.txt'] });
            return transform('./shout.mjs', 'a.txt', 'b');
        });
        assert.equal((await answer).code, 'export default "B"');
    }));

test('the plugin in docs/plugins.md is that of examples/plugin', () => {
    const read = (name) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
    const [, block] = read('docs/plugins.md').match(/```js\n(.*?)```/s);
    assert.equal(block, read('examples/plugin/tools/poem.mjs'));
});

test('a plugin that is none is an error that says what it lacks', () =>
    withSidecar({ 'a.mjs': 'export const a = 1;', 'b.mjs': 'export default () => ({})' },
        async ({ transform }) => {
            assert.match((await transform('./a.mjs', 'a.x', '')).error.message, /no function/);
            assert.match((await transform('./b.mjs', 'a.x', '')).error.message, /no transform\(\)/);
            assert.match((await transform('./c.mjs', 'a.x', '')).error.message, /Cannot find module/);
        }));
