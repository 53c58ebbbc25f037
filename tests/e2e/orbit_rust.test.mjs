// SPDX-License-Identifier: MIT

/*
 * examples/counter: a component in Rust. What does not change the generated source starts no build;
 * what does keeps the state; what rustc says is said of the .orbit file.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { CRATE, countingCargo, firstBuild } from './cargo.mjs';
import { changesOf, textOf as text } from './edits.mjs';
import { browser, copyExample, sync } from './harness.mjs';
import { edit, start, visit } from './steps.mjs';
import { shows } from './project.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const FILE = 'src/counter.orbit';

test('a component in Rust', async (t) => {
    const dir = copyExample('counter');
    const cargo = countingCargo();
    await edit(dir, 'Cargo.toml', '../../crates/orbit', CRATE);
    const server = await start(dir, [], { env: cargo.env });
    const { page, close, isSame } = await visit(chrome, server, [`/${FILE}?orbit=template`]);
    const { change, isBuilt, isError, says } = changesOf(server, dir, FILE);

    await firstBuild(server);
    await shows(page, text('.counter-display'), '0');
    await page.click('button:last-of-type');
    await page.click('button:last-of-type');
    await shows(page, text('.counter-display'), '2');
    await sync(server);
    const first = cargo.builds();
    assert.ok(first >= 1);

    await t.test('a style and a known template start no build', async () => {
        await change('border: 1px solid #ccc', 'border: 3px solid #ccc',
            says(/counter\.orbit \(style\)$/));
        await shows(page, 'getComputedStyle(document.querySelector(".counter")).borderTopWidth', '3px');
        const from = server.events.items.length;
        await change('>Reset<', '>To {{ initial }}<',
            says(/\(template, 1 new expression: building\)$/));
        await server.events.until((each) => each.event === 'update' && isBuilt(each), { from });
        await shows(page, text('button:nth-of-type(2)'), 'To 0');
        await sync(server);
        assert.equal(cargo.builds(), first + 1);
        await change('<h2>{{ title }}</h2>', '<h2>{{ title }} at {{ count }}</h2>',
            says(/\(template\)$/));
        await shows(page, text('h2'), 'Counter at 2');
        await sync(server);
        assert.equal(cargo.builds(), first + 1);
        await shows(page, text('.counter-display'), '2');
    });

    await t.test('an edit of the code keeps the state', async () => {
        const line = await change('self.count += 1;', 'self.count += 10;', isBuilt);
        assert.match(line.what, /src\/counter\.orbit/);
        await page.click('button:last-of-type');
        await shows(page, text('.counter-display'), '12');
        assert.equal(await isSame(), true);
    });

    await t.test('what rustc says is said of the .orbit file', async () => {
        const before = server.events.items.length;
        const lines = readFileSync(path.join(dir, FILE), 'utf8').split('\n');
        await change('self.count -= 1;', 'self.count -= "x";', isError);
        const found = server.events.items.slice(before).findLast((each) => each.event === 'diagnostics');
        const [first] = found.diagnostics;
        assert.equal(first.path, FILE);
        assert.equal(first.line, lines.findIndex((each) => each.includes('self.count -= 1')) + 1);
        await shows(page, text('.counter-display'), '12');
        await change('self.count -= "x";', 'self.count -= 1;', (each) => each.timing.build > 0 || each.ms > 0);

        await change('{{ title }} at', '{{ title.nothing }} at', isError);
        const second = server.events.items.findLast((each) => each.event === 'diagnostics').diagnostics[0];
        assert.equal(second.path, FILE);
        const at = readFileSync(path.join(dir, FILE), 'utf8').split('\n')[second.line - 1];
        assert.match(at.slice(second.col - 1), /^(title\.)?nothing/);
        await shows(page, text('.counter-display'), '12');
        await edit(dir, FILE, '{{ title.nothing }} at', '{{ title }} at');
        await shows(page, text('h2'), 'Counter at 12');
        assert.equal(await isSame(), true);
    });

    await t.test('a second component comes and is loaded with the first', async () => {
        writeFileSync(path.join(dir, 'src/sum-line.orbit'),
            `<template><p class="sum">{{ of }} and one: {{ next() }}</p></template>
<code lang="rust">
use orbit::prelude::*;
pub struct SumLine { of: i32 }
pub struct SumLineProps { pub of: i32 }
impl Props for SumLineProps {}
impl Component for SumLine {
    type Props = SumLineProps;
    fn new(props: Self::Props) -> Self { SumLine { of: props.of } }
}
impl SumLine { fn next(&self) -> i32 { self.of + 1 } }
</code>
`);
        const from = await page.evaluate(() => performance.getEntriesByType('resource')
            .filter((each) => /\.wasm/.test(each.name)).length);
        await sync(server);
        await change('<h2>', '<SumLine :of="initial"></SumLine><h2>', isBuilt);
        await shows(page, text('.sum'), '0 and one: 1');
        await shows(page, text('.counter-display'), '12');
        await sync(server);
        const loads = await page.evaluate(() => performance.getEntriesByType('resource')
            .filter((each) => /\.wasm/.test(each.name)).length);
        assert.ok(loads - from <= 2, `${loads - from} loads`);
        assert.equal(await isSame(), true);
    });

    await t.test('a prop that there is not, or that does not fit, is said at its place', async () => {
        const from = server.events.items.length;
        // The line of a build from before may come behind the save: the last warning does not.
        await change(':of="initial"', 'of="seven" by="1"', ({ why }) => /no such prop/.test(why));
        const warned = server.events.items.slice(from).filter((each) => each.verb === 'warn');
        const lines = readFileSync(path.join(dir, FILE), 'utf8').split('\n');
        const row = lines.findIndex((each) => each.includes('by="1"'));
        assert.deepEqual(warned.map(({ what, why }) => [what, why]), [
            [`${FILE}:${row + 1}:${lines[row].indexOf('of="') + 1}`, 'SumLine.of: "seven" does not fit i32'],
            [`${FILE}:${row + 1}:${lines[row].indexOf('by="') + 1}`, 'SumLine.by: there is no such prop'],
        ]);
        await shows(page, text('.counter-display'), '12');
        await change('of="seven" by="1"', ':of="initial"', (each) => each.verb !== 'warn');
        await shows(page, text('.sum'), '0 and one: 1');
        await shows(page, text('.counter-display'), '12');
        assert.equal(await isSame(), true);
    });

    await close();
    await server.stop();
});
