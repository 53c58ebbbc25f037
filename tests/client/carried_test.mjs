// SPDX-License-Identifier: MIT

/* Texts of modules that come with the message, as the page takes them. */

import assert from 'node:assert/strict';
import { badgeText, clientTest, isSamePage } from './setup.mjs';
import { hashOf } from './fake_server.mjs';

const MAIN = `<!doctype html><html><head><title>t</title></head><body>
<script>window.log = [];</script><script type="module" src="/main.js"></script></body></html>`;
const leaf = (n, more = '') => `log.push('run ${n}'); export const value = ${n};
import.meta.hot.accept((m) => log.push('accept ' + m.value + ' by ${n}')); ${more}`;

async function open(t, text) {
    t.server.set('/index.html', MAIN);
    t.server.set('/main.js', text);
    await t.open((vector) => '/main.js' in vector);
    await t.page.waitForFunction(() => window.log.length);
}

const carry = (t, text) => t.server.applyModules({ '/main.js': text }, {}, { carry: true });
const asked = (server) => server.requests.filter((each) => each.includes('/main.js?orbit'));
const logOf = (page) => page.evaluate(() => window.log);

clientTest('a text that comes with the message is evaluated, and nothing is asked for', async (t) => {
    await open(t, leaf(1));
    for (const n of [2, 3]) {
        const answer = await carry(t, leaf(n, 'log.push(import.meta.url);'));
        assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    }
    const urls = [2, 3].map((stamp) => `${t.server.url}main.js?orbit=${stamp}`);
    assert.deepEqual(await logOf(t.page), ['run 1', 'run 2', urls[0], 'accept 2 by 1', 'run 3', urls[1],
        'accept 3 by 2']);
    assert.deepEqual(asked(t.server), []);
    assert.ok(await isSamePage(t.page));
});

clientTest('a module that imports itself asks for nothing, and has itself', async (t) => {
    await open(t, leaf(1));
    const own = 'import(__orbiton__.source(import.meta.url)).then((own) => log.push(own.value));';
    await carry(t, leaf(2, own));
    await t.page.waitForFunction(() => window.log.at(-1) === 2);
    assert.deepEqual(await logOf(t.page), ['run 1', 'run 2', 'accept 2 by 1', 2]);
    assert.deepEqual(asked(t.server), []);
    assert.equal(await t.page.evaluate(() => __orbiton__.source('/main.js')), '/main.js');
});

clientTest('what had to be cleaned up is linked before that', async (t) => {
    await open(t, leaf(1, "import.meta.hot.dispose(() => log.push('dispose 1'));"));
    assert.equal((await carry(t, leaf(2))).mode, 'hot');
    assert.equal((await carry(t, 'let a; let a;')).ok, false);
    assert.deepEqual(await logOf(t.page), ['run 1', 'dispose 1', 'run 2', 'accept 2 by 1']);
    assert.deepEqual(asked(t.server), []);
});

clientTest('a new connection says which instances came so, until another one comes', async (t) => {
    await open(t, leaf(1));
    const reconnected = async (page) => {
        t.server.dropPages();
        const { loaded } = await t.server.until((each) => each.type === 'register' && each.page === page
            && '/main.js' in each.loaded);
        return loaded['/main.js'];
    };
    await carry(t, leaf(2));
    assert.equal(await reconnected(2), `${hashOf(leaf(2))}@2+`);
    await t.server.applyModules({ '/main.js': leaf(3) });
    assert.equal(await reconnected(3), `${hashOf(leaf(3))}@3`);
});

clientTest('a text that does not parse is named by its URL, and where', async (t) => {
    await open(t, leaf(1));
    const answer = await carry(t, `${leaf(2)}\nlet a;\n let a;`);
    assert.equal(answer.rolledBack, false);
    assert.match(answer.error, /(?:already been declared|redeclaration of let a) \(main\.js:4:6\)/);
    assert.deepEqual(await logOf(t.page), ['run 1']);
});

clientTest('a text that throws is named by its URL, and the old one is asked for', async (t) => {
    await open(t, leaf(1));
    const answer = await carry(t, leaf(2, '\nthrow new Error("it throws");'));
    assert.equal(answer.rolledBack, true);
    assert.match(answer.error, /it throws \(main\.js:3:7\)/);
    assert.deepEqual(await logOf(t.page), ['run 1', 'run 2', 'run 1']);
    assert.deepEqual(asked(t.server), ['GET /main.js?orbit=2r1']);
    assert.equal(await badgeText(t.page, 'failed'), 'it throws');
});

clientTest('where data: modules are forbidden the server is told, and the page loads anew', async (t) => {
    t.server.headers = { 'Content-Security-Policy': "script-src 'self' 'unsafe-inline'" };
    await open(t, leaf(1));
    const answered = carry(t, leaf(2));
    const said = await t.server.until((each) => each.type === 'texts');
    assert.equal(said.ok, false);
    assert.equal((await answered).mode, 'reload');
    assert.match((await answered).reason, /content security policy/);
    await t.page.waitForFunction(() => window.log.includes('run 2'));
});
