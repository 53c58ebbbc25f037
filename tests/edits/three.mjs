// SPDX-License-Identifier: MIT

/*
 * Forty edits of three components in one page, in C and in JavaScript: an App that fills a slot of
 * a TaskList, which has a TaskRow for each task. What the page holds meanwhile is in all three:
 * tasks that were picked, tasks with their marks, rows that were opened, a half-typed title and the
 * cursor in it. An edit is written once, with the pieces that differ between the languages.
 */

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runEdits, styleOf as style, textOf as text } from '../e2e/edits.mjs';
import { browser, copyExample, sync, temporaryFolder } from '../e2e/harness.mjs';
import { put, shows } from '../e2e/project.mjs';
import { edit, linesSince, start, visit } from '../e2e/steps.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const INCLUDE = fileURLToPath(new URL('../../include', import.meta.url));
const APP = 'src/app.orbit';
const LIST = 'src/task-list.orbit';
const ROW = 'src/task-row.orbit';

const STATE = `({
    picked: document.querySelector('.picked').textContent,
    rows: [...document.querySelectorAll('.row .title')]
        .map((each) => each.textContent.trim().replace(/\\s+/g, ' ')),
    opened: [...document.querySelectorAll('.row .opened')].map((each) => each.textContent),
    done: [...document.querySelectorAll('.row')].map((each) => each.matches('.done')),
    draft: document.querySelector('.draft').value,
    cursor: document.activeElement.localName === 'orbiton-overlay' ? 2 :
        (document.activeElement.matches('.draft') && document.activeElement.selectionStart),
})`;

const INDEX = `<!doctype html>
<link rel="icon" href="data:,">
<div id="app"></div>
<script type="module">
import { mount } from '/__orbit/runtime.js';
import App from '/src/app.orbit';
mount(App, document.querySelector('#app'), {});
</script>
`;

const files = (c) => ({
    'index.html': INDEX,
    [APP]: `<template>
  <main>
    <h1>Tasks</h1> <u class="picked">{{ picked }}</u>
    <TaskList :limit="9" @chosen="chosen(event.detail)">
      <template #row="{ task, at }"><b class="slot">{{ at }}</b></template>
    </TaskList>
  </main>
</template>

<style>
h1 { color: rgb(0, 0, 1); }
</style>

${c ? `<code lang="c">
typedef struct {
    int picked;
} App;

void chosen(App *self, int id)
{
    self->picked += id;
}
</code>` : `<code lang="js">
export default class App {
    picked = 0;

    chosen(id) {
        this.picked += id;
    }
}
</code>`}
`,
    [LIST]: `<template>
  <section>
    <input class="draft" o-model="draft"> <button class="add" @click="add()">add</button>
    <ol>
      <li o-for="(task, i) in tasks" :key="task.id">
        <slot name="row" :task="task" :at="i"></slot>
        <TaskRow :title="task.title" :done="task.done" @toggle="task.done = !task.done" @choose="choose(task.id)"/>
      </li>
    </ol>
  </section>
</template>

<style>
ol { padding-left: 10px; }
</style>

${c ? `<code lang="c">
typedef struct {
    int limit;
} TaskListProps;

typedef struct {
    int id;
    char title[32];
    bool done;
} Task;

typedef struct {
    TaskListProps props;
    Task tasks[8];
    int tasks_count;
    char draft[32];
} TaskList;

void add(TaskList *self)
{
    if (self->tasks_count < 8 && self->tasks_count < self->props.limit) {
        Task *task = &self->tasks[self->tasks_count++];
        task->id = self->tasks_count;
        orbit_set(task->title, self->draft);
        self->draft[0] = 0;
    }
}

void choose(TaskList *self, int id) { orbit_emit(self, "chosen", id); }
</code>` : `<code lang="js">
export default class TaskList {
    limit = 0;
    tasks = [];
    draft = '';

    add() {
        if (this.tasks.length < this.limit) {
            this.tasks.push({ id: this.tasks.length + 1, title: this.draft, done: false });
            this.draft = '';
        }
    }

    choose(id) { this.$emit('chosen', id); }
}
</code>`}
`,
    [ROW]: `<template>
  <span class="row" :class="{ done }"><i class="title" @click="open()">{{ title }}</i>
    <s class="opened">{{ opened }}</s>
    <button class="toggle" @click="toggle()">done</button> <button class="choose" @click="choose()">choose</button></span>
</template>

<style>
.row { color: rgb(0, 0, 2); }
</style>

${c ? `<code lang="c">
typedef struct { const char *title; bool done; } TaskRowProps;
typedef struct { char title[32]; bool done; int opened; } TaskRow;

static void take(TaskRow *self, const TaskRowProps *props)
{
    orbit_set(self->title, props->title);
    self->done = props->done;
}

void task_row_new(TaskRow *self, const TaskRowProps *props) { take(self, props); }
void task_row_props(TaskRow *self, const TaskRowProps *props) { take(self, props); }
void open(TaskRow *self) { self->opened += 1; }
void toggle(TaskRow *self) { orbit_emit(self, "toggle"); }
void choose(TaskRow *self) { orbit_emit(self, "choose"); }
</code>` : `<code lang="js">
export default class TaskRow {
    title = '';
    done = false;
    opened = 0;

    open() { this.opened += 1; }
    toggle() { this.$emit('toggle'); }
    choose() { this.$emit('choose'); }
}
</code>`}
`,
});

const all = (selector) =>
    `[...document.querySelectorAll('${selector}')].map((each) => each.textContent.trim()).join()`;
const click = (selector) => (page) =>
    page.evaluate((it) => document.querySelector(it).click(), selector);
const template = /\(template\)$/;

/** The edits. `l(c, js)` is a piece that differs, `b` is how often an edit of code builds. */
function edits(isC) {
    const l = (c, js) => (isC ? c : js);
    const b = isC ? 1 : 0;
    const self = l('self->', 'this.');
    return [
        // style
        { what: "the app's colour", change: ['rgb(0, 0, 1)', 'rgb(1, 1, 1)'],
            line: /app\.orbit \(style\)$/,
            shows: [style('h1', 'color'), 'rgb(1, 1, 1)'] },
        { what: "the list's", file: LIST, change: ['10px', '12px'],
            line: /task-list\.orbit \(style\)$/,
            shows: [style('ol', 'paddingLeft'), '12px'] },
        { what: "the rows', in one line", file: ROW, change: ['.row { color: rgb(0, 0, 2); }',
            '.row{color:rgb(2,2,2)}'],
            line: /task-row\.orbit \(style\)$/, shows: [style('.row', 'color'), 'rgb(2, 2, 2)'] },
        { what: 'a style section less', file: LIST, change: [
            '<style>\nol { padding-left: 12px; }\n</style>\n', ''],
            line: /\(style\)$/, shows: [style('ol', 'paddingLeft'), '40px'] },
        { what: 'a rule for what is in the slot', change: ['</style>',
            '.slot { color: rgb(3, 3, 3); }\n</style>'],
            line: /\(style\)$/, shows: [style('.slot', 'color'), 'rgb(3, 3, 3)'] },

        // template, of known pieces
        { what: 'a word', change: ['<h1>Tasks', '<h1>All tasks'], line: template,
            shows: [text('h1'), 'All tasks'] },
        { what: "a word of the list's", file: LIST, change: ['>add<', '>add it<'], line: template,
            shows: [text('.add'), 'add it'] },
        { what: 'all on one line', file: ROW, change: ['</i>\n    <s', '</i> <s'], line: template },
        { what: 'white space in tags and expressions', file: ROW, change: [
            '<s class="opened">{{ opened }}</s>',
            '<s\n      class="opened"\n      >{{opened}}</s\n    >'], verb: 'same' },
        { what: 'a prop of the slot more often', change: ['{{ at }}</b>', '{{ at }}/{{ at }}</b>'],
            line: template,
            shows: [all('.slot'), '0/0,1/1'] },
        { what: 'an element beside the list', change: ['<TaskList :limit',
            '<hr class="line"><TaskList :limit'], line: template,
            shows: ['document.querySelectorAll(".line").length', 1] },
        { what: "the rows' buttons the other way round", file: ROW, change: [
            '<button class="toggle" @click="toggle()">done</button> <button class="choose" @click="choose()">choose</button>',
            '<button class="choose" @click="choose()">choose</button> <button class="toggle" @click="toggle()">done</button>'],
        line: template, shows: [`${all('.row button')}.slice(0, 11)`, 'choose,done'] },
        { what: 'a condition around what is known', file: ROW, change: ['<i class="title"',
            '<em o-show="done">!</em><i class="title"'],
            line: template, shows: [style('.done em', 'display'), 'inline'] },

        // template, of new pieces
        { what: 'a new expression', builds: b, change: ['All tasks', 'All tasks {{ picked + 1 }}'],
            shows: [text('h1'), 'All tasks 3'] },
        { what: 'a field of what the slot is given', builds: b, change: ['{{ at }}/{{ at }}',
            l('{{ at }} {{ orbit_text(orbit_get(task, "title")) }}', '{{ at }} {{ task.title }}')],
        shows: [all('.slot'), '0 milk,1 tea'] },
        { what: 'a condition on it', builds: b, change: ['</b></template>',
            `</b><q o-if='${l('orbit_bool(orbit_get(task, "done"))', 'task.done')}'>ok</q></template>`],
        shows: [all('q'), 'ok'] },
        { what: 'a handler in the slot', builds: b, change: ['<q o-if',
            `<button class="more" @click='picked += ${l('orbit_int(orbit_get(task, "id"))', 'task.id')}'>+</button><q o-if`],
        shows: ['document.querySelectorAll(".more").length', 2],
            after: click('li:nth-of-type(2) .more') },
        { what: 'a loop in a loop', file: LIST, builds: b, change: ['<TaskRow',
            '<kbd o-for="n in 0..task.id">{{ n }}</kbd><TaskRow'],
            shows: [all('kbd'), '0,0,1'] },
        { what: 'a condition in it', file: LIST, builds: b, change: [
            '<kbd o-for="n in 0..task.id">{{ n }}</kbd>',
            '<kbd o-for="n in 0..task.id"><var o-if="n == i">{{ n }}</var></kbd>'],
            shows: [all('var'), '0,1'] },
        { what: 'a prop of a row more, that it does not have yet', file: LIST, builds: b,
            change: ['<TaskRow :title', '<TaskRow :rank="i + 6" :title'],
            ...l({ also: /task-list\.orbit:\d+:\d+/ }, {}) },
        { what: 'and the row takes it', file: ROW, builds: b, change: ['{{ title }}',
            '{{ rank }}. {{ title }}',
            ...l(['bool done; } TaskRowProps;', 'bool done; int rank; } TaskRowProps;',
                'int opened; }', 'int opened, rank; }',
                'self->done = props->done;',
                'self->done = props->done;\n    self->rank = props->rank;'],
            ['opened = 0;', 'opened = 0;\n    rank = 0;'])],
        state: (was) => ({ ...was, rows: ['6. milk', '7. tea'] }) },

        // code
        { what: 'another body', file: ROW, builds: b, change: [`${self}opened += 1`,
            `${self}opened += 10`], line: /task-row\.orbit \(code\)$/,
            why: /^kept (?!.*lost).*TaskRow\.opened/, after: click('.row .title') },
        { what: 'a renamed handler', file: ROW, builds: b, change: l(['void open(', 'void unfold(',
            'open()', 'unfold()'],
            ['open() {', 'unfold() {', '@click="open()"', '@click="unfold()"']),
            after: click('.row .title') },
        { what: 'a comment', file: LIST, builds: b, change: l(['void add(',
            '/* One more. */\nvoid add('], ['add() {', '/* One more. */\n    add() {']),
            ...l({ verb: 'same', why: /built, no effect/ }, {}) },
        { what: "the app's code", builds: b, change: [`${self}picked += id`,
            `${self}picked += 2 * id`], line: /app\.orbit \(code\)$/,
            why: /^kept (?!.*lost).*App\.picked/, after: click('.choose') },
        { what: 'a field more', builds: b, change: l(['int picked;',
            'int picked;\n    char word[8];', '{{ picked + 1 }}', '{{ word }}|'],
            ['picked = 0;', "picked = 0;\n    word = '';", '{{ picked + 1 }}', '{{ word }}|']),
            shows: [text('h1'), 'All tasks |'] },
        { what: 'a field under another name is lost, and said', file: ROW, builds: b, change: l(
            ['int opened, rank', 'int seen, rank', 'self->opened', 'self->seen', '{{opened}}',
            '{{seen}}'],
            ['opened = 0', 'seen = 0', 'this.opened', 'this.seen', '{{opened}}', '{{seen}}']),
        why: /lost .*TaskRow\.opened/, state: (was) => ({ ...was, opened: ['0', '0'] }),
            after: click('.row .title') },
        { what: 'a wider number', builds: b, change: l(['int picked', 'long long picked'], [
            'picked = 0', 'picked = 0.5']) },
        { what: 'a method of the list in its template', file: LIST, builds: b, change: [
            ...l(['void choose(',
            'static int left(TaskList *self) { return self->props.limit - self->tasks_count; }\nvoid choose('],
                ['choose(id) {',
                'left() { return this.limit - this.tasks.length; }\n    choose(id) {']),
            '<ol>', '<p class="left">{{ left() }}</p><ol>'],
            why: /^kept (?!.*lost).*TaskList\.tasks.*TaskList\.draft/,
        shows: [text('.left'), '7'] },
        { what: 'style, template and code at once', builds: b, change: ['>All tasks', '>Our tasks',
            'rgb(1, 1, 1)', 'rgb(5, 5, 5)', 'picked += 2 * id', 'picked += 3 * id'],
        line: /app\.orbit \(.*code/, shows: [text('h1'), 'Our tasks |', style('h1', 'color'),
            'rgb(5, 5, 5)'],
        after: click('.choose') },

        // mistakes: what comes behind one that cannot load goes with its mending
        { what: 'an expression that is none', file: LIST, change: ['{{ left() }}', '{{ left( }}'],
            verb: 'bad', place: /^./ },
        { what: 'and is one', file: LIST, change: ['{{ left( }}', '{{ left() }}'], verb: 'same',
            heals: true },
        { what: 'a mistake in the code', file: ROW, builds: b, change: l(['self->seen += 10',
            'self->sene += 10'],
            ['this.seen += 10', 'this.seen +== 10']), verb: 'error',
        ...l({ place: /^sene/ }, { why: /task-row\.orbit:\d+:\d+/ }) },
        { what: "the app's template meanwhile", change: ['Our tasks', 'These tasks'],
            ...l({ line: template, shows: [text('h1'), 'These tasks |'] }, { verb: 'error' }) },
        { what: 'and it is mended', file: ROW, builds: b, change: l(['self->sene += 10',
            'self->seen += 100'],
            ['this.seen +== 10', 'this.seen += 100']), heals: true, shows: [text('h1'),
            'These tasks |'] },
        { what: 'a colour', change: ['rgb(3, 3, 3)', 'rgb(4, 4, 4)'],
            line: /app\.orbit \(style\)$/, shows: [style('.slot', 'color'), 'rgb(4, 4, 4)'],
            after: click('.row .title') },
        { what: 'an end tag less', change: ['</main>', ''], verb: 'bad', place: /^./ },
        { what: 'and there it is', change: ['</TaskList>\n  ', '</TaskList>\n  </main>'],
            verb: 'same', heals: true },
        { what: 'a component that is not there', change: ['<h1>', '<TaskSum/><h1>'], verb: 'bad',
            place: /^<?TaskSum/ },
        { what: 'and comes in a folder of its own', builds: b,
            heals: true, write: { 'src/parts/deep/task-sum.orbit':
            `<template><small>{{ n }}</small></template>\n<code lang="${l('c', 'js')}">\n${
                l('typedef struct { int n; } TaskSum;\nvoid task_sum_new(TaskSum *self) { self->n = 4; }',
                    'export default class TaskSum { n = 4; }')}\n</code>\n` }, shows: [text('small'), '4'] },
    ];
}

/** What a person does first. */
async function fill(page) {
    for (const title of ['milk', 'tea']) {
        await page.fill('.draft', title);
        await page.click('.add');
        await shows(page, 'document.querySelector(".draft").value', '');
    }
    await page.click('li:nth-of-type(2) .toggle');
    await page.click('li:nth-of-type(1) .title');
    await page.fill('.draft', 'half');
    await page.evaluate(() => document.activeElement.setSelectionRange(2, 2));
    await shows(page, `(({ rows, done, opened }) => [rows, done, opened])(${STATE})`,
        [['milk', 'tea'], [false, true], ['1', '0']]);
}

async function run(t, isC) {
    const dir = copyExample(isC ? 'c-counter' : 'js-counter');
    const log = path.join(temporaryFolder(), 'builds');
    writeFileSync(log, '');
    rmSync(path.join(dir, 'src'), { recursive: true });
    for (const [name, content] of Object.entries(files(isC))) {
        await put(dir, name, content);
    }
    if (isC) {
        await edit(dir, 'Makefile', '../../include', INCLUDE);
        await edit(dir, 'orbiton.toml', 'make -s', `echo x >> ${log}; make -s`);
    }
    const server = await start(dir);
    const { page, close, isSame } = await visit(chrome, server,
        [APP, LIST, ROW].map((each) => `/${each}?orbit=template`));

    await fill(page);
    await page.evaluate(() => document.querySelector('li:nth-of-type(2) .choose').click());
    await shows(page, text('.picked'), '2');
    await sync(server);
    const from = server.events.items.length;
    await runEdits(t, { dir, server, page, isSame, file: APP, state: STATE,
        builds: () => readFileSync(log, 'utf8').split('\n').length - 1 }, edits(isC));

    await t.test('and it is alive', async () => {
        await page.click('.add');
        await shows(page, `${STATE}.rows`, ['6. milk', '7. tea', '8. half']);
        await page.click('li:nth-of-type(3) .title');
        await page.click('li:nth-of-type(3) .toggle');
        await shows(page, `(({ done, opened, draft }) => [done, opened, draft])(${STATE})`,
            [[false, true, true], ['110', '0', '100'], '']);
        assert.deepEqual(linesSince(server, from).filter((each) => each.verb === 'reload'), []);
        assert.equal(await isSame(), true);
    });
    await close();
    await server.stop();
}

test('forty edits of three components in C', (t) => run(t, true));
test('forty edits of three components in JavaScript', (t) => run(t, false));

test('the list has forty edits', () => {
    assert.ok(edits(true).length >= 40 && edits(false).length >= 40, `${edits(true).length}`);
});
