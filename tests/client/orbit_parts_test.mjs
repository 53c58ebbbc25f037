// SPDX-License-Identifier: MIT

/* Events, o-model, components, slots and refs. */

import assert from 'node:assert/strict';
import { component, orbitTest } from './orbit_setup.mjs';

const app = (template, code = '') => ({ 'src/app.orbit': component(template, code) });

orbitTest('events: handlers, modifiers and keys', async (t) => {
    await t.open(app(`<div @click="log.push('outer')">
        <b id="a" @click="add">a</b><b id="b" @click.stop="n += 2">b</b>
        <b id="c" @click.once="add(event)">c</b><b id="d" @click.ctrl="add">d</b>
        <b id="e" @click.self="add"><i>e</i></b><b id="f" @click.ctrl.exact="add">f</b>
        <b id="g" @click="(e) => log.push(e.type)">g</b><b id="h" @click="if (n > 3) { n = 0; log.push('reset') }">h</b>
        <form @submit.prevent><button>go</button></form>
        <input @keydown.enter="log.push('enter')" @keydown.a.ctrl="log.push('ctrl a')" @mousedown.right="log.push('right')">
        </div><p>{{ n }} {{ log.join() }}</p>`,
    `export default class App { n = 0; log = []; add(event) { this.n++; this.last = event?.type; } }`));
    const state = () => t.run(() => `${window.root.n} ${window.root.log.splice(0).join()} ${window.root.last}`);

    await t.click('#a');
    assert.equal(await state(), '1 outer click');
    await t.click('#b');
    assert.equal(await state(), '3  click');
    await t.click('#c');
    await t.click('#c');
    assert.equal(await state(), '4 outer,outer click');
    await t.click('#d');
    assert.equal(await state(), '4 outer click');
    const press = (selector, type, init) => t.run(([selector, type, init]) => {
        const kind = type.startsWith('key') ? KeyboardEvent : MouseEvent;
        document.querySelector(selector).dispatchEvent(new kind(type, { bubbles: true, ...init }));
    }, [selector, type, init]);
    await press('#d', 'click', { ctrlKey: true, shiftKey: true });
    await press('#f', 'click', { ctrlKey: true, shiftKey: true });
    assert.equal(await state(), '5 outer,outer click');
    await t.click('#e i');
    await t.click('#e');
    assert.equal(await state(), '6 outer,outer click');
    await t.click('#g');
    await t.click('#h');
    assert.equal(await state(), '0 click,outer,reset,outer click');
    await t.click('button');
    await press('input', 'keydown', { key: 'Enter' });
    await press('input', 'keydown', { key: 'a' });
    await press('input', 'keydown', { key: 'A', ctrlKey: true });
    await press('input', 'mousedown', { button: 2 });
    await press('input', 'mousedown', { button: 0 });
    assert.equal(await state(), '0 outer,enter,ctrl a,right click');
    assert.equal(await t.page.evaluate(() => location.search), '', 'the form was not sent');
    assert.deepEqual(t.errors, []);
});

orbitTest('events: the variables of loops, and code that goes on later', async (t) => {
    await t.open(app(`<ul><li o-for="(row, r) in rows" :key="row.id"><b o-for="(x, c) in row.cells"
        @click="pick(row, r, x, c)" :id="row.id + x">{{ x }}</b></li></ul><p>{{ picked }}</p>`,
    `export default class App { picked = ''; rows = [{ id: 'p', cells: ['x', 'y'] }, { id: 'q', cells: ['z'] }];
        async pick(row, r, x, c) { this.rows.reverse(); await null; this.picked = row.id + r + x + c; } }`));
    await t.click('#py');
    await t.settle();
    assert.equal(await t.html('p'), 'p0y1');
    await t.click('#qz');
    assert.equal(await t.html('p'), 'q0z0');
});

orbitTest('o-model: each kind of input, both ways', async (t) => {
    await t.open(app(`<input id="text" o-model="text"><input id="trim" o-model.trim.lazy="trim"><input id="num" o-model.number="num">
        <textarea id="area" o-model="text"></textarea><input id="box" type="checkbox" o-model="box">
        <input id="la" type="checkbox" value="a" o-model="list"><input id="lb" type="checkbox" value="b" o-model="list">
        <input id="ra" type="radio" value="a" o-model="radio"><input id="rb" type="radio" :value="2" o-model="radio">
        <select id="one" o-model="one"><option o-for="o in options" :value="o">{{ o.n }}</option></select>
        <select id="many" multiple o-model.number="many"><option>1</option><option>2</option><option>3</option></select>
        <p o-for="x in rows"><input class="row" o-model="x.name"></p>`,
    `export default class App { text = 't'; trim = ''; num = 1; box = true; list = ['b']; radio = 2;
        options = [{ n: 1 }, { n: 2 }]; one = this.options[1]; many = [2]; rows = [{ name: 'r' }]; }`));
    const shown = () => t.page.evaluate(() => {
        const at = (id) => document.querySelector(`#${id}`);
        return [at('text').value, at('trim').value, at('num').value, at('area').value, at('box').checked,
            at('la').checked, at('lb').checked, at('ra').checked, at('rb').checked, at('one').selectedIndex,
            [...at('many').selectedOptions].map((o) => o.text).join(), document.querySelector('.row').value];
    });
    assert.deepEqual(await shown(), ['t', '', '1', 't', true, false, true, false, true, 1, '2', 'r']);

    const type = (id, value, ...events) => t.run(([id, value, events]) => {
        const node = document.querySelector(id);
        node.focus();
        node.value = value;
        events.forEach((name) => node.dispatchEvent(new Event(name, { bubbles: true })));
    }, [id, value, events]);
    await type('#text', 'new', 'input');
    await type('#trim', '  x ', 'input');
    assert.equal(await t.page.evaluate(() => window.root.trim), '', 'lazy');
    await type('#trim', '  x ', 'input', 'change');
    await type('#num', '2.', 'input');
    assert.equal(await t.page.evaluate(() => document.querySelector('#num').value), '2.', 'on the way');
    await type('.row', 'q', 'input');
    await t.click('#box');
    await t.click('#la');
    await t.click('#ra');
    await t.run(() => {
        const one = document.querySelector('#one');
        one.selectedIndex = 0;
        one.dispatchEvent(new Event('change'));
        const many = document.querySelector('#many');
        many.options[2].selected = true;
        many.dispatchEvent(new Event('change'));
    });
    assert.deepEqual(await t.page.evaluate(() => {
        const { text, trim, num, box, list, radio, one, many, rows } = window.root;
        return { text, trim, num, box, list, radio, one, many, rows };
    }), { text: 'new', trim: 'x', num: 2, box: false, list: ['b', 'a'], radio: 'a', one: { n: 1 },
        many: [2, 3], rows: [{ name: 'q' }] });
    assert.equal(await t.page.evaluate(() => document.querySelector('#trim').value), 'x');
    await t.run(() => {
        Object.assign(window.root, { text: 'z', num: 7, box: true, list: [], radio: 2, many: [1],
            one: window.root.options[1] });
        window.root.$update();
    });
    assert.deepEqual(await shown(), ['z', 'x', '7', 'z', true, false, false, false, true, 1, '1', 'q']);
    assert.deepEqual(t.errors, []);
});

orbitTest('o-model: a composition is not cut short', async (t) => {
    await t.open(app('<input o-model="text"><p>{{ text }}</p>', 'export default class App { text = ""; }'));
    const values = await t.run(() => {
        const input = document.querySelector('input');
        const fire = (event) => input.dispatchEvent(event);
        input.focus();
        fire(new CompositionEvent('compositionstart'));
        input.value = 'に';
        fire(new InputEvent('input', { isComposing: true }));
        window.root.$update();
        window.runtime.flushUpdates();
        const during = [window.root.text, input.value];
        fire(new CompositionEvent('compositionend'));
        return [...during, window.root.text];
    });
    assert.deepEqual(values, ['', 'に', 'に']);
});

const CARD = component('<section><h2>{{ title }}</h2><slot name="head">no head</slot><slot/><ul>'
    + '<li o-for="(item, i) in items" :key="item"><slot name="row" :item="item" :index="i">{{ item }}</slot></li></ul>'
    + '<button @click="hit">x</button></section>',
`export default class Card { title = 'untitled'; items = []; hits = 0; model;
    hit() { this.hits++; this.$emit('hit', this.hits); this.$emit('update:model', this.hits * 10); } }`);

orbitTest('components: props, events, o-model, slots of all kinds', async (t) => {
    await t.open({
        'src/app.orbit': component(`<Card :title="title" :items="items" @hit="heard(event.detail)" o-model="model"
            class="own" :class="{ wide }" style="color: red">
            <template #head>Head {{ n }}</template>body {{ n }}
            <template #row="{ item, index }"><i @click="pick(item, index)">{{ index }}{{ item }}{{ n }}</i></template>
            </Card><Card/><p>{{ n }} {{ model }} {{ picked }}</p>`,
        `export default class App { title = 'T'; items = ['a', 'b']; n = 0; model = 1; wide = true; picked = '';
            heard(n) { this.n = n; } pick(item, index) { this.picked = item + index; } }`),
        'src/card.orbit': CARD,
    });
    const card = (n, cls) => `<section class="own${cls}" style="color: red;"><h2>T</h2>Head ${n}body ${n} <ul><li><i>0a${n}</i></li>` +
        `<li><i>1b${n}</i></li></ul><button>x</button></section>`;
    const empty = '<section><h2>untitled</h2>no head<ul></ul><button>x</button></section>';
    const flat = async () => (await t.html()).replace(/> ?body/, '>body').replace('Head', 'Head');
    assert.equal((await flat()).replace(/\s+/g, ' '), `${card(0, ' wide')}${empty}<p>0 1 </p>`.replace(/\s+/g, ' '));
    await t.click('section.own button');
    assert.equal(await t.html('p'), '1 10 ');
    assert.match(await t.html(), /Head 1.*body 1.*0a1/s);
    await t.click('li:nth-child(2) i');
    assert.equal(await t.html('p'), '1 10 b1');
    await t.run(() => {
        window.root.wide = false;
        window.root.items.push('c');
        window.root.title = 'U';
        window.root.$update();
    });
    assert.match(await t.html(), /^<section class="own" style="color: red;"><h2>U<\/h2>.*<i>2c1<\/i>/s);
    assert.deepEqual(t.errors, []);
});


orbitTest('components: hooks, refs, :is, setup functions', async (t) => {
    await t.open({
        'src/app.orbit': component(`<component :is="kind" :n="n" ref="part"/>
            <b o-for="x in list" ref="all">{{ x }}</b><input ref="field">`,
        `export default class App { kind = 'PartA'; n = 1; list = [1, 2]; }`),
        'src/part-a.orbit': component('<i>A{{ n }} {{ count }}</i>', `export default (props, { emit, update }) => {
            (globalThis.log ??= []).push('setup ' + props.n);
            const state = { count: 0, inc() { state.count++; update(); },
                mounted() { log.push('mounted A'); state.count = 5; }, unmounted() { log.push('unmounted A'); } };
            return state;
        }`),
        'src/part-b.orbit': component('<u>B{{ n }}</u>', `export default class PartB { n = 0;
            mounted() { log.push('mounted B ' + document.querySelector('u').textContent); }
            updated() { log.push('updated B'); } }`),
    }, {}, {});
    // :is names no file by itself, so nothing imports these two.
    await t.run(async () => {
        await import('/src/part-a.orbit');
        await import('/src/part-b.orbit');
    });
    assert.match(await t.html(), /^<i>A1 5<\/i>/);
    await t.run(() => window.root.$refs.part.inc());
    assert.match(await t.html(), /^<i>A1 6<\/i>/);
    const refs = await t.run(() => [window.root.$refs.all.map((b) => b.textContent), window.root.$refs.field.tagName]);
    assert.deepEqual(refs, [['1', '2'], 'INPUT']);
    await t.run(() => {
        window.root.list = [2];
        window.root.kind = 'PartB';
        window.root.$update();
    });
    assert.match(await t.html(), /^<u>B1<\/u>/);
    await t.run(() => {
        window.root.n = 2;
        window.root.$update();
    });
    assert.deepEqual(await t.run(() => [window.log, window.root.$refs.all.length]),
        [['setup 1', 'mounted A', 'unmounted A', 'mounted B B1', 'updated B', 'updated B'], 1]);
    await t.run(() => window.app.unmount());
    assert.equal(await t.html(), '');
    assert.deepEqual(t.errors, []);
});

orbitTest('components: one that holds itself, and what a child does to its parent\'s objects', async (t) => {
    await t.open({
        'src/app.orbit': component('<TreeItem :node="tree"/><p>{{ done }}</p>',
            `export default class App { tree = { name: 'a', kids: [{ name: 'b', kids: [] }, { name: 'c', kids: [] }] };
                get done() { return this.tree.kids.filter((each) => each.done).length; } }`),
        'src/tree-item.orbit': component(`<li><b @click="node.done = !node.done" :class="{ done: node.done }">{{ node.name }}</b><ul o-if="node.kids.length">
            <TreeItem o-for="kid in node.kids" :key="kid.name" :node="kid"/></ul></li>`,
        'export default class TreeItem { node; }'),
    });
    assert.equal((await t.html()).replace(/\s+/g, ''),
        '<li><b>a</b><ul><li><b>b</b></li><li><b>c</b></li></ul></li><p>0</p>');
    await t.click('li li b');
    assert.match(await t.html(), /<b class="done">b<\/b>.*<p>1<\/p>/s);
});

orbitTest('components: a prop of which nothing in the child has the name is told, once', async (t) => {
    await t.page.addInitScript(() => {
        window.warned = [];
        console.warn = (text) => window.warned.push(text);
    });
    const given = ':one="n" two="2" :three-four="n" class="c"';
    await t.open({
        'src/app.orbit': component(`<Fields ${given}/><Fields ${given}/><Setup ${given}/><Whole ${given}/>
            <Plain ${given}/>`, 'export default class App { n = 1; }'),
        'src/fields.orbit': component('<i>{{ one }}</i>', `class Base { threeFour; }
            export default class Fields extends Base { add(item) { return [item]; } }`),
        'src/setup.orbit': component('<i>{{ shown }}</i>',
            'export default function (props) { return { get shown() { return props.threeFour; } }; }'),
        'src/whole.orbit': component('<i>{{ shown }}</i>', `const make = (props) => ({ shown: props.one });
            export default function (props) { return make(props); }`),
        'src/plain.orbit': '<template><i>{{ two }}</i></template>',
    });
    assert.deepEqual(await t.run(() => window.warned), ['Fields.two', 'Setup.two', 'Setup.one',
        'Plain.one', 'Plain.threeFour'].map((name) => `[orbiton] ${name}: there is no such prop`));
    await t.run(() => {
        window.root.n = 2;
        window.root.$update();
    });
    assert.equal((await t.run(() => window.warned)).length, 5);
    assert.deepEqual(t.errors, []);
});
