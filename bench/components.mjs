// SPDX-License-Identifier: MIT

/*
 * The operations of js-framework-benchmark on a table, in components of orbiton's runtime, in Vue and in
 * Solid (production builds), in one browser, by turns: the time of the script and of the layout. The
 * fastest round counts, since other programs can only make one slower; the last columns are orbiton's
 * time divided by the peer's. The bar is Vue's alone: exit 1 when the geometric mean is above it.
 *
 *     ORBITON_BUILD=build node bench/components.mjs [ROUNDS] [OPERATION]
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@babel/core';
import { chromium } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const TOOL = path.join(path.resolve(process.env.ORBITON_BUILD ?? path.join(ROOT, 'build')), 'tests/orbit_modules');
const CHROMIUM = process.env.ORBITON_CHROMIUM || '/usr/bin/chromium';
const ROUNDS = Number(process.argv[2] ?? 9);
const BAR = 1.5;
const TITLES = { orbit: 'orbiton', vue: 'Vue', solid: 'Solid' };
const PEERS = ['vue', 'solid'];

const ROWS = (key, loop, cls, select, remove) => `<table><tbody><tr ${loop} ${key}="row.id" ${cls}>
<td class="col-md-1">{{ row.id }}</td><td class="col-md-4"><a ${select}>{{ row.label }}</a></td>
<td class="col-md-1"><a ${remove}><span class="glyphicon" aria-hidden="true"></span></a></td>
<td class="col-md-6"></td></tr></tbody></table>`;

const COMPONENT = `<template>${ROWS(':key', 'o-for="row in rows"', ':class="{ danger: row.id === selected }"',
    '@click="select(row.id)"', '@click="remove(row.id)"')}</template>
<code lang="js">
export default class Table {
    rows = [];
    selected = 0;
    select(id) { this.selected = id; }
    remove(id) { this.rows = this.rows.filter((row) => row.id !== id); }
}
</code>`;

const ORBIT = `import { mount, flushUpdates } from '/__orbit/runtime.js';
import Table from '/src/table.orbit';
const { exposed: table } = mount(Table, document.querySelector('#app')).instance;
window.api = {
    ...plainRows,
    get rows() { return table.rows; },
    set rows(rows) { table.rows = rows; },
    set selected(id) { table.selected = id; },
    flush() { table.$update(); flushUpdates(); },
};`;

const VUE = `import { createApp, nextTick, shallowReactive, shallowRef, triggerRef } from '/vue.js';
const rows = shallowRef([]);
const selected = shallowRef(0);
createApp({ template: \`${ROWS(':key', 'v-for="row in rows"', ':class="{ danger: row.id === selected }"',
    '@click="select(row.id)"', '@click="remove(row.id)"')}\`, setup: () => ({ rows, selected,
    select(id) { selected.value = id; }, remove(id) { rows.value = rows.value.filter((row) => row.id !== id); } }) })
    .mount('#app');
window.api = {
    ...plainRows,
    get rows() { return rows.value; },
    set rows(list) { rows.value = list; triggerRef(rows); },
    set selected(id) { selected.value = id; },
    flush() { return nextTick(); },
};`;

/*
 * Solid knows rows by their identity and what changes in them by signals, so an edited label is a signal
 * that is set, not a new row. Setting a signal has changed the page when it returns: nothing to flush.
 */
const SOLID = `import { batch, createSelector, createSignal, For } from 'solid-js';
import { render } from 'solid-js/web';
const [rows, setRows] = createSignal([]);
const [selected, setSelected] = createSignal(0);
const isSelected = createSelector(selected);
const remove = (id) => setRows((list) => list.filter((row) => row.id !== id));
render(() => <table><tbody><For each={rows()}>{({ id, label }) => <tr class={isSelected(id) ? 'danger' : ''}>
<td class="col-md-1" textContent={id} /><td class="col-md-4"><a onClick={[setSelected, id]} textContent={label()} /></td>
<td class="col-md-1"><a onClick={[remove, id]}><span class="glyphicon" aria-hidden="true" /></a></td>
<td class="col-md-6" /></tr>}</For></tbody></table>, document.querySelector('#app'));
window.api = {
    row(id, text) {
        const [label, setLabel] = createSignal(text);
        return { id, label, setLabel };
    },
    label: (row) => row.label(),
    exclaim() {
        batch(() => {
            for (let i = 0; i < rows().length; i += 10) {
                rows()[i].setLabel((label) => label + ' !!!');
            }
        });
    },
    get rows() { return rows(); },
    set rows(list) { setRows(list); },
    set selected(id) { setSelected(id); },
    flush() {},
};`;

/** The modules that the page of each peer names without a path. */
const IMPORTS = JSON.stringify({ imports: { 'solid-js': '/solid.js', 'solid-js/web': '/solid-web.js' } });

/**
 * In the page: the operations, each with what must be there before it; that the page shows their outcome
 * is looked at after the time is taken. A peer whose rows are plain objects takes \`plainRows\` into its api.
 */
const OPERATIONS = `
let next = 1;
const words = 'pretty large big small tall short long handsome plain quaint clean'.split(' ');
window.make = (count) => Array.from({ length: count }, () => api.row(next, words[next++ % words.length] + ' thing'));
window.plainRows = {
    row: (id, label) => ({ id, label }),
    label: (row) => row.label,
    exclaim() { this.rows = this.rows.map((row, i) => i % 10 ? row : { ...row, label: row.label + ' !!!' }); },
};
const with1000 = (api) => { api.rows = make(1000); };
window.operations = {
    'create 1,000': [() => {}, (api) => { api.rows = make(1000); }],
    'replace 1,000': [with1000, (api) => { api.rows = make(1000); }],
    'update every 10th': [with1000, (api) => { api.exclaim(); }],
    'select a row': [with1000, (api) => { api.selected = api.rows[5].id; }],
    'swap rows': [with1000, (api) => { const rows = api.rows.slice(); [rows[1], rows[998]] = [rows[998], rows[1]]; api.rows = rows; }],
    'remove a row': [with1000, (api) => { api.rows = api.rows.filter((_, i) => i !== 4); }],
    'create 10,000': [() => {}, (api) => { api.rows = make(10000); }],
    'append 1,000': [with1000, (api) => { api.rows = [...api.rows, ...make(1000)]; }],
    'clear 1,000': [with1000, (api) => { api.rows = []; }],
};
window.measure = async (name) => {
    const [prepare, act] = operations[name];
    api.rows = [];
    await api.flush();
    prepare(api);
    await api.flush();
    document.body.offsetHeight;
    const start = performance.now();
    act(api);
    await api.flush();
    document.body.offsetHeight;
    const time = performance.now() - start;
    const shown = [...document.querySelectorAll('tr')];
    const textOf = (row) => row.id + api.label(row);
    const isTrue = (tr, i) => tr.cells[0].textContent + tr.cells[1].textContent === textOf(api.rows[i]);
    if (shown.length !== api.rows.length || !shown.every(isTrue)) {
        throw new Error(name + ': ' + shown.length + ' rows are shown, and not those that should be');
    }
    if (document.querySelectorAll('.danger').length !== (name === 'select a row' ? 1 : 0)) {
        throw new Error(name + ': the wrong rows are shown as selected');
    }
    return time;
};`;

function modulesOf(text) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'orbiton-bench-'));
    const file = path.join(folder, 'table.orbit');
    writeFileSync(file, text);
    const modules = JSON.parse(execFileSync(TOOL, ['src/table.orbit', file], { encoding: 'utf8' }));
    rmSync(folder, { recursive: true });
    return modules;
}

/** JSX as Solid's own preset compiles it for a browser. */
function compileSolid(text) {
    const options = { presets: ['solid'], cwd: path.join(ROOT, 'bench'), configFile: false, babelrc: false };
    return transformSync(text, options).code;
}

async function serve() {
    const modules = modulesOf(COMPONENT);
    const ofPackage = (file) => readFileSync(path.join(ROOT, 'bench/node_modules', file));
    const files = new Map([
        ['/vue.js', ofPackage('vue/dist/vue.esm-browser.prod.js')],
        ['/solid.js', ofPackage('solid-js/dist/solid.js')],
        ['/solid-web.js', ofPackage('solid-js/web/dist/web.js')],
        ['/src/table.orbit', modules.facade],
        ['/src/table.orbit?orbit=code', modules.code],
        ['/src/table.orbit?orbit=template', modules.template],
        ['/orbit.mjs', ORBIT],
        ['/vue.mjs', VUE],
        ['/solid.mjs', compileSolid(SOLID)],
    ]);
    const server = http.createServer((request, response) => {
        const { url } = request;
        const isPage = url.endsWith('.html');
        const text = isPage ? `<!doctype html><html><body><div id="app"></div><script>${OPERATIONS}</script>
            <script type="importmap">${IMPORTS}</script><script type="module" src="${url.replace('html', 'mjs')}"></script></body></html>`
            : url.startsWith('/__orbit/') ? readFileSync(path.join(ROOT, 'client', url.slice(9)))
                : files.get(url);
        // An isolated page has a clock of 5 us, others one of 100 us, which is as much as Solid needs to select a row.
        response.writeHead(text === undefined ? 404 : 200, {
            'Content-Type': isPage ? 'text/html' : 'text/javascript',
            'Cross-Origin-Opener-Policy': 'same-origin',
            'Cross-Origin-Embedder-Policy': 'require-corp',
        });
        response.end(text);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
}

const server = await serve();
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
    const pages = {};
    for (const name of Object.keys(TITLES)) {
        pages[name] = await browser.newPage();
        await pages[name].goto(`http://127.0.0.1:${server.address().port}/${name}.html`);
        await pages[name].waitForFunction('window.api');
    }
    const names = (await pages.orbit.evaluate('Object.keys(operations)'))
        .filter((name) => name.includes(process.argv[3] ?? ''));
    const quotients = Object.fromEntries(PEERS.map((peer) => [peer, []]));
    console.log('operation'.padEnd(20) + Object.values(TITLES).map((title) => title.padStart(10)).join('') +
        PEERS.map((peer) => `/${TITLES[peer]}`.padStart(8)).join(''));
    for (const name of names) {
        const fastest = Object.fromEntries(Object.keys(TITLES).map((each) => [each, Infinity]));
        for (let round = 0; round < ROUNDS + 3; round++) {
            for (const each of Object.keys(TITLES)) {
                const time = await pages[each].evaluate((n) => window.measure(n), name);
                if (round >= 3) {
                    fastest[each] = Math.min(fastest[each], time);
                }
            }
        }
        PEERS.forEach((peer) => quotients[peer].push(fastest.orbit / fastest[peer]));
        const times = Object.values(fastest).map((time) => `${time.toFixed(2).padStart(7)} ms`);
        console.log(name.padEnd(20) + times.join('') +
            PEERS.map((peer) => quotients[peer].at(-1).toFixed(2).padStart(8)).join(''));
    }
    const means = PEERS.map((peer) =>
        Math.exp(quotients[peer].reduce((sum, each) => sum + Math.log(each), 0) / names.length));
    console.log('geometric mean of the quotients: ' +
        PEERS.map((peer, i) => `${means[i].toFixed(2)} x ${TITLES[peer]}`).join(', '));
    process.exitCode = means[PEERS.indexOf('vue')] <= BAR ? 0 : 1;
} finally {
    await browser.close();
    server.close();
}
