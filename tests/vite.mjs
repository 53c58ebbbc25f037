// SPDX-License-Identifier: MIT

/*
 * A package in the place of Vite: as much of it as evaluates a configuration. What it is asked is put
 * into the file "asked" of the project, a line each time.
 */

export const VITE = {
    'node_modules/vite/package.json': '{"name": "vite", "version": "0.0.0", "type": "module", "exports": "./vite.js"}',
    'node_modules/vite/vite.js': `import { appendFileSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

export const defineConfig = (config) => config;

let times = 0;

export async function loadConfigFromFile(env, file, root, level) {
    appendFileSync(join(root, 'node_modules/asked'), JSON.stringify([env.command, env.mode, level]) + '\\n');
    const load = async (path) => (await import(\`\${pathToFileURL(path)}?\${times++}\`)).default;
    const text = readFileSync(file, 'utf8');
    const dependencies = [...text.matchAll(/^\\/\\/ with (.*)$/gm)].map(([, name]) => join(dirname(file), name));
    const parts = await Promise.all(dependencies.map(load));
    const made = await load(file);
    return { path: file, config: typeof made === 'function' ? await made(env, ...parts) : made,
        dependencies: dependencies.map((each) => relative(root, each)) };
}
`,
};
