// SPDX-License-Identifier: MIT

/*
 * The operations of js-framework-benchmark on a table, in components of orbiton's runtime and in Vue
 * (production build), in one browser, by turns: the time of the script and of the layout. The fastest
 * round counts, since other programs can only make one slower; the last column is the quotient.
 *
 *     ORBITON_BUILD=build node bench/components.mjs [ROUNDS] [OPERATION]
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const TOOL = path.join(path.resolve(process.env.ORBITON_BUILD ?? path.join(ROOT, 'build')), 'tests/orbit_modules');
const CHROMIUM = process.env.ORBITON_CHROMIUM || '/usr/bin/chromium';
const ROUNDS = Number(process.argv[2] ?? 9);

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
    get rows() { return rows.value; },
    set rows(list) { rows.value = list; triggerRef(rows); },
    set selected(id) { selected.value = id; },
    flush() { return nextTick(); },
};`;

/** In the page: the operations, each with what must be there before it. */
const OPERATIONS = `
let next = 1;
const words = 'pretty large big small tall short long handsome plain quaint clean'.split(' ');
window.make = (count) => Array.from({ length: count }, () => ({ id: next, label: words[next++ % words.length] + ' thing' }));
const with1000 = (api) => { api.rows = make(1000); };
window.operations = {
    'create 1,000': [() => {}, (api) => { api.rows = make(1000); }],
    'replace 1,000': [with1000, (api) => { api.rows = make(1000); }],
    'update every 10th': [with1000, (api) => { api.rows = api.rows.map((row, i) => i % 10 ? row : { ...row, label: row.label + ' !!!' }); }],
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
    const shown = document.querySelectorAll('tr').length;
    if (shown !== api.rows.length) {
        throw new Error(name + ': ' + shown + ' rows are shown');
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

async function serve() {
    const modules = modulesOf(COMPONENT);
    const files = new Map([
        ['/vue.js', readFileSync(path.join(ROOT, 'bench/node_modules/vue/dist/vue.esm-browser.prod.js'))],
        ['/src/table.orbit', modules.facade],
        ['/src/table.orbit?orbit=code', modules.code],
        ['/src/table.orbit?orbit=template', modules.template],
        ['/orbit.mjs', ORBIT],
        ['/vue.mjs', VUE],
    ]);
    const server = http.createServer((request, response) => {
        const { url } = request;
        const isPage = url.endsWith('.html');
        const text = isPage ? `<!doctype html><html><body><div id="app"></div><script>${OPERATIONS}</script>
            <script type="module" src="${url.replace('html', 'mjs')}"></script></body></html>`
            : url.startsWith('/__orbit/') ? readFileSync(path.join(ROOT, 'client', url.slice(9)))
                : files.get(url);
        response.writeHead(text === undefined ? 404 : 200,
            { 'Content-Type': isPage ? 'text/html' : 'text/javascript' });
        response.end(text);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
}

const server = await serve();
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
    const pages = {};
    for (const name of ['orbit', 'vue']) {
        pages[name] = await browser.newPage();
        await pages[name].goto(`http://127.0.0.1:${server.address().port}/${name}.html`);
        await pages[name].waitForFunction('window.api');
    }
    const names = (await pages.orbit.evaluate('Object.keys(operations)'))
        .filter((name) => name.includes(process.argv[3] ?? ''));
    const quotients = [];
    console.log(`${'operation'.padEnd(20)}${'orbiton'.padStart(10)}${'Vue'.padStart(10)}${'quotient'.padStart(10)}`);
    for (const name of names) {
        const times = { orbit: [], vue: [] };
        for (let round = 0; round < ROUNDS + 3; round++) {
            for (const each of ['orbit', 'vue']) {
                const time = await pages[each].evaluate((n) => window.measure(n), name);
                if (round >= 3) {
                    times[each].push(time);
                }
            }
        }
        const [orbit, vue] = [Math.min(...times.orbit), Math.min(...times.vue)];
        quotients.push(orbit / vue);
        console.log(`${name.padEnd(20)}${orbit.toFixed(1).padStart(7)} ms${vue.toFixed(1).padStart(7)} ms${
            (orbit / vue).toFixed(2).padStart(10)}`);
    }
    const mean = Math.exp(quotients.reduce((sum, each) => sum + Math.log(each), 0) / quotients.length);
    console.log(`geometric mean of the quotients: ${mean.toFixed(2)}`);
    process.exitCode = mean <= 1.5 ? 0 : 1;
} finally {
    await browser.close();
    server.close();
}
