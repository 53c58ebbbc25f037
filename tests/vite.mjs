// SPDX-License-Identifier: MIT

/*
 * A package in the place of Vite: as much of it as evaluates a configuration. What it is asked is put
 * into the file "asked" of the project, a line each time.
 */

const at = (name) => JSON.stringify(new URL(`../node_modules/${name}`, import.meta.url).pathname);

/** Vite 7 itself, with esbuild, for what only that can do: the packages of this repository by their own names. */
export const REAL_VITE = {
    'node_modules/vite/package.json': '{"name": "vite", "version": "7.0.0", "type": "module", "exports": "./vite.js"}',
    'node_modules/vite/vite.js': `export * from ${at('vite-7/dist/node/index.js')};\n`,
    'node_modules/esbuild/package.json': '{"name": "esbuild", "version": "0.28.2", "exports": "./esbuild.cjs"}',
    'node_modules/esbuild/esbuild.cjs': `module.exports = require(${at('esbuild')});\n`,
};

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

export const createFilter = (include, exclude) => (id) => [include ?? /(?:)/].flat().some((each) => each.test(id))
    && ![exclude ?? []].flat().some((each) => each.test(id));
`,
};

/** Plugins in the place of those for React and Preact: as much of them as concerns their options. */
export const REACT_PLUGINS = {
    'node_modules/@vitejs/plugin-react/package.json':
        '{"name": "@vitejs/plugin-react", "version": "0.0.0", "type": "module", "exports": {".": "./index.js"}}',
    'node_modules/@vitejs/plugin-react/dist/refresh-runtime.js': '',
    'node_modules/@vitejs/plugin-react/index.js': `import { transformAsync } from '@babel/core';

const compile = async (code, id, options) => {
    const { code: made, map } = await transformAsync(code, { babelrc: false, configFile: false, ...options,
        filename: id, sourceMaps: true, parserOpts: { plugins: ['jsx', 'typescript'] } });
    return { code: made, map };
};

export default (opts = {}) => {
    let hooks = null;
    return [null, Promise.resolve([{
        name: 'vite:react-babel',
        enforce: 'pre',
        config: () => ({ esbuild: opts.jsxRuntime === 'classic' ? { jsx: 'transform' }
            : { jsx: 'automatic', jsxImportSource: opts.jsxImportSource } }),
        configResolved({ command, isProduction, plugins }) {
            hooks = plugins.map(({ api }) => api?.reactBabel).filter(Boolean);
            if (!isProduction && opts.jsxRuntime === 'classic') {
                hooks.push((options) => options.plugins.push(({ types }) => ({ visitor: { JSXOpeningElement({ node }) {
                    node.attributes.push(types.jsxAttribute(types.jsxIdentifier('__self')));
                } } })));
            }
            if (command !== 'build') {
                hooks.push((options) => options.plugins.push(({ types }) => ({ visitor: { Program(path) {
                    path.pushContainer('body', types.expressionStatement(types.identifier('refreshed_by_plugin')));
                } } })));
            }
        },
        transform: {
            filter: { id: { include: /\\.[jt]sx?$/, exclude: /\\.skip\\.tsx$/ } },
            handler(code, id, { ssr }) {
                const options = { plugins: [], presets: [], overrides: [],
                    ...(typeof opts.babel === 'function' ? opts.babel(id, { ssr }) : opts.babel) };
                hooks.forEach((hook) => hook(options, { id, ssr }));
                return compile(code, id, options);
            },
        },
    }])];
};

/** As that for swc: the whole module becomes JavaScript, by the plugin of Babel that is given. */
export const whole = ({ plugins, tsDecorators, jsxImportSource = 'react' }) => ['serve', 'build'].map((apply) => ({
    name: 'vite:react-swc',
    apply,
    config: () => ({ esbuild: false, optimizeDeps: { include: [\`\${jsxImportSource}/jsx-dev-runtime\`] } }),
    transform: apply === 'serve' || plugins ? (code, id) => compile(code, id, { plugins: plugins ?? [], comments: !tsDecorators })
        : undefined,
}));

/** As that of rolldown for Babel. */
export const rolldownBabel = ({ plugins, include, isFor = true }) => {
    let isOpen = false;
    return {
        name: '@rolldown/plugin-babel',
        enforce: 'pre',
        applyToEnvironment: ({ name, config }) => {
            isOpen = name === 'client' && config.consumer === 'client' && isFor;
            return isOpen;
        },
        transform: {
            filter: { code: include },
            handler(code, id) {
                return isOpen ? compile(code, id, { plugins }) : null;
            },
        },
    };
};
`,
};
