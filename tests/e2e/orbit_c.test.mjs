// SPDX-License-Identifier: MIT

/*
 * examples/c-counter: a component in C, by the project's own Makefile. What does not change the
 * generated source starts no build; what does keeps the state; what clang says is said of the
 * .orbit file.
 */

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { changesOf } from './edits.mjs';
import { browser, copyExample, sync } from './harness.mjs';
import { edit, start, visit } from './steps.mjs';
import { shows } from './project.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const INCLUDE = fileURLToPath(new URL('../../include', import.meta.url));
const FILE = 'src/counter.orbit';
const COUNT = 'document.querySelector(".count").textContent';

test('a component in C', async (t) => {
    const dir = copyExample('c-counter');
    await edit(dir, 'Makefile', '../../include', INCLUDE);
    const log = path.join(dir, '..', `${path.basename(dir)}.builds`);
    writeFileSync(log, '');
    t.after(() => rmSync(log, { force: true }));
    await edit(dir, 'orbiton.toml', 'command = "make -s"', `command = "echo x >> ${log}; make -s"`);
    const builds = () => readFileSync(log, 'utf8').split('\n').length - 1;
    const server = await start(dir);
    const { page, close, isSame } = await visit(chrome, server, [`/${FILE}?orbit=template`]);
    const { change, isBuilt, isError, says } = changesOf(server, dir, FILE);

    await shows(page, COUNT, '0');
    await page.click('button:nth-of-type(2)');
    await page.click('button:nth-of-type(2)');
    await shows(page, COUNT, '2');
    await sync(server);
    assert.equal(builds(), 1);

    await t.test('a style and a known template start no build', async () => {
        await change('font-size: 4rem', 'font-size: 40px', says(/counter\.orbit \(style\)$/));
        await shows(page, 'getComputedStyle(document.querySelector(".count")).fontSize', '40px');
        await change('<h1>{{ title }}</h1>', '<h1>{{ title }}: {{ count }}</h1>',
            says(/\(template\)$/));
        await shows(page, 'document.querySelector("h1").textContent', 'Counter: 2');
        await sync(server);
        assert.equal(builds(), 1);
    });

    await t.test('an edit of the code keeps the state', async () => {
        await change('self->count++;', 'self->count += 10;', isBuilt);
        await page.click('button:nth-of-type(2)');
        await shows(page, COUNT, '12');
        await sync(server);
        assert.equal(builds(), 2);
        assert.equal(await isSame(), true);
    });

    await t.test('what clang says is said of the .orbit file', async () => {
        const place = () => server.events.items.findLast((each) => each.event === 'diagnostics')
            .diagnostics[0];
        const at = (d) => readFileSync(path.join(dir, FILE), 'utf8').split('\n')[d.line - 1]
            .slice(d.col - 1);

        await change('self->count += 10;', 'self->cuont += 10;', isError);
        assert.equal(place().path, FILE);
        assert.match(at(place()), /^cuont/);
        await change('self->cuont += 10;', 'self->count += 1;', (each) => each.timing.build > 0);
        await change('{{ title }}: {{ count }}', '{{ title }}: {{ cuont }}', isError);
        assert.equal(place().path, FILE);
        assert.match(at(place()), /^cuont/);
        await shows(page, COUNT, '12');
        await edit(dir, FILE, '{{ cuont }}', '{{ count }}');
        await shows(page, 'document.querySelector("h1").textContent', 'Counter: 12');
        assert.equal(await isSame(), true);
    });

    await t.test('a prop that there is not, or that does not fit, is said at its place', async () => {
        writeFileSync(path.join(dir, 'src/sum-line.orbit'), `<template><p class="sum">{{ props.of + 1 }}</p></template>
<code lang="c">
typedef struct { int of; } SumLineProps;
typedef struct { SumLineProps props; } SumLine;
</code>
`);
        await sync(server);
        await change('<h1>', '<SumLine :of="count"/><h1>', isBuilt);
        await shows(page, 'document.querySelector(".sum").textContent', '13');
        const from = server.events.items.length;
        // The line of a build from before may come behind the save: the last warning does not.
        await change(':of="count"/>', 'of="seven" by="1"/>', ({ why }) => /no such prop/.test(why));
        const warned = server.events.items.slice(from).filter((each) => each.verb === 'warn');
        const lines = readFileSync(path.join(dir, FILE), 'utf8').split('\n');
        const row = lines.findIndex((each) => each.includes('by="1"'));
        assert.deepEqual(warned.map(({ what, why }) => [what, why]), [
            [`${FILE}:${row + 1}:${lines[row].indexOf('of="') + 1}`, 'SumLine.of: "seven" does not fit int'],
            [`${FILE}:${row + 1}:${lines[row].indexOf('by="') + 1}`, 'SumLine.by: there is no such prop'],
        ]);
        await shows(page, COUNT, '12');
        const again = server.events.items.length;
        await edit(dir, 'src/sum-line.orbit', '{ int of; }', '{ char of[8]; int by; }');
        await edit(dir, 'src/sum-line.orbit', 'props.of + 1', 'props.of');
        await shows(page, 'document.querySelector(".sum").textContent', 'seven');
        await shows(page, COUNT, '12');
        assert.deepEqual(server.events.items.slice(again).filter((each) => each.verb === 'warn'), []);
        assert.equal(await isSame(), true);
    });

    await close();
    await server.stop();
});

test('a build that is named while orbiton runs has all that it needs', async () => {
    const dir = copyExample('c-counter');
    const config = path.join(dir, 'orbiton.toml');
    const text = readFileSync(config, 'utf8');
    await edit(dir, 'Makefile', '../../include', INCLUDE);
    rmSync(config);
    const server = await start(dir);

    writeFileSync(config, text);
    const line = await server.events.until((each) => each.event === 'update' &&
        ['build', 'error'].includes(each.verb));
    assert.equal(line.verb, 'build');
    await server.stop();
});

test('what clang says of a template in a file of its own is said of that file', async () => {
    const dir = copyExample('c-counter');
    const file = path.join(dir, FILE);
    const [, template, rest] = /^<template>([^]*?)<\/template>([^]*)$/.exec(readFileSync(file, 'utf8'));
    await edit(dir, 'Makefile', '../../include', INCLUDE);
    writeFileSync(path.join(dir, 'src/counter.html'), template.replace('count > 9', 'count > nothing'));
    writeFileSync(file, `<template src="counter.html"></template>${rest}`);
    const server = await start(dir);

    const { diagnostics: [first] } = await server.events.until((each) => each.event === 'diagnostics');
    assert.equal(first.path, 'src/counter.html');
    assert.match(template.replace('count > 9', 'count > nothing').split('\n')[first.line - 1]
        .slice(first.col - 1), /^nothing/);
    await server.stop();
});
