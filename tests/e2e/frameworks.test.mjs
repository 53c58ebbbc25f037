// SPDX-License-Identifier: MIT

/*
 * React, Vue, Svelte and TypeScript as `orbiton new` makes them, with packages from npm and the
 * project's own compilers: a count is clicked to 5, and texts, styles and hooks are edited under it.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { browser, temporaryFolder } from './harness.mjs';
import { install } from './packages.mjs';
import { documentOf, put, shows, writeProject } from './project.mjs';
import { edit, lineAfter, start, visit } from './steps.mjs';

const PROGRAM = process.env.ORBITON_BIN
    || fileURLToPath(new URL('../../build/orbiton', import.meta.url));

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome?.close());

const TEXT = 'document.querySelector("button").textContent';
const PADDING = 'getComputedStyle(document.querySelector("button")).paddingTop';

/** A project of a template, its page with the count at 5, and what edits it. */
async function withTemplate(template, packages, urls, run) {
    const dir = path.join(temporaryFolder(), 'my-app');
    execFileSync(PROGRAM, ['new', dir, '--template', template]);
    install(dir, ...packages);
    execFileSync('git', ['init', '-q'], { cwd: dir });
    const server = await start(dir);
    const { page, isSame, close } = await visit(chrome, server, urls);
    try {
        await shows(page, TEXT, 'clicked 0 times');
        for (let i = 0; i < 5; i++) {
            await page.click('button');
        }
        await shows(page, TEXT, 'clicked 5 times');
        await run({ dir, server, page });
        assert.ok(await isSame(), 'the page was not loaded anew');
    } finally {
        await close();
        await server.stop();
    }
}

/** Does `step`; what it saves is one change set, as with a checkout. */
async function together({ dir, server }, step) {
    const lock = path.join(dir, '.git', 'index.lock');
    writeFileSync(lock, '');
    await step();
    return lineAfter(server, 'hot', () => rmSync(lock));
}

/** A syntax error is told with its place, the page goes on, and the next save is taken. */
async function breakAndMend({ dir, server, page }, file, good, bad, line, next) {
    const error = await lineAfter(server, 'bad', () => edit(dir, file, good, bad));
    assert.match(error.what, new RegExp(`^${file}:${line}:`));
    await page.evaluate('document.querySelector("button").click()'); // the overlay lies above it
    await shows(page, TEXT, next);
    await edit(dir, file, bad, good);
}

test('Vue: text and style keep the count, another script begins anew', () =>
    withTemplate('vue', ['vue'], ['/src/Counter.vue'], async ({ dir, server, page }) => {
        const counter = 'src/Counter.vue';
        await edit(dir, counter, 'clicked', 'pressed');
        await shows(page, TEXT, 'pressed 5 times');
        await edit(dir, counter, '0.5rem', '9px');
        await shows(page, PADDING, '9px');
        await shows(page, TEXT, 'pressed 5 times');
        await edit(dir, 'src/App.vue', '<h1>Vue', '<h1>My Vue');
        await shows(page, 'document.querySelector("h1").textContent', 'My Vue');
        await shows(page, TEXT, 'pressed 5 times');
        await breakAndMend({ dir, server, page }, counter, '</button>', '</buttn>', 9,
            'pressed 6 times');
        await together({ dir, server }, async () => {
            await edit(dir, counter, 'pressed', 'tapped');
            await edit(dir, 'src/App.vue', 'My Vue', 'Our Vue');
        });
        await shows(page, 'document.querySelector("h1").textContent', 'Our Vue');
        await shows(page, TEXT, 'tapped 6 times');
        await edit(dir, counter, 'ref(0)', 'ref(10)');
        await shows(page, TEXT, 'tapped 10 times');
    }));

test('Svelte: a style keeps the count, anything else begins anew', () =>
    withTemplate('svelte', ['svelte'], ['/src/Counter.svelte'], async ({ dir, server, page }) => {
        const counter = 'src/Counter.svelte';
        await edit(dir, counter, '0.5rem', '9px');
        await shows(page, PADDING, '9px');
        await shows(page, TEXT, 'clicked 5 times');
        await breakAndMend({ dir, server, page }, counter, '{count} times', '{count times', 6,
            'clicked 6 times');
        await edit(dir, counter, 'clicked', 'pressed');
        await shows(page, TEXT, 'pressed 0 times');
        await edit(dir, 'src/App.svelte', '<h1>Svelte', '<h1>My Svelte');
        await shows(page, 'document.querySelector("h1").textContent', 'My Svelte');
        // What is mounted by now came with another version than the first.
        await edit(dir, counter, 'pressed', 'tapped');
        await shows(page, TEXT, 'tapped 0 times');
        await page.click('button');
        await shows(page, TEXT, 'tapped 1 times');
        await together({ dir, server }, async () => {
            await edit(dir, counter, '9px', '12px');
            await edit(dir, 'src/App.svelte', '3rem', '2.5rem');
        });
        await shows(page, PADDING, '12px');
        await shows(page, TEXT, 'tapped 1 times');
    }));

test('Svelte: what a component exports beside itself is another for those who import it, too', () =>
    withTemplate('svelte', ['svelte'], ['/src/Counter.svelte'], async ({ dir, page }) => {
        const limits = '[...document.querySelectorAll("i")].map((each) => each.textContent).join()';
        await edit(dir, 'src/Counter.svelte', /^/, '<script module>\nexport const LIMIT = 10;\n</script>\n');
        await edit(dir, 'src/Counter.svelte', '</button>', '<i>own {LIMIT}</i></button>');
        await shows(page, limits, 'own 10');
        await edit(dir, 'src/App.svelte', /import Counter(.*)/, 'import Counter, { LIMIT }$1');
        await edit(dir, 'src/App.svelte', '</h1>', '</h1><i>app {LIMIT}</i>');
        await shows(page, limits, 'app 10,own 10');
        await edit(dir, 'src/Counter.svelte', 'LIMIT = 10', 'LIMIT = 20');
        await shows(page, limits, 'app 20,own 20');
    }));

for (const [name, file, packages, show] of [
    ['Vue', 'src/Counter.vue', ['vue'], '{{ many }}'],
    ['Svelte', 'src/Counter.svelte', ['svelte'], '{many}'],
]) {
    test(`${name}: a file that import.meta.glob finds is shown, though the component's own text is the same`, () =>
        withTemplate(name.toLowerCase(), packages, [`/${file}`], async ({ dir, page }) => {
            const many = 'document.querySelector("i").textContent';
            await edit(dir, file, /(<script.*>)\n/,
                '$1\nconst many = Object.keys(import.meta.glob("./things/*.js")).length;\n');
            await edit(dir, file, /(<\/button>)/, `<i>${show}</i>$1`);
            await shows(page, many, '0');
            await put(dir, 'src/things/a.js', 'export default 1;\n');
            await shows(page, many, '1');
        }));
}

test('React: the count is kept until the hooks are others', () =>
    withTemplate('react-ts', ['react', 'react-dom', 'react-refresh', 'oxc-transform'],
        ['/src/Counter.tsx'], async ({ dir, server, page }) => {
            const counter = 'src/Counter.tsx';
            await edit(dir, counter, 'clicked', 'pressed');
            await shows(page, TEXT, 'pressed 5 times');
            await edit(dir, 'src/App.tsx', '<h1>React', '<h1>My React');
            await shows(page, 'document.querySelector("h1").textContent', 'My React');
            await shows(page, TEXT, 'pressed 5 times');
            await edit(dir, 'src/style.css', '0.5rem', '9px');
            await shows(page, PADDING, '9px');
            await shows(page, TEXT, 'pressed 5 times');
            await breakAndMend({ dir, server, page }, counter, '</button>', '</buttn>', 11,
                'pressed 6 times');
            await edit(dir, counter, 'const [count', 'useState(1)\n  const [count');
            await shows(page, TEXT, 'pressed 0 times');
            const line = await lineAfter(server, 'same',
                () => edit(dir, counter, 'step: number', 'step: number; other?: string'));
            assert.ok(line);
        }));

test('React: a class begins anew with its new code, and what is beside it stays', () =>
    withTemplate('react-ts', ['react', 'react-dom', 'react-refresh', 'oxc-transform'],
        ['/src/Counter.tsx'], async ({ dir, server, page }) => {
            writeFileSync(path.join(dir, 'src/Clock.tsx'), `import { Component } from "react";
export class Clock extends Component<object, { n: number }> {
    state = { n: 1 };
    render() {
        return <i>clock {this.state.n}</i>;
    }
}
`);
            await lineAfter(server, 'hot', () => edit(dir, 'src/App.tsx', /^([^]*)<\/h1>/,
                'import { Clock } from "./Clock";\n$1 <Clock /></h1>'));
            const clock = 'document.querySelector("i").textContent';
            await shows(page, clock, 'clock 1');
            await edit(dir, 'src/Clock.tsx', '<i>clock', '<i>time');
            await shows(page, clock, 'time 1');
            await edit(dir, 'src/Clock.tsx', 'n: 1 }', 'n: 10 }');
            await shows(page, clock, 'time 10');
            await shows(page, TEXT, 'clicked 5 times');
        }));

/* One file with a context of its own, and one with a class. */
const PREACT = {
    'package.json': '{"type": "module", "dependencies": {"preact": "10"}}',
    'index.html': documentOf('/main.tsx'),
    'main.tsx': `import { render } from 'preact';
import { Given } from './given';
import { Clock } from './clock';
render(<main><Given /><Clock /></main>, document.body);
`,
    'given.tsx': `import { createContext } from 'preact';
import { useContext, useState } from 'preact/hooks';
const Context = createContext('none');
function Inner() {
    const [count, setCount] = useState(0);
    return <button onClick={() => setCount(count + 1)}>{useContext(Context)} {count}</button>;
}
export function Given() {
    return <Context.Provider value="given"><Inner /></Context.Provider>;
}
`,
    'clock.tsx': `import { Component } from 'preact';
export class Clock extends Component<object, { n: number }> {
    state = { n: 1 };
    render() {
        return <i onClick={() => this.setState({ n: this.state.n + 1 })}>clock {this.state.n}</i>;
    }
}
`,
};

test('Preact: a context in the file that is saved still gives, and a class shows its new code', async () => {
    const dir = await writeProject(PREACT);
    install(dir, 'preact', '@prefresh/core', 'oxc-transform');
    const server = await start(dir);
    const { page, isSame, close } = await visit(chrome, server, ['/given.tsx', '/clock.tsx']);
    const clock = 'document.querySelector("i").textContent';
    try {
        await shows(page, TEXT, 'given 0');
        await page.click('button');
        await shows(page, TEXT, 'given 1');
        await edit(dir, 'given.tsx', '"given"', '"given anew"');
        await shows(page, TEXT, 'given anew 1');
        await edit(dir, 'given.tsx', '{useContext(Context)}', 'is {useContext(Context)}');
        await shows(page, TEXT, 'is given anew 1');
        await page.click('i');
        await shows(page, clock, 'clock 2');
        await edit(dir, 'clock.tsx', 'clock {', 'time {');
        await shows(page, clock, 'time 2');
        assert.ok(await isSame(), 'the page was not loaded anew');
    } finally {
        await close();
        await server.stop();
    }
});

test('TypeScript alone: a module hands its state on', () =>
    withTemplate('vanilla-ts', ['esbuild', '@esbuild/linux-x64'], ['/src/counter.ts'],
        async ({ dir, server, page }) => {
            const counter = 'src/counter.ts';
            await edit(dir, counter, 'clicked', 'pressed');
            await shows(page, TEXT, 'pressed 5 times');
            await edit(dir, 'src/style.css', '0.5rem', '9px');
            await shows(page, PADDING, '9px');
            await breakAndMend({ dir, server, page }, counter, 'let count', 'let 5count', 2,
                'pressed 6 times');
        }));
