// SPDX-License-Identifier: MIT

/*
 * TypeScript and JSX by the project's esbuild: a small application with everything that tsconfig.json
 * may say about it, and its edits, mistakes and tools.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WATCHDOG_MS, browser, request, sync } from './harness.mjs';
import { edit, lineAfter, registered, start, visit } from './steps.mjs';
import { put, shows, writeProject } from './project.mjs';

const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const PLATFORM = `linux-${process.arch}`;
const REAL = path.join(MODULES, '@esbuild', PLATFORM, 'bin', 'esbuild');
/** Where no esbuild is found. */
const BARE = { PATH: '/usr/sbin:/sbin' };

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const FILES = {
    'index.html': '<!doctype html><html><body><div id="app"></div>'
        + '<script type="module" src="/src/main.tsx"></script></body></html>\n',
    'package.json': '{ "name": "app", "type": "module" }\n',
    '.gitignore': 'node_modules\n',
    'tsconfig.json': `{
  "extends": "./tsconfig.base.json", // as editors write it
  "compilerOptions": {
    "jsx": "react-jsx",
    "jsxImportSource": "@/jsx",
  },
}
`,
    'tsconfig.base.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }\n',
    'src/main.tsx': `import { Counter } from '@/counter';
import type { Model } from './model';
import { legacy } from './legacy';
import { setting } from './setting.js';

const model: Model = { count: 0 };
const pages = import.meta.glob<{ title: string }>('./pages/*.ts', { eager: true });

globalThis.facts = {
    setting,
    legacy,
    pages: Object.values(pages).map((each) => each.title),
    mode: import.meta.env.MODE,
};
document.querySelector('#app')!.append(<Counter model={model} label="clicked" />);
`,
    'src/counter.tsx': `import { format } from './format';
import type { Model } from './model';

interface Props { model: Model; label: string }

export function Counter({ model, label }: Props): HTMLElement {
    model.count = import.meta.hot?.data.count ?? model.count;
    const text = (): string => format(label, model.count);
    const button = <button id="counter">{text()}</button> as HTMLElement;
    button.addEventListener('click', () => {
        model.count += 1;
        if (import.meta.hot) import.meta.hot.data.count = model.count;
        button.textContent = text();
    });
    return button;
}

if (import.meta.hot) {
    import.meta.hot.accept((now) => {
        document.querySelector('#counter')!.replaceWith(
            now!.Counter({ model: { count: 0 }, label: 'clicked' }));
    });
}
`,
    'src/format.ts': `export const format = (label: string, n: number): string => \`\${label} \${n}\`;
`,
    'src/model.ts': 'export interface Model { count: number }\n',
    'src/setting.ts': "enum Kind { Plain = 'plain' }\nexport const setting: string = Kind.Plain;\n",
    // names lead by tsconfig.json from JavaScript, too
    'src/legacy.js': "import { setting } from '@/setting';\nexport const legacy = `old ${setting}`;\n",
    'src/pages/one.ts': "export const title: string = 'one';\n",
    'src/jsx/jsx-runtime.ts': `type Props = Record<string, any>;
export function jsx(type: string | ((p: Props) => Node), { children, ...rest }: Props): Node {
    if (typeof type === 'function') return type({ children, ...rest });
    const element = Object.assign(document.createElement(type), rest);
    element.append(...[children ?? []].flat());
    return element;
}
export const jsxs = jsx;
`,
};
const LOADED = ['/', '/src/main.tsx', '/src/counter.tsx', '/src/format.ts', '/src/setting.ts'];

async function install(dir) {
    await mkdir(path.join(dir, 'node_modules'), { recursive: true });
    await rm(path.join(dir, 'node_modules', '@esbuild'), { recursive: true, force: true });
    await symlink(path.join(MODULES, '@esbuild'), path.join(dir, 'node_modules', '@esbuild'));
}

/** A program that stands for esbuild; `$REAL` is the true one. */
async function installFake(dir, script) {
    const name = `node_modules/@esbuild/${PLATFORM}/bin/esbuild`;
    await rm(path.join(dir, 'node_modules', '@esbuild'), { recursive: true, force: true });
    await put(dir, name, `#!/bin/sh\nREAL='${REAL}'\n${script}\n`);
    await chmod(path.join(dir, name), 0o755);
}

/** Runs `run` on the project with esbuild, or what `prepare` installs, and with a page if asked. */
async function withApp(run, { files = {}, prepare = install, loaded = LOADED, env = {} } = {}) {
    const dir = await writeProject({ ...FILES, ...files });
    await prepare(dir);
    const server = await start(dir, [], { env });
    const visited = loaded ? await visit(chrome, server, loaded) : {};
    try {
        await run({ dir, server, ...visited });
    } finally {
        await visited.close?.();
        await server.stop();
    }
}

const text = "document.querySelector('#counter').textContent";


function overlayShows(page, pattern) {
    return page.waitForFunction((source) => new RegExp(source).test(
        document.querySelector('orbiton-overlay')?.shadowRoot?.textContent ?? ''), pattern.source);
}

const overlayIsGone = (page) => page.waitForFunction(() =>
    !document.querySelector('orbiton-overlay')?.shadowRoot?.querySelector('dialog[open]'));

/** What a script's URL is answered with. */
async function script(server, url) {
    const answer = await request(server, url, {
        headers: { Host: `localhost:${server.port}`, 'Sec-Fetch-Dest': 'script' },
    });
    assert.equal(answer.status, 200);
    return answer.body;
}

async function clickTo(page, wanted) {
    for (let i = 0; i < wanted; i++) {
        await page.click('#counter');
    }
    await shows(page, text, `clicked ${wanted}`);
}

test('an application in TypeScript and JSX runs as it is', () => withApp(async ({ page, errors }) => {
    await shows(page, text, 'clicked 0');
    await shows(page, 'facts', { setting: 'plain', legacy: 'old plain', pages: ['one'], mode: 'development' });
    assert.deepEqual(errors, []);
}));

test('an edit keeps what the page has, whether the file accepts itself or another does', () =>
    withApp(async ({ dir, page, server, isSame }) => {
        await clickTo(page, 5);
        const line = await lineAfter(server, 'hot', () =>
            edit(dir, 'src/counter.tsx', 'id="counter"', 'id="counter" title="new"'));
        await shows(page, "document.querySelector('#counter').title", 'new');
        await shows(page, text, 'clicked 5');
        assert.equal(line.what, 'src/counter.tsx');

        await lineAfter(server, 'hot', () => edit(dir, 'src/format.ts', '${label}', '<${label}>'));
        await shows(page, text, '<clicked> 5');
        assert.ok(await isSame());
    }));

test('files that were saved together arrive together, new ones among them', () =>
    withApp(async ({ dir, page, server, errors, isSame }) => {
        await clickTo(page, 2);
        const from = server.events.items.length;
        await put(dir, 'src/brackets.ts',
            "export const brackets = (s: string): string => `[${s}]`;\n");
        await Promise.all([
            edit(dir, 'src/format.ts', 'export', "import { brackets } from '@/brackets';\nexport"),
            edit(dir, 'src/counter.tsx', 'text()}', 'text() + "!"}'),
        ]);
        await edit(dir, 'src/format.ts', '`${label} ${n}`', 'brackets(`${label} ${n}`)');
        await shows(page, text, '[clicked 2]!');
        await sync(server);
        assert.deepEqual(server.events.items.slice(from).filter((each) => each.verb === 'bad'), []);
        assert.deepEqual(errors, []);
        assert.ok(await isSame());
    }));

test('an edit of types alone updates nothing, and says so', () =>
    withApp(async ({ dir, page, server, isSame }) => {
        await clickTo(page, 3);
        await page.evaluate(() => {
            document.querySelector('#counter').marked = true;
        });
        const line = await lineAfter(server, ['same', 'hot', 'reload'], () => edit(dir,
            'src/counter.tsx', 'interface Props {', 'interface Props {\n    more?: string;'));
        assert.equal(line.verb, 'same');
        assert.match(line.why, /the code that comes of it/);
        const types = await lineAfter(server, ['same', 'saved', 'hot', 'reload'], () =>
            edit(dir, 'src/model.ts', 'count: number', 'count: number; more?: string'));
        assert.equal(types.verb, 'saved'); // no page has ever asked for it
        assert.equal(await page.evaluate("document.querySelector('#counter').marked"), true);
        assert.ok(await isSame());
    }));

test("a mistake is shown in esbuild's words where it stands, the page goes on, and it is mended", () =>
    withApp(async ({ dir, page, server, isSame }) => {
        await clickTo(page, 4);
        const line = await lineAfter(server, 'bad', () =>
            edit(dir, 'src/format.ts', '`${label} ${n}`', 'label +* n'));
        assert.equal(line.what, 'src/format.ts:1:68');
        assert.equal(line.why, 'Unexpected "*"');
        await overlayShows(page, /Unexpected "\*"/);
        await overlayShows(page, /src\/format\.ts:1:68/);
        await page.keyboard.press('Escape');
        await page.click('#counter');
        await shows(page, text, 'clicked 5');

        await edit(dir, 'src/format.ts', 'label +* n', '`${label}: ${n}`');
        await shows(page, text, 'clicked: 5');
        await overlayIsGone(page);
        assert.ok(await isSame());
    }));

test('a page that is opened on a mistake shows it, and comes to life when it is mended', () =>
    withApp(async ({ dir, page }) => {
        await overlayShows(page, /Expected "\)" but found "as"|Unexpected|Expected/);
        await overlayShows(page, /src\/format\.ts:1:/);
        await edit(dir, 'src/format.ts', '= (;', '= (label: string, n: number) => label + n;');
        await shows(page, text, 'clicked0');
    }, {
        files: { 'src/format.ts': 'export const format = (;\n' },
        loaded: ['/', '/src/main.tsx'],
    }));

test('what an import lacks is told by the line and column of the source', () =>
    withApp(async ({ dir, server, page }) => {
        const line = await lineAfter(server, 'bad', () => edit(dir, 'src/main.tsx',
            "import { setting } from './setting.js';",
            "type Unused = { a: 1,\n  b: 2 };\nimport { nope } from './setting.js';\nnope();"));
        assert.equal(line.what, 'src/main.tsx:6:10');
        assert.match(line.why, /'nope' is not exported by \/src\/setting\.ts/);
        await overlayShows(page, /import \{ nope \} from '\.\/setting\.js'/);
    }));

test('a changed tsconfig.json compiles anew what it is about', () =>
    withApp(async ({ dir, page, server }) => {
        await put(dir, 'lib/counter.tsx', FILES['src/counter.tsx'].replace('./format', '@/format')
            .replace('./model', '../src/model').replace('id="counter"', 'id="counter" title="lib"'));
        await lineAfter(server, ['hot', 'reload'], () => edit(dir, 'tsconfig.base.json', '"@/*"',
            '"@/counter": ["./lib/counter.tsx"], "@/*"'));
        await shows(page, "document.querySelector('#counter')?.title", 'lib');

        await edit(dir, 'tsconfig.json', '"react-jsx"', '"react", "jsxFactory": "make"');
        assert.match(await script(server, '/lib/counter.tsx'), /make\("button", \{ id/);

        await rm(path.join(dir, 'tsconfig.json'));
        assert.match(await script(server, '/lib/counter.tsx'), /React\.createElement\("button", /);
    }));

/*
 * An esbuild of which the test has the reins: once there is a file `closed`, it says at `began` that it
 * was started for a file, and goes on when it has got a line from `gate`.
 */
const GATED = `cd node_modules
case "$1" in
--service=*) echo rubbish;;
--version) exec "$REAL" "$@";;
*) if [ -e closed ]; then echo x > began; read line < gate; fi; exec "$REAL" "$@";;
esac`;

const installGated = (dir) => installFake(dir, GATED);

/** Runs `run` with the reins of the project in `dir`; what it awaits ends with it, come what may. */
async function withReins(dir, run) {
    const pipe = (name) => {
        const file = path.join(dir, 'node_modules', name);
        execFileSync('mkfifo', [file]);
        return openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
    };
    const began = new net.Socket({ fd: pipe('began'), readable: true, writable: false });
    const gate = pipe('gate');
    const closed = path.join(dir, 'node_modules/closed');
    let count = 0;
    began.on('data', (bytes) => {
        count += bytes.length / 2; // "x\n" each
        began.emit('count');
    });
    try {
        await writeFile(closed, '');
        await run({
            async untilBegun(wanted) {
                while (count < wanted) {
                    await once(began, 'count', { signal: AbortSignal.timeout(WATCHDOG_MS) });
                }
            },
            async open() {
                await rm(closed);
                writeSync(gate, '\n'.repeat(count));
            },
        });
    } finally {
        began.destroy();
        closeSync(gate);
    }
}

test('what is saved while it is compiled goes out once, and nothing else waits for it', () =>
    withApp(({ dir, page, server, isSame }) => withReins(dir, async ({ untilBegun, open }) => {
        await shows(page, text, 'clicked 0');
        const from = server.events.items.length;
        await edit(dir, 'src/format.ts', '${label}', '<${label}>');
        await untilBegun(1);
        await edit(dir, 'src/format.ts', '<${label}>', '[${label}]');
        await untilBegun(2);
        await lineAfter(server, 'hot', () => put(dir, 'src/plain.js',
            'globalThis.plain = "another";\nimport.meta.hot.accept();\n'));
        await shows(page, 'plain', 'another');
        await shows(page, text, 'clicked 0');
        await open();
        await shows(page, text, '[clicked] 0');
        await sync(server);
        const isOurs = (each) => each.event === 'update' && each.what === 'src/format.ts';
        await server.events.until(isOurs, { from }); // it comes when the page has painted
        const lines = server.events.items.slice(from).filter(isOurs);
        assert.deepEqual(lines.map((each) => each.verb), ['hot']);
        assert.ok(await isSame());
    }), {
        prepare: installGated,
        // all that is compiled: what comes when the gate is closed would wait for it
        loaded: [...LOADED, '/src/jsx/jsx-runtime.ts', '/src/plain.js'],
        files: {
            'src/plain.js': 'globalThis.plain = "one";\nimport.meta.hot.accept();\n',
            'index.html': FILES['index.html'].replace('<script',
                '<script type="module" src="/src/plain.js"></script><script'),
        },
    }));

test('a peer that goes away while its file is compiled is missed by nobody', () =>
    withApp(({ dir, server }) => withReins(dir, async ({ untilBegun, open }) => {
        const gone = http.get({ host: '127.0.0.1', port: server.port, path: '/src/format.ts',
            headers: { Host: `localhost:${server.port}`, 'Sec-Fetch-Dest': 'script' }, agent: false });
        const ended = new Promise((resolve) => {
            gone.on('close', resolve);
        });
        gone.on('error', () => {}); // it is ended on purpose
        await untilBegun(1);
        gone.destroy();
        await ended;
        const waits = script(server, '/src/format.ts');
        await open();
        assert.match(await waits, /export const format/);
    }), { prepare: installGated, loaded: null }));

/* ---- source maps ---- */

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** [[{ column, line, source column }]] by generated line, all from 0. */
function decode(mappings) {
    const state = [0, 0, 0, 0, 0];
    return mappings.split(';').map((line) => {
        state[0] = 0;
        return line.split(',').filter(Boolean).map((segment) => {
            let value = 0;
            let shift = 0;
            let field = 0;
            for (const digit of segment) {
                const bits = DIGITS.indexOf(digit);
                value |= (bits & 31) << shift;
                shift += 5;
                if (!(bits & 32)) {
                    state[field++] += value & 1 ? -(value >> 1) : value >> 1;
                    value = shift = 0;
                }
            }
            return { column: state[0], line: state[2], at: state[3] };
        });
    });
}

test('the source map leads back to line and column, through what was put in and rewritten', () =>
    withApp(async ({ server }) => {
        const code = await script(server, '/src/counter.tsx');
        const url = code.match(/^\/\/# sourceMappingURL=(.*)$/m)[1];
        const answer = await request(server, `/src/${url}`, {
            headers: { Host: `localhost:${server.port}` },
        });
        const map = JSON.parse(answer.body);
        const source = FILES['src/counter.tsx'];
        assert.equal(answer.headers['content-type'], 'application/json');
        assert.deepEqual(map.sources, ['counter.tsx']);
        assert.deepEqual(map.sourcesContent, [source]);

        const lines = decode(map.mappings);
        const placeOf = (all, word) => {
            const before = all.slice(0, all.indexOf(word)).split('\n');
            return [before.length - 1, before.at(-1).length];
        };
        assert.match(code.split('\n')[0], /^import\.meta\.hot=.*jsx-runtime/);
        for (const word of ['format', 'Counter(', 'document.querySelector', 'now', 'model.count += 1']) {
            const [line, column] = placeOf(code, word);
            const found = lines[line].filter((each) => each.column <= column).at(-1);
            const [sourceLine, sourceColumn] = placeOf(source, word);
            assert.deepEqual([found.line, found.column === column ? found.at : sourceColumn],
                [sourceLine, sourceColumn], word);
        }
    }));

/* ---- tools ---- */

test('without esbuild the page and the terminal name the command, and installing it is enough', () =>
    withApp(async ({ dir, page, server }) => {
        await server.events.until((each) => each.verb === 'bad'
            && /need esbuild, which is not installed/.test(each.why));
        await overlayShows(page, /npm install -D esbuild/);
        await install(dir);
        await edit(dir, 'package.json', '"app"', '"app2"'); // as npm does at the end
        await shows(page, text, 'clicked 0');
    }, { prepare: async () => {}, loaded: ['/', '/src/main.tsx'], env: BARE }));

test('a service that speaks otherwise than expected is replaced by a program for each file', () =>
    withApp(async ({ dir, page, server }) => {
        await shows(page, text, 'clicked 0');
        await lineAfter(server, 'hot', () => edit(dir, 'src/format.ts', '${label}', '<${label}>'));
        await shows(page, text, '<clicked> 0');
        await lineAfter(server, 'bad', () => edit(dir, 'src/format.ts', '=>', '=> *'));
        await overlayShows(page, /Unexpected "\*"/);
        await overlayShows(page, /src\/format\.ts:1:61/);
    }, {
        prepare: (dir) => installFake(dir, `case "$1" in
--service=*) echo rubbish of some length; exec cat >/dev/null;;
*) exec "$REAL" "$@";;
esac`),
    }));

test('a service that dies of each file is replaced likewise', () => withApp(async ({ page }) => {
    await shows(page, text, 'clicked 0');
}, {
    prepare: (dir) => installFake(dir, `case "$1" in
--service=*) head -c 100 >/dev/null; exit 1;;
*) exec "$REAL" "$@";;
esac`),
}));

test('an esbuild that prints without end is an error of the module', () => withApp(async ({ page }) => {
    await overlayShows(page, /what esbuild made of this file is too large/);
}, {
    prepare: (dir) => installFake(dir,
        '[ "$1" = --version ] && exec "$REAL" "$@"; exec yes "some text without any end"'),
    loaded: ['/', '/src/main.tsx'],
}));

test('esbuild is found wherever installers put it', async () => {
    const file = path.join('@esbuild', PLATFORM, 'bin', 'esbuild');
    const places = {
        npm: async (dir) => link(dir, `node_modules/${file}`),
        'a folder above': async (dir) => link(path.dirname(dir), `node_modules/${file}`),
        'the package itself': async (dir) => link(dir, 'node_modules/esbuild/bin/esbuild'),
        'hoisted by pnpm': async (dir) => link(dir, `node_modules/.pnpm/node_modules/${file}`),
        'beside its package, by pnpm': async (dir) => {
            const store = 'node_modules/.pnpm/esbuild@1.0.0/node_modules';
            await link(dir, `${store}/${file}`);
            await put(dir, `${store}/esbuild/package.json`, '{}');
            await symlink('.pnpm/esbuild@1.0.0/node_modules/esbuild',
                path.join(dir, 'node_modules/esbuild'));
        },
        PATH: async (dir) => {
            await link(dir, 'tools/esbuild');
            return { PATH: `${path.join(dir, 'tools')}:${BARE.PATH}` };
        },
    };
    const link = async (dir, name) => {
        await mkdir(path.dirname(path.join(dir, name)), { recursive: true });
        await symlink(REAL, path.join(dir, name));
    };
    for (const [place, prepare] of Object.entries(places)) {
        const above = await writeProject({ 'app/index.html': '', 'app/a.ts': 'let a: number;\n' });
        const dir = path.join(above, 'app');
        const server = await start(dir, [], { env: { ...BARE, ...await prepare(dir) } });
        assert.match(await script(server, '/a.ts'), /^let a;\n/, place);
        await server.stop();
    }
});

test('a version that throws is taken back, and the next one is taken', () =>
    withApp(async ({ dir, page, server, isSame }) => {
        await clickTo(page, 3);
        await lineAfter(server, 'error', () => edit(dir, 'src/counter.tsx',
            'interface Props', 'throw new Error("on purpose" as string);\ninterface Props'));
        await page.click('#counter');
        await shows(page, text, 'clicked 4');
        await edit(dir, 'src/counter.tsx', 'throw new Error("on purpose" as string);\n', '\n');
        await edit(dir, 'src/format.ts', '${label}', '<${label}>');
        await shows(page, text, '<clicked> 4');
        assert.ok(await isSame());
    }));

test('an esbuild that dies on everything is an error of the module, and scripts are served', () =>
    withApp(async ({ dir, page, server }) => {
        await overlayShows(page, /esbuild ended with status 3/);
        assert.match(await script(server, '/plain.js'), /plain = 1/);
        await install(dir);
        await edit(dir, 'src/main.tsx', 'count: 0', 'count: 7');
        await shows(page, text, 'clicked 7');
    }, {
        files: { 'plain.js': 'export const plain = 1;\n' },
        prepare: (dir) => installFake(dir, '[ "$1" = --version ] && exec "$REAL" "$@"; exit 3'),
        loaded: ['/', '/src/main.tsx'],
    }));

test('an esbuild that hangs holds up what needs it and nothing else, and not for ever', () =>
    withApp(async ({ dir, server }) => {
        const typescript = script(server, '/src/format.ts');
        assert.match(await script(server, '/plain.js'), /plain = 1/);
        assert.match(await typescript, /throw new Error\(".*esbuild did not answer within 10 seconds/);
        await install(dir);
        assert.match(await script(server, '/src/format.ts'), /export const format/);
    }, {
        files: { 'plain.js': 'export const plain = 1;\n' },
        prepare: (dir) => installFake(dir,
            '[ "$1" = --version ] && exec "$REAL" "$@"; exec sleep 1000'),
        loaded: null,
    }));

test('a page that comes back to another run of the program goes on without a reload', async () => {
    const dir = await writeProject(FILES);
    await install(dir);
    let server = await start(dir);
    const { port } = server;
    const { page, isSame, close } = await visit(chrome, server, LOADED);
    try {
        await clickTo(page, 2);
        await server.stop();
        await edit(dir, 'src/format.ts', '${label}', '<${label}>');
        server = await start(dir, ['--port', String(port)]);
        await registered(server, LOADED);
        await shows(page, text, '<clicked> 2');
        assert.ok(await isSame());
    } finally {
        await close();
        await server.stop();
    }
});
