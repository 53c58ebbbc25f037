// SPDX-License-Identifier: MIT

/* What each construct of docs/orbit-format.md shows, and how it changes. */

import assert from 'node:assert/strict';
import { component, orbitTest } from './orbit_setup.mjs';

/** A component of a class with these fields. */
const withFields = (template, fields = '') =>
    component(template, `export default class App { ${fields} }`);

/** One test: what is shown at first, and after each act on `root`. */
function shows(name, template, fields, first, ...steps) {
    orbitTest(`render: ${name}`, async (t) => {
        await t.open({ 'src/app.orbit': withFields(template, fields) });
        assert.equal(await t.html(), first);
        for (const [act, wanted] of steps) {
            await t.run((text) => {
                // eslint-disable-next-line no-new-func
                new Function('root', text)(window.root);
                window.root.$update();
            }, act);
            assert.equal(await t.html(), wanted, act);
        }
        assert.deepEqual(t.errors, []);
    });
}

shows('text', '<p>{{ n }} and {{ n + 1 }}&eacute;</p>', 'n = 1;', '<p>1 and 2é</p>',
    ['root.n = null', '<p> and 1é</p>'], ['root.n = "<b>"', '<p>&lt;b&gt; and &lt;b&gt;1é</p>']);
shows('objects as text', '<p>{{ o }}</p>', 'o = { a: 1 };', '<p>{\n  "a": 1\n}</p>',
    ['root.o = [1n]', '<p>1</p>'], ['root.o = undefined', '<p></p>']);
shows('attributes', '<a :href="h" :disabled="d" :aria-busy="d" :title.attr="t" lang="en">x</a>',
    'h = "/x"; d = true; t = 1;',
    '<a lang="en" href="/x" disabled="" aria-busy="true" title="1">x</a>',
    ['root.d = false; root.h = null; root.t = undefined', '<a lang="en" aria-busy="false">x</a>'],
    ['root.h = ""', '<a lang="en" aria-busy="false" href="">x</a>']);
shows('classes', `<p class="a" :class="{ b, 'c d': c }">x</p><i :class="list">y</i>`,
    'b = true; c = false; list = ["u", { v: true, w: false }];',
    '<p class="a b">x</p><i class="u v">y</i>',
    ['root.c = true; root.list = "z"', '<p class="a b c d">x</p><i class="z">y</i>'],
    ['root.b = root.c = false; root.list = null', '<p class="a">x</p><i>y</i>']);
shows('styles', `<p style="color: red" :style="{ fontSize: s, '--x': v, color: c }">x</p>`,
    's = "9px"; v = 1; c = null;',
    '<p style="color: red; font-size: 9px; --x: 1;">x</p>',
    ['root.s = null; root.c = "blue"', '<p style="color: blue; --x: 1;">x</p>'],
    ['root.v = false; root.c = ""', '<p style="color: red;">x</p>']);
shows('a chain', '<p o-if="n > 1">many</p><p o-else-if="n">one</p><b o-else>none</b>', 'n = 0;',
    '<b>none</b>', ['root.n = 1', '<p>one</p>'], ['root.n = 2', '<p>many</p>'],
    ['root.n = 0', '<b>none</b>']);
shows('conditions within loops', '<i o-for="n in l"><b o-if="n > k">{{ n }}</b></i>',
    'k = 1; l = [1, 2];', '<i></i><i><b>2</b></i>', ['root.k = 0', '<i><b>1</b></i><i><b>2</b></i>']);
shows('an unkeyed loop', '<li o-for="(x, i) in l">{{ i }}{{ x }}</li>', 'l = ["a", "b"];',
    '<li>0a</li><li>1b</li>', ['root.l.push("c")', '<li>0a</li><li>1b</li><li>2c</li>'],
    ['root.l = ["z"]', '<li>0z</li>'], ['root.l = []', ''], ['root.l = ["q"]', '<li>0q</li>']);
shows('ranges', '<i o-for="n in 1..=k">{{ n }}</i><b o-for="n in 0..k">{{ n }}</b>', 'k = 2;',
    '<i>1</i><i>2</i><b>0</b><b>1</b>', ['root.k = 0', '']);
shows('other lists', '<i o-for="(v, k) in o">{{ k }}{{ v }}</i>', 'o = { a: 1 };', '<i>a1</i>',
    ['root.o = new Set([5])', '<i>05</i>'], ['root.o = null', '']);
shows('loops of several nodes', '<template o-for="x in l" :key="x"><dt>{{ x }}</dt><dd o-if="x > 1">y</dd></template>',
    'l = [1, 2];', '<dt>1</dt><dt>2</dt><dd>y</dd>',
    ['root.l = [2, 1]', '<dt>2</dt><dd>y</dd><dt>1</dt>']);
shows('o-show', '<p o-show="on" style="display: flex">x</p>', 'on = false;',
    '<p style="display: none;">x</p>', ['root.on = true', '<p style="display: flex;">x</p>'],
    ['root.on = false', '<p style="display: none;">x</p>']);
shows('o-html', '<p o-html="h"></p>', 'h = "<b>1</b>";', '<p><b>1</b></p>',
    ['root.h = "2"', '<p>2</p>']);
shows('svg', '<svg viewBox="0 0 1 1"><path :d="d"/></svg>', 'd = "M0 0";',
    '<svg viewBox="0 0 1 1"><path d="M0 0"></path></svg>');
shows('names of the module and of the browser', '<p>{{ Math.max(twice(n), 3) }} {{ JSON.stringify({ n }) }}</p>',
    'n = 1; twice(n) { return n * 2; }', '<p>3 {"n":1}</p>');
shows('getters and shadowing', '<p>{{ half }} <i o-for="n in l">{{ n }}</i>{{ l.map((n) => n + n) }}</p>',
    'n = 4; l = [1]; get half() { return this.n / 2; }', '<p>2 <i>1</i>[\n  2\n]</p>');

orbitTest('render: a keyed loop keeps its nodes, wherever they go', async (t) => {
    await t.open({ 'src/app.orbit': withFields(
        '<ul><li o-for="x in l" :key="x.id" :id="`k${x.id}`">{{ x.id }}</li></ul>', 'l = [];') });
    const failures = await t.run(() => {
        let seed = 7;
        const random = (n) => {
            seed = (seed * 1103515245 + 12345) % 2147483648;
            return seed % n;
        };
        const found = [];
        for (let round = 0; round < 300; round++) {
            const before = new Map([...document.querySelectorAll('li')].map((li) => [li.id, li]));
            const ids = Array.from({ length: 12 }, (_, i) => i).filter(() => random(3) > 0);
            for (let i = ids.length - 1; i > 0 && round % 3 > 0; i--) {
                const k = random(i + 1);
                [ids[i], ids[k]] = [ids[k], ids[i]];
            }
            window.root.l = ids.map((id) => ({ id }));
            window.root.$update();
            window.runtime.flushUpdates();
            const now = [...document.querySelectorAll('li')];
            const isRight = now.map((li) => li.textContent).join() === ids.join() &&
                now.every((li) => !before.has(li.id) || before.get(li.id) === li);
            if (!isRight) {
                found.push([round, ids.join(), now.map((li) => li.textContent).join()]);
            }
        }
        return found;
    });
    assert.deepEqual(failures, []);
    assert.deepEqual(t.errors, []);
});

orbitTest('render: keys that come twice are said once, and nothing is lost', async (t) => {
    await t.open({ 'src/app.orbit': withFields('<i o-for="x in l" :key="x">{{ x }}</i>', 'l = [1, 1, 2];') });
    assert.equal(await t.html(), '<i>1</i><i>1</i><i>2</i>');
    await t.run(() => {
        window.root.l = [2, 1, 1];
        window.root.$update();
    });
    assert.equal(await t.html(), '<i>2</i><i>1</i><i>1</i>');
    assert.ok(t.logs.some((text) => /have the key 1/.test(text)));
});

orbitTest('render: one frame an update, and a page that is hidden needs none', async (t) => {
    await t.open({ 'src/app.orbit': withFields('<p>{{ n }}</p>', 'n = 0;') });
    const frames = await t.run(async () => {
        let renders = 0;
        const { logic } = window.app.instance;
        const { render } = logic;
        logic.render = (handle) => {
            renders++;
            return render(handle);
        };
        for (let i = 0; i < 100; i++) {
            window.root.n++;
            window.root.$update();
        }
        const before = document.querySelector('p').textContent;
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        const shown = document.querySelector('p').textContent;
        Object.defineProperty(document, 'hidden', { value: true });
        window.root.n = -1;
        window.root.$update();
        await Promise.resolve();
        await Promise.resolve();
        return { renders, before, shown, hidden: document.querySelector('p').textContent };
    });
    assert.deepEqual(frames, { renders: 2, before: '0', shown: '100', hidden: '-1' });
});

orbitTest('render: focus and selection stay while items move around', async (t) => {
    await t.open({ 'src/app.orbit': withFields('<input o-for="x in l" :key="x" :id="`i${x}`">', 'l = [1, 2, 3];') });
    const found = await t.run(() => {
        const input = document.querySelector('#i1');
        input.value = 'typed text';
        input.focus();
        input.setSelectionRange(2, 5);
        window.root.l = [3, 2, 1];
        window.root.$update();
        window.runtime.flushUpdates();
        const active = document.activeElement;
        return [active.id, active === input, input.value, input.selectionStart, input.selectionEnd];
    });
    assert.deepEqual(found, ['i1', true, 'typed text', 2, 5]);
});

orbitTest('render: an error leaves what was shown, and the others work on', async (t) => {
    await t.open({
        'src/app.orbit': component('<Bad :x="x"/><p>{{ x.n }}</p>', 'export default class App { x = { n: 1 }; }'),
        'src/bad.orbit': component('<i>{{ x.n.toFixed(1) }}</i>', 'export default class Bad { x; }'),
    });
    assert.equal(await t.html(), '<i>1.0</i><p>1</p>');
    await t.run(() => {
        window.root.x = { n: 'text' };
        window.root.$update();
    });
    assert.equal(await t.html(), '<i>1.0</i><p>text</p>');
    assert.match(t.errors[0], /toFixed/);
    await t.run(() => {
        window.root.x = { n: 3 };
        window.root.$update();
    });
    assert.equal(await t.html(), '<i>3.0</i><p>3</p>');
});
