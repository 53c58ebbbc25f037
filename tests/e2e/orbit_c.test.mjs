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
import { put, shows } from './project.mjs';

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

const SHARED = {
    'src/model.h': 'typedef enum { LOW, HIGH } Level;\ntypedef struct { int id; Level level; } Entry;\n',
    'src/level.c': '#include "model.h"\n\nconst char *level_name(Level level)\n{\n'
        + '    return level == HIGH ? "high" : "low";\n}\n',
    'src/level.h': '#include "model.h"\nconst char *level_name(Level level);\n',
    'src/ui/entry-row.orbit': `<template><p class="row">{{ props.entry.id }} {{ level_name(props.entry.level) }}</p></template>
<code lang="c">
#include "level.h"
typedef struct { Entry entry; } EntryRowProps;
typedef struct { EntryRowProps props; } EntryRow;
</code>
`,
    'src/note.orbit': '<template><i>a note</i></template>\n',
    'src/counter.orbit': `<template>
  <main>
    <EntryRow :entry="entry"/>
    <button class="up" @click="entry.level = HIGH">up</button>
    <button class="fall" @click="fall">fall</button>
    <component :is="view"/>
    <b>{{ far() }}</b>
  </main>
</template>

<code lang="c">
#include <orbit.h>
#include "model.h"

typedef struct {
    Entry entry;
    char view[16];
} Counter;

void counter_new(Counter *self)
{
    self->entry.id = 7;
    orbit_set(self->view, "Note");
}

int far(Counter *self)
{
    return self->entry.id;
}

void fall(Counter *self)
{
    self->entry.id = *(volatile int *)0xfffffff0;
}
</code>
`,
};

test('components in C share headers, and what traps is shown with its place', async (t) => {
    const dir = copyExample('c-counter');
    await edit(dir, 'Makefile', '../../include', INCLUDE);
    for (const [name, text] of Object.entries(SHARED)) {
        await put(dir, name, text);
    }
    await put(dir, 'src/wrong.orbit', '<template><p></template>\n');
    const server = await start(dir);
    await server.events.until((each) => each.verb === 'bad' && each.what === 'src/wrong.orbit:1:11');
    rmSync(path.join(dir, 'src/wrong.orbit'));
    const { page, close, isSame } = await visit(chrome, server, [`/${FILE}?orbit=template`]);
    const { change, isBuilt, isError, says } = changesOf(server, dir, FILE);
    const row = 'document.querySelector(".row").textContent';
    const at = (place) => {
        const [, line, col] = /:(\d+):(\d+)/.exec(place);
        return readFileSync(path.join(dir, FILE), 'utf8').split('\n')[line - 1].slice(col - 1);
    };
    const placeOf = () => {
        const { path: name, line, col } = server.events.items.findLast((each) =>
            each.event === 'diagnostics').diagnostics.find((each) => each.severity === 'error');
        return `${name}:${line}:${col}`;
    };

    await t.test('a struct of a header is a prop, and a text names a component', async () => {
        await shows(page, row, '7 low');
        await shows(page, 'document.querySelector("i").textContent', 'a note');
        await page.click('.up');
        await shows(page, row, '7 high');
    });

    await t.test('an edit of the header keeps the state', async () => {
        const from = server.events.items.length;
        await edit(dir, 'src/model.h', '{ LOW, HIGH }', '{ HIGH, MEDIUM, LOW }');
        const line = await server.events.until((each) => each.event === 'update' && isBuilt(each), { from });
        assert.match(line.what, /^src\/model\.h/);
        await shows(page, row, '7 high');
    });

    await t.test('a trap in a handler', async () => {
        await page.click('.fall');
        const badge = 'document.querySelector("orbiton-badge").shadowRoot.textContent';
        await page.waitForFunction(`/src\\/counter\\.orbit:\\d+:\\d+: (?:memory access|index) out of bounds/.test(${badge})`);
        assert.match(at(await page.evaluate(badge)), /^\*\(volatile/);
        await shows(page, row, '7 high');
    });

    await t.test('code that traps when it is made or shown is taken back', async () => {
        const made = await change('self->entry.id = 7;', '__builtin_trap();', isError);
        assert.match(at(made.why), /^__builtin_trap/);
        await change('__builtin_trap();', 'self->entry.id = 8;', isBuilt);
        await shows(page, row, '7 high');
        const shown = await change('return self->entry.id;', '__builtin_trap();', isError);
        assert.match(at(shown.why), /^__builtin_trap/);
        await change('__builtin_trap();', 'return 3;', isBuilt);
        await shows(page, 'document.querySelector("b").textContent', '3');
        await shows(page, row, '7 high');
    });

    await t.test('mistakes that clang or the linker find outside of what was written', async () => {
        // A save in the moment in which a build ends, and another one in the next, is what a loop looks like.
        const overlayShows = (text) => page.waitForFunction((wanted) => document
            .querySelector('orbiton-overlay')?.shadowRoot.textContent.includes(wanted), text);
        await change('{{ far() }}', '{{ near() }}', isError);
        assert.match(at(placeOf()), /^near/);
        await overlayShows("'near'");
        await change('{{ near() }}', 'missing {{ far() }}', says(/template/));
        await change('return 3;', '/* missing */ extern int missing(void);\n    return missing();', isError);
        assert.match(at(placeOf()), /^missing\(void\)/);
        await overlayShows('missing');
        await change('missing {{ far() }}', '{{ both() }}{{ far() }}', isError);
        await overlayShows("'both'");
        await change('int far(', 'typedef union { int a; } Both;\nBoth both(Counter *self);\nint far(', isError);
        assert.match(at(placeOf()), /^both/);
        await shows(page, row, '7 high');
        assert.equal(await isSame(), true);
    });

    await close();
    await server.stop();
});
