// SPDX-License-Identifier: MIT

/*
 * What a vite.config says to the plugins for React and Preact. Their options are their own, so what these say
 * the plugins do themselves: they are *steps*, whose transform() is called before a module is compiled here
 * (react_steps.mjs). Only what they would do for Fast Refresh is done here.
 */

import { resolve } from 'node:path';
import { shortHash } from './text.mjs';

/** Whether the words of a configuration say something that a plugin has to do. */
const BABEL = ({ text }) => /\bbabel\b/.test(text);
const SWC = ({ plugins, text }) => /\b(?:tsDecorators|parserConfig|useAtYourOwnRisk_mutateSwcOptions)\b/.test(text)
    || plugins.some(({ name, apply, transform }) => name === 'vite:react-swc' && apply === 'build' && transform);

/** By name; `isWhole`: what it makes is JavaScript without JSX. */
const STEPS = new Map(Object.entries({
    'vite:react-babel': { counts: BABEL }, // @vitejs/plugin-react up to 5
    'vite:react-compiler': { isWhole: true }, // the same from 6 on, `compiler`
    'vite:react-swc': { counts: SWC, isWhole: true }, // @vitejs/plugin-react-swc
    'vite:preact-jsx': { counts: BABEL }, // @preact/preset-vite
    '@rolldown/plugin-babel': {},
}));

/** A plugin's hook, in whatever form it is written. */
export const hookOf = (plugin, name) => plugin[name]?.handler ?? plugin[name];

/** What the plugins add to the configuration: plugin -> that. */
async function addedBy(plugins, config, env, notes) {
    const added = new Map();
    for (const plugin of plugins.filter(({ name }) => /^vite:(?:react-babel|react-swc|preact-jsx)$/.test(name))) {
        try {
            added.set(plugin, await hookOf(plugin, 'config')?.call({ meta: {}, warn() {} }, config, env) ?? {});
        } catch (error) {
            notes.push(`plugins: jsxImportSource of ${plugin.name} is not known: ${String(error?.message).split('\n')[0]}`);
        }
    }
    return added;
}

/** Where JSX is imported from. */
function importSourceOf(config, added, text, notes) {
    let source = config.esbuild?.jsxImportSource ?? config.oxc?.jsx?.importSource;
    for (const [{ name }, { esbuild, oxc, optimizeDeps }] of added) {
        const included = optimizeDeps?.include?.find((each) => each.endsWith('/jsx-dev-runtime'));
        source = (name === 'vite:react-swc' ? included?.replace(/\/jsx-dev-runtime$/, '')
            : esbuild?.jsxImportSource ?? oxc?.jsx?.importSource) ?? source;
        if (name === 'vite:react-babel' && !esbuild && !oxc && /\bjsxImportSource\b/.test(text)) {
            notes.push('plugins: jsxImportSource is known from @vitejs/plugin-react 3 on; tsconfig.json can say it');
        }
    }
    return source === 'react' || source === 'preact' ? undefined : source; // these need no word
}

/** Whether JSX is to call React.createElement; what Babel would add to it for that is not wanted. */
const isClassic = ({ esbuild, oxc } = {}) => esbuild?.jsx === 'transform' || Boolean(esbuild?.logOverride && !esbuild.jsx)
    || oxc?.jsx?.runtime === 'classic';

/**
 * What counts of the flat `plugins`: `answer` for orbiton, if there is something, and `steps` in Vite's order.
 * `file` is the configuration, from the root; `text` that of all files that it was made of.
 */
export async function reactOptions({ config, plugins, root, file, text, env, vite }, notes) {
    const serving = plugins.filter(({ apply }) => apply !== 'build');
    const found = serving.filter(({ name }) => STEPS.get(name)?.counts?.({ plugins, text }) ?? STEPS.has(name));
    const resolved = {
        ...config,
        root,
        base: '/',
        mode: env.mode,
        command: 'build', // in no version do the plugins see to Fast Refresh then
        cacheDir: resolve(root, config.cacheDir ?? 'node_modules/.vite'),
        server: { ...config.server, hmr: false },
        build: { ...config.build },
        experimental: { ...config.experimental },
        plugins: serving,
        logger: { info() {}, warn() {}, warnOnce() {}, error() {} },
    };
    const order = ({ enforce }) => ['pre', undefined, 'post'].indexOf(enforce);
    const added = await addedBy(serving, config, env, notes);
    const importSource = importSourceOf(config, added, text, notes);
    const isSaid = found.length > 0 || importSource !== undefined;
    return {
        steps: found.sort((a, b) => order(a) - order(b)).map((plugin) => ({
            plugin,
            isWhole: STEPS.get(plugin.name).isWhole ?? false,
            resolved: { ...resolved, isProduction: isClassic(added.get(plugin)) },
            vite,
        })),
        answer: isSaid ? {
            importSource,
            steps: found.length > 0 ? { file, hash: shortHash(text) } : undefined,
        } : undefined,
    };
}
