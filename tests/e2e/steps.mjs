// SPDX-License-Identifier: MIT

/* Steps that the end-to-end tests take, on top of harness.mjs. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { openPage, save, startOrbiton } from './harness.mjs';

/** Starts the program on any free port. */
export function start(dir, args = [], options = {}) {
    const port = args.includes('--port') ? [] : ['--port', '0'];
    return startOrbiton(dir, [...args, ...port], options);
}

/** Resolves when one page, from event `from` on, has registered all of these URLs. */
export function registered(server, urls, from = 0) {
    const pages = new Map();
    return server.events.until((each) => {
        if (each.event !== 'page') {
            return false;
        }
        const loaded = pages.get(each.page) ?? new Set();
        pages.set(each.page, loaded);
        each.loaded.forEach((url) => loaded.add(url));
        return urls.every((url) => loaded.has(url));
    }, { from, what: `a page that has loaded ${urls.join(', ')}` });
}

/** Opens a page and waits until the server knows that it has loaded `urls`. */
export async function visit(chrome, server, urls = ['/'], at = '') {
    const from = server.events.items.length;
    const opened = await openPage(chrome, server.url + at);
    await registered(server, urls, from);
    return opened;
}

/**
 * Does `step` and resolves to the first update line with one of these verbs that comes after it
 * began.
 */
export async function lineAfter(server, verbs, step) {
    const from = server.events.items.length;
    await step();
    return server.events.until(
        (each) => each.event === 'update' && [verbs].flat().includes(each.verb),
        { from, what: `a line ${verbs}` });
}

/** The update lines since event `from`. */
export function linesSince(server, from) {
    return server.events.items.slice(from).filter((each) => each.event === 'update');
}

export function read(dir, name) {
    return readFileSync(path.join(dir, name), 'utf8');
}

/** Replaces text in a file of `dir`; fails if it is not there. */
export async function edit(dir, name, from, to, how) {
    const before = read(dir, name);
    const after = before.replace(from, to);
    if (before === after) {
        throw new Error(`${from} is not in ${name}`);
    }
    await save(path.join(dir, name), after, how);
}
