// SPDX-License-Identifier: MIT

/*
 * examples/counter: a component in Rust. What does not change the generated source starts no build;
 * what does keeps the state; what rustc says is said of the .orbit file.
 */

import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { browser, copyExample, sync, temporaryFolder } from './harness.mjs';
import { edit, lineAfter, start, visit } from './steps.mjs';
import { shows } from './project.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const CRATE = fileURLToPath(new URL('../../crates/orbit', import.meta.url));
const FILE = 'src/counter.orbit';
const text = (selector) => `document.querySelector('${selector}').textContent`;

/** A cargo that notes each build before it is the real one. */
function countingCargo() {
    const dir = temporaryFolder();
    const log = path.join(dir, 'log');
    writeFileSync(log, '');
    writeFileSync(path.join(dir, 'cargo'),
        `#!/bin/sh\ncase " $* " in *" build "*) echo build >> ${log};; esac\nexec /usr/bin/cargo "$@"\n`);
    writeFileSync(path.join(dir, 'rustc'), '#!/bin/sh\nexec /usr/bin/rustc "$@"\n');
    chmodSync(path.join(dir, 'cargo'), 0o755);
    chmodSync(path.join(dir, 'rustc'), 0o755);
    return {
        env: { PATH: `${dir}:${process.env.PATH}` },
        builds: () => readFileSync(log, 'utf8').split('\n').length - 1,
    };
}

test('a component in Rust', async (t) => {
    const dir = copyExample('counter');
    const cargo = countingCargo();
    await edit(dir, 'Cargo.toml', '../../crates/orbit', CRATE);
    const server = await start(dir, [], { env: cargo.env });
    const { page, close, isSame } = await visit(chrome, server, [`/${FILE}?orbit=template`]);
    const change = (from, to, verb = 'hot') => lineAfter(server, verb, () => edit(dir, FILE, from, to));

    await shows(page, text('.counter-display'), '0');
    await page.click('button:last-of-type');
    await page.click('button:last-of-type');
    await shows(page, text('.counter-display'), '2');
    await sync(server);
    const first = cargo.builds();
    assert.ok(first >= 1);

    await t.test('a style and a known template start no build', async () => {
        const style = await change('border: 1px solid #ccc', 'border: 3px solid #ccc');
        assert.match(style.what, /counter\.orbit \(style\)/);
        await shows(page, 'getComputedStyle(document.querySelector(".counter")).borderTopWidth', '3px');
        const template = await change('>Reset<', '>To {{ initial }}<', ['saved', 'hot']);
        assert.match(template.what, /\(template, 1 new expression: building\)/);
        await shows(page, text('button:nth-of-type(2)'), 'To 0');
        await sync(server);
        assert.equal(cargo.builds(), first + 1);
        const known = await change('<h2>{{ title }}</h2>', '<h2>{{ title }} at {{ count }}</h2>');
        assert.match(known.what, /\(template\)/);
        await shows(page, text('h2'), 'Counter at 2');
        await sync(server);
        assert.equal(cargo.builds(), first + 1);
        await shows(page, text('.counter-display'), '2');
    });

    await t.test('an edit of the code keeps the state', async () => {
        const line = await change('self.count += 1;', 'self.count += 10;', 'hot');
        assert.match(line.what, /src\/counter\.orbit/);
        await page.click('button:last-of-type');
        await shows(page, text('.counter-display'), '12');
        assert.equal(await isSame(), true);
    });

    await t.test('what rustc says is said of the .orbit file', async () => {
        const before = server.events.items.length;
        const lines = readFileSync(path.join(dir, FILE), 'utf8').split('\n');
        await change('self.count -= 1;', 'self.count -= "x";', 'error');
        const found = server.events.items.slice(before).findLast((each) => each.event === 'diagnostics');
        const [first] = found.diagnostics;
        assert.equal(first.path, FILE);
        assert.equal(first.line, lines.findIndex((each) => each.includes('self.count -= 1')) + 1);
        await shows(page, text('.counter-display'), '12');
        await change('self.count -= "x";', 'self.count -= 1;', ['hot', 'same', 'build']);

        await change('{{ title }} at', '{{ title.nothing }} at', 'error');
        const second = server.events.items.findLast((each) => each.event === 'diagnostics').diagnostics[0];
        assert.equal(second.path, FILE);
        const at = readFileSync(path.join(dir, FILE), 'utf8').split('\n')[second.line - 1];
        assert.match(at.slice(second.col - 1), /^(title\.)?nothing/);
        await shows(page, text('.counter-display'), '12');
        await change('{{ title.nothing }} at', '{{ title }} at', ['hot', 'same', 'build']);
        await shows(page, text('h2'), 'Counter at 12');
        assert.equal(await isSame(), true);
    });

    await close();
    await server.stop();
});
