// SPDX-License-Identifier: MIT

/*
 * What `node --input-type=module --eval` is given, in the project's folder, to make a pack by the project's
 * rolldown. The arguments are rolldown's folder, the two files to write (the pack, and in JSON which files
 * are in it, in esbuild's form), the files that stay outside (node_modules/...) and the names of packages that
 * stay imports; standard input has the module that exports all that the pack exports. It makes what esbuild
 * makes of the flags in src/pack/bundle.c: nothing is left out, since other modules may use it later. Why it could not is
 * said in a line that begins with "orbiton: ": other lines are what Node and its options print.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

const INPUT = 'orbiton-pack.js';

/** rolldown goes on without an option that it does not know, and only prints that: it would be another pack. */
function refuseWarnings(warnings) {
    const wrong = warnings.map((text) => String(text).replace(/\x1b\[[\d;]*m/g, ''))
        .find((text) => /Invalid (?:input|output) options/i.test(text));
    if (wrong) {
        throw new Error(wrong.replace(/\s+/g, ' ').trim());
    }
}

async function pack(folder, outfile, metafile, outside) {
    const root = process.cwd();
    const input = readFileSync(0, 'utf8');
    const entry = createRequire(join(folder, 'package.json')).resolve('rolldown');
    const isFile = (text) => text.startsWith('node_modules/');
    const files = outside.filter(isFile).map((path) => join(root, path));
    const names = outside.filter((text) => !isFile(text));
    const { rolldown } = await import(pathToFileURL(entry));
    const warnings = [];
    console.warn = (text) => warnings.push(text);
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
        external: [...names.map((name) => new RegExp(`^${name.replace(/[^\w]/g, '\\$&')}(?:/|$)`)), ...files],
        makeAbsoluteExternalsRelative: false,
        plugins: [{
            name: 'orbiton',
            resolveId: { filter: { id: /^orbiton-pack\.js$/ }, handler: (id) => id },
            load: { filter: { id: /^orbiton-pack\.js$/ }, handler: () => input },
        }],
    });
    const { output } = await bundle.generate({
        format: 'esm',
        keepNames: true,
        minify: false,
        paths: Object.fromEntries(files.map((path) => [path, relative(dirname(outfile), path)])),
    });
    await bundle.close();
    refuseWarnings(warnings);
    if (output.length !== 1) {
        throw new Error(`rolldown made ${output.length} files`);
    }
    // what begins with \0 is of rolldown itself
    const inputs = output[0].moduleIds.filter((id) => !id.startsWith('\0'))
        .map((id) => [id === INPUT ? id : relative(root, id), {}]);
    writeFileSync(outfile, output[0].code);
    writeFileSync(metafile, JSON.stringify({ inputs: Object.fromEntries(inputs) }));
}

const [folder, outfile, metafile, ...outside] = process.argv.slice(1);
try {
    await pack(folder, outfile, metafile, outside);
} catch (error) {
    console.error(`orbiton: ${(error?.errors?.[0] ?? error)?.message ?? error}`);
    process.exitCode = 1;
}
