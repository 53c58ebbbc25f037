// SPDX-License-Identifier: MIT
/*
 * How fast the JavaScript scanner is beside es-module-lexer, in MB/s over the same files: the
 * modules of the packages that the tests install. Both scan each file some times in one process,
 * and the best time of each file counts; reading the file does not. es-module-lexer gets a string,
 * as every user of it has one, and the scanner the bytes that a server reads.
 *
 * Style sheets and documents come last, with nobody beside them.
 *
 *     node bench/scan.mjs [BUILD]     BUILD: a release build folder, build/ by default
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as lexer from 'es-module-lexer';

const ROUNDS = 5;
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const scanDump = join(resolve(process.argv[2] ?? join(root, 'build')), 'tests/scan_dump');

// [name, folder under node_modules, which files]
const CORPORA = [
    ['three, bundles', 'three/build', /three\.(module|core)(\.min)?\.js$/],
    ['three, examples', 'three/examples/jsm', /\.js$/],
    ['lodash-es', 'lodash-es', /\.js$/],
    ['rxjs, esm', 'rxjs/dist/esm', /\.js$/],
    ['svelte', 'svelte/src', /\.js$/],
    ['d3, minified', 'd3/dist', /\.min\.js$/],
];

function walk(folder, pattern) {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? walk(path, pattern) : pattern.test(entry.name) ? [path] : [];
    });
}

// What has no other scanner beside it: [mode, folders, which files]
const OTHERS = [
    ['css', ['node_modules'], /\.css$/],
    ['html', ['node_modules', 'examples'], /\.html$/],
];

function ours(files, mode = 'js') {
    const run = spawnSync(scanDump, [mode, '--bench', String(ROUNDS), '--list'],
        { input: files.join('\n') + '\n', encoding: 'utf8' });
    if (run.status !== 0) {
        throw new Error(`scan_dump: ${run.stderr}`);
    }
    const { bytes, seconds } = JSON.parse(run.stdout);
    return bytes / 1e6 / seconds;
}

function theirs(files) {
    let bytes = 0;
    let ms = 0;
    for (const path of files) {
        const text = readFileSync(path, 'utf8');
        bytes += Buffer.byteLength(text);
        let best = Infinity;
        for (let i = 0; i < ROUNDS; i++) {
            const start = performance.now();
            lexer.parse(text);
            best = Math.min(best, performance.now() - start);
        }
        ms += best;
    }
    return bytes / 1e3 / ms;
}

if (!existsSync(scanDump)) {
    throw new Error(`${scanDump} is missing: build it with "ninja -C build tests/scan_dump"`);
}
await lexer.init;
console.log('corpus'.padEnd(18), 'files'.padStart(6), 'MB'.padStart(6), 'orbiton MB/s'.padStart(14),
    'es-module-lexer MB/s'.padStart(22));
for (const [name, folder, pattern] of CORPORA) {
    const files = walk(join(root, 'node_modules', folder), pattern);
    const bytes = files.reduce((sum, path) => sum + readFileSync(path).length, 0);
    console.log(name.padEnd(18), String(files.length).padStart(6), (bytes / 1e6).toFixed(1).padStart(6),
        ours(files).toFixed(0).padStart(14), theirs(files).toFixed(0).padStart(22));
}
for (const [mode, folders, pattern] of OTHERS) {
    const files = folders.flatMap((folder) => walk(join(root, folder), pattern));
    const bytes = files.reduce((sum, path) => sum + readFileSync(path).length, 0);
    console.log(mode.padEnd(18), String(files.length).padStart(6), (bytes / 1e6).toFixed(1).padStart(6),
        ours(files, mode).toFixed(0).padStart(14));
}
