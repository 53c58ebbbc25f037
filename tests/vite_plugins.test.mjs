// SPDX-License-Identifier: MIT

/* The plugins of a vite.config in the sidecar by itself, by Vite 7 (sidecar/vite_plugins.mjs). */

import assert from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { decodeMappings } from '../sidecar/maps.mjs';
import { project, startSidecar } from './sidecar.mjs';
import { REAL_VITE } from './vite.mjs';

/** A project with these plugins, as the text of a list; `more` is what else its configuration says. */
async function withPlugins(plugins, files, run, { more = '', head = '' } = {}) {
    const root = project({
        'package.json': '{"type": "module"}',
        'vite.config.js': `${head}export default { plugins: [${plugins}], ${more} };\n`,
        'node_modules/.none': 'x',
        ...REAL_VITE,
        ...files,
    });
    const sidecar = await startSidecar(root);
    let id = 1;
    const ask = (plugin, path, code) => sidecar.request({
        id: id++, op: 'transform', plugin, path: join(root, path), url: `/${path}`,
        code: code ?? readFileSync(join(root, path.replace(/\?.*/, '')), 'utf8'),
        config: { plugins: 'vite.config.js' },
    });
    try {
        await run({
            root, ask, sidecar,
            file: (path, code) => ask('plugins', path, code),
            name: (name) => ask('plugins', `vite.config.js?plugin=${encodeURIComponent(name)}`),
            save(path, text) {
                writeFileSync(join(root, path), text);
                sidecar.send({ op: 'changed', paths: [join(root, path)] });
            },
            config: async () => JSON.parse((await ask('config', 'vite.config.js?config')).code),
        });
    } finally {
        await sidecar.close();
    }
}

const MARK = (name, order) => `{ name: '${name}', ${order ? `enforce: '${order}',` : ''}
    transform: (code, id) => id.endsWith('.ts') ? { code: code + '// ${name} ' + /: number/.test(code), map: null } : null }`;

test('plugins run before and behind the compiler, as Vite has them', () =>
    withPlugins(`${MARK('late', 'post')}, ${MARK('usual')}, ${MARK('early', 'pre')}`,
        { 'src/a.ts': 'export const a: number = 1;\n' }, async ({ ask }) => {
            const { code } = await ask('plugins:script', 'src/a.ts');
            assert.deepEqual([...code.matchAll(/\/\/ \w+ \w+/g)].map(String),
                ['// usual false', '// late false']);
            assert.match(code, /export const a = 1;/);
        }));

test('a plugin before the compiler sees the source, and the map leads to it', () =>
    withPlugins(`{ name: 'lines', enforce: 'pre', transform(code, id) {
        if (!id.endsWith('.ts')) return null;
        return { code: '\\n\\n' + code.replace('NAME', 'name'), map: { version: 3, sources: [id], names: [],
            mappings: ';;AAAA;AACA' } };
    } }`, { 'src/a.ts': 'export const a: number = 1;\nexport const NAME: string = "b";\n' }, async ({ ask }) => {
        const { code, map } = await ask('plugins:script', 'src/a.ts');
        const line = code.split('\n').findIndex((each) => each.includes('name'));
        assert.match(code, /export const name = "b"/);
        assert.equal(decodeMappings(map.mappings)[line][0][2], 1);
        assert.deepEqual([map.sources, map.sourcesContent[0].includes('NAME')], [['a.ts'], true]);
    }));

const SVG = `{ name: 'svg', enforce: 'pre', load(id) {
    if (!id.endsWith('.svg?react')) return null;
    this.addWatchFile(${'`${process.cwd()}/svg.json`'});
    return 'export default "component"';
} }`;

test('what a plugin loads by the query of a file is a module, and what none takes is its URL', () =>
    withPlugins(SVG, { 'src/a.svg': '<svg/>' }, async ({ root, file }) => {
        const taken = await file('src/a.svg?react');
        assert.deepEqual([taken.code, taken.deps], ['export default "component"', [`${root}/svg.json`]]);
        assert.equal((await file('src/a.svg')).code, 'export { default } from "./a.svg?url";\n');
        assert.equal((await file('src/a.data', 'x')).code, 'export { default } from "./a.data?url";\n');
        assert.match((await file('src/a.mdx', '# x')).error.message, /^no plugin of vite.config takes a\.mdx$/);
    }));

test('a file that is no script is a module if a plugin makes one of it', () =>
    withPlugins(`{ name: 'text', transform: (code, id) => id.endsWith('.poem')
        ? 'export default ' + JSON.stringify(code.trim()) : null }`, { 'a.poem': 'roses\n' }, async ({ file }) => {
        assert.equal((await file('a.poem')).code, 'export default "roses"');
    }));

const VIRTUAL = `{ name: 'virtual',
    resolveId: (id) => id.startsWith('virtual:') && !id.includes('no') ? '\\0' + id : null,
    load: (id) => ({ '\\0virtual:a': 'export default 7', '\\0virtual:a.css': 'b { color: red }',
        '\\0virtual:c.tsx': 'export const c: number = 1' })[id] }`;

test('a name that only a plugin knows is a module of its own; one in CSS keeps a sheet in the page', () =>
    withPlugins(VIRTUAL, {}, async ({ name }) => {
        assert.equal((await name('virtual:a')).code, 'export default 7');
        assert.match((await name('virtual:c.tsx')).code, /export const c = 1/);
        const { code } = await name('virtual:a.css');
        assert.match(code, /const css = "b \{ color: red \}";/);
        assert.match(code, /import\.meta\.hot\?\.accept\(\)/);
    }));

test('a name that nobody knows is an error where it is imported', () =>
    withPlugins(VIRTUAL, { 'src/a.js': "import 'virtual:a';\nimport x from 'lodash-es/x';\n" },
        async ({ root, file, name }) => {
            await file('src/a.js');
            const { error } = await name('lodash-es/x');
            assert.equal(error.message, '"lodash-es/x": there is no such package, and no plugin of vite.config'
                + ' knows it; run: npm install lodash-es');
            assert.deepEqual(error.loc, { file: `${root}/src/a.js`, line: 2, column: 15 });
            assert.match((await name('virtual:no')).error.message, /^"virtual:no": there is no such package, and no/);
        }));

test('what a plugin throws has its place in the source, and the words once', () =>
    withPlugins(`{ name: 'bad', transform(code, id) {
        if (id.endsWith('a.js')) this.error({ message: id + ': not so (2:4)', loc: { line: 2, column: 4 } });
        if (id.endsWith('b.js')) throw 'a text';
    } }`, { 'a.js': 'export {};\nconst a = 1;\n', 'b.js': 'export {};\n' }, async ({ root, file }) => {
        const { error } = await file('a.js');
        assert.deepEqual([error.message, error.loc], ['bad: not so', { file: `${root}/a.js`, line: 2, column: 5 }]);
        assert.match((await file('b.js')).error.message, /a text/);
    }));

test('an error of the compiler is told as it is without plugins', () =>
    withPlugins(MARK('usual'), { 'a.ts': 'export const a = ;\n' }, async ({ root, ask }) => {
        const with_ = (await ask('plugins:script', 'a.ts')).error;
        const without = (await ask('script', 'a.ts')).error;
        assert.deepEqual([with_.message, with_.loc], [without.message, without.loc]);
        assert.equal(with_.loc.file, `${root}/a.ts`);
    }));

test('a plugin that compiles JSX itself takes it away from the compiler', () =>
    withPlugins(`{ name: 'jsx', config: () => ({ esbuild: { include: /\\.ts$/ } }),
        transform: (code, id) => id.endsWith('.tsx') ? '// ' + code : null }`,
    { 'a.tsx': 'export default <b/>;' }, async ({ ask }) => {
        assert.equal((await ask('plugins:script', 'a.tsx')).code, '// export default <b/>;');
    }));

test('this.resolve() of a plugin knows the aliases of the configuration', () =>
    withPlugins(`{ name: 'ask', async transform(code, id) {
        return id.endsWith('a.js') ? 'export default ' + JSON.stringify((await this.resolve('@/b.js', id)).id) : null;
    } }`, { 'a.js': 'export {};', 'lib/b.js': '' }, async ({ root, file }) => {
        assert.equal((await file('a.js')).code, `export default ${JSON.stringify(`${root}/lib/b.js`)}`);
    }, { more: "resolve: { alias: { '@': process.cwd() + '/lib' } }" }));

test('a script without imports is none of a plugin\'s business, and what is for a build alone neither', () =>
    withPlugins(`{ name: 'all', transform: () => 'import "x"' }, { name: 'build', apply: 'build', transform: () => 'no' }`,
        { 'classic.js': 'var a = 1;\n', 'module.js': 'export {};\n' }, async ({ file }) => {
            assert.equal((await file('classic.js')).code, 'var a = 1;\n');
            assert.equal((await file('module.js')).code, 'import "x"');
        }));

const LIVE = `{ name: 'live',
    configureServer(server) { server.watcher.on('all', () => { this.n = (this.n ?? 0) + 1; }); },
    transform(code, id) { if (id.endsWith('.js')) this.seen = code.length; },
    resolveId: (id) => id === 'virtual:live' ? id : null,
    load(id) { return id === 'virtual:live' ? 'export default ' + JSON.stringify(globalThis.shared ?? 0) : null; } }`;

test('a plugin that says something else later has its module made again', () =>
    withPlugins(LIVE.replaceAll('this.n', 'globalThis.shared'), { 'a.js': 'export {};' },
        async ({ root, name, save, sidecar }) => {
            const first = await name('virtual:live');
            assert.deepEqual([first.code, first.deps], ['export default 0', [`${root}/virtual:live`]]);
            const stale = sidecar.next('stale');
            save('a.js', 'export { };');
            assert.deepEqual((await stale).deps, [`${root}/virtual:live`]);
            assert.equal((await name('virtual:live')).code, 'export default 1');
        }));

test('a plugin whose text is another one each time is asked once for a save', () =>
    withPlugins(`{ name: 'count', configureServer() {}, resolveId: (id) => id === 'virtual:n' ? id : null,
        load(id) { return id === 'virtual:n' ? 'export default ' + (globalThis.times = (globalThis.times ?? 0) + 1) : null; } }`,
    { 'a.js': 'export {};' }, async ({ root, name, save, sidecar }) => {
        assert.equal((await name('virtual:n')).code, 'export default 1');
        const stale = sidecar.next('stale');
        save('a.js', 'export { };');
        await stale;
        // what the engine says back is about no file
        sidecar.send({ op: 'changed', paths: [join(root, 'virtual:n')] });
        assert.equal((await name('virtual:n')).code, 'export default 3');
        sidecar.send({ op: 'changed', paths: [join(root, 'virtual:n')] });
        assert.equal((await name('virtual:n')).code, 'export default 4');
    }));

test('a plugin that only watches is there for the others, and a save is one for it however it was made', () =>
    withPlugins(`{ name: 'watch', configureServer(server) {
        server.httpServer.once('listening', () => {});
        for (const event of ['add', 'change', 'unlink']) {
            server.watcher.on(event, (path) => { globalThis.seen = event + ' ' + path.split('/').at(-1); });
        }
    } }, { name: 'say', configureServer() {}, resolveId: (id) => id === 'virtual:seen' ? id : null,
        load: (id) => id === 'virtual:seen' ? 'export default ' + JSON.stringify(globalThis.seen ?? '') : null }`,
    { 'a.js': 'export {};' }, async ({ root, file, name, save, sidecar }) => {
        await file('a.js');
        assert.equal((await name('virtual:seen')).code, 'export default ""');
        const stale = sidecar.next('stale');
        writeFileSync(join(root, 'b.js'), 'export { };');
        renameSync(join(root, 'b.js'), join(root, 'a.js'));
        save('a.js', 'export { };');
        await stale;
        assert.equal((await name('virtual:seen')).code, 'export default "change a.js"');
    }));

test('a plugin that fails when the server starts is told of, and does what it can', () =>
    withPlugins(`{ name: 'bad', configureServer() { throw new Error('not so'); }, transform: () => 'export default 1' }`,
        { 'a.js': 'export {};' }, async ({ file }) => {
            const { code, warnings } = await file('a.js');
            assert.deepEqual([code, warnings[0].message], ['export default 1', 'configureServer of bad failed: not so']);
        }));

test('a saved .env file is there for the plugins, and no end of them', () =>
    withPlugins(`{ name: 'env', configResolved(config) { this.env = config.env.VITE_X; globalThis.x = config.env.VITE_X; },
        transform: (code, id) => id.endsWith('.js') ? 'export default ' + JSON.stringify(globalThis.x) : null }`,
    { 'a.js': 'export {};', '.env': 'VITE_X=one\n' }, async ({ file, save }) => {
        assert.equal((await file('a.js')).code, 'export default "one"');
        save('.env', 'VITE_X=two\n');
        assert.equal((await file('a.js')).code, 'export default "two"');
    }));

test('a name gives no file of the disk but by its URL', () =>
    withPlugins(`{ name: 'read', load(id) { return id.endsWith('?text')
        ? 'export default ' + JSON.stringify(readFileSync(id.slice(0, -5), 'utf8')) : null; } }`,
    { 'src/a.txt': 'a', '.env': 'TOKEN=1' }, async ({ root, ask, name }) => {
        for (const path of ['/etc/passwd', '../../../../../../etc/passwd', `${root}/.env`]) {
            assert.match((await name(`${path}?text`)).error?.message ?? 'given', /there is no such package/, path);
        }
        assert.equal((await name(`${root}/src/a.txt`)).code, 'export * from "/src/a.txt";');
        const other = await ask('plugins', `src/a.txt?plugin=${encodeURIComponent('/etc/passwd?text')}`);
        assert.doesNotMatch(JSON.stringify(other), /root:/);
    }, { head: "import { readFileSync } from 'node:fs';" }));

test('another configuration has plugins of its own, and one of the usual plugins alone has none to run', () =>
    withPlugins(VIRTUAL, {}, async ({ name, save, config }) => {
        const { plugins } = await config();
        assert.match(plugins, /^[0-9a-f]{8}$/);
        assert.equal((await name('virtual:a')).code, 'export default 7');
        save('vite.config.js', `export default { plugins: [${VIRTUAL.replace('export default 7', 'export default 8')}] };`);
        assert.notEqual((await config()).plugins, plugins);
        assert.equal((await name('virtual:a')).code, 'export default 8');
        save('vite.config.js', "export default { plugins: [{ name: 'vite:react-babel', transform() {} },"
            + " { name: 'only-config', config() {} }] };");
        assert.equal((await config()).plugins, undefined);
        const babel = "{ name: '@rolldown/plugin-babel', transform() {} }";
        save('vite.config.js', `export default { plugins: [{ name: 'vite:react-refresh', load() {} }, ${babel}] };`);
        assert.equal((await config()).plugins, undefined);
        save('vite.config.js', `export default { plugins: [${babel}] };`);
        assert.match((await config()).plugins, /^[0-9a-f]{8}$/);
    }));

test('a plugin that cannot be started is an error that names the configuration, and is tried again', () =>
    withPlugins(`{ name: 'bad', configResolved() { throw new Error('no such option'); }, transform() {} }`,
        { 'a.js': 'export {};' }, async ({ root, file }) => {
            for (let i = 0; i < 2; i++) {
                const { error } = await file('a.js');
                assert.deepEqual([error.message, error.loc.file], ['no such option', `${root}/vite.config.js`]);
            }
        }));
