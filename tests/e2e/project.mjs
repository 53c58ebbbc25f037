// SPDX-License-Identifier: MIT

/*
 * Small projects that a test writes itself: a table of files, the program on them, a page.
 * Modules count their evaluations in `runs`, so that a second instance shows.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { WATCHDOG_MS, temporaryFolder } from './harness.mjs';
import { start, visit } from './steps.mjs';

/** Code that counts an evaluation of the module `name`. */
export const counts = (name) => `(globalThis.runs ??= {}).${name} = (runs.${name} ?? 0) + 1;\n`;

/** A document with one module script, and `head` in its head. */
export const documentOf = (src, head = '') => `<!doctype html><html><head>${head}</head><body>
<script type="module" src="${src}"></script></body></html>\n`;

/** Writes a file beneath `dir`, with the folders that it needs. */
export async function put(dir, name, text) {
    const file = path.join(dir, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
}

/** A folder of these files: name -> text. */
export async function writeProject(files) {
    const dir = temporaryFolder();
    for (const [name, text] of Object.entries(files)) {
        await put(dir, name, text);
    }
    return dir;
}

/** Until an expression in the page gives `wanted`; undefined names are no error. */
export async function shows(page, expression, wanted) {
    const found = ([text, value]) => {
        try {
            // An indirect eval sees the page's globals.
            return JSON.stringify((0, eval)(text)) === value;
        } catch {
            return false;
        }
    };
    try {
        const value = JSON.stringify(wanted);
        await page.waitForFunction(found, [expression, value], { timeout: WATCHDOG_MS });
    } catch (error) {
        const now = await page.evaluate(expression).catch((reason) => reason.message);
        throw new Error(`${expression} is ${JSON.stringify(now)}, not ${JSON.stringify(wanted)}`,
            { cause: error });
    }
}

/** Until the badge's text is one that fits. */
export function badgeShows(page, pattern) {
    return page.waitForFunction((source) => new RegExp(source).test(
        document.querySelector('orbiton-badge')?.shadowRoot?.textContent ?? ''),
    pattern.source, { timeout: WATCHDOG_MS });
}

/**
 * Runs `run` with the program on a project of these files and a page that has loaded `urls`.
 * Everything is closed after it.
 */
export async function withProject(chrome, files, urls, run, { args = [], env = {} } = {}) {
    const dir = await writeProject(files);
    const server = await start(dir, args, { env });
    const visited = urls ? await visit(chrome, server, urls) : {};
    try {
        await run({ dir, server, ...visited, write: (name, text) => put(dir, name, text) });
    } finally {
        await visited.close?.();
        await server.stop();
    }
}
