// SPDX-License-Identifier: MIT

/* Edits of components in the running page: what is kept, what is lost, what is taken back. */

import assert from 'node:assert/strict';
import { component, orbitTest } from './orbit_setup.mjs';

const APP = 'src/app.orbit';
const notes = (t) => t.run(() => window.notes.splice(0));

const COUNTER = (text, code = '') => component(text, `export default class App {
    count = 0; name = 'n'; items = [];
    increment() { this.count++; } ${code} }`);

orbitTest('hot: a template changes around what is there', async (t) => {
    await t.open({ [APP]: COUNTER('<h1>One</h1><input id="i"><button @click="increment">+</button><p>{{ count }}</p>') });
    await t.click('button');
    await t.run(() => {
        window.nodes = ['h1', 'input', 'button', 'p'].map((s) => document.querySelector(s));
        const input = document.querySelector('input');
        input.value = 'typed';
        input.focus();
        input.setSelectionRange(1, 3);
    });
    const parts = await t.save({ [APP]: COUNTER(`<h1 class="big">Two</h1><main><b>new</b></main><p title="t">is {{ count }}</p>
        <button @click.prevent="increment" :disabled="count">++</button><input id="i" placeholder="x">`) });
    assert.deepEqual(parts, ['template']);
    assert.equal(await t.html(), '<h1 class="big">Two</h1><main><b>new</b></main><p title="t">is 1</p>' +
        '<button disabled="">++</button><input id="i" placeholder="x">');
    assert.deepEqual(await t.run(() => {
        const input = document.querySelector('input');
        return [...['h1', 'input', 'button', 'p'].map((s, i) => document.querySelector(s) === window.nodes[i]),
            input.value, document.activeElement === input, input.selectionStart, input.selectionEnd];
    }), [true, true, true, true, 'typed', true, 1, 3]);
    assert.deepEqual(t.errors, []);
});

orbitTest('hot: a template of known pieces needs no code', async (t) => {
    const text = (template) => COUNTER(template);
    await t.open({ [APP]: text('<p>{{ count }}</p><i o-if="count">yes</i><b @click="increment">b</b>') });
    const parts = await t.save({ [APP]: text('<b @click.once="increment" id="q">c</b><u o-if="count">{{ count }}!</u><p>none</p>') });
    assert.deepEqual(parts, ['template']);
    await t.click('b');
    assert.equal(await t.html(), '<b id="q">c</b><u>1!</u><p>none</p>');
    await t.click('b');
    assert.equal(await t.html(), '<b id="q">c</b><u>1!</u><p>none</p>', 'once');
});

orbitTest('hot: code changes under its state', async (t) => {
    const text = (fields, add, more = '') => component('<p>{{ count }} {{ step }} {{ items.length }}</p><b @click="add">+</b>',
        `export default class App { ${fields} add() { ${add} } ${more} }`);
    await t.open({ [APP]: text('count = 0; step = 1; items = []; #own = 1;',
        'this.count += this.step; this.items.push(this.count); this.#own++;',
        'mounted() { (globalThis.log ??= []).push("mounted"); } unmounted() { log.push("unmounted"); }') });
    await t.click('b');
    await t.run(() => {
        window.p = document.querySelector('p');
    });
    assert.deepEqual(await t.save({ [APP]: text('count = 100; step = 5; items = [];', 'this.count += this.step;',
        'mounted() { (globalThis.log ??= []).push("again"); }') }), ['code']);
    assert.equal(await t.html('p'), '1 5 1', 'changed ones are kept, others are what the code says');
    await t.click('b');
    assert.equal(await t.html('p'), '6 5 1');
    assert.deepEqual(await notes(t), ['App.#own: private fields cannot be kept']);
    assert.deepEqual(await t.run(() => [window.log, document.querySelector('p') === window.p]),
        [['mounted', 'unmounted', 'again'], true]);
    await t.save({ [APP]: text('count = "text"; step = 5; list = [];', 'this.step++;').replace('items.length', 'list.length') });
    assert.deepEqual(await notes(t), ['App.count: what was kept is a number, now it is a string',
        'App.items: there is no such field any more']);
    assert.equal(await t.html('p'), 'text 5 0');
    assert.deepEqual(t.errors, []);
});

orbitTest('hot: code that cannot start or be shown is taken back', async (t) => {
    const text = (n, more = '') => component('<p>{{ shown() }}</p><b @click="n++">+</b>',
        `export default class App { n = 0; ${more} shown() { return ${n}; } }`);
    await t.open({ [APP]: text('this.n') });
    await t.click('b');
    await assert.rejects(t.save({ [APP]: text('this.nothing.at.all') }), /at/);
    assert.equal(await t.html('p'), '1');
    await t.click('b');
    assert.equal(await t.html('p'), '2');
    await assert.rejects(t.save({ [APP]: text('1', 'x = nowhere;') }), /nowhere/);
    assert.equal(await t.html('p'), '2');
    await t.save({ [APP]: text('`n is ${this.n}`') });
    assert.equal(await t.html('p'), 'n is 2');
});

orbitTest('hot: setup functions keep what they return', async (t) => {
    const text = (more) => component('<p>{{ count }} {{ twice }}</p><b @click="add">+</b>', `export default function (props) {
        let hidden = 0;
        return { count: 0, get twice() { return this.count * 2; }, get hidden() { return hidden; },
            add() { this.count++; hidden++; } ${more} };
    }`);
    await t.open({ [APP]: text('') });
    await t.click('b');
    await t.save({ [APP]: text(', other: 1') });
    assert.equal(await t.html('p'), '1 2');
    assert.deepEqual(await notes(t), ['App.hidden: it has no setter to be kept by']);
});

orbitTest('hot: children keep their state when a parent changes, and the other way', async (t) => {
    const parent = (head) => component(`<h1>${head} {{ n }}</h1><Child o-for="x in list" :key="x" :x="x"><b>{{ n }}</b></Child>`,
        'export default class App { n = 1; list = ["a", "b"]; }');
    const child = (mark) => component(`<i @click="count++">${mark}{{ x }}{{ count }}</i><slot/>`,
        'export default class Child { x; count = 0; }');
    await t.open({ [APP]: parent('one'), 'src/child.orbit': child('') });
    await t.click('i');
    await t.save({ [APP]: parent('two') });
    assert.equal(await t.html(), '<h1>two 1</h1><i>a1</i><b>1</b><i>b0</i><b>1</b>');
    await t.save({ 'src/child.orbit': child('!') });
    assert.equal(await t.html(), '<h1>two 1</h1><i>!a1</i><b>1</b><i>!b0</i><b>1</b>');
    await t.save({ [APP]: parent('three').replace('{{ n }}</b>', '<u>{{ n + 1 }}</u></b>'), 'src/child.orbit': child('?') });
    assert.equal(await t.html(), '<h1>three 1</h1><i>?a1</i><b><u>2</u></b><i>?b0</i><b><u>2</u></b>');
    await t.run(() => {
        window.root.list = ['b'];
        window.root.n = 7;
        window.root.$update();
    });
    assert.equal(await t.html(), '<h1>three 7</h1><i>?b0</i><b><u>8</u></b>');
    assert.deepEqual(t.errors, []);
});

orbitTest('hot: what the code does not know is shown as "…"; a template waits for its code', async (t) => {
    await t.open({ [APP]: COUNTER('<p :title="name">{{ count }}</p><b @click="increment">+</b>') });
    const table = t.parts.get(APP).table;
    await t.run(([table]) => window.runtime.template('src/app.orbit', table, { v: 1, scopes: [[0, 0]], slots: [0, 0], handlers: [0],
        c: [{ t: 'p', d: { title: -1 }, class: { a: -1 }, c: [{ s: 1 }, ' ', { s: -1 }] }, { t: 'b', e: [['click', -1]], c: ['-'] },
            { if: [{ test: -1, c: ['a'] }, { test: null, c: ['b'] }] }, { for: -1, c: ['c'] }, { o: 'Nowhere', s: -1, c: [] },
            { t: 'input', m: [['', -1, -1]], c: [] }] }), [table]);
    assert.equal(await t.html(), '<p title="n">0 …</p><b>-</b>………<input>');
    await t.click('b');
    await t.run(() => window.runtime.template('src/app.orbit', 'another table', { v: 1, scopes: [[0, 0]], slots: [], handlers: [], c: ['x'] }));
    assert.match(await t.html(), /^<p/);
    await t.save({ [APP]: COUNTER('<p>{{ count }}{{ count + 1 }}</p>') });
    assert.equal(await t.html(), '<p>01</p>');
    assert.deepEqual(t.errors, []);
});

orbitTest('hot: a component whose new props the code does not know goes on with its old ones', async (t) => {
    const app = (props) => component(`<Part ${props}/>`, 'export default class App { n = 1; }');
    await t.open({ [APP]: app(':x="n"'), 'src/part.orbit': component('<q @click="k++">{{ x }} {{ k }}</q>',
        'export default class Part { x; k = 0; }') });
    await t.click('q');
    await t.settle();
    assert.equal(await t.html(), '<q>1 1</q>');
    await t.run(([table]) => window.runtime.template('src/app.orbit', table, { v: 1, scopes: [[0, 0]], slots: [0],
        handlers: [], c: [{ o: 'Part', s: -1, props: ['x', 'y'], c: [] }] }), [t.parts.get(APP).table]);
    assert.equal(await t.html(), '<q>1 1</q>');
    await t.save({ [APP]: app(':x="n + 1" :y="2"') });
    assert.equal(await t.html(), '<q>2 1</q>');
    assert.deepEqual(t.errors, []);
});

orbitTest('hot: a condition and a loop that the code does not know go on as they were', async (t) => {
    const app = (test, list) => component(`<p o-if="${test}">{{ n }}<input><Part/></p><u o-if="n > 1">more</u>
        <i o-for="x in ${list}" :key="x">{{ x }}<input></i><b @click="n++">+</b>`,
    'export default class App { n = 1; on = true; list = ["a", "b"]; }');
    const unknown = [{ if: [{ test: -1, c: ['other'] }, { test: null, c: ['none'] }] },
        { if: [{ test: -1, c: ['more'] }] }, { for: -1, c: ['other'] }, { t: 'b', c: ['+'] }];
    await t.open({ [APP]: app('on', 'list'), 'src/part.orbit': component('<q @click="k++">{{ k }}</q>',
        'export default class Part { k = 0; }') });
    const shown = (n, k, more, items) => `<p>${n}<input><q>${k}</q></p>${more}${
        items.map((x) => `<i>${x}<input></i>`).join('')}<b>+</b>`;
    await t.click('q');
    await t.run(([table, c]) => {
        window.inputs = [...document.querySelectorAll('input')];
        window.inputs.forEach((each, i) => {
            each.value = `typed ${i}`;
        });
        window.runtime.template('src/app.orbit', table, { v: 1, scopes: [[0, 0]], slots: [], handlers: [], c });
    }, [t.parts.get(APP).table, unknown]);
    assert.equal(await t.html(), shown(1, 1, '…', ['a', 'b']));
    await t.run(() => {
        window.root.n = 2;
        window.root.list = ['b', 'a', 'c'];
        window.root.$update();
    });
    assert.equal(await t.html(), shown(2, 1, '<u>more</u>', ['b', 'a', 'c']));
    const typed = () => t.run(() => window.inputs.map((each) => each.isConnected && each.value));
    assert.deepEqual(await typed(), ['typed 0', 'typed 1', 'typed 2']);
    await t.save({ [APP]: app('on && n > 1', 'list.slice(0, 2)') });
    assert.equal(await t.html(), shown(2, 1, '<u>more</u>', ['b', 'a']));
    assert.deepEqual(await typed(), ['typed 0', 'typed 1', 'typed 2']);
    assert.deepEqual(t.errors, []);
});

orbitTest('hot: code of another table leaves what it does not know without values', async (t) => {
    const app = component('<p o-if="on">{{ n }}<input><Part/></p><i o-for="x in list" :key="x">{{ x }}<input></i>',
        'export default class App { n = 1; on = true; list = ["a", "b"]; }');
    await t.open({ [APP]: app, 'src/part.orbit': component('<q @click="k++">{{ k }}</q>',
        'export default class Part { k = 0; unmounted() { globalThis.gone = true; } }') });
    await t.click('q');
    await t.run(() => {
        const input = { t: 'input', c: [] };
        window.inputs = [...document.querySelectorAll('input')];
        window.runtime.template('src/app.orbit', 'another', { v: 1, scopes: [[0, 0]], slots: [], handlers: [], c: [
            { if: [{ test: -1, c: [{ t: 'p', c: [{ s: -1 }, input, { o: 'Part', s: -1, c: [] }] }] }] },
            { for: -1, c: [{ t: 'i', c: [{ s: -1 }, input] }] }] });
        window.runtime.code('src/app.orbit', 'another', window.app.instance.logic);
    });
    assert.equal(await t.html(), '<p>…<input><q>1</q></p><i>…<input></i><i>…<input></i>');
    assert.ok(await t.run(() => window.inputs.every((each) => each.isConnected)));
    await t.run(() => window.app.unmount());
    assert.ok(await t.run(() => window.gone), 'its components are told that they end');
    assert.deepEqual(t.errors, []);
});

orbitTest('hot: edits at random end where a fresh page would be', async (t) => {
    const pieces = ['<h1>{{ n }}</h1>', '<p :title="n" class="c">text</p>', '<i o-if="on">yes</i><b o-else>no</b>',
        '<ul><li o-for="x in list" :key="x">{{ x }}<em o-if="x > 1">{{ n }}</em></li></ul>', '<input type="checkbox" o-model="on">',
        '<Part :x="n"><s>{{ n }}</s></Part>', '<svg><g :id="n"></g></svg>', 'words {{ list.length }}', '<p o-show="on" :style="{ color: c }">s</p>',
        '<div><span>static</span><span>tree</span></div>', '<u o-for="x in list">{{ x }}</u>', '<p o-html="h"></p>',
        '<template o-if="on">a<b>c</b></template>', '<Part :x="list"/>'];
    let seed = Number(process.env.ORBITON_SEED ?? 11);
    const random = (n) => {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        return Math.floor(seed / 65536) % n;
    };
    const make = () => {
        const some = Array.from({ length: 1 + random(6) }, () => pieces[random(pieces.length)]);
        const text = some.join('\n');
        return component(random(2) ? `<main>${text}</main>` : text,
            'export default class App { n = 1; on = true; list = [1, 2, 3]; c = "red"; h = "<b>h</b>"; }');
    };
    const part = component('<q>{{ JSON.stringify(x) }}<slot>empty</slot></q>', 'export default class Part { x; }');
    await t.open({ [APP]: make(), 'src/part.orbit': part });
    for (let i = 0; i < 25; i++) {
        const text = make();
        await t.run((i) => {
            window.root.on = i % 3 > 0;
            window.root.n = i;
            window.root.list = [3, 1, 2, 4].slice(i % 4);
            window.root.$update();
        }, i);
        await t.save({ [APP]: text });
        const [hot, fresh] = await t.run(() => {
            const other = document.createElement('div');
            const { definition, exposed } = window.app.instance;
            const { on, n, list } = exposed;
            const app = window.runtime.mount(definition, other, { on, n, list });
            const ret = [document.querySelector('#app').innerHTML, other.innerHTML];
            app.unmount();
            return ret;
        });
        assert.equal(hot, fresh, `edit ${i}: ${text}`);
    }
    assert.deepEqual(t.errors, []);
});
