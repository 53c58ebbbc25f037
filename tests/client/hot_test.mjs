// SPDX-License-Identifier: MIT

/* import.meta.hot and transactions of modules, in a real browser. */

import assert from 'node:assert/strict';
import { badge, badgeText, clientTest, colorOf, isSamePage } from './setup.mjs';
import { hashOf } from './fake_server.mjs';

const MAIN = `<!doctype html><html><head><title>t</title>
<link rel="stylesheet" href="/style.css"></head><body><p id="p">text</p>
<script>window.log = [];</script><script type="module" src="/main.js"></script></body></html>`;

/** Opens a page with these modules; `/main.js` is its entry. */
async function openModules(t, files, html = MAIN) {
    t.server.set('/index.html', html);
    Object.entries(files).forEach(([path, text]) => t.server.set(path, text));
    await t.open((vector) => Object.keys(files).every((path) => path in vector));
}

const logOf = (page) => page.evaluate(() => window.log);
const clearLog = (page) => page.evaluate(() => {
    window.log = [];
});

/** The last thing that was registered of a module's context. */
const contextOf = (server, key) => server.messages.findLast(
    (each) => each.type === 'register' && each.hot && key in each.hot)?.hot[key];

const leaf = (n, more = '') => `log.push('run ${n}'); export const value = ${n};
import.meta.hot.accept((m) => log.push('accept ' + m.value + ' by ${n}')); ${more}`;

clientTest('a module that accepts itself is replaced, in the known order', async (t) => {
    await openModules(t, {
        '/main.js': leaf(1, `import.meta.hot.dispose((data) => { data.n = 5; log.push('dispose'); });
            for (const name of ['vite:beforeUpdate', 'orbit:afterUpdate']) {
                import.meta.hot.on(name, (m) => log.push(name + ' ' + m.updates[0].path)); }`),
    });
    await t.server.until(() => contextOf(t.server, '/main.js')?.self);
    await clearLog(t.page);

    const answer = await t.server.applyModules({ '/main.js': leaf(2, `log.push(import.meta.hot.data.n);
        import.meta.hot.on('vite:afterUpdate', () => log.push('after 2'));`) });

    assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    assert.equal(answer.ok, true);
    assert.deepEqual(await logOf(t.page),
        ['vite:beforeUpdate /main.js', 'dispose', 'run 2', 5, 'accept 2 by 1', 'after 2']);
    assert.ok(await isSamePage(t.page));
    const hash = hashOf(t.server.files.get('/main.js'));
    t.server.dropPages();
    await t.server.until((each) => each.type === 'register' && each.page === 2
        && each.loaded['/main.js'] === `${hash}@2`);
});

clientTest('a leaf without anything to clean up takes one import, and again', async (t) => {
    await openModules(t, { '/main.js': leaf(1) });
    for (const n of [2, 3, 4]) {
        const answer = await t.server.applyModules({ '/main.js': leaf(n) });
        assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    }
    assert.deepEqual(await logOf(t.page), ['run 1', 'run 2', 'accept 2 by 1', 'run 3',
        'accept 3 by 2', 'run 4', 'accept 4 by 3']);
    const fetched = t.server.requests.filter((each) => each.includes('/main.js?orbit'));
    assert.deepEqual(fetched, [2, 3, 4].map((n) => `GET /main.js?orbit=${n}`));
});

clientTest('of a module that has not decided yet nothing is said, and its update waits', async (t) => {
    const late = (n) => `log.push('run ${n}'); export const value = ${n};
        import.meta.hot.accept(new Promise((resolve) => { window.decide = resolve; }));`;
    const takes = () => t.page.evaluate(() => window.decide((m) => { log.push(`take ${m.value}`); }));
    await openModules(t, { '/main.js': late(1) });
    await t.page.waitForFunction(() => window.decide);
    await t.page.evaluate(() => window.addEventListener('orbit:fileChange', () => {
        window.isTold = true;
    }));
    const first = t.server.applyModules({ '/main.js': late(2) });
    t.server.send({ type: 'fileChange', paths: [], kind: 'modified' }); // taken behind the update
    await t.page.waitForFunction(() => window.isTold);
    await takes();
    assert.equal((await first).mode, 'hot');
    await takes();
    await t.server.until(() => contextOf(t.server, '/main.js'));
    assert.equal((await t.server.applyModules({ '/main.js': late(3) })).mode, 'hot');
    assert.deepEqual(await logOf(t.page), ['run 1', 'run 2', 'take 2', 'run 3', 'take 3']);
    const said = t.server.messages.filter((each) => each.hot && '/main.js' in each.hot);
    assert.ok(said.every((each) => each.hot['/main.js'].self), JSON.stringify(said));

    await t.page.evaluate(() => window.decide(null));
    await t.server.until(() => contextOf(t.server, '/main.js').self === false);
    assert.ok(await isSamePage(t.page));
    const answer = await t.server.applyModules({ '/main.js': late(4) });
    assert.equal(answer.mode, 'reload');
    assert.match(await badgeText(t.page, 'reloaded'), /not accepted: main\.js/);
});

clientTest('an importer takes what it accepts: one, a list, each callback once', async (t) => {
    await openModules(t, {
        '/main.js': `import './a.js'; import './b.js'; log.push('main');
            import.meta.hot.accept('./a.js', (a) => log.push('a ' + a.value));
            import.meta.hot.accept(['./a.js', './b.js', './c.js'], (all) =>
                log.push('all ' + all.map((m) => m ? m.value : '-')));`,
        '/a.js': 'export const value = 1;',
        '/b.js': 'export const value = 1;',
    });
    await t.server.until(() => contextOf(t.server, '/main.js')?.deps.length === 3);
    assert.deepEqual(contextOf(t.server, '/main.js'),
        { self: false, deps: ['/a.js', '/b.js', '/c.js'], exports: [] });
    const by = (accepted) => ({ by: '/main.js', accepted });

    await t.server.applyModules({ '/a.js': 'export const value = 2;' }, { boundaries: [by('/a.js')] });
    await t.server.applyModules({ '/a.js': 'export const value = 3;', '/b.js': 'export const value = 3;' },
        { boundaries: [by('/a.js'), by('/b.js')] });

    assert.deepEqual(await logOf(t.page), ['main', 'a 2', 'all 2,-,-', 'a 3', 'all 3,3,-']);
});

clientTest('an update says whether each module of it takes its own', async (t) => {
    await openModules(t, {
        '/main.js': `import './a.js'; import './b.js';
            import.meta.hot.on('orbit:beforeUpdate', ({ alone }) => log.push(alone));`,
        '/a.js': 'import "./c.js"; import.meta.hot.accept();',
        '/b.js': 'import.meta.hot.accept();',
        '/c.js': 'export const value = 1;',
    });
    const own = (key) => ({ by: key, accepted: key });

    await t.server.applyModules({ '/a.js': 'import "./c.js"; import.meta.hot.accept(); //',
        '/b.js': 'import.meta.hot.accept(); //' }, { boundaries: [own('/a.js'), own('/b.js')] });
    await t.server.applyModules({ '/c.js': 'export const value = 2;',
        '/b.js': 'import.meta.hot.accept(); ///' }, {
        replaced: ['/c.js', '/a.js', '/b.js'], boundaries: [own('/a.js'), own('/b.js')],
    });

    assert.deepEqual(await logOf(t.page), [true, false]);
});

clientTest('what React and Vue look for as they are evaluated is there before any script', async (t) => {
    await openModules(t, {
        '/main.js': `log.push(__REACT_DEVTOOLS_GLOBAL_HOOK__.inject({}), __VUE_OPTIONS_API__,
            __VUE_PROD_DEVTOOLS__, __VUE_PROD_HYDRATION_MISMATCH_DETAILS__);`,
    });
    assert.deepEqual(await logOf(t.page), [1, true, false, false]);
});

clientTest('a chain below a boundary is replaced as a whole, all of it cleaned up', async (t) => {
    const dispose = (name) => `import.meta.hot.dispose(() => log.push('off ${name}'));`;
    await openModules(t, {
        '/main.js': `import { value } from './mid.js'; log.push('main ' + value);
            import.meta.hot.accept(); ${dispose('main')}`,
        '/mid.js': `export { value } from './leaf.js'; ${dispose('mid 1')} ${dispose('mid 2')}`,
        '/leaf.js': 'export const value = 1;',
    });

    const answer = await t.server.applyModules({ '/leaf.js': 'export const value = 2;' }, {
        replaced: ['/leaf.js', '/mid.js', '/main.js'],
        boundaries: [{ by: '/main.js', accepted: '/main.js' }],
    });

    assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    assert.deepEqual(await logOf(t.page), ['main 1', 'off main', 'off mid 1', 'off mid 2', 'main 2']);
    t.server.dropPages();
    await t.server.until((each) => each.page === 2 && /@2$/.test(each.loaded?.['/mid.js']));
    const again = t.server.messages.filter((each) => each.page === 1 && each.loaded
        && Object.values(each.loaded).some((version) => version.includes('@')));
    assert.deepEqual(again, [], 'what came through is not said again');
});

clientTest('the modules of a chain are asked for at once, not each by the one that imports it', async (t) => {
    await openModules(t, {
        '/main.js': `import { value } from './mid.js'; log.push('main ' + value); import.meta.hot.accept();`,
        '/mid.js': `export { value } from './leaf.js';`,
        '/leaf.js': 'export const value = 1;',
    });
    const asked = [];
    const releases = [];
    // No answer before all have been asked for.
    t.server.hold = (path) => path.includes('orbit=') && new Promise((resolve) => {
        asked.push(path);
        releases.push(resolve);
        if (asked.length >= 3) {
            releases.forEach((release) => release());
        }
    });

    const answer = await t.server.applyModules({ '/leaf.js': 'export const value = 2;' }, {
        replaced: ['/leaf.js', '/mid.js', '/main.js'],
        boundaries: [{ by: '/main.js', accepted: '/main.js' }],
    });

    assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    assert.deepEqual(await logOf(t.page), ['main 1', 'main 2']);
    assert.deepEqual(asked.sort(), ['/leaf.js?orbit=2', '/main.js?orbit=2', '/mid.js?orbit=2']);
    await t.page.waitForFunction(() => !document.querySelector('link[rel=modulepreload]'));
});

clientTest('the runtime of Vite\'s plugin for React refreshes at once, once for all modules', async (t) => {
    // What its face is: it hands back a refusal, and puts the refresh off by a timer.
    const component = (name, n) => `import { react } from '/__orbit/react.js';
        import { runtime } from '/runtime.js';
        react.use(runtime);
        export function ${name}() { return ${n}; }
        import.meta.hot.accept(import(import.meta.url)
            .then((own) => react.taker('${name}', import.meta.hot, own)));`;
    await openModules(t, {
        '/main.js': `import './a.js'; import './b.js';`,
        '/runtime.js': `let timer; const updates = [];
            window.other = 0;
            export const runtime = {
                injectIntoGlobalHook() {},
                registerExportsForReactRefresh() {},
                validateRefreshBoundaryAndEnqueueUpdate(id, own, next) {
                    updates.push(id);
                    setTimeout(() => { window.other++; }, 5);
                    clearTimeout(timer);
                    timer = setTimeout(async () => log.push('refresh ' + updates.splice(0)), 16);
                },
            };`,
        '/a.js': component('A', 1),
        '/b.js': component('B', 1),
    });
    await t.server.until(() => contextOf(t.server, '/a.js')?.self && contextOf(t.server, '/b.js')?.self);
    await t.page.evaluate(() => window.addEventListener('orbit:afterUpdate', () => log.push('after')));
    await clearLog(t.page);

    const answer = await t.server.applyModules({ '/a.js': component('A', 2), '/b.js': component('B', 2) });

    assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    assert.deepEqual(await logOf(t.page), ['refresh A,B', 'after']);
    // Other timers are as they were.
    await t.page.waitForFunction(() => window.other === 2);
    assert.match(await t.page.evaluate(() => String(window.setTimeout)), /native code/);
});

clientTest('why the runtime of Vite\'s plugin refuses is told without what that plugin would fill in', async (t) => {
    const text = `import { react } from '/__orbit/react.js';
        react.use({
            injectIntoGlobalHook() {},
            registerExportsForReactRefresh() {},
            validateRefreshBoundaryAndEnqueueUpdate: () =>
                'Could not Fast Refresh ("a" export). Learn more at __README_URL__#exports',
        });
        import.meta.hot.accept(import(import.meta.url)
            .then((own) => react.taker('a', import.meta.hot, own)));`;
    await openModules(t, { '/main.js': text });
    await t.server.until(() => contextOf(t.server, '/main.js')?.self);

    await t.server.applyModules({ '/main.js': `${text}\n1;` });

    const told = await t.server.until((each) => each.type === 'invalidate');
    assert.equal(told.message, 'Could not Fast Refresh ("a" export).');
});

for (const [name, text] of [
    ['cannot be parsed', 'export const value = ;'],
    ['imports what is missing', 'import "./none.js"; export const value = 2;'],
    ['imports a name that is not exported', 'import { no } from "./dep.js"; log.push(no);']]) {
    clientTest(`a version that ${name} disturbs nothing`, async (t) => {
        await openModules(t, {
            '/main.js': leaf(1, 'import.meta.hot.dispose(() => log.push("dispose"));'),
            '/dep.js': 'export const yes = 1;',
        }, MAIN.replace('</body>', '<script type="module" src="/dep.js"></script></body>'));

        const answer = await t.server.applyModules({ '/main.js': text });

        assert.equal(answer.ok, false);
        assert.equal(answer.mode, 'failed');
        assert.equal(answer.rolledBack, false);
        assert.ok(answer.error && !/data:/.test(answer.error), answer.error);
        assert.deepEqual(await logOf(t.page), ['run 1']);
        await badgeText(t.page, 'failed');
        const next = await t.server.applyModules({ '/main.js': leaf(3) });
        assert.equal(next.mode, 'hot', JSON.stringify(next));
        assert.deepEqual((await logOf(t.page)).slice(1), ['dispose', 'run 3', 'accept 3 by 1']);
        await badgeText(t.page, 'updated');
        assert.ok(await isSamePage(t.page));
    });
}

for (const [name, text, isDirect] of [
    ['a version that throws', 'log.push("half"); throw new Error("no way");', false],
    ['a leaf that throws, without clean-up,', 'log.push("half");\nthrow new Error("no way");', true]]) {
    clientTest(`${name} is taken back, with its data`, async (t) => {
        const clean = isDirect ? ''
            : 'import.meta.hot.dispose((data) => { data.lost = 1; log.push("dispose"); });';
        await openModules(t, {
            '/main.js': leaf(1, `import.meta.hot.data.n ??= 7; ${clean}
                log.push(JSON.stringify(import.meta.hot.data));`),
        });
        await clearLog(t.page);

        const answer = await t.server.applyModules({ '/main.js': text });

        assert.equal(answer.mode, 'failed');
        assert.equal(answer.rolledBack, true);
        assert.match(answer.error, /no way/);
        const log = await logOf(t.page);
        assert.deepEqual(log, [...(isDirect ? [] : ['dispose']), 'half', 'run 1', '{"n":7}']);
        assert.match(await badgeText(t.page, 'failed'), /no way/);
        const place = badge(t.page).locator('.place');
        assert.match(await place.textContent(), /^main\.js:\d+:\d+$/);
        await place.click();
        const opened = await t.server.until((each) => each.type === 'opened');
        assert.match(opened.file, /^main\.js:\d+:\d+$/);

        await clearLog(t.page);
        const next = await t.server.applyModules({ '/main.js': leaf(3) });
        assert.equal(next.mode, 'hot');
        assert.ok((await logOf(t.page)).includes('accept 3 by 1'));
        assert.equal(await badge(t.page).getAttribute('data-state'), 'updated');
    });
}

clientTest('what was taken back is told by the answer, however late that is, and to a new connection', async (t) => {
    await openModules(t, { '/main.js': leaf(1), '/other.js': leaf(1) },
        MAIN.replace('</body>', '<script type="module" src="/other.js"></script></body>'));
    const old = hashOf(t.server.files.get('/main.js'));
    const from = t.server.messages.length;
    // No frame comes before the context of the new instance has been told, which is a registration.
    await t.page.evaluate(() => {
        const frames = [];
        window.requestAnimationFrame = (step) => frames.push(step);
        window.release = () => frames.splice(0).forEach((step) => setTimeout(step));
    });
    const answered = t.server.applyModules({ '/main.js': 'throw new Error("no");' });
    await t.server.until((each) => t.server.messages.indexOf(each) >= from
        && each.type === 'register' && '/main.js' in (each.hot ?? {}));
    await t.page.evaluate(() => {
        window.release();
        window.requestAnimationFrame = (step) => setTimeout(step);
    });
    assert.equal((await answered).rolledBack, true);

    await t.server.applyModules({ '/other.js': leaf(2) });
    const said = t.server.messages.slice(from).filter((each) => '/main.js' in (each.loaded ?? {}));
    assert.deepEqual(said, []);
    t.server.dropPages();
    await t.server.until((each) => each.page === 2 && each.loaded?.['/main.js'] === `${old}@2r1`);
});

clientTest('the same failure, sent again, is answered at once', async (t) => {
    await openModules(t, { '/main.js': leaf(1) });
    await t.server.applyModules({ '/main.js': 'throw new Error("no");' });
    await clearLog(t.page);
    const count = t.server.requests.length;

    const update = t.server.update('js', '/main.js', 'throw new Error("no");');
    const again = await t.server.apply([update], { js: { stamp: '2', rollback: '2r1',
        replaced: ['/main.js'], boundaries: [{ by: '/main.js', accepted: '/main.js' }] } });

    assert.equal(again.mode, 'failed');
    assert.equal(again.rolledBack, true);
    assert.deepEqual(await logOf(t.page), []);
    assert.equal(t.server.requests.length, count);
});

/* As the server sends once more what the page has said it could not run. */
const sendAgain = (t, path, text, stamp) => t.server.apply([t.server.update('js', path, text)], {
    js: { stamp, rollback: `${stamp}r1`, replaced: [path], boundaries: [{ by: path, accepted: path }] },
});

clientTest('a failure of another run of the server is known, whatever its number', async (t) => {
    await openModules(t, { '/main.js': leaf(1) });
    await t.server.applyModules({ '/main.js': 'throw new Error("no");' });
    await clearLog(t.page);
    const count = t.server.requests.length;

    t.server.send({ type: 'hello', protocol: 1, epoch: 'epoch-2', seq: 40, page: 9 });
    t.server.seq = 40;
    const again = await sendAgain(t, '/main.js', 'throw new Error("no");', '41');

    assert.deepEqual([again.mode, again.rolledBack, again.error], ['failed', true, 'no (main.js:1:7)']);
    assert.deepEqual(await logOf(t.page), []);
    assert.equal(t.server.requests.length, count);
});

clientTest('of many failures the oldest is forgotten, and tried again', async (t) => {
    await openModules(t, { '/main.js': leaf(1) });
    const bad = (n) => `throw new Error("no ${n}");`;
    const isTried = (stamp) => t.server.requests.includes(`GET /main.js?orbit=${stamp}`);
    for (let n = 0; n <= 100; n++) {
        t.server.set('/main.js', leaf(1)); // the text to go back to
        const answer = await t.server.applyModules({ '/main.js': bad(n) });
        assert.equal(answer.error, `no ${n} (main.js:1:7)`);
    }

    t.server.send({ type: 'hello', protocol: 1, epoch: 'epoch-2', seq: 200, page: 9 });
    t.server.seq = 200;
    t.server.rollbacks.set('202r1', new Map([['/main.js', leaf(1)]]));
    const kept = await sendAgain(t, '/main.js', bad(1), '201');
    const forgotten = await sendAgain(t, '/main.js', bad(0), '202');

    assert.deepEqual([kept.error, forgotten.error], ['no 1 (main.js:1:7)', 'no 0 (main.js:1:7)']);
    assert.deepEqual([isTried(100), isTried(201), isTried(202)], [true, false, true]);
});

clientTest('of two boundaries one fails: both are as they were, and the sheet too', async (t) => {
    const text = (name, n) => `import.meta.hot.accept(); log.push('${name}${n}');
        import.meta.hot.dispose(() => {});`;
    await openModules(t, {
        '/main.js': 'import "./a.js"; import "./b.js";',
        '/a.js': text('a', 1),
        '/b.js': text('b', 1),
    });
    await clearLog(t.page);
    const sheet = { ...t.server.update('css', '/style.css', '#p { color: rgb(9, 9, 9); }'),
        text: '#p { color: rgb(9, 9, 9); }' };

    const answer = await t.server.applyModules(
        { '/a.js': text('a', 2), '/b.js': 'throw new Error("b is bad");' }, {},
        { updates: [sheet] });

    assert.equal(answer.rolledBack, true);
    assert.deepEqual(await logOf(t.page), ['a2', 'a1', 'b1']);
    assert.equal(await colorOf(t.page), 'rgb(1, 1, 1)');
    assert.equal(await t.page.locator('style').count(), 0);
});

clientTest('an accept callback that throws takes the update back', async (t) => {
    await openModules(t, {
        '/main.js': `import { value } from './a.js'; log.push('main ' + value);
            import.meta.hot.accept('./a.js', (a) => { log.push('take ' + a.value);
                if (a.value === 2) throw new Error('not two'); });`,
        '/a.js': 'export const value = 1;',
    });
    const boundaries = [{ by: '/main.js', accepted: '/a.js' }];

    const answer = await t.server.applyModules({ '/a.js': 'export const value = 2;' }, { boundaries });
    const next = await t.server.applyModules({ '/a.js': 'export const value = 3;' }, { boundaries });

    assert.equal(answer.rolledBack, true);
    assert.match(answer.error, /not two/);
    assert.equal(next.mode, 'hot');
    assert.deepEqual(await logOf(t.page), ['main 1', 'take 2', 'take 1', 'take 3']);
});

clientTest('one failing listener or dispose callback spoils nothing', async (t) => {
    await openModules(t, {
        '/main.js': leaf(1, `const { hot } = import.meta;
            hot.on('vite:beforeUpdate', () => { throw new Error('listener'); });
            hot.on('orbit:beforeUpdate', () => log.push('second'));
            hot.dispose(() => { throw new Error('dispose'); });
            hot.dispose(() => Promise.reject(new Error('later')));
            hot.dispose(async () => { await 0; log.push('disposed'); });`),
    });

    const answer = await t.server.applyModules({ '/main.js': leaf(2) });

    assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    assert.deepEqual(await logOf(t.page),
        ['run 1', 'second', 'disposed', 'run 2', 'accept 2 by 1']);
});

clientTest('a fault that only a parser finds is shown with its place, and is no error of the page', async (t) => {
    await openModules(t, { '/main.js': `import './dep.js'; ${leaf(1)}`, '/dep.js': '// dep' });
    await t.page.evaluate(() => {
        window.addEventListener('error', () => log.push('an error'));
    });
    await clearLog(t.page);

    const answer = await t.server.applyModules({ '/dep.js': '\n let a; let a;' }, {
        replaced: ['/dep.js', '/main.js'],
        boundaries: [{ by: '/main.js', accepted: '/main.js' }],
    });

    assert.equal(answer.mode, 'failed');
    assert.match(answer.error, /(?:already been declared|redeclaration of let a) \(dep\.js:2:\d+\)/);
    assert.match(await badgeText(t.page, 'failed'), /already been declared|redeclaration/);
    assert.match(await badge(t.page).locator('.place').textContent(), /^dep\.js:2:/);
    assert.deepEqual(await logOf(t.page), []);
    assert.ok(await isSamePage(t.page));
});

clientTest('a module that has not run takes no update: the page is loaded anew', async (t) => {
    await openModules(t, { '/main.js': leaf(1), '/dep.js': '' },
        MAIN.replace('</body>', '<script type="module" src="/dep.js"></script></body>'));

    const answer = await t.server.applyModules({ '/dep.js': 'log.push("new")' });

    assert.equal(answer.mode, 'reload', JSON.stringify(answer));
    assert.match(await badgeText(t.page, 'reloaded'), /dep\.js has not run yet/);
    assert.deepEqual(await logOf(t.page), ['run 1', 'new']);
});

clientTest('what nobody accepts reloads and says the way; the handler comes first', async (t) => {
    await openModules(t, { '/main.js': 'import "./a.js";', '/a.js': 'window.a = 1;' });
    const refused = { boundaries: [], replaced: ['/a.js', '/main.js'], refused: ['/a.js'],
        chain: ['/a.js', '/main.js', '/index.html'] };
    await t.page.evaluate(() => {
        window.__ORBIT_REGISTER_HMR_HANDLER((names) => {
            window.log.push(...names);
        });
    });

    const handled = await t.server.applyModules({ '/a.js': 'window.a = 2;' }, refused);
    assert.equal(handled.mode, 'handler');
    assert.deepEqual(await logOf(t.page), ['a.js']);
    await t.page.evaluate(() => window.__ORBIT_REGISTER_HMR_HANDLER(null));
    const answer = await t.server.applyModules({ '/a.js': 'window.a = 3;' }, refused);

    assert.equal(answer.mode, 'reload');
    assert.equal(answer.reason, 'not accepted: a.js > main.js > index.html');
    assert.equal(await t.page.evaluate(() => window.a), 3);
});

clientTest('with hotOnly a refused module is offered, and what is accepted applied', async (t) => {
    t.server.config.hotOnly = true;
    await openModules(t, { '/main.js': 'import "./a.js"; import "./b.js";',
        '/a.js': 'window.a = 1;', '/b.js': leaf(1) });

    const answer = await t.server.applyModules({ '/a.js': 'window.a = 2;', '/b.js': leaf(2) }, {
        replaced: ['/b.js'], boundaries: [{ by: '/b.js', accepted: '/b.js' }], refused: ['/a.js'],
        chain: ['/a.js', '/main.js'] });

    assert.equal(answer.mode, 'held');
    assert.match(await badgeText(t.page, 'held'), /not accepted: a\.js > main\.js/);
    assert.ok((await logOf(t.page)).includes('accept 2 by 1'));
    assert.equal(await t.page.evaluate(() => window.a), 1);
});

clientTest('what is pruned is cleaned up and forgotten, its stylesheet too', async (t) => {
    await openModules(t, {
        '/main.js': 'import "./a.js"; import.meta.hot.accept();',
        '/a.js': `import './a.css?import'; import.meta.hot.data.x = 1;
            import.meta.hot.on('vite:beforePrune', ({ paths }) => log.push('before ' + paths));
            import.meta.hot.dispose(() => log.push('dispose'));
            import.meta.hot.prune((data) => log.push('prune ' + data.x));`,
        '/a.css': '#p { color: rgb(3, 3, 3) !important; }',
    });
    assert.equal(await colorOf(t.page), 'rgb(3, 3, 3)');

    await t.server.applyModules({ '/main.js': 'import.meta.hot.accept();' },
        { pruned: ['/a.js', '/a.css?import'] });

    assert.deepEqual(await logOf(t.page), ['before /a.js,/a.css?import', 'dispose', 'prune 1']);
    assert.equal(await colorOf(t.page), 'rgb(1, 1, 1)');
});

clientTest('a stylesheet that a module imports is edited in place', async (t) => {
    await openModules(t, {
        '/main.js': 'import "./a.css?import"; log.push(getComputedStyle(p).color);',
        '/a.css': '#p { color: rgb(3, 3, 3) !important; }',
    });
    assert.deepEqual(await logOf(t.page), ['rgb(3, 3, 3)']);
    const text = '#p { color: rgb(4, 4, 4) !important; }';

    const answer = await t.server.apply([{ ...t.server.update('css', '/a.css', text), text }]);

    assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    assert.equal(await colorOf(t.page), 'rgb(4, 4, 4)');
    await t.server.untilVector((vector) => vector['/a.css?import'] === hashOf(text));
});

clientTest('import(expression) gets the newest instance and is told as an edge', async (t) => {
    await openModules(t, {
        '/main.js': `import { value } from './a.js'; log.push(value); const path = './a.js';
            window.again = async () => (await import(path)).value;
            import.meta.hot.accept('./a.js', () => {});`,
        '/a.js': 'export const value = 1;',
    });
    await t.server.applyModules({ '/a.js': 'export const value = 2;' },
        { boundaries: [{ by: '/main.js', accepted: '/a.js' }] });

    assert.equal(await t.page.evaluate(() => window.again()), 2);
    const said = await t.server.until((each) => each.type === 'register' && each.edges);
    assert.deepEqual(said.edges, { '/main.js': ['/a.js'] });
    assert.equal(t.server.requests.filter((each) => /a\.js\?orbit/.test(each)).length, 1);
});

clientTest('import(expression) names what another page has replaced as its importers do', async (t) => {
    await openModules(t, {
        '/main.js': `import './a.js'; import.meta.hot.on('seen', () => { window.seen = true; });
            window.get = (path) => import(path).then(() => true);`,
        '/a.js': 'export {};',
    });
    t.server.set('/b.js', 'export {};');
    t.server.send({ type: 'stamps', stamps: { '/a.js': 7, '/b.js': 8 } });
    t.server.send({ type: 'custom', event: 'seen' });
    await t.page.waitForFunction(() => window.seen);

    await t.page.evaluate(() => window.get('./a.js')); // the page runs its first instance
    await t.page.evaluate(() => window.get('./b.js'));
    const asked = t.server.requests.filter((each) => /[ab]\.js/.test(each));
    assert.deepEqual(asked, ['GET /a.js', 'GET /b.js?orbit=8']);
});

clientTest('import(expression) never names an instance from before it was pruned', async (t) => {
    const main = (n) => `import.meta.hot.accept(); import.meta.hot.on('seen', () => { window.seen = true; });
        window.get = (path) => import(path).then((it) => it.value); window.main = ${n};`;
    await openModules(t, { '/main.js': main(1) });
    t.server.set('/b.js', 'export const value = 1;');
    t.server.seq = 1;
    t.server.send({ type: 'stamps', stamps: { '/b.js': 1 } }); // another page has replaced it
    t.server.send({ type: 'custom', event: 'seen' });
    await t.page.waitForFunction(() => window.seen);
    assert.equal(await t.page.evaluate(() => window.get('./b.js')), 1);
    await t.server.untilVector((vector) => '/b.js' in vector);

    const answer = await t.server.applyModules({ '/main.js': main(2) }, { pruned: ['/b.js'] });
    assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    t.server.set('/b.js', 'export const value = 22;');
    assert.equal(await t.page.evaluate(() => window.get('./b.js')), 22);
    assert.deepEqual(t.server.requests.filter((each) => /b\.js/.test(each)),
        ['GET /b.js?orbit=1', 'GET /b.js?orbit=2']);
});

clientTest('invalidate asks the importers once, and a round of it reloads', async (t) => {
    const bad = (n) => `log.push('a ${n}'); import.meta.hot.accept(() => {
        import.meta.hot.invalidate('cannot'); import.meta.hot.invalidate('cannot'); });`;
    await openModules(t, { '/main.js': 'import "./a.js"; import.meta.hot.accept();', '/a.js': bad(1) });
    await t.page.evaluate(() => window.addEventListener('vite:invalidate',
        (event) => window.log.push(event.detail.firstInvalidatedBy)));

    const answer = await t.server.applyModules({ '/a.js': bad(2) });
    assert.equal(answer.mode, 'hot');
    const said = await t.server.until((each) => each.type === 'invalidate');
    assert.deepEqual([said.url, said.message, said.stamp], ['/a.js', 'cannot', '2']);
    assert.equal(t.server.messages.filter((each) => each.type === 'invalidate').length, 1);
    assert.deepEqual(await logOf(t.page), ['a 1', 'a 2', '/a.js']);

    const seq = String(++t.server.seq);
    t.server.send({ type: 'hmr', seq: t.server.seq, modules: ['a.js'], updates: [],
        reason: 'invalidated: cannot', js: { stamp: seq, rollback: `${seq}r1`,
            replaced: ['/a.js'], boundaries: [{ by: '/a.js', accepted: '/a.js' }] } });
    await t.page.waitForFunction(() => !window.__marker);
    assert.match(await badgeText(t.page, 'reloaded'), /\/a\.js was invalidated again: cannot/);
});

/** Answers the next invalidation of the page's `nth` load: nobody accepts main.js. Its number. */
async function refuse(server, nth) {
    await server.until((each) => each.type === 'invalidate' && each.page === nth);
    const seq = ++server.seq;
    server.send({ type: 'hmr', seq, modules: ['main.js'], updates: [],
        reason: 'invalidated: never', js: { stamp: String(seq), rollback: `${seq}r1`,
            replaced: [], boundaries: [], refused: ['/main.js'], chain: ['/main.js'] } });
    return seq;
}

clientTest('a module that refuses itself as it runs reloads the page once', async (t) => {
    await openModules(t, {
        '/main.js': 'import.meta.hot.accept(); import.meta.hot.invalidate("never");',
    });
    await refuse(t.server, 1);
    const answer = await t.server.applied(await refuse(t.server, 2));

    assert.equal(answer.ok, false);
    assert.match(answer.error, /the reload did not help: not accepted: main.js/);
});

clientTest('after such a reload, what a later update refuses reloads the page again', async (t) => {
    const giver = (n) => `import.meta.hot.accept(() => import.meta.hot.invalidate('never')); // ${n}`;
    await openModules(t, { '/main.js': giver(1) });
    await t.server.applyModules({ '/main.js': giver(2) });
    await refuse(t.server, 1);
    await t.server.until((each) => each.page === 2 && each.type === 'applied');
    await t.server.until((each) => each.page === 2 && each.hot?.['/main.js']?.self);
    await t.server.applyModules({ '/main.js': giver(3) });
    await refuse(t.server, 2);

    await t.server.until((each) => each.page === 3 && each.type === 'applied' && each.mode === 'reload');
});

clientTest('an update is answered before a module of it is given away', async (t) => {
    const giver = (n) => `import.meta.hot.accept(() => import.meta.hot.invalidate('never')); // ${n}`;
    await openModules(t, { '/main.js': giver(1) });
    await t.server.applyModules({ '/main.js': giver(2) });
    await t.server.until((each) => each.type === 'invalidate');

    const order = t.server.messages.map((each) => each.type)
        .filter((each) => each === 'applied' || each === 'invalidate');
    assert.deepEqual(order, ['applied', 'invalidate']);
});

clientTest('what a new version imports by an expression is new as well', async (t) => {
    const main = (n) => `const name = './a.js'; import(name).then((a) => log.push('${n} got ' + a.value));
        import.meta.hot.accept(); import.meta.hot.dispose(() => {});`;
    await openModules(t, { '/main.js': main(1), '/a.js': 'export const value = 1;' });
    await t.page.waitForFunction(() => window.log.length === 1);

    const answer = await t.server.applyModules({ '/main.js': main(2), '/a.js': 'export const value = 2;' },
        { boundaries: [{ by: '/main.js', accepted: '/main.js' }] });

    assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    await t.page.waitForFunction(() => window.log.length === 2);
    assert.deepEqual(await logOf(t.page), ['1 got 1', '2 got 2']);
});

clientTest('what was taken back is on the screen until the next modules come through', async (t) => {
    await openModules(t, { '/main.js': leaf(1) });
    await t.server.applyModules({ '/main.js': 'throw new Error("bad text");' });
    assert.match(await badgeText(t.page, 'failed'), /bad text/);

    await t.server.apply([t.server.update('css', '/style.css', 'p { color: red }')]);
    t.server.send({ type: 'clear' });
    assert.match(await badgeText(t.page, 'failed'), /bad text/);
    const answer = await t.server.applyModules({ '/main.js': leaf(3) });

    assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    await t.page.waitForFunction(() => document.querySelector('orbiton-badge')?.shadowRoot
        .querySelector('.badge').dataset.state !== 'failed');
});

clientTest('a sheet that only the version which was taken back has imported is not shown again', async (t) => {
    const wrapper = (key) => `await __orbiton__.style('${key}?import', '${key}');`;
    t.server.set('/a.css', 'p { margin-left: 7px }');
    t.server.set('/b.css', 'p { margin-top: 9px }');
    ['/a.css', '/b.css'].forEach((key) => t.server.set(`${key}.js`, wrapper(key)));
    await openModules(t, { '/main.js': leaf(1,
        'import.meta.hot.accept(() => log.push(getComputedStyle(p).marginLeft));') });
    const styles = () => t.page.evaluate(() => {
        const { marginLeft, marginTop } = getComputedStyle(document.querySelector('#p'));
        return [marginLeft, marginTop, document.querySelectorAll('link[data-orbit]').length];
    });
    const bad = await t.server.applyModules({
        '/main.js': 'import "./a.css.js"; import "./b.css.js"; throw new Error("bad");' });
    assert.equal(bad.rolledBack, true, JSON.stringify(bad));
    assert.deepEqual(await styles(), ['0px', '16px', 2]);

    const answer = await t.server.applyModules({ '/main.js': `import "./b.css.js"; ${leaf(3)}` },
        { pruned: ['/a.css?import'] });

    assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    assert.deepEqual(await styles(), ['0px', '9px', 1]);
    assert.equal((await logOf(t.page)).at(-1), '0px', 'not for a moment');
});

clientTest('the same bad version is tried again when it is sent again', async (t) => {
    await openModules(t, { '/main.js': leaf(1) });
    const bad = 'if (!window.isGood) { throw new Error("bad text"); } log.push("good");';
    const first = await t.server.applyModules({ '/main.js': bad });
    await t.page.evaluate(() => { window.isGood = true; });
    const second = await t.server.applyModules({ '/main.js': bad });

    assert.deepEqual([first.mode, second.mode], ['failed', 'hot']);
});

clientTest('where a document cannot be put back the page is loaded anew', async (t) => {
    await openModules(t, { '/main.js': leaf(1) });
    const base = t.server.files.get('/index.html');
    const html = base.replace('>text<', '>other<');
    const own = { ...t.server.update('html', '/index.html', html), url: '/', base, text: html };
    const bad = 'p.textContent = "by a script"; throw new Error("bad");';

    const answer = await t.server.applyModules({ '/main.js': bad }, {}, { updates: [own] });

    assert.equal(answer.mode, 'reload', JSON.stringify(answer));
    assert.match(answer.reason, /^the update failed: bad; and so did going back: a script has/);
});

clientTest('events go both ways, also before there is a connection', async (t) => {
    await openModules(t, {
        '/main.js': `import.meta.hot.send('early', { a: 1 });
            const take = (data) => log.push(data.n);
            import.meta.hot.on('mine', take); import.meta.hot.on('mine', () => {
                import.meta.hot.off('mine', take); });`,
    });
    const early = await t.server.until((each) => each.type === 'custom');
    assert.deepEqual([early.event, early.data], ['early', { a: 1 }]);

    t.server.send({ type: 'custom', event: 'mine', data: { n: 1 } });
    t.server.send({ type: 'custom', event: 'mine', data: { n: 2 } });
    await t.page.waitForFunction(() => window.log.length > 0);
    const seen = await t.server.apply([{ ...t.server.update('css', '/style.css', 'i {}'), text: 'i {}' }]);
    assert.equal(seen.mode, 'hot');
    assert.deepEqual(await logOf(t.page), [1]);
});

clientTest('data that can be cloned outlives a reload and is there at once', async (t) => {
    await openModules(t, {
        '/main.js': `log.push(import.meta.hot.data.kept ?? 'nothing');
            import.meta.hot.dispose((data) => { data.kept = { m: new Map([[1, new Set([2n])]]),
                d: new Date(5), u: undefined, n: NaN, el: document.body }; });`,
    });
    t.server.seq = 9;
    t.server.send({ type: 'reload', seq: 9, reason: 'asked for', chain: [] });
    await t.server.applied(9);

    const kept = await t.page.evaluate(() => {
        const [{ m, d, n, ...rest }] = window.log;
        return [String([...m.get(1)][0]), d.getTime(), Number.isNaN(n), Object.keys(rest)];
    });
    assert.deepEqual(kept, ['2', 5, true, ['u']]);
    await t.page.reload();
    assert.deepEqual(await logOf(t.page), ['nothing']);
});

clientTest('what has functions is no data: nothing of it outlives a reload, and none is called', async (t) => {
    await openModules(t, {
        '/main.js': `log.push(Object.keys(import.meta.hot.data).join());
            import.meta.hot.dispose((data) => {
                data.store = { n: 1, add() {} };
                data.guarded = { get n() { document.title = 'called'; return 1; } };
                data.within = { deep: { n: 1, add: () => {} }, n: 2 };
                data.add = () => {};
                data.n = 3;
                addEventListener('pagehide', () => sessionStorage.setItem('title', document.title));
            });`,
    });
    t.server.seq = 9;
    t.server.send({ type: 'reload', seq: 9, reason: 'asked for', chain: [] });
    await t.server.applied(9);

    assert.deepEqual(await logOf(t.page), ['within,n']);
    assert.notEqual(await t.page.evaluate(() => sessionStorage.getItem('title')), 'called');
});

clientTest('an error of the page is shown with its place until the next good update', async (t) => {
    await openModules(t, { '/main.js': leaf(1, `window.fail = () => setTimeout(() => {
        throw new TypeError('broken'); });`) });

    await t.page.evaluate(() => window.fail());

    assert.equal(await badgeText(t.page, 'error'), 'TypeError: broken');
    assert.match(await badge(t.page).locator('.place').textContent(), /^main\.js:\d+:\d+$/);
    await t.server.until((each) => each.type === 'log' && /broken/.test(each.text));
    await t.server.applyModules({ '/main.js': leaf(2) });
    await badgeText(t.page, 'updated');
});

/* A module of which the server says where it was written. */
const TYPED = MAIN.replace('/main.js', '/main.ts');
const placesAsked = (server) =>
    server.requests.filter((each) => each.startsWith('GET /__orbit/place?')).length;

clientTest('an error with each frame asks once for its place, and many are not asked for', async (t) => {
    t.server.placeOf = (line) => `src/main.ts:${line}:1`;
    const lines = Array.from({ length: 30 }, () => '() => { throw new TypeError("broken"); },');
    await openModules(t, { '/main.ts': `window.fails = [\n${lines.join('\n')}\n
        () => { throw new TypeError("another"); }];` }, TYPED);
    const fail = (numbers) => t.page.evaluate((list) => new Promise((resolve) => {
        let count = 0;
        window.onerror = () => {
            count++;
            if (count === list.length) {
                resolve();
            }
        };
        list.forEach((n) => setTimeout(window.fails[n]));
    }), numbers);

    await fail([0, 0, 0, 0, 0]);
    await t.page.waitForFunction(() => document.querySelector('orbiton-badge')?.shadowRoot
        .querySelector('.place').textContent === 'src/main.ts:2:1');
    assert.equal(placesAsked(t.server), 1);
    await fail(lines.map((line, n) => n));
    await fail([lines.length]);
    await badge(t.page).getByText('TypeError: another').waitFor();
    await t.page.waitForFunction((line) => document.querySelector('orbiton-badge').shadowRoot
        .querySelector('.place').textContent === `src/main.ts:${line}:1`, lines.length + 3);
    // 20 errors are logged; the first five, and the first of the many, are at one place.
    const logs = () => t.server.messages.filter((each) => each.type === 'log').length;
    await t.server.until(() => logs() === 20);
    assert.equal(placesAsked(t.server), 1 + 14 + 1);
});

clientTest('an error whose stack is nothing but places, as that of Firefox, is logged with what it says', async (t) => {
    await openModules(t, { '/main.js': leaf(1, `window.fail = () => setTimeout(() => {
        throw Object.assign(new TypeError('quite broken'), { stack: 'fail@' + import.meta.url + ':2:15\\n' });
    });`) });

    await t.page.evaluate(() => window.fail());

    const said = await t.server.until((each) => each.type === 'log' && /:2:15/.test(each.text));
    assert.match(said.text, /^TypeError: quite broken\nfail@http.*\/main\.js:2:15\n$/);
    assert.equal(await badge(t.page).locator('.place').textContent(), 'main.js:2:15');
});

clientTest('an error that comes before the rest of the client is logged with its place', async (t) => {
    t.server.set('/index.html', MAIN.replace('window.log = [];', 'throw new Error("early");'));
    await t.page.goto(t.server.url);

    const said = await t.server.until((each) => each.type === 'log' && /early/.test(each.text));
    assert.match(said.text, /^index\.html:\d+:\d+: Error: early/);
    assert.equal(await badgeText(t.page, 'error'), 'Error: early');
});

clientTest('an error whose every property throws is shown as such', async (t) => {
    await openModules(t, { '/main.js': leaf(1) });
    await t.page.evaluate(() => setTimeout(() => {
        const refuse = { get() { throw new Error('hidden'); } };
        throw Object.defineProperties({}, { name: refuse, message: refuse, stack: refuse });
    }));

    assert.equal(await badgeText(t.page, 'error'), 'an error that cannot be shown');
    await t.server.until((each) => each.type === 'log' && /cannot be shown/.test(each.text));
});

clientTest('while the place of a fault is asked for, nothing of its version is on its way', async (t) => {
    let tell;
    const place = new Promise((resolve) => {
        tell = resolve;
    });
    t.server.placeOf = () => place;
    await openModules(t, { '/main.ts': leaf(1) }, TYPED);

    const answered = t.server.applyModules({ '/main.ts': 'let a; let a;' });
    await t.server.untilRequest((each) => each.startsWith('GET /__orbit/place?'));
    const next = await t.page.evaluate(() => globalThis.__orbiton__.at('./main.ts', location.href));
    tell('src/main.ts:7:8');

    assert.equal(next, `${t.server.url}main.ts`);
    assert.match((await answered).error, /(?:already been declared|redeclaration of let a) \(src\/main\.ts:7:8\)/);
});

clientTest('where data: modules are forbidden an update goes without preflight', async (t) => {
    t.server.headers = { 'Content-Security-Policy': "script-src 'self' 'unsafe-inline'" };
    await openModules(t, { '/main.js': leaf(1, 'import.meta.hot.dispose(() => {});') });

    const answer = await t.server.applyModules({ '/main.js': leaf(2, 'import.meta.hot.dispose(() => {});') });
    assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    const bad = await t.server.applyModules({ '/main.js': 'throw new Error("x");' });
    assert.equal(bad.rolledBack, true);
});

clientTest('modules that run before anything else of the client are known', async (t) => {
    let release;
    const held = new Promise((resolve) => {
        release = resolve;
    });
    t.server.hold = (path) => (path.startsWith('/slow.js') ? held : null);
    t.server.set('/slow.js', 'log.push("slow");');
    t.server.set('/index.html',
        MAIN.replace('</body>', '<script defer src="/slow.js"></script></body>'));
    t.server.set('/main.js', leaf(1));
    await t.page.goto(t.server.url, { waitUntil: 'commit' });
    const first = await t.server.until((each) => each.type === 'register' && each.hot);
    assert.deepEqual(first.hot, { '/main.js': { self: true, deps: [], exports: [] } });
    release();
    const answer = await t.server.applyModules({ '/main.js': leaf(2) });
    assert.equal(answer.mode, 'hot');
});

clientTest('a page whose modules are still on their way waits with its answer, and with updates', async (t) => {
    await openModules(t, { '/main.js': `import './slow.js'; ${leaf(1)}`, '/slow.js': '' });
    let release;
    const held = new Promise((resolve) => {
        release = resolve;
    });
    t.server.hold = (path) => (path.startsWith('/slow.js') ? held : null);
    t.server.send({ type: 'reload', seq: 9, reason: 'asked for' });
    await t.server.until(({ page }) => page === 2); // the new document's client is there
    t.server.seq = 10;
    const updated = t.server.apply([t.server.update('css', '/style.css', '#p { color: rgb(9, 9, 9); }')]);
    // Long enough for an answer that does not wait; the page is there, and paints.
    await t.page.evaluate(() => new Promise((resolve) => {
        const frame = (n) => (n > 0 ? requestAnimationFrame(() => frame(n - 1)) : resolve());
        frame(4);
    }));
    assert.deepEqual(t.server.messages.filter((each) => each.type === 'applied'), []);
    release();
    assert.equal((await t.server.applied(9)).mode, 'reload');
    assert.deepEqual(await logOf(t.page), ['run 1']);
    assert.equal((await updated).mode, 'hot');
    assert.equal(await colorOf(t.page), 'rgb(9, 9, 9)');
});
