// SPDX-License-Identifier: MIT

/*
 * Edits of all kinds on examples/c-counter. What the page holds while they are made: a count of 5,
 * two kept numbers, a title that was typed, and the cursor in it.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { STYLE_SECTIONS, runEdits, styleOf as style, styleRules, textOf as text } from './edits.mjs';
import { browser, copyExample, sync, temporaryFolder } from './harness.mjs';
import { edit, start, visit } from './steps.mjs';
import { shows } from './project.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const INCLUDE = fileURLToPath(new URL('../../include', import.meta.url));
const FILE = 'src/counter.orbit';
const STATE = `[${text('.count')}, document.querySelector('[aria-label=title]').value,
    [...document.querySelectorAll('ul:first-of-type > li')].map((li) =>
        li.textContent.replace(/\\s+/g, ' ').trim()),
    ...document.activeElement.localName === 'orbiton-overlay' ? ['title', 2] : [
        document.activeElement.getAttribute('aria-label'), document.activeElement.selectionStart]]`;

/** A build command that is counted, and that waits for the gate while it is closed. */
function gated() {
    const dir = temporaryFolder();
    const log = path.join(dir, 'log');
    const fifo = path.join(dir, 'gate');
    writeFileSync(log, '');
    return {
        command: `echo x >> ${log}; if [ -p ${fifo} ]; then cat ${fifo}; fi; make -s`,
        builds: () => readFileSync(log, 'utf8').split('\n').length - 1,
        close: () => execFileSync('mkfifo', [fifo]),
        open: () => {
            writeFileSync(fifo, '');
            rmSync(fifo);
        },
    };
}

const press = (name, by = 1) => async (page) => {
    for (let i = 0; i < by; i++) {
        await page.evaluate((label) => [...document.querySelectorAll('button')]
            .find((each) => each.textContent === label).click(), name);
    }
};

const STYLES = [
    { what: 'a value of a style', change: ['font-size: 4rem', 'font-size: 40px'],
        line: /counter\.orbit \(style\)$/, shows: [style('.count', 'fontSize'), '40px'] },
    ...styleRules('.high {'),
    ...STYLE_SECTIONS,
];

const KNOWN = [
    { what: 'a word', change: ['<h1>', '<h1>The '], line: /\(template\)$/,
        shows: [text('h1'), 'The Mine'] },
    { what: 'an attribute', change: ['<h1>', '<h1 id="top">'], line: /\(template\)$/,
        shows: ['document.querySelector("h1").id', 'top'] },
    { what: 'an element around', change: ['<h1 id="top">The {{ title }}</h1>',
        '<header><h1>The {{ title }}</h1></header>'],
    line: /\(template\)$/, shows: [text('header h1'), 'The Mine'] },
    { what: 'a known value once more', change: ['</header>', '<i>{{ count }}</i></header>'],
        line: /\(template\)$/, shows: [text('i'), '5'] },
    { what: 'a known value as an attribute', change: ['<i>', '<i :title="title">'],
        line: /\(template\)$/, shows: ['document.querySelector("i").title', 'Mine'] },
    { what: 'a known condition as a block', change: ['<p class="count"',
        '<em o-if="count > 9">high</em>\n    <p class="count"'],
    line: /\(template\)$/, shows: ['document.querySelector("em")', null] },
    { what: 'its else', change: ['high</em>', 'high</em><em o-else>low {{ count }}</em>'],
        line: /\(template\)$/, shows: [text('em'), 'low 5'] },
    { what: 'a button less', change: ['<button @click="count = 0">reset</button>', ''],
        line: /\(template\)$/, shows: ['document.querySelectorAll("main > button").length', 3] },
    { what: 'and back elsewhere, with a modifier', change: ['keep</button>',
        'keep</button><button @click.stop="count = 0">zero</button>'],
    line: /\(template\)$/, shows: [text('main > button:last-of-type'), 'zero'] },
    { what: 'a comment', change: ['<ul', '<!-- what is kept -->\n    <ul'],
        line: /counter\.orbit/, verb: 'same' },
    { what: 'a known loop once more', change: ['<p o-else>',
        '<p o-else>', '</main>', '<b o-if="kept_count > 0"><s o-for="(one, i) in kept" '
        + ':key="one.id">{{ one.label }}</s></b></main>'],
    line: /\(template\)$/, shows: [text('b'), 'no. 0no. 1'] },
];

const NEW = [
    { what: 'a new expression is "…" until it is built', builds: 1,
        change: ['<i :title="title">{{ count }}</i>', '<i>{{ count * 2 }}</i>'],
        meanwhile: [text('i'), '…', text('.count'), '5'], shows: [text('i'), '10'] },
    { what: 'a new handler', builds: 1, change: ['>zero<', '>zero</button><button '
        + '@click="count += 3">three<'],
    line: /counter\.orbit \(template\)$/, after: press('three'),
    shows: [text('main > button:last-of-type'), 'three'] },
    { what: 'a new loop', builds: 1, change: ['<em o-if',
        '<q o-for="n in 0..3">{{ n }}</q><em o-if'],
        shows: ['[...document.querySelectorAll("q")].map((q) => q.textContent).join()', '0,1,2'] },
    { what: 'an else-if', builds: 1, change: ['<em o-else>', '<em o-else-if="count == 8">eight</em>'
        + '<em o-else>'], shows: [text('em'), 'eight'] },
    { what: 'a field for a number', builds: 1, change: ['</header>',
        '<input class="n" type="number" o-model="count"></header>'],
    shows: ['document.querySelector(".n").value', '8'],
    after: (page) => page.evaluate(() => {
        const field = document.querySelector('.n');
        field.value = '5';
        field.dispatchEvent(new Event('input'));
    }) },
    { what: 'all of it less', change: ['<input class="n" type="number" o-model="count">', '',
        '<q o-for="n in 0..3">{{ n }}</q>', ''], line: /\(template\)$/,
    shows: ['document.querySelectorAll(".n, q").length', 0] },
];

const CODE = [
    { what: 'another body', builds: 1, change: ['self->count++', 'self->count += 10'],
        line: /counter\.orbit \(code\)$/, why: /^kept Counter\.title, Counter\.count/,
        after: press('+') },
    { what: 'and back', builds: 1, change: ['self->count += 10', 'self->count++'],
        after: press('zero') },
    { what: 'a comment in the code', builds: 1, change: ['void increment',
        '// One more.\nvoid increment'],
        verb: 'same', why: /built, no effect/, after: press('+', 5) },
    { what: 'a field more, with what it begins with', builds: 1, change: ['int next_id;',
        'int next_id;\n    int step;', 'self->count = props->start;',
        'self->count = props->start;\n    self->step = 3;', '{{ count * 2 }}', '{{ step }}'],
    shows: [text('i'), '3'] },
    { what: 'a field in front of the others', builds: 1, change: ['    char title[64];',
        '    double ratio;\n    char title[64];', '{{ step }}', '{{ step }}|{{ ratio }}'],
    shows: [text('i'), '3|0'] },
    { what: 'a field less is named', builds: 1, change: ['    int step;\n', '',
        '    self->step = 3;\n', '', '{{ step }}|', ''], why: /lost .*Counter\.step/,
    shows: [text('i'), '0'] },
    { what: 'a wider number', builds: 1, change: ['    int count;', '    long long count;'] },
    { what: 'a number with a fraction', builds: 1, change: ['    long long count;',
        '    double count;'] },
    { what: 'an unsigned byte', builds: 1, change: ['    double count;',
        '    unsigned char count;'] },
    { what: 'a shorter text is cut, and that is named', builds: 1, change: ['char label[32]',
        'char label[4]'],
        why: /lost .*Kept\.label/, state: ([a, b, list, ...rest]) =>
            [a, b, list.map((each) => each.replace(/no\. \d/, 'no.')), ...rest] },
    { what: 'a field of an item more', builds: 1, change: ['    char label[4];',
        '    char label[32];\n    bool is_old;', '{{ one.value }}',
        '{{ one.value }} {{ one.is_old }}'],
    state: ([a, b, list, ...rest]) =>
        [a, b, list.map((each) => each.replace(' drop', ' false drop')), ...rest] },
    { what: 'an enum', builds: 1, change: ['typedef struct {\n    int id;',
        'typedef enum { COLD, WARM } Heat;\n\ntypedef struct {\n    int id;',
        'double ratio;', 'double ratio;\n    Heat heat;', '{{ ratio }}', '{{ heat == WARM }}',
        '>three<', '>warm<', 'count += 3', 'heat = WARM'],
    shows: [text('i'), 'false'], after: press('warm') },
    { what: 'its enumerators in another order', builds: 1, change: ['{ COLD, WARM }',
        '{ WARM, MILD, COLD }'],
        shows: [text('i'), 'true'] },
    { what: 'a text on the heap', builds: 1, change: ['Heat heat;', 'Heat heat;\n    char *note;',
        '{{ heat == WARM }}', '{{ note }}', 'heat = WARM', 'note = orbit_strdup(title)'],
    after: async (page) => {
        await press('warm')(page);
        await shows(page, text('i'), 'Mine');
    } },
    { what: 'a method that the template calls', builds: 1, change: ['void increment',
        'static int twice(Counter *self)\n{\n    return 2 * self->count;\n}\n\nvoid increment',
        '{{ note }}', '{{ note }} {{ twice() }}'], shows: [text('i'), 'Mine 10'] },
    { what: 'another name of a method', builds: 1, change: ['void increment', 'void more',
        '@click="increment"', '@click="more"'],
    after: async (page) => {
        await press('+')(page);
        await press('−')(page);
    } },
    { what: 'a field that cannot be kept is named', builds: 1, change: ['char *note;',
        'char *note;\n    void (*done)(int);'], why: /lost .*Counter\.done/ },
    { what: 'and goes', builds: 1, change: ['\n    void (*done)(int);', ''] },
    { what: 'a warning stops nothing', builds: 1, change: ['return 2 * self->count;',
        'int unused;\n    return 3 * self->count;'], shows: [text('i'), 'Mine 15'] },
];

const BADGE = `<template>
  <u>{{ of }} seen {{ seen }}</u>
</template>

<code lang="c">
typedef struct { int of; } BadgeProps;
typedef struct { int of, seen; } Badge;
void badge_new(Badge *self, const BadgeProps *props) { self->of = props->of; self->seen = 1; }
void badge_props(Badge *self, const BadgeProps *props) { self->of = props->of; self->seen++; }
</code>
`;

const ERRORS = [
    { what: 'an unknown field in the code', builds: 1, change: ['3 * self->count',
        '3 * self->cuont'],
        verb: 'error', place: /^cuont/ },
    { what: 'a style meanwhile', change: ['font-size: 40px', 'font-size: 41px'], line: /style/,
        shows: [style('.count', 'fontSize'), '41px'] },
    { what: 'and it heals', builds: 1, change: ['3 * self->cuont', '4 * self->count'], heals: true,
        shows: [text('i'), 'Mine 20'] },
    { what: 'an unknown name in the template', builds: 1, change: ['{{ note }}', '{{ nothing }}'],
        verb: 'error', place: /^nothing/ },
    { what: 'and back: the page knows it already', builds: 1, change: ['{{ nothing }}',
        '{{ note }}'],
        verb: 'same', why: /built, no effect/, also: /\(template\)$/, heals: true,
        shows: [text('i'), 'Mine 20'] },
    { what: 'a missing semicolon', builds: 1, change: ['int unused;\n', 'int unused\n'],
        verb: 'error', place: /^;?$/ },
    { what: 'and there it is', builds: 1, change: ['    int unused\n', ''], verb: 'same',
        why: /built, no effect/, heals: true },
    { what: 'an expression that is none', change: ['{{ note }}', '{{ note + }}'], verb: 'bad',
        place: /^ ?\}\}/ },
    { what: 'and is one', change: ['{{ note + }}', '{{ note }}'], heals: true, verb: 'same' },
    { what: 'a component that is not there', change: ['</header>',
        '<Badge :of="count"></Badge></header>'],
        verb: 'bad', place: /^<?Badge/ },
    { what: 'and is written', builds: 1, write: { 'src/badge.orbit': BADGE }, heals: true,
        shows: [text('u'), '5 seen 1'], after: async (page) => {
        await press('+')(page);
        await shows(page, text('u'), '6 seen 2');
        await press('−')(page);
        await shows(page, text('u'), '5 seen 3');
    } },
    { what: "the child's code", builds: 1, file: 'src/badge.orbit', change: ['self->seen++',
        'self->seen += 2'],
        shows: [text('u'), '5 seen 3'] },
    { what: "the parent's code beside it", builds: 1, change: ['4 * self->count',
        '5 * self->count'],
        shows: [text('u'), '5 seen 3', text('i'), 'Mine 25'] },
];

test('edits of a component in C', async (t) => {
    const dir = copyExample('c-counter');
    const gate = gated();
    await edit(dir, 'Makefile', '../../include', INCLUDE);
    await edit(dir, 'orbiton.toml', 'make -s', () => gate.command);
    const server = await start(dir);
    const { page, close, isSame } = await visit(chrome, server, [`/${FILE}?orbit=template`]);

    await shows(page, text('.count'), '0');
    await press('+', 5)(page);
    await press('keep', 2)(page);
    await page.fill('[aria-label=title]', 'Mine');
    await page.evaluate(() => document.activeElement.setSelectionRange(2, 2));
    await shows(page, STATE, ['5', 'Mine', ['1. no. 0: 5 drop', '2. no. 1: 5 drop'], 'title', 2]);
    await sync(server);
    assert.equal(gate.builds(), 1);

    const project = { dir, server, page, isSame, file: FILE, state: STATE, builds: gate.builds,
        gate };
    await runEdits(t, project, [...STYLES, ...KNOWN, ...NEW, ...CODE, ...ERRORS]);
    await close();
    await server.stop();
});
