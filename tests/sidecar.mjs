// SPDX-License-Identifier: MIT

/* The sidecar by itself, started as orbiton starts it, in a project of the test's own. */

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const repository = new URL('..', import.meta.url).pathname;
const folder = join(repository, 'sidecar');

/** The files in the order in which they import each other: as in sidecar/meson.build. */
const [, sources] = /sidecar_sources = files\(([^)]*)\)/.exec(readFileSync(join(folder, 'meson.build'), 'utf8'));
const files = [...sources.matchAll(/'([\w.]+)'/g)].map(([, name]) => name);
const read = (name) => readFileSync(join(folder, name), 'utf8');

/** A folder with these files, and the packages of this repository. */
export function project(texts) {
    const root = mkdtempSync(join(tmpdir(), 'orbiton-sidecar-'));
    for (const [name, text] of Object.entries(texts)) {
        mkdirSync(dirname(join(root, name)), { recursive: true });
        writeFileSync(join(root, name), text);
    }
    if (!texts['node_modules/.none']) {
        symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
    }
    return root;
}

/**
 * Starts the sidecar for a folder. `request(message)` gives the answer to a message with an id,
 * `transform(plugin, path, code)` is the usual one; close() ends it and removes the folder.
 */
export async function startSidecar(root) {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', read('boot.js')], {
        cwd: root, stdio: ['pipe', 'pipe', 'pipe'],
    });
    const waiting = new Map();
    const log = [];
    let next = 1;
    const send = (message) => child.stdin.write(`${JSON.stringify(message)}\n`);
    const ended = new Promise((resolve) => child.on('close', resolve));
    child.stderr.on('data', (bytes) => log.push(bytes.toString()));
    const ready = new Promise((resolve, reject) => {
        createInterface({ input: child.stdout }).on('line', (line) => {
            const message = JSON.parse(line);
            if (message.ready) {
                resolve(message.ready);
            }
            const id = message.id ?? Object.keys(message)[0];
            waiting.get(id)?.(message);
            waiting.delete(id);
        });
        ended.then((code) => reject(new Error(`ended with ${code}: ${log.join('')}`)));
    });
    const request = (message) => new Promise((resolve, reject) => {
        waiting.set(message.id, resolve);
        ended.then((code) => reject(new Error(`ended with ${code}: ${log.join('')}`)));
        send(message);
    });
    send({ files: files.filter((name) => name !== 'boot.js').map((name) => [name, read(name)]) });
    send({ hello: { protocol: 1, root } });
    return {
        ready: await ready,
        root,
        send,
        raw: (text) => child.stdin.write(text),
        request,
        log,
        /** The next message that answers nothing, by its first member. */
        next: (member) => new Promise((resolve) => waiting.set(member, resolve)),
        /** Does `step`; what it sends arrives in one piece. */
        together(step) {
            child.stdin.cork();
            const result = step();
            child.stdin.uncork();
            return result;
        },
        transform: (plugin, path, code, query = '') => request({
            id: next++, op: 'transform', plugin, path: join(root, path), url: `/${path}`, query, code,
        }),
        async close() {
            child.stdin.end();
            const code = await ended;
            rmSync(root, { recursive: true });
            return code;
        },
    };
}
