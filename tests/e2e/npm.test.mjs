// SPDX-License-Identifier: MIT

/* Real packages from npm, as they are, in a page: no bundler, no tool, no importer that was touched. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { WATCHDOG_MS, browser, openPage, request } from './harness.mjs';
import { install, withPackages } from './packages.mjs';
import { counts, documentOf, put, shows, writeProject } from './project.mjs';
import { lineAfter, start, visit } from './steps.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome?.close());

/** Opens the page and waits for `done`. */
async function open(server) {
    const opened = await openPage(chrome, server.url);
    await opened.page.waitForFunction(() => globalThis.done || globalThis.failed, null, { timeout: WATCHDOG_MS });
    assert.deepEqual(opened.errors.map(String), []);
    assert.equal(await opened.page.evaluate(() => globalThis.failed), undefined);
    return opened;
}

test('React renders and runs hooks, by names and as a default', async () => {
    await withPackages({
        'index.html': documentOf('/src/main.js', '<title>x</title>').replace('<body>', '<body><div id="root"></div>'),
        'src/main.js': `import React, { useState } from 'react';
import * as All from 'react';
import { createRoot } from 'react-dom/client';
import { flushSync } from 'react-dom';
import { jsx } from 'react/jsx-runtime';
import * as Scheduler from 'scheduler';
function Counter() {
    const [n, set] = useState(1);
    return jsx('button', { onClick: () => set(n + 1), children: 'n ' + n });
}
const root = createRoot(document.getElementById('root'));
flushSync(() => root.render(React.createElement(Counter)));
globalThis.names = Object.keys(All).length;
globalThis.same = All.default === React && React.useState === useState;
globalThis.scheduler = typeof Scheduler.unstable_now();
globalThis.done = true;
`,
    }, ['react', 'react-dom'], async ({ server }) => {
        const { page, close } = await open(server);
        await page.click('button');
        await page.waitForFunction(() => document.querySelector('button').textContent === 'n 2');
        assert.equal(await page.evaluate('same'), true);
        assert.equal(await page.evaluate('scheduler'), 'number');
        // every name but default is an own key of what require('react') gives in Node
        const { default: react } = await import('react');
        assert.equal(await page.evaluate('names'), Object.keys(react).length + 1);
        const urls = await page.evaluate(() =>
            performance.getEntriesByType('resource').map((each) => new URL(each.name).pathname));
        assert.ok(urls.some((url) => url.endsWith('react.development.js')));
        assert.deepEqual(urls.filter((url) => url.includes('production')), []);
        await close();
    });
});

const USES = {
    lodash: [`import _, { debounce, chunk } from 'lodash';
import get from 'lodash/get';`, '[typeof debounce, chunk([1, 2, 3], 2).length, _.VERSION.length > 0, get({ a: { b: 1 } }, "a.b")]',
    ['function', 2, true, 1]],
    dayjs: [`import dayjs from 'dayjs';
import utc from 'dayjs/plugin/utc';`, '(dayjs.extend(utc), dayjs.utc("2020-01-02").format("YYYY/MM/DD"))', '2020/01/02'],
    classnames: ['import classNames from "classnames";', 'classNames("a", { b: true, c: false })', 'a b'],
    'prop-types': ['import PropTypes, { string } from "prop-types";', 'PropTypes.string === string', true],
    eventemitter3: ['import EventEmitter from "eventemitter3";',
        'new EventEmitter().on("a", () => {}).emit("a")', true],
    semver: ['import semver, { gt } from "semver"; import valid from "semver/functions/valid";',
        '[gt("1.2.3", "1.0.0"), semver.inc("1.0.0", "minor"), valid("x")]', [true, '1.1.0', null]],
    debug: ['import debug from "debug";', 'debug("a").extend("b").namespace', 'a:b'],
    qs: ['import qs, { parse } from "qs";', '[parse("a[b]=1").a.b, qs.stringify({ c: 2 })]', ['1', 'c=2']],
    postcss: ['import postcss, { Declaration } from "postcss";',
        'postcss.parse("a { b: c }").first.first instanceof Declaration', true],
    jquery: ['import $ from "jquery";', '$("body").length', 1],
    underscore: ['import _, { map } from "underscore";', '[map([1], (x) => x + 1), _.VERSION.length > 0]', [[2], true]],
    moment: ['import moment from "moment";', 'moment("2020-01-02").format("DD.MM.YYYY")', '02.01.2020'],
    ajv: ['import Ajv from "ajv";', 'new Ajv().compile({ type: "string" })("x")', true],
    bluebird: ['import Bluebird, { resolve } from "bluebird";', 'Bluebird.resolve(1) instanceof Bluebird', true],
};

test('fourteen packages of CommonJS and UMD are imported by names and as defaults', async () => {
    const files = { 'index.html': documentOf('/src/main.js') };
    const lines = [];
    for (const [name, [imports, value]] of Object.entries(USES)) {
        files[`src/${name}.js`] = `${imports}\nexport default () => ${value};\n`;
        lines.push(`found[${JSON.stringify(name)}] = await import('./${name}.js').then((m) => m.default(),
    (error) => error.stack);`);
    }
    files['src/main.js'] = `const found = {};\n${lines.join('\n')}\nglobalThis.found = found;\nglobalThis.done = true;\n`;
    await withPackages(files, Object.keys(USES), async ({ server }) => {
        const { page, close } = await open(server);
        const wanted = Object.fromEntries(Object.entries(USES).map(([name, use]) => [name, use[2]]));
        assert.deepEqual(await page.evaluate('found'), wanted);
        await close();
    });
});

/** A small project of CommonJS packages: name -> text of its index.js, or of "name/file". */
function packagesOf(texts) {
    return Object.fromEntries(Object.entries(texts).map(([name, text]) => [
        `node_modules/${/\/.*\./.test(name) ? name : `${name}/index.js`}`, text]));
}

test('order, circles, data, conditions and errors are those of Node', async () => {
    const files = {
        'index.html': documentOf('/main.js'),
        'main.js': `import order, { log } from 'order';
import circle from 'circle';
import * as misc from 'misc';
import { late, named as renamed } from 'odd';
import compiled, { named } from 'compiled';
import inner from './own.cjs';
import forNode from 'for-node';
Object.assign(globalThis, { order, log, circle, misc, late, renamed, compiled, named, inner, forNode });
globalThis.done = true;
`,
        'own.cjs': 'exports.data = require("./data.json").n; exports.esm = require("./esm").default;\n',
        'data.json': '{"n": 7}',
        'esm.js': 'export default "esm"; export const x = 1;\n',
        ...packagesOf({
            order: `exports.log = ['start'];
if (exports.log.length > 9) require('never');
exports.log.push(require('./b').name);
exports.log.push(require('./a').name, require('./a') === require('./a.js'));
`,
            'order/a.js': 'require(".").log.push("a runs"); exports.name = "a";\n',
            'order/b.js': 'require("./index").log.push("b runs"); exports.name = "b";\n',
            never: 'throw new Error("this was never required")',
            circle: 'exports.early = true; exports.seen = require("./other").seen; exports.late = true;\n',
            'circle/other.js': 'const first = require("./index"); exports.seen = [first.early, first.late];\n',
            misc: `#!/usr/bin/env node
exports.here = [__filename, __dirname, this === module.exports, typeof global, process.env.NODE_ENV];
exports.platform = process.platform;
try { require('not-there'); } catch (error) { exports.code = error.code; }
const fs = require('fs'); const { promisify } = require('util');
exports.types = [typeof fs.readFileSync, typeof promisify];
try { fs.readFileSync('x'); } catch (error) { exports.message = error.message; }
try { require('co' + 'mputed'); } catch (error) { exports.computed = error.code; }
exports.empty = Object.keys(require('./off')).length;
`,
            'misc/off.js': 'throw new Error("the browser field says false")',
            'misc/package.json': '{"name": "misc", "browser": {"./off.js": false}}',
            odd: 'function Odd() {} Odd.late = 1; Odd.named = 2; module.exports = Odd;\n',
            compiled: `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.named = 1; exports.default = "the default";
`,
            'for-node/index.mjs': 'import it from "compiled"; export default it.default;\n',
            'for-node/package.json': '{"name": "for-node", "main": "index.mjs"}',
        }),
    };
    await withPackages(files, [], async ({ server }) => {
        const { page, close } = await open(server);
        assert.deepEqual(await page.evaluate('order.log'), ['start', 'b runs', 'b', 'a runs', 'a', true]);
        assert.deepEqual(await page.evaluate('[circle.seen, circle.late]'), [[true, undefined], true]);
        assert.deepEqual(await page.evaluate('misc.here'),
            ['/node_modules/misc/index.js', '/node_modules/misc', true, 'object', 'development']);
        assert.equal(await page.evaluate('misc.platform'), undefined);
        assert.deepEqual(await page.evaluate('[misc.code, misc.computed, misc.empty]'),
            ['MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 0]);
        assert.deepEqual(await page.evaluate('misc.types'), ['function', 'function']);
        assert.match(await page.evaluate('misc.message'), /^fs\.readFileSync is a part of Node/);
        assert.deepEqual(await page.evaluate('[late, renamed]'), [1, 2]);
        assert.deepEqual(await page.evaluate('[compiled, named, forNode]'), ['the default', 1, 'the default']);
        assert.deepEqual(await page.evaluate('inner'), { data: 7, esm: 'esm' });
        await close();
    });
});

test('a part of Node can be imported, and says who wanted it when it is used', async () => {
    await withPackages({
        'package.json': '{}',
        'index.html': documentOf('/src/main.js'),
        'src/main.js': `import fs, { readFile } from 'node:fs';
const messageOf = (call) => { try { return call(); } catch (error) { return error.message; } };
globalThis.said = [messageOf(() => readFile('x')), messageOf(() => fs.promises.stat('x')),
    messageOf(() => new fs.Stats())];
globalThis.done = true;
`,
    }, [], async ({ server }) => {
        const line = await lineAfter(server, 'warn', async () => {
            const { page, close } = await open(server);
            const rest = 'is a part of Node, and no browser has it; src/main.js imports "node:fs"';
            assert.deepEqual(await page.evaluate('said'), [`node:fs.readFile ${rest}`,
                `node:fs.promises.stat ${rest}`, `node:fs.Stats ${rest}`]);
            await close();
        });
        assert.equal(line.what, 'src/main.js');
        assert.match(line.why, /^"node:fs" is a part of Node/);
    });
});

test('without hot replacement CommonJS runs as well', async () => {
    await withPackages({
        'index.html': documentOf('/main.js'),
        'main.js': 'import { a } from "pkg"; globalThis.done = a;\n',
        ...packagesOf({ pkg: 'exports.a = 1;\n' }),
    }, [], async ({ server }) => {
        const { close } = await open(server);
        await close();
    }, ['--no-hmr']);
});

test('an error in a package names the line of its file', async () => {
    await withPackages({
        'index.html': documentOf('/main.js'),
        'main.js': 'import fail from "pkg";\ntry { fail(); } catch (error) { globalThis.stack = error.stack; }\nglobalThis.done = 1;\n',
        ...packagesOf({ pkg: '"use strict";\n\nmodule.exports = function () {\n    throw new Error("here");\n};\n' }),
    }, [], async ({ server }) => {
        const { page, close } = await open(server);
        assert.match(await page.evaluate('stack'), /pkg\/index\.js\?require:4:11/);
        await close();
    });
});

test('a script tag still gets the file as it is', async () => {
    await withPackages({
        'index.html': '<!doctype html><script src="/node_modules/pkg/index.js"></script>\n',
        ...packagesOf({ pkg: 'var shared = other = 1; globalThis.done = typeof exports === "undefined";\n' }),
    }, [], async ({ dir, server }) => {
        const { page, close } = await open(server);
        assert.equal(await page.evaluate('done'), true);
        const { body } = await request(server, '/node_modules/pkg/index.js');
        assert.equal(body, readFileSync(path.join(dir, 'node_modules/pkg/index.js'), 'utf8'));
        await close();
    });
});

const PACKAGE = (version) => JSON.stringify({ name: 'pkg', version, main: 'index.js' });

test('a package that is not there is named with the command, and installing it is no reload', async () => {
    await withPackages({
        'index.html': documentOf('/main.js'),
        'package.json': '{"name": "app"}',
        'main.js': 'import "./leaf.js";\nglobalThis.done = true;\n',
        'leaf.js': `${counts('leaf')}import.meta.hot.accept();\n`,
    }, [], async ({ dir, server }) => {
        const { page, isSame, close } = await visit(chrome, server, ['/leaf.js']);
        const line = await lineAfter(server, 'bad', () =>
            put(dir, 'leaf.js', 'import { value } from "pkg";\nglobalThis.value = value;\nimport.meta.hot.accept();\n'));
        assert.match(JSON.stringify(line), /there is no package of this name in node_modules; npm install pkg/);
        await put(dir, 'node_modules/pkg/package.json', PACKAGE('1.0.0'));
        await put(dir, 'node_modules/pkg/index.js', 'exports.value = "installed";\n');
        await put(dir, 'node_modules/.package-lock.json', '{}');
        await shows(page, 'value', 'installed');
        assert.ok(await isSame());
        await close();
    });
});

test('another version of a package is an update of those who accept it', async () => {
    await withPackages({
        'index.html': documentOf('/main.js'),
        'package.json': '{"name": "app"}',
        'package-lock.json': '{"lockfileVersion": 3}',
        'main.js': `import { value } from "pkg";
import { other } from "other";
globalThis.value = value;
globalThis.other = other;
import.meta.hot.accept();
`,
        'node_modules/pkg/package.json': PACKAGE('1.0.0'),
        ...packagesOf({
            pkg: 'exports.value = "one";\n',
            other: `${counts('other')}exports.other = runs.other;\n`,
        }),
    }, [], async ({ dir, server }) => {
        const { page, isSame, close } = await visit(chrome, server, ['/main.js']);
        await shows(page, 'value', 'one');
        await put(dir, 'node_modules/pkg/package.json', JSON.stringify({ name: 'pkg', main: 'lib/main.js' }));
        await put(dir, 'node_modules/pkg/lib/main.js', 'module.exports = require("./value");\n');
        await put(dir, 'node_modules/pkg/lib/value.js', 'exports.value = "two, by another file";\n');
        await put(dir, 'package-lock.json', '{"lockfileVersion": 3, "packages": {}}');
        await shows(page, 'value', 'two, by another file');
        assert.equal(await page.evaluate('other'), 1);
        await put(dir, 'node_modules/pkg/lib/value.js', 'exports.value = "three";\n');
        await put(dir, 'package-lock.json', '{"lockfileVersion": 3}');
        await shows(page, 'value', 'three');
        assert.ok(await isSame());
        await close();
    });
});

test('the links of pnpm lead to its store', async () => {
    const store = (name) => `node_modules/.pnpm/${name}@1.0.0/node_modules`;
    await withPackages({
        'index.html': documentOf('/main.js'),
        'main.js': 'import { a, shared } from "a"; import * as inner from "shared";\n'
            + 'globalThis.found = [a, shared === inner.shared];\nglobalThis.done = true;\n',
        [`${store('a')}/a/index.js`]: 'exports.a = "a"; exports.shared = require("shared").shared;\n',
        [`${store('shared')}/shared/index.js`]: 'exports.shared = {};\n',
        '.secret.js': 'export const secret = 1;\n',
    }, [], async ({ dir, server }) => {
        const link = (to, at) => {
            mkdirSync(path.dirname(path.join(dir, at)), { recursive: true });
            symlinkSync(to, path.join(dir, at));
        };
        link('.pnpm/a@1.0.0/node_modules/a', 'node_modules/a');
        link('.pnpm/shared@1.0.0/node_modules/shared', 'node_modules/shared');
        link('../../shared@1.0.0/node_modules/shared', `${store('a')}/shared`);
        const { page, close } = await open(server);
        assert.deepEqual(await page.evaluate('found'), ['a', true]);
        assert.equal((await request(server, '/.secret.js')).status, 404);
        await close();
    });
});

test('a project in a workspace uses the packages above and beside it, and nothing else', async () => {
    const files = {
        '.git/HEAD': 'ref: refs/heads/main\n',
        'package.json': '{"name": "all", "workspaces": ["packages/*"]}',
        'secret.txt': 'not for pages',
        'tsconfig.base.json': '{}',
        'node_modules/hoisted/index.js': 'exports.hoisted = require("./deep").n;\n',
        'node_modules/hoisted/deep.js': 'exports.n = 1;\n',
        'packages/shared/package.json': '{"name": "shared", "type": "module", "main": "src/main.js"}',
        'packages/shared/src/main.js': 'import { hoisted } from "hoisted";\nimport "./more.js";\n'
            + 'export const shared = "shared " + hoisted;\n',
        'packages/shared/src/more.js': 'globalThis.more = true;\n',
        'packages/shared/.env': 'SECRET=1',
        'packages/other/index.js': 'export const other = 1;\n',
        'packages/app/package.json': '{"name": "app"}',
        'packages/app/index.html': documentOf('/src/main.js'),
        'packages/app/src/main.js': 'import { shared } from "shared";\nimport { hoisted } from "hoisted";\n'
            + 'Object.assign(globalThis, { shared, hoisted, done: true });\n',
    };
    const dir = await writeProject(files);
    symlinkSync('../packages/shared', path.join(dir, 'node_modules/shared'));
    const server = await start(path.join(dir, 'packages/app'));
    try {
        const { page, close } = await open(server);
        assert.deepEqual(await page.evaluate('[shared, hoisted, more]'), ['shared 1', 1, true]);
        const status = async (url) => (await request(server, url)).status;
        assert.equal(await status('/@workspace/packages/shared/src/main.js'), 200);
        assert.equal(await status('/@workspace/node_modules/hoisted/deep.js?require'), 200);
        for (const url of ['secret.txt', 'package.json', 'tsconfig.base.json', 'packages/other/index.js', 'packages/shared/.env',
            '.git/HEAD', 'packages/app/index.html', '../secret.txt']) {
            assert.equal(await status(`/@workspace/${url}`), 404, url);
        }
        await close();
    } finally {
        await server.stop();
    }
});
