// SPDX-License-Identifier: MIT

/*
 * What the project's vite.config says, by the project's own Vite, which evaluates it as it does for its own
 * server. Of that orbiton is told what JSON can say; functions stay here, for the adapters that call them.
 */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reactOptions } from './react_options.mjs';
import { shortHash } from './text.mjs';
import { proxiesOf } from './vite_proxy.mjs';

/** How `vite` calls a configuration. */
const ENV = { command: 'serve', mode: 'development', isSsrBuild: false, isPreview: false };

/** `plugins` as Vite has them: lists in lists are one, promises are kept to, what is none is left out. */
export async function flatPlugins(config) {
    let list = [config.plugins];
    do {
        list = (await Promise.all(list)).flat(Infinity);
    } while (list.some((each) => typeof each?.then === 'function'));
    return list.filter(Boolean);
}

/** Plugins that an adapter stands for, and those that have nothing to do with what a page runs. */
const OURS = new RegExp(`^(?:${['vite:react', 'vite:preact', 'preact:', 'prefresh$', 'vite:vue$', 'vite-plugin-svelte',
    '@tailwindcss/vite', 'vite-tsconfig-paths', 'vite-plugin-tsconfig-paths', 'vite-plugin-vue-devtools',
    'vite-plugin-inspect', 'vite-plugin-vue-inspector', 'vite-plugin-checker', 'vite:basic-ssl',
    'vite-plugin-mkcert', 'vite:legacy', 'vite-plugin-eslint', 'vitest'].join('|')})`);

/** What a plugin does to a module. */
export const HOOKS = ['resolveId', 'load', 'transform'];

const applies = ({ apply }, config) => (typeof apply === 'function'
    ? apply(config, ENV) : apply !== 'build');

/**
 * Those plugins of a list that have to be run; none if no one of them does anything to a module. What Babel does
 * for React and Preact is react_options.mjs's.
 */
export function foreignPlugins(list, config) {
    const isReact = list.some(({ name }) => /^(?:vite:)?p?react/.test(name));
    const others = list.filter((plugin) => !OURS.test(plugin.name) && applies(plugin, config)
        && !(isReact && plugin.name === '@rolldown/plugin-babel'));
    return others.some((plugin) => HOOKS.some((hook) => plugin[hook])) ? others : [];
}

const listOf = (alias) => (Array.isArray(alias) ? alias
    : Object.entries(alias ?? {}).map(([find, replacement]) => ({ find, replacement })));

/** `resolve.alias` in Vite's order: [{ find, replacement }]. What cannot be one is said in `notes`. */
function aliasesOf(config, notes) {
    return listOf(config.resolve?.alias).filter(({ find, replacement, customResolver } = {}) => {
        if (customResolver) {
            notes.push(`resolve.alias: the customResolver of ${find} is not called`);
        }
        const good = (find instanceof RegExp || (typeof find === 'string' && find !== ''))
            && typeof replacement === 'string';
        if (!good) {
            notes.push(`resolve.alias: ${find} leads to ${replacement}, which is no text`);
        }
        return good;
    }).map(({ find, replacement }) => (typeof find === 'string' && find.length > 1 && find.endsWith('/')
        && replacement.endsWith('/') ? { find: find.slice(0, -1), replacement: replacement.slice(0, -1) }
        : { find, replacement }));
}

const asJson = ({ find, replacement }) => (find instanceof RegExp
    ? { pattern: find.source, flags: find.flags, replacement } : { find, replacement });

/** The alias that orbiton sends back. */
export const aliasOf = ({ find, pattern, flags, replacement }) => ({
    find: find ?? new RegExp(pattern, flags), replacement,
});

/** A text that is another one when options are; functions and what JSON cannot say count by their texts. */
function textOf(options) {
    try {
        return JSON.stringify(options, (key, value) => (key === 'implementation' ? undefined
            : typeof value === 'function' || value instanceof RegExp ? String(value) : value));
    } catch {
        return Object.keys(options).join(); // it leads to itself
    }
}

/** Where it went wrong: what a bundler says, or the first line of the stack that is of the project. */
function placeOf(error, root) {
    const said = error?.errors?.[0]?.location ?? error?.errors?.[0]?.loc ?? error?.loc;
    if (said?.line) {
        return { file: join(root, said.file ?? ''), line: said.line, column: said.column + 1 };
    }
    const lines = String(error?.stack ?? '').split('\n');
    const found = lines.map((line) => line.match(/(?:\(|at |^)(?:file:\/\/)?(\/[^()]*?):(\d+)(?::(\d+))?\)?$/))
        .find((match) => match?.[1].startsWith(`${root}/`) && !match[1].includes('/node_modules/'));
    return found && { file: decodeURI(found[1].replace(/\?.*/, '')), line: Number(found[2]), column: Number(found[3] ?? 1) };
}

const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*(?:\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*$/u;
const ENV_NAME = 'import.meta.env.';

/**
 * `define` as Vite has it while it serves: each name is a global of the page, or one in import.meta.env. A text
 * is an expression: JSON ({ is }), or the name of something ({ of }).
 */
function definesOf(config, notes) {
    const define = {};
    const env = {};
    for (const [name, value] of Object.entries(config.define ?? {})) {
        const text = typeof value === 'string' ? value : JSON.stringify(value) ?? 'undefined';
        let found = NAME.test(text) ? { of: text } : null;
        try {
            found = { is: JSON.parse(text) };
        } catch {
            // It is a name, or nothing that is understood.
        }
        if (!NAME.test(name) || !found || (name.startsWith('import.meta.') && !name.startsWith(ENV_NAME))) {
            notes.push(`define: ${name} is no name, or ${text.slice(0, 80)} neither JSON nor a name`);
        } else if (!name.startsWith(ENV_NAME)) {
            define[name] = found;
        } else if ('is' in found) {
            env[name.slice(ENV_NAME.length)] = found.is;
        } else {
            notes.push(`define: ${name} cannot be ${text}: in import.meta.env is JSON`);
        }
    }
    return { define, env };
}

const orNothing = (object) => (Object.keys(object).length > 0 ? object : undefined);

function textIn(file) {
    try {
        return readFileSync(file, 'utf8');
    } catch {
        return '';
    }
}

let evaluations = 0;

/**
 * What counts of an evaluated configuration: `answer` for orbiton, `css` and `react` for the adapters here, and
 * all of it for the plugins that are run.
 */
async function settingsOf(vite, config, root, file, dependencies) {
    const notes = [];
    const plugins = await flatPlugins(config);
    const foreign = foreignPlugins(plugins, config);
    const alias = aliasesOf(config, notes);
    const { define, env } = definesOf(config, notes);
    const proxy = proxiesOf(config, notes);
    const { scss, sass, less, stylus, styl = stylus } = config.css?.preprocessorOptions ?? {};
    const css = { scss, sass, less, styl };
    const deps = [...new Set([file, ...dependencies.map((each) => resolve(root, each))])]; // Vite's are from there on
    const text = deps.map(textIn).join('\n'); // another one may be another option: functions cannot be compared
    const own = file.slice(root.length + 1);
    const react = await reactOptions({ config, plugins, root, file: own, text, env: ENV, vite }, notes);
    return {
        number: ++evaluations,
        css,
        react: { steps: react.steps, file: own },
        config,
        plugins,
        foreign,
        deps,
        answer: {
            alias: alias.map(asJson),
            css: scss || sass || less || styl ? shortHash(textOf(css)) : undefined,
            define: orNothing(define),
            env: orNothing(env),
            envPrefix: config.envPrefix && [config.envPrefix].flat().map(String).filter((each) => each !== ''),
            proxy: proxy.length > 0 ? proxy : undefined,
            react: react.answer,
            plugins: foreign.length > 0 ? shortHash(text) : undefined,
            notes,
        },
    };
}

/** The configuration of a project: evaluated once, and again when one of its files was saved. */
export class ViteConfig {
    constructor(project) {
        this.project = project;
        this.known = null; // { file, settings: a promise, deps }
        this.good = null; // what holds while it cannot be evaluated
    }

    async evaluate(file) {
        const path = join(this.project.root, file);
        const vite = await this.project.need('vite', file);
        process.setSourceMapsEnabled?.(true); // what the bundled text throws is told by the lines of the file
        try {
            const loaded = await vite.loadConfigFromFile(ENV, path, this.project.root, 'silent');
            return await settingsOf(vite, loaded?.config ?? {}, this.project.root, path, loaded?.dependencies ?? []);
        } catch (error) {
            const text = String(error?.errors?.[0]?.text ?? error?.message ?? error).split('\n')[0];
            const loc = { file: path, ...placeOf(error, this.project.root) };
            throw Object.assign(new Error(text), { loc, deps: [path, loc.file] });
        } finally {
            process.setSourceMapsEnabled?.(false);
        }
    }

    /** What counts of that file. */
    settings(file) {
        if (this.known?.file !== file) {
            const known = { file, settings: this.evaluate(file), deps: null };
            this.known = known;
            known.settings.then((settings) => {
                this.good = settings;
                known.deps = settings.deps;
            }, () => {
                this.known = this.known === known ? null : this.known; // it is evaluated again when it is asked for
            });
        }
        return this.known.settings;
    }

    /**
     * The same, or what held before if it cannot be evaluated, of which orbiton has told already. What held in an
     * earlier run cannot be had again: then who asks fails with that.
     */
    async held(file) {
        try {
            return await this.settings(file);
        } catch (error) {
            if (!this.good) {
                throw error;
            }
            return this.good;
        }
    }

    /** Which files count is known when it has been evaluated; until then any may. */
    changed(paths) {
        if (!this.known?.deps || paths.some((path) => this.known.deps.includes(path))) {
            this.known = null;
        }
    }
}

/** As an adapter: "vite.config.js?config" becomes the JSON that orbiton reads. */
export function config(project) {
    return {
        name: 'config',
        version: '',
        async transform({ path }) {
            const { answer, deps } = await project.viteConfig.settings(path.replace(/\?config$/, '')
                .slice(project.root.length + 1));
            return { code: JSON.stringify(answer), deps };
        },
    };
}

/** What a name becomes by the first alias that fits, as Vite has it; null if none does. */
export function aliased(alias, name) {
    const found = alias.find(({ find }) => (find instanceof RegExp ? find.test(name)
        : name === find || name.startsWith(`${find}/`)));
    return found ? name.replace(found.find, found.replacement) : null;
}

/** The file that an absolute path of Vite's is for: from the project's root on, where there is such a folder. */
export function fileOf(root, path) {
    const text = path.startsWith('file:') ? fileURLToPath(path) : path;
    const below = join(root, text);
    return !text.startsWith(`${root}/`) && existsSync(dirname(below)) ? below : text;
}
