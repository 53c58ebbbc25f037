// SPDX-License-Identifier: MIT

/*
 * Brings the components of a wasm file to the runtime, first and again. The new module is a whole
 * one beside the old: the runtime saves each instance in the old, restores it in the new, and lets
 * the old go.
 *
 * Invariant: either all components of the file are those of the new module, or none.
 */

import { code } from './hot.js';
import { instantiate } from './module.js';

const running = new Map(); /* by path: { table, logic } */
let runningUrl = '';
let hasFailed = false; /* another one since */

async function fetchBytes(url) {
    const response = await fetch(url);
    if (!response.ok) {
        throw new Error(`${url}: ${response.status} ${response.statusText}`);
    }
    return response.arrayBuffer();
}

/** What runs is taken into use again: on disk is what failed, whatever is asked for. */
function goBack() {
    running.forEach(({ table, logic }, path) => code(path, table, logic));
}

/** Takes the file at `url` into use. */
export async function load(url) {
    if (hasFailed && url === runningUrl) {
        goBack();
        return;
    }
    hasFailed = true; // until all is done
    const components = await instantiate(await fetchBytes(url));
    const done = [];

    try {
        for (const component of components) {
            code(component.path, component.table, component.logic);
            done.push(component);
        }
    } catch (error) {
        for (const { path } of done) {
            const old = running.get(path);
            if (old) {
                code(path, old.table, old.logic);
            }
        }
        throw error;
    }
    running.clear(); // what is in the file no more may be of another language now
    components.forEach(({ path, table, logic }) => running.set(path, { table, logic }));
    runningUrl = url;
    hasFailed = false;
}
