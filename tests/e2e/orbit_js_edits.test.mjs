// SPDX-License-Identifier: MIT

/*
 * Edits of all kinds on examples/js-counter. What the page holds while they are made: three
 * counters with what was counted, a step that was chosen, a half-typed name, and the cursor in it.
 */

import { after, before, test } from 'node:test';
import { STYLE_SECTIONS, runEdits, styleOf as style, styleRules, textOf as text } from './edits.mjs';
import { browser, copyExample } from './harness.mjs';
import { shows } from './project.mjs';
import { start, visit } from './steps.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const APP = 'src/app.orbit';
const ROW = 'src/counter-row.orbit';
const FIELD = 'document.querySelector("[placeholder]")';
const STATE = `[[...document.querySelectorAll('.row b')].map((b) => b.textContent),
    [...document.querySelectorAll('.row input')].map((each) => each.value), ${FIELD}.value,
    document.activeElement.localName === 'orbiton-overlay' || document.activeElement === ${FIELD},
    ${FIELD}.selectionStart]`;
const press = (name) => (page) => page.evaluate((label) =>
    [...document.querySelectorAll('button')].find((each) => each.textContent === label).click(),
        name);
const template = /\(template\)$/;

const STYLES = [
    { what: 'a value of a style', change: ['crimson', 'rgb(1, 2, 3)'],
        line: /app\.orbit \(style\)$/ },
    ...styleRules('.total {'),
    ...STYLE_SECTIONS,
    { what: "the child's style", file: ROW, change: ['gap: 0.5rem', 'gap: 7px'],
        line: /counter-row\.orbit \(style\)$/, shows: [style('.row', 'columnGap'), '7px'] },
];

const KNOWN = [
    { what: 'a word', change: ['<h1>', '<h1>The '], line: template, shows: [text('h1'),
        'The Counters'] },
    { what: 'an attribute', change: ['<h1>', '<h1 id="top">'], line: template,
        shows: ['document.querySelector("h1").id', 'top'] },
    { what: 'an element around', change: ['<h1 id="top">The {{ title }}</h1>',
        '<header><h1>The {{ title }}</h1></header>'], line: template,
    shows: [text('header h1'), 'The Counters'] },
    { what: 'a known value once more', change: ['</header>', '<i>{{ title }}</i></header>'],
        line: template, shows: [text('i'), 'Counters'] },
    { what: 'a known value as an attribute', change: ['<i>', '<i :title="title">'], line: template,
        shows: ['document.querySelector("i").title', 'Counters'] },
    { what: 'a known condition as a block', change: ['</header>',
        '<em o-if="!name">nothing typed</em><em o-else>something typed</em></header>'],
    line: template, shows: [text('em'), 'something typed'] },
    { what: 'another event modifier', change: ['@submit.prevent', '@submit.prevent.stop'],
        line: template },
    { what: "the child's words", file: ROW, change: ['by <input', 'step <input'], line: template,
        shows: [text('label'), 'step '] },
    { what: "a block of the child's elements in another order", file: ROW, change: [
        '<button @click="counter.count -= step">-</button>\n    ', '',
        '<label>', '<button @click="counter.count -= step">-</button>\n    <label>'],
    line: template, shows: [text('.row button:nth-of-type(2)'), '-'] },
    { what: 'a comment', change: ['<form', '<!-- new ones -->\n    <form'], verb: 'same' },
];

const NEW = [
    { what: 'a new expression', change: ['<i :title="title">{{ title }}</i>',
        '<i>{{ counters.length * 2 }}</i>'], line: /\(template, 1 new expression\)$/,
    shows: [text('i'), '6'] },
    { what: 'a new handler', change: ['</header>', '<button type="button" '
        + '@click="counters[0].count += 10">ten</button></header>'],
    line: /1 new expression\)$/, after: press('ten') },
    { what: 'a new loop', change: ['<em o-if', '<q o-for="n in 0..3">{{ n }}</q><em o-if'],
        shows: ['[...document.querySelectorAll("q")].map((q) => q.textContent).join()', '0,1,2'] },
    { what: 'an else-if', change: ['<em o-else>', '<em o-else-if="name.length > 2">long</em>'
        + '<em o-else>'], shows: [text('em'), 'long'] },
    { what: 'a field more for the same name', change: ['</header>',
        '<input class="n" o-model="title">'
        + '</header>'], shows: ['document.querySelector(".n").value', 'Counters'] },
    { what: 'all of it less', change: ['<input class="n" o-model="title">', '',
        '<q o-for="n in 0..3">{{ n }}</q>', ''],
    shows: ['document.querySelectorAll(".n, q").length', 0] },
];

const CODE = [
    { what: 'another body', change: ['count: 0 }', 'count: 100 }'], line: /\(code\)$/,
        why: /^kept App\.name, App\.counters$/ },
    { what: 'a getter', change: ['sum + each.count', 'sum + 2 * each.count'], line: /\(code\)$/ },
    { what: 'a comment', change: ['let last', '// The last number.\nlet last'], line: /\(code\)$/ },
    { what: 'a field more', change: ["    name = '';", "    name = '';\n    note = 'new';",
        '{{ counters.length * 2 }}', '{{ note }}'], shows: [text('i'), 'new'] },
    { what: 'what it begins with', change: ["'new'", "'newer'"], shows: [text('i'), 'newer'] },
    { what: 'a change of it by hand', change: ['counters[0].count += 10', "note = 'set'"],
        after: async (page) => {
            await press('ten')(page);
            await shows(page, text('i'), 'set');
        } },
    { what: 'what it begins with, which is not shown now', change: ["'newer'", "'newest'"],
        shows: [text('i'), 'set'] },
    { what: 'another type is named', change: ["note = 'newest'", 'note = { is: 1 }', '{{ note }}',
        '{{ note.is }}'], why: /lost .*App\.note/, shows: [text('i'), '1'] },
    { what: 'a field less is named', why: /lost .*App\.note/, change: ['\n    note = { is: 1 };',
        '', '{{ note.is }}', '{{ total }}',
        "note = 'set'", 'counters[0].count++'] },
    { what: 'a method and its caller', change: ['    remove(i)',
        '    twice(n) {\n        return 2 * n;\n'
        + '    }\n\n    remove(i)', '{{ total }}</i>', '{{ twice(21) }}</i>'], shows: [text('i'),
        '42'] },
    { what: 'another name of a method', change: ['remove(i) {', 'take(i) {', '"remove(i)"',
        '"take(i)"'] },
    { what: "a field of the child's more", file: ROW, change: ['step = 1;',
        'step = 1;\n    unit = "kg";',
        'step <input', '{{ unit }} <input'], shows: [text('label'), 'kg '] },
    { what: "the child's code", file: ROW, change: ['"kg"', '"lb"'],
        line: /counter-row\.orbit \(code\)$/,
        shows: [text('label'), 'lb '] },
];

const ERRORS = [
    { what: 'an expression that is none', change: ['{{ twice(21) }}', '{{ twice(21 }}'],
        verb: 'bad',
        place: /^./ },
    { what: 'and a style with what heals it', change: ['dimgray', 'rgb(7, 7, 7)', '{{ twice(21 }}',
        '{{ twice(4) }}'], heals: true,
    shows: [text('i'), '8', style('.total', 'color'), 'rgb(7, 7, 7)'] },
    { what: 'a mistake in the code', change: ['return 2 * n;', 'return 2 * ;'], verb: 'error',
        why: /src\/app\.orbit:\d+:\d+/ },
    { what: 'and it heals', change: ['return 2 * ;', 'return 3 * n;'], heals: true,
        shows: [text('i'), '12'] },
    { what: 'a component that is not there', change: ['</header>',
        '<Badge :of="total"></Badge></header>'],
        verb: 'bad', place: /^<?Badge/ },
    { what: 'and is written', write: { 'src/badge.orbit': '<template><u>{{ of }}</u></template>\n'
        + '<code lang="js">\nexport default class Badge { of = 0; }\n</code>\n' }, heals: true },
];

test('edits of components in JavaScript', async (t) => {
    const dir = copyExample('js-counter');
    const server = await start(dir);
    const { page, close, isSame } = await visit(chrome, server,
        [`/${APP}?orbit=template`, `/${ROW}?orbit=template`]);

    await shows(page, text('h1'), 'Counters');
    await page.fill('[placeholder]', 'Plums');
    await page.waitForSelector('form button:enabled'); // a form with a disabled button is not sent
    await page.keyboard.press('Enter');
    await shows(page, 'document.querySelectorAll(".row").length', 3);
    await page.fill('.row:nth-of-type(2) input', '4');
    await page.click('.row:nth-of-type(2) button:nth-of-type(2)');
    await page.fill('[placeholder]', 'half');
    await page.evaluate(() => document.activeElement.setSelectionRange(2, 2));
    await shows(page, STATE, [['3', '9', '0'], ['1', '4', '1'], 'half', true, 2]);

    const project = { dir, server, page, isSame, file: APP, state: STATE };
    await runEdits(t, project, [...STYLES, ...KNOWN, ...NEW, ...CODE, ...ERRORS]);
    await close();
    await server.stop();
});
