// SPDX-License-Identifier: MIT

/*
 * Runs CommonJS. Each file is served as a module that exports its text as a function, and
 * about(), which says its path and what each specifier of its require() leads to; the browser has
 * loaded all of that before anything runs. A function runs when it is first required, so order and
 * circles are those of Node.
 */

/** What modules see as `global`. */
export const global = globalThis;

/** `process`, for those who ask for more of it than NODE_ENV: what bundlers have always given. */
export const process = globalThis.process ?? {
    title: 'browser',
    browser: true,
    env: { NODE_ENV: 'development' },
    argv: [],
    version: '',
    versions: {},
    cwd: () => '/',
    nextTick: (fn, ...args) => queueMicrotask(() => fn(...args)),
    on() {},
    once() {},
    off() {},
    emit() {},
    removeListener() {},
};

// The module objects, by the function that makes them: another version is another function.
const modules = new Map();
// What require() gives of ES modules, by their namespaces.
const views = new WeakMap();

function fail(message) {
    return Object.assign(new Error(message), { code: 'MODULE_NOT_FOUND' });
}

/**
 * A part of Node, or a member of one: it may be imported and looked into, and says what is wrong when it
 * is used. `by`, the file of an ES module that imports it, is named.
 */
export function builtin(part, by = '', name = '') {
    const whole = name ? `${part}.${name}` : part;
    const refuse = () => {
        throw new Error(`${whole} is a part of Node, and no browser has it`
            + (by && `; ${by} imports "${part}"`));
    };
    return new Proxy(function () {}, {
        get(target, key) {
            if (typeof key === 'symbol' || key === '__esModule' || key === 'then') {
                return undefined;
            }
            return key === 'prototype' ? target.prototype
                : builtin(part, by, name ? `${name}.${key}` : key);
        },
        apply: refuse,
        construct: refuse,
    });
}

/** An ES module as CommonJS sees it: its live names, marked as compilers mark their output. */
function viewOf(namespace) {
    let view = views.get(namespace);
    if (!view) {
        view = {};
        for (const name of Reflect.ownKeys(namespace).filter((key) => typeof key === 'string')) {
            Object.defineProperty(view, name, { enumerable: true, get: () => namespace[name] });
        }
        if (!Object.hasOwn(view, '__esModule')) {
            Object.defineProperty(view, '__esModule', { value: true });
        }
        views.set(namespace, view);
    }
    return view;
}

function makeRequire(about) {
    const { path, deps } = about();
    const depOf = (specifier) => {
        if (!Object.hasOwn(deps, specifier)) {
            throw fail(`${path}: require("${specifier}"): only what is written as a text in the file is known`);
        }
        return deps[specifier];
    };
    const require = (specifier) => {
        const dep = depOf(specifier);
        return dep.cjs ? load(dep.cjs)
            : dep.esm ? viewOf(dep.esm)
            : dep.json ? dep.json.default
            : dep.empty ? {}
            : dep.builtin ? builtin(specifier)
            : (() => { throw fail(`${path}: ${dep.error}`); })();
    };
    require.resolve = (specifier) => depOf(specifier).cjs?.about().path ?? specifier;
    require.cache = {};
    return require;
}

/** module.exports of the file whose module this is; runs it if it has not run. */
export function load({ default: run, about }) {
    let module = modules.get(run);
    if (!module) {
        const { path } = about();
        module = { id: path, filename: path, exports: {}, loaded: false, children: [], paths: [] };
        modules.set(run, module);
        try {
            const folder = path.slice(0, path.lastIndexOf('/')) || '/';
            run.call(module.exports, module.exports, makeRequire(about), module, path, folder);
        } catch (error) {
            modules.delete(run);
            throw error;
        }
        module.loaded = true;
    }
    return module.exports;
}

/** The default export for ES modules: that of the source, if a compiler made CommonJS of it. */
export function standard(exports) {
    const compiled = exports !== null && typeof exports === 'object' || typeof exports === 'function';
    return compiled && exports.__esModule && 'default' in exports ? exports.default : exports;
}

/** One name of the exports; a getter that throws has none. */
export function pick(exports, name) {
    try {
        return exports?.[name];
    } catch {
        return undefined;
    }
}
