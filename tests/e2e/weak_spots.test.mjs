// SPDX-License-Identifier: MIT

/*
 * What goes wrong with hot replacement elsewhere, one test for each way, named by what a person
 * would see. The numbers are those of the table in docs/testing.md, which also says what other
 * tests cover.
 */

import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as gap } from 'node:timers/promises';
import { FIREFOX, MANNERS, browser, openPage, request, save, sync } from './harness.mjs';
import { lineAfter, linesSince, registered, start, visit } from './steps.mjs';
import { badgeShows, counts, documentOf, put, shows, withProject, writeProject } from './project.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const INDEX = documentOf('main.js');
const run = (files, urls, body, options) => withProject(chrome, files, urls, body, options);
const ALONE = 'import.meta.hot.accept();\n';

/** A page that is stopped on its way: requests that fit wait until `release()` is called. */
async function heldPage(url, { requests = null, socket = false }) {
    const context = await chrome.newContext();
    const page = await context.newPage();
    let release;
    const released = new Promise((resolve) => {
        release = resolve;
    });
    if (requests) {
        await page.route(requests, async (route) => {
            await released;
            await route.continue();
        });
    }
    if (socket) {
        await page.routeWebSocket(/__orbit\/ws/, async (route) => {
            await released;
            route.connectToServer();
        });
    }
    const arrived = requests ? page.waitForRequest(requests) : null;
    await page.goto(url, { waitUntil: 'commit' });
    await arrived;
    return { page, release, close: () => context.close() };
}

/* ---- 1, 2: saves ---- */

test('1: of two saves, however close, the last one is on the page, and after F5', () => run({
    'index.html': INDEX, 'main.js': `globalThis.shown = 'v100';\n${ALONE}`,
}, ['/main.js'], async ({ dir, page, isSame }) => {
    const file = path.join(dir, 'main.js');
    let version = 100;
    for (const how of MANNERS) {
        // The distance of the saves is what is tested; nothing is waited for by it.
        for (const distance of [0, 5, 30, 60]) {
            for (let i = 0; i < 2; i++) {
                await save(file, `globalThis.shown = 'v${++version}';\n${ALONE}`, how);
                await gap(distance);
                await save(file, `globalThis.shown = 'v${++version}';\n${ALONE}`, how);
                await shows(page, 'shown', `v${version}`);
            }
        }
        // A file that is gone for longer than a save takes has been deleted: a busy machine can do that.
        assert.ok(how === 'delete-create' || await isSame(), how);
    }
    await page.reload();
    assert.equal(await page.evaluate('shown'), `v${version}`);
}));

test('2: a file that is cut and written in parts is run when it is whole', () => run({
    'index.html': INDEX, 'main.js': `(globalThis.shown ??= []).push('one');\n${ALONE}`,
}, ['/main.js'], async ({ dir, server, page, isSame }) => {
    const wanted = ['one'];
    for (let i = 0; i < 30; i++) {
        const file = openSync(path.join(dir, 'main.js'), 'w');
        writeSync(file, 'shown.push("half");\n');
        writeSync(file, `shown.pop();\nshown.push('whole ${i}');\n`);
        writeSync(file, ALONE);
        await lineAfter(server, ['hot', 'reload', 'error', 'bad'], async () => closeSync(file));
        wanted.push(`whole ${i}`);
    }
    assert.deepEqual(await page.evaluate('shown'), wanted);
    assert.equal(await isSame(), true);
}));

/* ---- 3, 5: circles ---- */

test('3: an edit in a circle with the entry is a reload that says so', () => run({
    'index.html': INDEX,
    'main.js': "import { a } from './a.js';\nexport const base = 'base';\nglobalThis.shown = a();\n",
    'a.js': "import { base } from './main.js';\nexport const a = () => base + 1;\n",
}, ['/a.js'], async ({ server, page, write, isSame }) => {
    const line = await lineAfter(server, 'reload', () => write('a.js',
        "import { base } from './main.js';\nexport const a = () => base + 22;\n"));

    assert.match(line.why, /a\.js.*index\.html/);
    await shows(page, 'shown', 'base22');
    assert.equal(await isSame(), false);
}));

test('3: an edit in a circle with an entry that accepts itself is hot', () => run({
    'index.html': INDEX,
    'main.js': `import { a } from './a.js';\nexport const base = 'base';\n${ALONE}`
        + `${counts('main')}globalThis.shown = a();\n`,
    'a.js': `import { base } from './main.js';\n${counts('a')}export const a = () => base + 1;\n`,
}, ['/a.js'], async ({ server, page, write, isSame }) => {
    await lineAfter(server, 'hot', () => write('a.js', "import { base } from './main.js';\n"
        + `${counts('a')}export const a = () => base + 22;\n`));

    assert.deepEqual(await page.evaluate('[shown, runs.main, runs.a]'), ['base22', 2, 2]);
    assert.equal(await isSame(), true);
}));

test('5: a circle below a boundary has one instance of each module', () => run({
    'index.html': INDEX,
    'main.js': "import * as a from './a.js';\nglobalThis.circle = a;\n"
        + "import.meta.hot.accept('./a.js', (next) => { globalThis.circle = next; });\n",
    'a.js': `import * as b from './b.js';\n${counts('a')}export { b };\nexport const self = {};\n`,
    'b.js': `import * as a from './a.js';\nimport * as c from './c.js';\n${counts('b')}`
        + 'export { a, c };\n',
    'c.js': `import * as a from './a.js';\n${counts('c')}export { a };\nexport const text = 'one';\n`,
}, ['/c.js'], async ({ server, page, write, isSame }) => {
    for (const text of ['second', 'the third']) {
        await lineAfter(server, 'hot', () => write('c.js',
            `import * as a from './a.js';\n${counts('c')}export { a };\n`
            + `export const text = '${text}';\n`));
        assert.equal(await page.evaluate('circle.b.c.text'), text);
        assert.equal(await page.evaluate('circle.b.a.self === circle.self && circle.b.c.a.self === circle.self'),
            true);
    }
    assert.deepEqual(await page.evaluate('runs'), { a: 3, b: 3, c: 3 });
    assert.equal(await isSame(), true);
}));

/* ---- 4, 10, 16: what is missing or wrong, and comes back ---- */

for (const [name, broken] of [['the entry', 'main.js'], ['an import', 'deep.js']]) {
    test(`4: a page opened on a syntax error in ${name} comes back when it is repaired`, async () => {
        const whole = {
            'index.html': INDEX,
            'main.js': "import { text } from './deep.js';\nglobalThis.shown = text;\n",
            'deep.js': "export const text = 'deep';\n",
        };
        const files = { ...whole, [broken]: `${whole[broken]}const (;\n` };
        await run(files, ['/main.js'], async ({ page, write }) => {
            await badgeShows(page, new RegExp(broken.replace('.', '\\.')));
            await write(broken, whole[broken]);
            await shows(page, 'shown', 'deep');
        });
    });
}

test('4: a page opened on a throw comes back when it is repaired', () => run({
    'index.html': INDEX, 'main.js': "throw new Error('on purpose');\n",
}, ['/main.js'], async ({ page, write }) => {
    await write('main.js', "globalThis.shown = 'whole';\n");
    await shows(page, 'shown', 'whole');
}));

test('10: a missing module that appears is taken by the importer that accepts itself', () => run({
    'index.html': INDEX,
    'main.js': `globalThis.shown = 'none';\n${ALONE}`
        + "import('./late.js').then((late) => { globalThis.shown = late.text; }, () => {});\n",
}, ['/main.js', '/late.js'], async ({ server, page, write, isSame }) => {
    await lineAfter(server, 'hot', () => write('late.js', "export const text = 'late';\n"));

    await shows(page, 'shown', 'late');
    assert.equal(await isSame(), true);
}));

test('10: a save that names a file which comes later is whole when the file comes', () => run({
    'index.html': INDEX, 'main.js': `globalThis.shown = 'one';\n${ALONE}`,
}, ['/main.js'], async ({ server, page, write, isSame }) => {
    await lineAfter(server, 'bad', () => write('main.js',
        `import { text } from './late.js';\nglobalThis.shown = text;\n${ALONE}`));
    await badgeShows(page, /late\.js/);
    assert.equal(await page.evaluate('shown'), 'one');
    await lineAfter(server, 'hot', () => write('late.js', "export const text = 'late';\n"));

    assert.equal(await page.evaluate('shown'), 'late');
    assert.equal(await isSame(), true);
}));

test('16: a deleted file that is imported is an error on the page, until it is back', () => run({
    'index.html': INDEX, 'main.js': `import { a } from './a.js';\nglobalThis.shown = a;\n${ALONE}`,
    'a.js': "export const a = 'one';\n",
}, ['/a.js'], async ({ dir, server, page, write, isSame }) => {
    await lineAfter(server, 'bad', () => rm(path.join(dir, 'a.js')));
    await badgeShows(page, /a\.js/);
    assert.equal(await page.evaluate('shown'), 'one');
    assert.equal(await isSame(), true);
    await lineAfter(server, 'hot', () => write('a.js', "export const a = 'again';\n"));

    assert.equal(await page.evaluate('shown'), 'again');
    assert.equal(await isSame(), true);
    const isGone = () => !/a\.js/.test(document.querySelector('orbiton-badge')?.shadowRoot
        ?.querySelector('.badge[data-state=bad], .badge[data-state=failed]')?.textContent ?? '');
    await page.waitForFunction(isGone);
}));

/* ---- 6, 7: two instances, and races ---- */

test('6: after an accepted update and F5 there is one instance of each module', () => run({
    'index.html': INDEX,
    'main.js': "import * as dep from './dep.js';\nimport * as other from './other.js';\n"
        + "globalThis.mine = dep;\nglobalThis.others = other.dep;\n"
        + "import.meta.hot.accept('./dep.js', (next) => { globalThis.mine = next; });\n",
    'other.js': `import * as dep from './dep.js';\n${counts('other')}export { dep };\n`
        + "import.meta.hot.accept('./dep.js', (next) => { globalThis.others = next; });\n",
    'dep.js': `${counts('dep')}export const text = 'one';\n`,
}, ['/main.js', '/other.js', '/dep.js'], async ({ server, page, write, isSame }) => {
    const dep = (text) => `${counts('dep')}export const text = '${text}';\n`;
    await lineAfter(server, 'hot', () => write('dep.js', dep('second')));
    assert.deepEqual(await page.evaluate('[runs.dep, mine === others, mine.text]'),
        [2, true, 'second']);
    assert.equal(await isSame(), true);
    const from = server.events.items.length;
    await page.reload();
    await registered(server, ['/main.js', '/other.js', '/dep.js'], from);
    assert.deepEqual(await page.evaluate('[runs.dep, mine === others, mine.text]'),
        [1, true, 'second']);

    await lineAfter(server, 'hot', () => write('dep.js', dep('the third')));
    assert.deepEqual(await page.evaluate('[runs.dep, mine === others, mine.text]'),
        [2, true, 'the third']);
    await page.reload();
    assert.deepEqual(await page.evaluate('[runs.dep, mine === others, mine.text]'),
        [1, true, 'the third']);
}));

for (const accepts of [true, false]) {
    const how = accepts ? 'hot' : 'reload';
    test(`7: an edit before the socket is open arrives when it opens (${how})`, async () => {
        const text = (version) => `globalThis.shown = '${version}';\n${accepts ? ALONE : ''}`;
        await run({ 'index.html': INDEX, 'main.js': text('one') }, null, async ({ server, write }) => {
            const { page, release, close } = await heldPage(server.url, { socket: true });
            await shows(page, 'shown', 'one');
            await write('main.js', text('second'));
            await sync(server);
            assert.equal(await page.evaluate('shown'), 'one');
            await lineAfter(server, how, async () => release());
            await shows(page, 'shown', 'second');
            await close();
        });
    });

    test(`7: an edit while modules are still being fetched mixes nothing (${how})`, async () => {
        const dep = (version) => `${counts('dep')}export const text = '${version}';\nexport const own = {};\n`;
        const files = {
            'index.html': INDEX,
            'main.js': "import * as a from './a.js';\nimport * as slow from './slow.js';\n"
                + `${counts('main')}globalThis.shown = [a.dep.text, slow.dep.text];\n`
                + `globalThis.isOne = a.dep.own === slow.dep.own;\n${accepts ? ALONE : ''}`,
            'a.js': "import * as dep from './dep.js';\nexport { dep };\n",
            'slow.js': "import * as dep from './dep.js';\nexport { dep };\n",
            'dep.js': dep('one'),
        };
        await run(files, null, async ({ server, write }) => {
            const held = await heldPage(server.url, { requests: /\/slow\.js$/ });
            const { page, release, close } = held;
            // Until dep.js is there, the edit would only be the first version.
            await page.waitForFunction(() => performance.getEntriesByType('resource')
                .some((each) => each.name.endsWith('/dep.js')));
            await write('dep.js', dep('second'));
            await sync(server);
            release();
            await shows(page, '[shown, isOne]', [['second', 'second'], true]);
            await sync(server);
            assert.deepEqual(await page.evaluate('[shown, isOne]'), [['second', 'second'], true]);
            await close();
        });
    });
}

/* ---- 8, 9: what fails ---- */

test('8: listeners and dispose callbacks that fail keep nothing out', () => run({
    'index.html': INDEX,
    'main.js': `import './a.js';
globalThis.after = 0;
import.meta.hot.on('vite:beforeUpdate', () => { throw new Error('before, on purpose'); });
import.meta.hot.on('vite:afterUpdate', () => { globalThis.after++; });
`,
    'a.js': `globalThis.shown = 'one';
import.meta.hot.dispose(() => { throw new Error('dispose, on purpose'); });
import.meta.hot.dispose(() => Promise.reject(new Error('rejected, on purpose')));
import.meta.hot.dispose(() => { globalThis.disposed = (globalThis.disposed ?? 0) + 1; });
${ALONE}`,
}, ['/a.js'], async ({ dir, server, page, write, isSame }) => {
    const text = readFileSync(path.join(dir, 'a.js'), 'utf8');
    for (const [i, version] of ['second', 'the third'].entries()) {
        await lineAfter(server, 'hot', () => write('a.js', text.replace('one', version)));
        assert.equal(await page.evaluate('shown'), version);
        await shows(page, '[disposed, after]', [i + 1, i + 1]);
    }
    assert.equal(await isSame(), true);
}));

test('8: an accept callback that throws takes all back, and the next save applies', () => run({
    'index.html': INDEX,
    'main.js': `import './one.js';\nimport './two.js';\n`,
    'one.js': `import { text } from './dep.js';\nglobalThis.one = text;
import.meta.hot.accept('./dep.js', (next) => {
    globalThis.one = next.text;
    if (next.text === 'bad one') { throw new Error('accept, on purpose'); }
});\n`,
    'two.js': `import { text } from './dep.js';\nglobalThis.two = text;
import.meta.hot.accept('./dep.js', (next) => { globalThis.two = next.text; });\n`,
    'dep.js': "export const text = 'one';\n",
}, ['/one.js', '/two.js', '/dep.js'], async ({ server, page, write, isSame }) => {
    const line = await lineAfter(server, ['hot', 'error'],
        () => write('dep.js', "export const text = 'bad one';\n"));
    assert.equal(line.verb, 'error');
    assert.match(line.why, /accept, on purpose/);
    assert.deepEqual(await page.evaluate('[one, two]'), ['one', 'one']);
    await lineAfter(server, 'hot', () => write('dep.js', "export const text = 'the third';\n"));

    assert.deepEqual(await page.evaluate('[one, two]'), ['the third', 'the third']);
    assert.equal(await isSame(), true);
}));

for (const [name, verb, broken] of [
    ['does not parse', 'bad', "export const text = 'second';\nlet (;\n"],
    ['only a parser finds wrong', 'error', "export const text = 'second';\nlet a; let a;\n"],
    ['imports what is not there', 'bad', "export { text } from './nowhere.js';\n"],
    ['does not export what is imported', 'bad', "export const other = 'second';\n"],
    ['throws', 'error', "export const text = 'second';\nthrow new Error('on purpose');\n"],
]) {
    test(`9: a version that ${name} leaves nothing half replaced`, () => run({
        'index.html': INDEX,
        'main.js': "import './left.js';\nimport './right.js';\nglobalThis.after = 0;\n"
            + "import.meta.hot.on('vite:afterUpdate', () => { globalThis.after++; });\n",
        ...Object.fromEntries(['left', 'right'].map((side) => [`${side}.js`,
            `import { text } from './dep.js';\nglobalThis.${side} = text;\n`
            + 'const { data } = import.meta.hot;\ndata.n = (data.n ?? 0) + 1;\n'
            + `globalThis.${side}Data = data.n;\nglobalThis.disposed ??= 0;\n`
            + `import.meta.hot.dispose(() => { globalThis.disposed++; });\n${ALONE}`])),
        'dep.js': "export const text = 'one';\n",
    }, ['/left.js', '/right.js', '/dep.js'], async ({ server, page, write, isSame }) => {
        const line = await lineAfter(server, ['hot', 'reload', 'error', 'bad'],
            () => write('dep.js', broken));
        assert.equal(line.verb, verb);
        await badgeShows(page, /dep\.js/);
        assert.deepEqual(await page.evaluate('[left, right]'), ['one', 'one']);
        if (!/throw/.test(broken)) {
            assert.deepEqual(await page.evaluate('[disposed, leftData, after]'), [0, 1, 0]);
        }
        await lineAfter(server, 'hot', () => write('dep.js', "export const text = 'the third';\n"));
        assert.deepEqual(await page.evaluate('[left, right]'), ['the third', 'the third']);
        assert.equal(await page.evaluate('leftData === rightData'), true);
        await shows(page, 'after', 1);
        assert.equal(await isSame(), true);
    }));
}

test('9: a version that throws is tried once, however late the page paints', () => run({
    'index.html': INDEX, 'main.js': `import './dep.js';\n${ALONE}${counts('main')}`,
    'dep.js': `${counts('dep')}`,
}, ['/dep.js'], async ({ server, page, write }) => {
    // Behind the registrations that come of the transaction.
    await page.evaluate(() => {
        window.requestAnimationFrame = (step) => setTimeout(step, 200);
    });
    const from = server.events.items.length;
    await lineAfter(server, 'error', () => write('dep.js', `${counts('dep')}throw new Error('on purpose');\n`));
    await lineAfter(server, 'hot', () => write('dep.js', `${counts('dep')}// whole\n`));
    await sync(server);

    const verbs = linesSince(server, from).map((each) => each.verb);
    assert.deepEqual(verbs.filter((each) => each !== 'same'), ['error', 'hot']);
    // At first, the one that throws, the one before again, and the last.
    assert.deepEqual(await page.evaluate('runs'), { main: 3, dep: 4 });
}));

/* ---- 10: reloads that help nobody ---- */

test('10: pages and tabs that do not use a module are left alone', () => run({
    'index.html': INDEX, 'main.js': "globalThis.shown = 'one';\n",
    'other.html': documentOf('other.js'), 'other.js': "globalThis.shown = 'other';\n",
}, ['/main.js'], async ({ server, page, write, untilReloaded }) => {
    const other = await visit(chrome, server, ['/other.js'], 'other.html');
    await lineAfter(server, 'reload', () => write('main.js', "globalThis.shown = 'second';\n"));
    await untilReloaded();
    await shows(page, 'shown', 'second');
    await sync(server);

    assert.equal(await other.isSame(), true);
    await other.close();
}));

test('10: a deleted file that nobody imports any more does nothing', () => run({
    'index.html': INDEX, 'main.js': `import './a.js';\n${ALONE}`, 'a.js': '// a\n',
}, ['/a.js'], async ({ dir, server, write, isSame }) => {
    await lineAfter(server, 'hot', () => write('main.js', `globalThis.shown = 'alone';\n${ALONE}`));
    const from = server.events.items.length;
    await rm(path.join(dir, 'a.js'));
    await sync(server);

    const verbs = linesSince(server, from).map((each) => each.verb);
    assert.deepEqual(verbs.filter((each) => ['reload', 'bad', 'error'].includes(each)), []);
    assert.equal(await isSame(), true);
}));

test('10: a lost connection is no reason to reload, and nothing that was said is lost', () => run({
    'index.html': INDEX, 'main.js': `globalThis.shown = 'one';\n${ALONE}`,
}, null, async ({ server, write }) => {
    const context = await chrome.newContext();
    const page = await context.newPage();
    const sockets = [];
    await page.routeWebSocket(/__orbit\/ws/, (route) => {
        sockets.push(route);
        route.connectToServer();
    });
    await page.goto(server.url);
    await registered(server, ['/main.js']);
    await page.evaluate('globalThis.marker = 1');
    const from = server.events.items.length;
    await sockets[0].close();
    await write('main.js', `globalThis.shown = 'second';\n${ALONE}`);
    await shows(page, 'shown', 'second');
    await registered(server, ['/main.js'], from);

    assert.equal(await page.evaluate('marker'), 1);
    assert.ok(sockets.length > 1);
    await context.close();
}));

test('9: a sheet that only the version which failed has imported is gone with its mending', () => run({
    'index.html': INDEX, 'main.js': `globalThis.shown = 1;\n${ALONE}`, 'bad.css': 'body { margin: 77px }',
}, ['/main.js'], async ({ server, page, write, isSame }) => {
    const margin = () => page.evaluate(() => getComputedStyle(document.body).margin);
    const usual = await margin();
    const from = server.events.items.length;
    await lineAfter(server, 'error', () => write('main.js', `import './bad.css';\nthrow new Error('bad');\n${ALONE}`));
    await registered(server, ['/bad.css?import'], from);
    assert.equal(await margin(), usual);

    const line = await lineAfter(server, 'hot', () => write('main.js', `globalThis.shown = 'mended';\n${ALONE}`));
    assert.equal(line.why, 'pruned bad.css?import');
    assert.equal(await margin(), usual);

    // It can come again.
    await lineAfter(server, 'hot', () => write('main.js', `import './bad.css';\nglobalThis.shown = 3;\n${ALONE}`));
    assert.equal(await margin(), '77px');
    assert.equal(await isSame(), true);
}));

/* ---- 11: what is no module ---- */

test('11: two links to one sheet both show what was saved', () => run({
    'index.html': '<!doctype html><link rel="stylesheet" href="a.css">'
        + '<link rel="stylesheet" href="/a.css?second"><p id="p">hi</p>',
    'a.css': 'p { margin-top: 1px }',
}, ['/a.css', '/a.css?second'], async ({ server, page, write, isSame }) => {
    await lineAfter(server, 'hot', () => write('a.css', 'p { margin-top: 22px }'));

    const margins = await page.evaluate(() => [...document.styleSheets]
        .filter((each) => !each.disabled).map((each) => each.cssRules[0].style.marginTop));
    assert.deepEqual(margins, ['22px', '22px']);
    assert.equal(await isSame(), true);
}));

test('11: an imported URL is a new one when the file has changed', () => run({
    'index.html': INDEX,
    'main.js': "import plain from './logo.svg';\nimport asked from './logo.svg?url';\n"
        + `globalThis.shown = [plain, asked];\n${ALONE}`,
    'logo.svg': '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
}, ['/main.js'], async ({ server, page, write, isSame }) => {
    const old = await page.evaluate('shown');
    await lineAfter(server, 'hot', () => write('logo.svg',
        '<svg xmlns="http://www.w3.org/2000/svg" width="3"></svg>'));

    const now = await page.evaluate('shown');
    assert.notEqual(now[0], old[0]);
    assert.notEqual(now[1], old[1]);
    for (const url of now) {
        assert.match(await page.evaluate(async (each) => (await fetch(each)).text(), url), /width/);
    }
    assert.equal(await isSame(), true);
}));

test('11: an imported URL is shown by the element that has it, though nobody accepts', () => run({
    'index.html': INDEX,
    'main.js': "import logo from './logo.svg';\nconst image = new Image();\nimage.src = logo;\n"
        + 'document.body.append(image);\n',
    'logo.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"></svg>',
}, ['/main.js'], async ({ server, page, write }) => {
    await shows(page, 'document.images[0]?.naturalWidth', 1);
    await lineAfter(server, ['hot', 'reload'], () => write('logo.svg',
        '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="30"></svg>'));
    await shows(page, 'document.images[0]?.naturalWidth', 30);
}));

test('11, 19: what is loaded through a linked folder changes with the files there and with the link', async () => {
    const dir = await writeProject({
        'index.html': documentOf('skin/main.js', '<link rel="stylesheet" href="skin/a.css">'),
        'themes/dark/a.css': 'body { margin: 1px }',
        'themes/dark/main.js': `globalThis.shown = 'dark';\n${ALONE}`,
        'themes/light/a.css': 'body { margin: 22px }',
        'themes/light/main.js': `globalThis.shown = 'light';\n${ALONE}`,
    });
    const margin = 'getComputedStyle(document.body).margin';
    await symlink('themes/dark', path.join(dir, 'skin'));
    const server = await start(dir);
    const { page, isSame, close } = await visit(chrome, server, ['/skin/a.css', '/skin/main.js']);
    await shows(page, 'shown', 'dark');

    await put(dir, 'themes/dark/a.css', 'body { margin: 333px }');
    await shows(page, margin, '333px');
    await put(dir, 'themes/dark/main.js', `globalThis.shown = 'darker';\n${ALONE}`);
    await shows(page, 'shown', 'darker');
    await symlink('themes/light', path.join(dir, 'next'));
    await rename(path.join(dir, 'next'), path.join(dir, 'skin'));
    await shows(page, margin, '22px');
    await shows(page, 'shown', 'light');

    assert.equal(await isSame(), true);
    await close();
    await server.stop();
});

test('11, 19: a symbolic link that is switched is a change', async () => {
    const dir = await writeProject({
        'index.html': documentOf('main.js', '<link rel="stylesheet" href="now.css">'),
        'main.js': `import { text } from './now.js';\nglobalThis.shown = text;\n${ALONE}`,
        'red.css': 'body { color: rgb(1, 0, 0) }', 'green.css': 'body { color: rgb(0, 222, 0) }',
        'red.js': "export const text = 'red';\n", 'green.js': "export const text = 'green';\n",
    });
    for (const ending of ['css', 'js']) {
        await symlink(`red.${ending}`, path.join(dir, `now.${ending}`));
    }
    const server = await start(dir);
    const { page, isSame, close } = await visit(chrome, server, ['/now.css', '/red.js']);
    assert.equal(await page.evaluate('shown'), 'red');
    for (const ending of ['css', 'js']) {
        await symlink(`green.${ending}`, path.join(dir, 'next'));
        await lineAfter(server, 'hot', () => rename(path.join(dir, 'next'),
            path.join(dir, `now.${ending}`)));
    }

    assert.equal(await page.evaluate('shown'), 'green');
    assert.equal(await page.evaluate('getComputedStyle(document.body).color'), 'rgb(0, 222, 0)');
    await lineAfter(server, 'hot', () => put(dir, 'green.js', "export const text = 'greener';\n"));
    assert.equal(await page.evaluate('shown'), 'greener');
    assert.equal(await isSame(), true);
    await close();
    await server.stop();
});

test('19: a symbolic link of a folder that is switched is a change', async () => {
    const dir = await writeProject({
        'index.html': documentOf('main.js'),
        'main.js': `import { text } from './lib/a.js';\nglobalThis.shown = text;\n${ALONE}`,
        'v1/a.js': "export const text = 'one';\n", 'v2/a.js': "export const text = 'the second';\n",
    });
    await symlink('v1', path.join(dir, 'lib'));
    const server = await start(dir);
    const { page, isSame, close } = await visit(chrome, server, ['/v1/a.js']);
    assert.equal(await page.evaluate('shown'), 'one');
    await symlink('v2', path.join(dir, 'next'));
    await lineAfter(server, 'hot', () => rename(path.join(dir, 'next'), path.join(dir, 'lib')));

    assert.equal(await page.evaluate('shown'), 'the second');
    await lineAfter(server, 'hot', () => put(dir, 'v2/a.js', "export const text = 'third';\n"));
    assert.equal(await page.evaluate('shown'), 'third');
    assert.equal(await isSame(), true);
    await close();
    await server.stop();
});

test('11: a sheet that a style element imports is swapped', () => run({
    'index.html': '<!doctype html><style>@import "a.css";</style><p>hi',
    'a.css': '@import "b.css"; p { margin-top: 1px }', 'b.css': 'p { margin-left: 1px }',
}, ['/a.css', '/b.css'], async ({ server, page, write, isSame }) => {
    await lineAfter(server, 'hot', () => write('a.css', '@import "b.css"; p { margin-top: 22px }'));
    await lineAfter(server, 'hot', () => write('b.css', 'p { margin-left: 33px }'));

    const style = 'getComputedStyle(document.querySelector("p"))';
    await shows(page, `[${style}.marginTop, ${style}.marginLeft]`, ['22px', '33px']);
    assert.equal(await isSame(), true);
}));

/* ---- 12 to 14: what is said, done together, and cleaned up ---- */

test('12: a reload says in the terminal and on the page which way was not accepted', () => run({
    'index.html': INDEX, 'main.js': "import './a.js';\n", 'a.js': "import './deep.js';\n",
    'deep.js': '// one\n',
}, ['/deep.js'], async ({ server, page, write, untilReloaded }) => {
    const line = await lineAfter(server, 'reload', () => write('deep.js', '// the second\n'));
    assert.match(line.why, /not accepted: deep\.js > a\.js > main\.js > index\.html/);
    await untilReloaded();
    await badgeShows(page, /deep\.js > a\.js > main\.js/);
}));

test('13: thirty files that are saved together run their importer once', () => {
    const names = Array.from({ length: 30 }, (_, i) => `part${i}`);
    const part = (name, text) => `export const ${name} = '${text}';\n`;
    return run({
        'index.html': INDEX,
        'main.js': `${names.map((each) => `import { ${each} } from './${each}.js';\n`).join('')}`
            + `${counts('main')}globalThis.shown = new Set([${names}]).size;\n`
            + `globalThis.first = ${names[0]};\n${ALONE}`,
        ...Object.fromEntries(names.map((each) => [`${each}.js`, part(each, 'one')])),
    }, ['/main.js', ...names.map((each) => `/${each}.js`)],
    async ({ dir, server, page, isSame }) => {
        // The program looks when all are written, as it would with an editor that is quicker.
        await lineAfter(server, 'hot', async () => {
            server.child.kill('SIGSTOP');
            names.forEach((each) => writeFileSync(path.join(dir, `${each}.js`), part(each, 'second')));
            server.child.kill('SIGCONT');
        });
        await sync(server);
        assert.deepEqual(await page.evaluate('[shown, first, runs.main]'), [1, 'second', 2]);
        assert.equal(await isSame(), true);
    });
});

test('14: every module between the change and the boundary is cleaned up, once', () => {
    const logs = (name) => `globalThis.log ??= [];\n`
        + `import.meta.hot.dispose(() => { log.push('${name} 1'); });\n`
        + `import.meta.hot.dispose(() => { log.push('${name} 2'); });\n`;
    return run({
        'index.html': INDEX, 'main.js': "import './one.js';\nimport './two.js';\n",
        'one.js': "import './top.js';\nimport.meta.hot.accept('./top.js');\n",
        'two.js': "import './top.js';\nimport.meta.hot.accept('./top.js');\n",
        'top.js': `import './mid.js';\n${logs('top')}`,
        'mid.js': `import './leaf.js';\n${logs('mid')}`, 'leaf.js': logs('leaf'),
    }, ['/one.js', '/two.js', '/leaf.js'], async ({ server, page, write, isSame }) => {
        await lineAfter(server, 'hot', () => write('leaf.js', `${logs('leaf')}// second\n`));
        assert.deepEqual(await page.evaluate('log'),
            ['top 1', 'top 2', 'mid 1', 'mid 2', 'leaf 1', 'leaf 2']);
        assert.equal(await isSame(), true);
    });
});

test('14: what nothing reaches any more is pruned with all that is behind it', () => {
    const logs = (name) => `globalThis.log ??= [];\n`
        + `import.meta.hot.dispose(() => { log.push('${name} dispose'); });\n`
        + `import.meta.hot.prune(() => { log.push('${name} prune'); });\n`;
    return run({
        'index.html': INDEX, 'main.js': `import './a.js';\nimport './kept.js';\n${ALONE}`,
        'a.js': `import './b.js';\nimport './kept.js';\nimport './a.css';\n${logs('a')}`,
        'b.js': logs('b'), 'kept.js': logs('kept'), 'a.css': 'body { margin-top: 7px }',
    }, ['/b.js', '/kept.js', '/a.css?import'], async ({ server, page, write, isSame }) => {
        assert.equal(await page.evaluate('getComputedStyle(document.body).marginTop'), '7px');
        await lineAfter(server, 'hot', () => write('main.js', `import './kept.js';\n${ALONE}`));
        const log = await page.evaluate('log.sort()');
        assert.deepEqual(log, ['a dispose', 'a prune', 'b dispose', 'b prune']);
        assert.notEqual(await page.evaluate('getComputedStyle(document.body).marginTop'), '7px');
        assert.equal(await isSame(), true);
    });
});

/* ---- 15, 17 to 20 ---- */

test('15: files with %, #, ? and spaces are imported by their standard spelling, hot', () => {
    const names = ['a b.js', 'c#d.js', 'e?f.js', '100%.js', 'ü ñ.js'];
    const text = (version) => `export default '${version}';\n`;
    return run({
        'index.html': INDEX,
        'main.js': names.map((name, i) => `import n${i} from './${encodeURIComponent(name)}';\n`)
            .join('') + `globalThis.shown = [${names.map((_, i) => `n${i}`)}];\n${ALONE}`,
        ...Object.fromEntries(names.map((name) => [name, text(name)])),
    }, ['/main.js', ...names.map((each) => `/${encodeURIComponent(each)}`)],
    async ({ server, page, write, isSame }) => {
        assert.deepEqual(await page.evaluate('shown'), names);
        for (const [i, name] of names.entries()) {
            await lineAfter(server, 'hot', () => write(name, text(`new ${name}`)));
            assert.equal(await page.evaluate(`shown[${i}]`), `new ${name}`);
        }
        assert.equal(await isSame(), true);
    });
});

test('17: two hundred versions of a module leave little behind', { skip: FIREFOX !== '' && 'the heap is asked of Chromium' }, () => {
    const filler = `// ${'x'.repeat(97)}\n`.repeat(500);
    const text = (version) => `${filler}globalThis.shown = ${version};\n${ALONE}`;
    const asan = [process.env.ASAN_OPTIONS, 'quarantine_size_mb=1'].filter(Boolean).join(':');
    const memoryOf = (server) => Number(/VmRSS:\s*(\d+)/.exec(
        readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]) / 1024;
    return run({ 'index.html': INDEX, 'main.js': text(1000) }, ['/main.js'],
        async ({ server, page, write, isSame }) => {
            const devtools = await page.context().newCDPSession(page);
            const heapOf = async () => {
                await devtools.send('HeapProfiler.collectGarbage');
                const { usedSize } = await devtools.send('Runtime.getHeapUsage');
                return usedSize / 1024 / 1024;
            };
            const next = (version) => lineAfter(server, 'hot', () => write('main.js', text(version)));
            for (let version = 1001; version <= 1020; version++) {
                await next(version);
            }
            const start = { heap: await heapOf(), memory: memoryOf(server) };
            for (let version = 1021; version <= 1220; version++) {
                await next(version);
            }
            assert.equal(await page.evaluate('shown'), 1220);
            const heap = await heapOf() - start.heap;
            const memory = memoryOf(server) - start.memory;
            // The texts are 10 MB together; a copy of each, or a map, in the heap would show.
            assert.ok(heap < 4, `the page's heap has grown by ${heap.toFixed(1)} MB`);
            assert.ok(memory < 16, `the server has grown by ${memory.toFixed(1)} MB`);
            const { body } = await request(server, '/main.js?orbit=1', {
                headers: { Host: `localhost:${server.port}` } });
            assert.doesNotMatch(body, /sourceMappingURL/);
            assert.equal(await isSame(), true);
        }, { env: { ASAN_OPTIONS: asan } });
});

test('18: modules that always give their update away end in one reload of each tab', () => run({
    'index.html': documentOf('main.js', '<link rel="stylesheet" href="a.css">'),
    'a.css': 'p { margin: 1px }',
    'main.js': "import './a.js';\n"
        + "import.meta.hot.accept('./a.js', () => { import.meta.hot.invalidate('main cannot'); });\n",
    'a.js': "import './b.js';\nimport.meta.hot.accept(() => { import.meta.hot.invalidate('a cannot'); });\n"
        + "import.meta.hot.accept('./b.js', () => { import.meta.hot.invalidate('a cannot'); });\n",
    'b.js': "import './a.js';\nglobalThis.shown = 'one';\n"
        + "import.meta.hot.accept(() => { import.meta.hot.invalidate('b cannot'); });\n",
}, ['/b.js', '/a.css'], async ({ dir, server, page, write, untilReloaded, mark, isSame }) => {
    const other = await visit(chrome, server, ['/b.js', '/a.css']);
    const text = readFileSync(path.join(dir, 'b.js'), 'utf8');
    const from = server.events.items.length;
    await write('b.js', text.replace('one', 'second'));
    await Promise.all([untilReloaded(), other.untilReloaded()]);
    await Promise.all([shows(page, 'shown', 'second'), shows(other.page, 'shown', 'second')]);
    await Promise.all([mark(), other.mark()]);
    // A page that goes on reloading would not be there for this.
    await lineAfter(server, 'hot', () => write('a.css', 'p { margin: 22px }'));
    await sync(server);

    assert.equal(await isSame(), true);
    assert.equal(await other.isSame(), true);
    assert.ok(linesSince(server, from).length < 16, JSON.stringify(linesSince(server, from)));
    await other.close();
}));

test('19: a linked package of the workspace is hot in each manner of saving', async () => {
    const text = (version) => `import { unit } from './lib/unit.js';\n`
        + `export const text = '${version}' + unit;\n`;
    const dir = await writeProject({
        'index.html': INDEX,
        'main.js': `import { text } from 'linked';\nglobalThis.shown = text;\n${ALONE}`,
        'packages/linked/package.json': '{"name":"linked","type":"module","exports":"./index.js"}',
        'packages/linked/index.js': text('one'),
        'packages/linked/lib/unit.js': "export const unit = ' px';\n",
        'node_modules/.keep': '',
    });
    await symlink('../packages/linked', path.join(dir, 'node_modules/linked'));
    const server = await start(dir);
    const { page, isSame, close } = await visit(chrome, server, ['/main.js']);
    await shows(page, 'shown', 'one px');
    for (const how of MANNERS) {
        await lineAfter(server, 'hot',
            () => save(path.join(dir, 'packages/linked/index.js'), text(how), how));
        assert.equal(await page.evaluate('shown'), `${how} px`);
        await lineAfter(server, 'hot', () => save(path.join(dir, 'packages/linked/lib/unit.js'),
            `export const unit = ' px';\n// ${how}\n`, how));
    }
    assert.equal(await isSame(), true);
    await close();
    await server.stop();
});

test('20: an edit behind a barrel replaces what leads to it, and not its neighbours', () => run({
    'index.html': INDEX,
    'main.js': "import { left } from './barrel.js';\nglobalThis.shown = left;\n"
        + "import.meta.hot.accept('./barrel.js', (next) => { globalThis.shown = next.left; });\n",
    'barrel.js': "export * from './left.js';\nexport { right } from './right.js';\n",
    'left.js': `${counts('left')}export const left = 'one';\n`,
    'right.js': `${counts('right')}export const right = 'right';\n`,
}, ['/left.js', '/right.js'], async ({ server, page, write, isSame }) => {
    await lineAfter(server, 'hot',
        () => write('left.js', `${counts('left')}export const left = 'second';\n`));

    assert.deepEqual(await page.evaluate('[shown, runs]'), ['second', { left: 2, right: 1 }]);
    assert.equal(await isSame(), true);
}));
