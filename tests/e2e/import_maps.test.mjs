// SPDX-License-Identifier: MIT

/*
 * Import maps are facts of documents: two pages of one project may send a name to two files.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, sync } from './harness.mjs';
import { lineAfter, linesSince, start, visit } from './steps.mjs';
import { put, shows, writeProject } from './project.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const documentOf = (script, map) => `<!doctype html><html><head>
${map ? `<script type="importmap">${JSON.stringify(map)}</script>` : ''}
</head><body><script type="module" src="${script}"></script></body></html>
`;

const mainOf = (text) => `import { name } from './deep.js?${text}';
window.shown = name + ' ${text}';
import.meta.hot.accept();
`;

const FILES = {
    'index.html': documentOf('/a.js', { imports: { lib: '/one.js' } }),
    'other.html': documentOf('/b.js', { imports: { lib: '/two.js' } }),
    'plain.html': documentOf('/c.js'),
    'a.js': mainOf('a'),
    'b.js': mainOf('b'),
    'c.js': 'window.shown = 3;\nimport.meta.hot.accept();\n',
    'deep.js': "export { name } from 'lib';\n",
    'one.js': "export const name = 'one';\n",
    'two.js': "export const name = 'two';\n",
};

test('a module goes by the import map of the document whose page asks for it', async () => {
    const dir = await writeProject(FILES);
    const server = await start(dir);
    const first = await visit(chrome, server, ['/a.js', '/deep.js?a', '/one.js']);
    const second = await visit(chrome, server, ['/b.js', '/deep.js?b', '/two.js'], 'other.html');
    const third = await visit(chrome, server, ['/c.js'], 'plain.html');
    const from = server.events.items.length;
    await shows(first.page, 'shown', 'one a');
    await shows(second.page, 'shown', 'two b');

    await lineAfter(server, 'hot', () => put(dir, 'a.js', mainOf('a').replace("' a'", "' again'")));
    await shows(first.page, 'shown', 'one again');
    await lineAfter(server, 'hot', () => put(dir, 'b.js', mainOf('b').replace("' b'", "' anew'")));
    await shows(second.page, 'shown', 'two anew');

    // What a map leads to has another name from now on, in the pages of that map alone.
    await lineAfter(server, 'hot', () => put(dir, 'one.js', "export const name = 'the first';\n"));
    await shows(first.page, 'shown', 'the first again');
    assert.equal(await second.page.evaluate('shown'), 'two anew');
    await lineAfter(server, 'hot', () => put(dir, 'two.js', "export const name = 'the second';\n"));
    await shows(second.page, 'shown', 'the second anew');
    assert.equal(await first.page.evaluate('shown'), 'the first again');

    // A fresh load of each goes by the same names.
    for (const [each, wanted] of [[second, 'the second anew'], [first, 'the first again']]) {
        await each.page.reload();
        await shows(each.page, 'shown', wanted);
    }
    await sync(server);
    assert.deepEqual(linesSince(server, from).filter((each) => each.verb === 'bad'), []);
    await Promise.all([first, second, third].map((each) => each.close()));
    await server.stop();
});
