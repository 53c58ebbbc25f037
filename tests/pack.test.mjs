// SPDX-License-Identifier: MIT

/* sidecar/pack.mjs by itself, started as orbiton starts it, with stand-ins for rolldown. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { project } from './sidecar.mjs';

const projectOfRolldown = (source) => project({
    'node_modules/.none': '1',
    'node_modules/rolldown/package.json': '{"version": "1.0.0", "main": "index.mjs"}',
    'node_modules/rolldown/index.mjs': source,
});
const packArguments = (root) => ['--input-type=module', '--eval',
    readFileSync(new URL('../sidecar/pack.mjs', import.meta.url), 'utf8'), path.join(root, 'node_modules/rolldown')];
const packRequest = (root, i, more) => JSON.stringify({
    outfile: path.join(root, `${i}.js`), metafile: path.join(root, `${i}.json`), files: [], names: [], input: '', ...more,
});

/** Runs sidecar/pack.mjs with a stand-in for rolldown; gives what it has made, and said. */
function packs(source, requests) {
    const root = projectOfRolldown(source);
    const input = requests.map((each, i) => packRequest(root, i, each)).join('\n');
    const { stdout, status } = spawnSync(process.execPath, packArguments(root), { cwd: root, input, encoding: 'utf8' });
    const made = requests.map((each, i) => {
        const file = path.join(root, `${i}.js`);
        return existsSync(file) ? readFileSync(file, 'utf8') : null;
    });
    rmSync(root, { recursive: true });
    return { status, made, lines: stdout.split('\n').filter(Boolean) };
}

test('packs are made one after the other, and one that cannot be made leaves the next alone', () => {
    const { status, made, lines } = packs(`export const rolldown = async ({ plugins: [{ load }] }) => ({
        generate: async () => {
            console.warn('something else');
            if (load.handler() === 'bad') {
                throw new Error('no such name\\nin 3 lines');
            }
            return { output: [{ code: load.handler(), moduleIds: [] }] };
        },
        close: async () => console.log('closed'),
    });`, [{ input: 'one\u2028' }, { input: 'bad' }, { input: 'two' }]);
    assert.deepEqual(lines, ['closed', 'orbiton: made', 'closed', 'orbiton: no such name', 'closed', 'orbiton: made']);
    assert.deepEqual(made, ['one\u2028', null, 'two']);
    assert.equal(status, 0);
});

test('a pack that never comes ends the process, which has more to read', async () => {
    const root = projectOfRolldown(`export const rolldown = async () => ({
        generate: () => new Promise(() => {}),
        close: async () => {},
    });`);
    const child = spawn(process.execPath, packArguments(root), { cwd: root });
    child.stdin.write(`${packRequest(root, 0, {})}\n`);
    const [status] = await once(child, 'exit');
    rmSync(root, { recursive: true });
    assert.equal(status, 13);
});

test('a pack is not taken from a rolldown that goes on without an option, also if it says so but once', () => {
    const { made, lines } = packs(`let isSaid = false;
    export const rolldown = async () => ({
        generate: async () => {
            if (!isSaid) {
                console.warn('\\x1b[33mWarning: Invalid output options (1 issue found)\\n- For the "keepNames". Invalid key.\\x1b[0m');
            }
            isSaid = true;
            return { output: [{ code: 'packed', moduleIds: [] }] };
        },
        close: async () => {},
    });`, [{}, {}]);
    const why = 'orbiton: Warning: Invalid output options (1 issue found) - For the "keepNames". Invalid key.';
    assert.deepEqual(lines, [why, why]);
    assert.deepEqual(made, [null, null]);
});
