// SPDX-License-Identifier: MIT

/*
 * Runs what a vite.config says to the plugins for React and Preact (react_options.mjs) on a module, before it is
 * compiled. That of Babel puts in the calls of Fast Refresh in the same go, behind the plugins of the project,
 * as Vite has it. It is asked by the hook that the plugin has for that: api.reactBabel.
 */

import { join } from 'node:path';
import { composeMaps, decodeMappings, plainMap } from './maps.mjs';
import { MissingPackage } from './project.mjs';
import { hookOf } from './react_options.mjs';
import { babelError, swcError } from './script.mjs';
import { errorAt } from './text.mjs';

/** What the hook throws where Babel has nothing to do. */
const NOTHING = Symbol('nothing');

/** Babel's own configuration; it reads its modules once. */
const BABEL_FILES = ['babel.config.json', '.babelrc', '.babelrc.json'];

/** The plugin of Fast Refresh with its options; null if the project has none. */
async function refreshOf(project) {
    if (!project.has('react-refresh')) {
        return null;
    }
    const found = await project.load('react-refresh/babel');
    return [found.default?.default ?? found.default ?? found, { skipEnvCheck: true }];
}

/** The plugin is told the configuration, once; gives what it does to a module: (code, path) -> result. */
async function open({ plugin, resolved, vite }, project) {
    const refresh = plugin.name === 'vite:react-babel' ? await refreshOf(project) : null;
    const readers = new Set(); // the modules of which Babel's own configuration decides
    const reactBabel = (options, { id }) => {
        const { plugins, presets, overrides, babelrc, configFile } = options;
        if (![plugins, presets, overrides].some((list) => list?.length > 0) && !babelrc && !configFile) {
            throw NOTHING;
        }
        if (babelrc || configFile) {
            readers.add(id);
        }
        options.plugins = refresh ? [...plugins, refresh] : plugins;
    };
    const environment = { name: 'client', mode: 'dev', config: { ...resolved, command: 'serve', consumer: 'client' } };
    const context = {
        environment,
        meta: {},
        warn() {},
        error(error) {
            throw typeof error === 'string' ? new Error(error) : Object.assign(new Error(error.message), error);
        },
    };
    const config = { ...resolved, plugins: [...resolved.plugins, { name: 'orbiton', api: { reactBabel } }] };
    await hookOf(plugin, 'configResolved')?.call(context, config);
    const isFor = await plugin.applyToEnvironment?.call(context, environment) ?? true;
    return async (code, path, lang) => {
        if (!isFor || !passes(plugin.transform?.filter, { code, path, lang }, vite)) {
            return null;
        }
        const done = await hookOf(plugin, 'transform')?.call(context, code, path, { ssr: false, moduleType: lang });
        const made = typeof done === 'string' ? { code: done } : done;
        return typeof made?.code !== 'string' ? null : {
            ...made,
            isRefreshed: refresh !== null,
            deps: readers.has(path) ? BABEL_FILES.map((name) => join(project.root, name)) : [],
        };
    };
}

const listOf = (value) => [value ?? []].flat();
const sidesOf = (patterns) => (patterns?.include || patterns?.exclude ? patterns : { include: patterns });

/** Whether the filter of a hook, if there is one, lets a module through. */
function passes(filter, { code, path, lang }, vite) {
    if (!filter) {
        return true;
    }
    const ids = sidesOf(filter.id);
    const codes = sidesOf(filter.code);
    const types = listOf(filter.moduleType?.include ?? filter.moduleType);
    const fits = (pattern) => (pattern instanceof RegExp ? pattern.test(code) : code.includes(pattern));
    return vite.createFilter(ids.include, ids.exclude)(path)
        && (listOf(codes.include).length === 0 || listOf(codes.include).some(fits))
        && !listOf(codes.exclude).some(fits) && (types.length === 0 || types.includes(lang));
}

/** What a step threw, with its place; a package that its options name and nobody has is one that is missing. */
function told(error, { plugin, isWhole }, path, config) {
    const missing = /Cannot find (?:module|package) '((?:@[\w.-]+\/)?[\w.-]+)[^']*'/.exec(error?.message)?.[1];
    if (missing && !missing.startsWith('.')) {
        return new MissingPackage(missing, `what ${config} says to the plugin ${plugin.name}`);
    }
    if (!(error instanceof Error)) {
        return new Error(String(error));
    }
    return isWhole ? swcError(error, path) : babelError(error, path);
}

/** The place in the source of one in what a step has made of it. */
function placeBehind(map, { line, column = 1 }) {
    const found = line && map && decodeMappings(map.mappings)[line - 1]
        ?.filter((segment) => segment.length >= 4 && segment[0] <= column - 1).at(-1);
    return found ? { line: found[2] + 1, column: found[3] + 1 } : { line: undefined, column: undefined };
}

const opened = new WeakMap(); // step -> a promise of what open() gives

function run(step, project) {
    if (!opened.has(step)) {
        const made = open(step, project);
        opened.set(step, made);
        made.catch(() => opened.delete(step)); // what was in the way may be mended
    }
    return opened.get(step);
}

/**
 * What the steps of the configuration `file` make of a module, and `compile` of that: compile(code, changes), where
 * `changes` is what is other than for the module itself: `isWhole`, `isRefreshed`.
 */
export async function compileBehind({ steps, file }, project, { code, path, lang }, compile) {
    let made = { code, map: null, deps: [], isChanged: false, isWhole: false, isRefreshed: false };
    for (const step of steps) {
        let done = null;
        try {
            done = await (await run(step, project))(made.code, path, lang);
        } catch (error) {
            if (error !== NOTHING) {
                throw told(error, step, path, file);
            }
        }
        if (done) {
            const map = plainMap(done.map);
            made = {
                code: done.code,
                map: made.isChanged ? composeMaps(map, made.map) : map,
                deps: [...made.deps, ...done.deps],
                isChanged: true,
                isWhole: made.isWhole || step.isWhole,
                isRefreshed: made.isRefreshed || done.isRefreshed,
            };
        }
    }
    try {
        const result = await compile(made.code, made);
        return {
            code: result.code,
            map: made.isChanged ? composeMaps(result.map, made.map) : result.map,
            deps: [...made.deps, ...result.deps],
        };
    } catch (error) {
        if (made.isChanged && error?.loc) {
            const { line, column } = placeBehind(made.map, error.loc);
            throw errorAt(error.message, path, line, column);
        }
        throw error;
    }
}
