// SPDX-License-Identifier: MIT

/*
 * What `node --input-type=module --eval` is given, in the project's folder, to make packs by the project's
 * rolldown. The argument is rolldown's folder. Each line on standard input is one pack, in JSON: the two files to
 * write (the pack, and in JSON which files are in it, in esbuild's form), the `files` that stay outside
 * (node_modules/...), the `names` of packages that stay imports, and as `input` the module that exports all that the
 * pack exports. It makes what esbuild makes of the flags in src/pack/bundle.c: nothing is left out, since other
 * modules may use it later. Each is answered by a line: "orbiton: made", or "orbiton: " and why it could not be.
 * Other lines are what Node and its options print.
 */

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const INPUT = 'orbiton-pack.js';
const REASON_MAX = 1000;

const root = process.cwd();
const [folder] = process.argv.slice(1);

/*
 * rolldown goes on without an option that it does not know, and only prints that, perhaps but once: it would
 * be another pack.
 */
let wrong = '';
console.warn = (warning) => {
    const text = String(warning).replace(/\x1b\[[\d;]*m/g, '');
    if (/Invalid (?:input|output) options/i.test(text)) {
        wrong = text.replace(/\s+/g, ' ').trim();
    }
};

async function pack({ outfile, metafile, files, names, input }) {
    const entry = createRequire(join(folder, 'package.json')).resolve('rolldown');
    const { rolldown } = await import(pathToFileURL(entry));
    const outside = files.map((path) => join(root, path));
    const bundle = await rolldown({
        cwd: root,
        input: INPUT,
        platform: 'browser',
        tsconfig: false,
        resolve: { conditionNames: ['browser', 'import', 'module', 'development', 'default'] },
        treeshake: false,
        logLevel: 'silent',
        transform: { target: 'esnext', define: { 'process.env.NODE_ENV': '"development"' } },
        optimization: { inlineConst: false },
        external: [...names.map((name) => new RegExp(`^${name.replace(/[^\w]/g, '\\$&')}(?:/|$)`)), ...outside],
        makeAbsoluteExternalsRelative: false,
        plugins: [{
            name: 'orbiton',
            resolveId: { filter: { id: /^orbiton-pack\.js$/ }, handler: (id) => id },
            load: { filter: { id: /^orbiton-pack\.js$/ }, handler: () => input },
        }],
    });
    let output;
    try {
        ({ output } = await bundle.generate({
            format: 'esm',
            keepNames: true,
            minify: false,
            paths: Object.fromEntries(outside.map((path) => [path, relative(dirname(outfile), path)])),
        }));
    } finally {
        await bundle.close().catch(() => {});
    }
    if (wrong) {
        throw new Error(wrong);
    }
    if (output.length !== 1) {
        throw new Error(`rolldown made ${output.length} files`);
    }
    // what begins with \0 is of rolldown itself
    const inputs = output[0].moduleIds.filter((id) => !id.startsWith('\0'))
        .map((id) => [id === INPUT ? id : relative(root, id), {}]);
    writeFileSync(outfile, output[0].code);
    writeFileSync(metafile, JSON.stringify({ inputs: Object.fromEntries(inputs) }));
}

for await (const line of createInterface({ input: process.stdin })) {
    let said = 'made';
    process.stdin.unref?.(); // a pack that never settles ends the process, which is seen
    try {
        await pack(JSON.parse(line));
    } catch (error) {
        const text = String((error?.errors?.[0] ?? error)?.message ?? error);
        said = text.split('\n')[0].slice(0, REASON_MAX);
        console.error(text);
    }
    process.stdin.ref?.();
    process.stdout.write(`\norbiton: ${said}\n`);
}
process.exit(); // whatever else is open in it
