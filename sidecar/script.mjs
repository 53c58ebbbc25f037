// SPDX-License-Identifier: MIT

/*
 * TypeScript and JSX by the compiler that the project has: oxc-transform, rolldown (which Vite
 * brings along), swc, Babel with esbuild (which Vite up to 7 brings along), Babel alone, esbuild or
 * TypeScript itself, in this order. What is asked for:
 *
 *   lang      'ts', 'tsx', 'jsx' or 'js'
 *   refresh   the calls of $RefreshReg$ and $RefreshSig$ that Fast Refresh lives on; the last two
 *             compilers cannot do that and are not asked
 *   isPreact  whose Fast Refresh that is: prefresh has a plugin of its own for Babel
 *   jsx       whether JSX becomes calls of `importSource`/jsx-dev-runtime
 *   tsconfig  what tsconfig.json says of compiling; what compilers read for themselves they are not told
 */

import { basename } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { nameSource, plainMap } from './maps.mjs';
import { errorAt, placeOf } from './text.mjs';
import { MissingPackage } from './project.mjs';

/** Throws the first error in oxc's form: { severity, message, labels }, in bytes of UTF-8. */
function throwOxc(errors, code, file) {
    const error = errors.find((each) => each.severity === 'Error');
    if (!error) {
        return;
    }
    const at = error.labels?.[0]?.start;
    if (at === undefined) {
        throw errorAt(error.message, file);
    }
    const { line, column } = placeOf(Buffer.from(code).subarray(0, at).toString(), Infinity);
    throw errorAt(error.helpMessage ? `${error.message}; ${error.helpMessage}` : error.message, file,
        line, column);
}

/** The same in rolldown's form: { code, message, loc }, with a drawing in the message. */
function throwRolldown(errors, file) {
    const error = errors[0];
    if (error) {
        const [first] = error.message.split('\n');
        throw errorAt(first.replace(/^\[\w+\] /, ''), file, error.loc?.line,
            error.loc ? error.loc.column + 1 : undefined);
    }
}

const optionsOf = ({ lang, refresh, jsx, importSource }) => ({
    lang,
    sourcemap: true,
    sourceType: 'module',
    target: 'es2022',
    jsx: jsx || refresh ? { runtime: 'automatic', development: true, importSource, refresh }
        : 'preserve',
});

const RUNTIME = '@oxc-project/runtime';

const oxc = ({ transform }, withHelpers) => async (code, file, options) => {
    const result = await transform(file, code, optionsOf(options));
    throwOxc(result.errors, code, file);
    return { code: await withHelpers(result.code, result.helpersUsed), map: result.map };
};

/**
 * What the compilers of oxc-transform and rolldown leave as imports of @oxc-project/runtime, which hardly
 * a project has: rolldown has these functions within it, and gives them when it bundles. The import's own
 * line gets the function, so that no other moves.
 */
function helpersOf(project) {
    const texts = new Map(); // specifier -> the function as an expression, a promise
    const bundle = async (specifier) => {
        if (!project.has('rolldown')) {
            throw new MissingPackage(RUNTIME, `what a file is compiled to (${specifier})`);
        }
        const { build } = await project.load('rolldown');
        const { output } = await build({
            input: 'helper',
            plugins: [{
                name: 'helper',
                resolveId: (id) => (id === 'helper' ? id : null),
                load: (id) => (id === 'helper' ? `export{default}from${JSON.stringify(specifier)}` : null),
            }],
            output: { format: 'iife', name: '_', exports: 'default', minify: true },
            write: false,
            logLevel: 'silent',
        });
        return output[0].code.trim().replace(/^var _=/, '').replace(/;$/, '').replaceAll('\n', ' ');
    };
    const textOf = (specifier) => {
        if (!texts.has(specifier)) {
            texts.set(specifier, bundle(specifier).catch((error) => {
                texts.delete(specifier); // what was in the way may be mended
                throw error;
            }));
        }
        return texts.get(specifier);
    };
    return async (code, used) => {
        for (const specifier of project.has(RUNTIME) ? [] : Object.values(used ?? {})) {
            const line = code.match(new RegExp(`^import (\\S+) from "${specifier}";$`, 'm'));
            if (!line) {
                throw new Error(`the compiler imports ${specifier} in a way that is not known`);
            }
            const text = await textOf(specifier);
            code = code.replace(line[0], () => `var ${line[1]}=${text};`);
        }
        return code;
    };
}

const rolldown = ({ transform }, withHelpers) => async (code, file, options) => {
    let result = await transform(file, code, optionsOf(options));
    if (result.errors.some((each) => each.code === 'TSCONFIG_ERROR')) {
        // It extends a package that is not there: no reason to show nothing.
        result = await transform(file, code, { ...optionsOf(options), tsconfig: false });
    }
    throwRolldown(result.errors, file);
    return {
        code: await withHelpers(result.code, result.helpersUsed),
        map: result.map,
        deps: result.tsconfigFilePaths,
    };
};

const swc = ({ transform }) => async (code, file, { lang, refresh, jsx, importSource }) => {
    const react = { runtime: 'automatic', development: true, importSource, refresh };
    try {
        return await transform(code, {
            filename: file,
            sourceMaps: true,
            configFile: false,
            swcrc: false,
            jsc: {
                target: 'es2022',
                parser: lang.startsWith('ts')
                    ? { syntax: 'typescript', tsx: lang === 'tsx', decorators: true }
                    : { syntax: 'ecmascript', jsx },
                transform: jsx || refresh ? { react } : {},
            },
        });
    } catch (error) {
        throw swcError(error, file);
    }
};

/** What swc throws, as an error with its place in the file. */
export function swcError(error, file) {
    const text = String(error.message).replace(/\u001b\[[\d;]*m/g, '');
    const message = text.match(/x (.*)/)?.[1] || text.split('\n')[0];
    const place = text.match(/:(\d+):(\d+)\]/);
    return errorAt(message, file, Number(place?.[1]) || undefined, Number(place?.[2]) || undefined);
}

/** What Babel throws, likewise; what its plugins say of a place is a drawing in the message. */
export function babelError(error, file) {
    const text = stripVTControlCharacters(error.message);
    const message = text.split('\n')[0].replace(/^(?:\[BABEL\] )?\/.*?: /, '').replace(/ \(\d+:\d+\):?$/, '');
    const [, line, indent] = text.match(/^> *(\d+) \|.*(?:\n *\| ( *)\^)?/m) ?? [];
    const drawn = line && { line: Number(line), column: indent?.length ?? 0 };
    const at = error.loc ?? drawn;
    return errorAt(message, file, at?.line, at ? at.column + 1 : undefined);
}

async function runBabel(core, code, file, options) {
    try {
        return await core.transformAsync(code, {
            filename: file, sourceMaps: true, configFile: false, babelrc: false, ...options,
        });
    } catch (error) {
        throw babelError(error, file);
    }
}

/** The plugin that puts in the calls. */
const refreshOf = async (load, isPreact) => [
    await load(isPreact ? '@prefresh/babel-plugin' : 'react-refresh/babel'),
    { skipEnvCheck: true },
];

const babel = (core, load) => async (code, file, { lang, refresh, isPreact, jsx, importSource }) => {
    const presets = [];
    if (lang.startsWith('ts')) {
        presets.push([await load('@babel/preset-typescript'), { allowDeclareFields: true }]);
    }
    const plugins = [];
    if (jsx) {
        plugins.push([await load('@babel/plugin-transform-react-jsx-development'),
            { runtime: 'automatic', importSource }]);
    }
    if (refresh) {
        plugins.push(await refreshOf(load, isPreact));
    }
    return runBabel(core, code, file, { presets, plugins });
};

/** What Babel has to read and leaves to esbuild. */
const SYNTAX = ['decorators-legacy', 'decoratorAutoAccessors', 'explicitResourceManagement'];

/**
 * As Vite up to 7 has it with its plugin for React: Babel puts in the calls of Fast Refresh and leaves
 * all else, on its lines; esbuild does the rest, and follows the map that is within the text.
 */
const babelBefore = (core, load, rest) => async (code, file, options) => {
    const { lang } = options;
    if (!options.refresh) {
        return rest(code, file, options);
    }
    const plugins = [...SYNTAX, ...(lang.startsWith('ts') ? ['typescript'] : []),
        ...(lang.endsWith('x') ? ['jsx'] : [])];
    const done = await runBabel(core, code, file, {
        plugins: [await refreshOf(load, options.isPreact)],
        parserOpts: { plugins },
        retainLines: true,
    });
    const map = Buffer.from(JSON.stringify(done.map)).toString('base64');
    return rest(`${done.code}\n//# sourceMappingURL=data:application/json;base64,${map}`, file, options);
};

/** JSX is what is asked for, whatever a tsconfig.json says of it. */
function withoutJsx(tsconfig) {
    const kept = Object.entries(tsconfig?.compilerOptions ?? {}).filter(([name]) => !name.startsWith('jsx'));
    return { compilerOptions: Object.fromEntries(kept) };
}

const esbuild = ({ transform }) => async (code, file, { lang, jsx, importSource, tsconfig }) => {
    try {
        return await transform(code, {
            loader: lang,
            sourcefile: file,
            sourcemap: 'external',
            target: 'es2022',
            jsx: jsx ? 'automatic' : 'preserve',
            jsxDev: true,
            jsxImportSource: importSource,
            tsconfigRaw: withoutJsx(tsconfig),
            logLevel: 'silent',
        });
    } catch (error) {
        const first = error.errors?.[0];
        const at = first?.location;
        const before = at && Buffer.from(at.lineText).subarray(0, at.column).toString();
        throw first ? errorAt(first.text, file, at?.line, before?.length + 1 || undefined) : error;
    }
};

const typescript = (ts) => async (code, file, { jsx, importSource }) => {
    const result = ts.transpileModule(code, {
        fileName: file,
        reportDiagnostics: true,
        compilerOptions: {
            target: ts.ScriptTarget.ES2022,
            module: ts.ModuleKind.ESNext,
            verbatimModuleSyntax: false,
            sourceMap: true,
            jsx: jsx ? ts.JsxEmit.ReactJSXDev : ts.JsxEmit.Preserve,
            jsxImportSource: importSource,
        },
    });
    const wrong = result.diagnostics?.find((each) => each.category === ts.DiagnosticCategory.Error);
    if (wrong) {
        const { line, column } = placeOf(code, wrong.start ?? 0);
        throw errorAt(ts.flattenDiagnosticMessageText(wrong.messageText, ' '), file, line, column);
    }
    const text = result.outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
    return { code: text, map: result.sourceMapText };
};

/** Babel, and what loads its plugins. */
async function babelOf(project) {
    const module = await project.load('@babel/core');
    const load = async (name) => {
        const found = await project.need(name, 'JSX with Babel');
        return found.default?.default ?? found.default ?? found;
    };
    return [module.transformAsync ? module : module.default, load];
}

// In order of how long they take (docs/benchmarks.md); `refresh`: whether they can.
const COMPILERS = [
    {
        name: 'oxc-transform', refresh: true,
        make: async (project) => oxc(await project.load('oxc-transform'), helpersOf(project)),
    },
    {
        name: 'rolldown', refresh: true,
        make: async (project) => rolldown(await project.load('rolldown/utils'), helpersOf(project)),
    },
    {
        name: '@swc/core', refresh: true,
        make: async (project) => {
            const module = await project.load('@swc/core');
            return swc(module.transform ? module : module.default);
        },
    },
    {
        name: '@babel/core', beside: 'esbuild', refresh: true,
        make: async (project) => babelBefore(...await babelOf(project),
            esbuild(await project.load('esbuild'))),
    },
    {
        name: '@babel/core', refresh: true,
        make: async (project) => babel(...await babelOf(project)),
    },
    {
        name: 'esbuild', refresh: false,
        make: async (project) => esbuild(await project.load('esbuild')),
    },
    {
        name: 'typescript', refresh: false,
        make: async (project) => {
            const module = await project.load('typescript');
            const ts = module.transpileModule ? module : module.default;
            return ts.transpileModule ? typescript(ts) : null;
        },
    },
];

/**
 * The project's compiler: { name, version, compile(code, file, options) }, with a plain source map.
 * MissingPackage if it has none that can do it.
 */
export async function scriptCompiler(project, { refresh, what }) {
    for (const { name, beside = null, refresh: can, make } of COMPILERS) {
        const names = beside ? [name, beside] : [name];
        if ((refresh && !can) || !names.every((each) => project.has(each))) {
            continue;
        }
        const run = await make(project);
        if (run) {
            return {
                name,
                version: names.map((each) => `${each}@${project.versionOf(each)}`).join(' '),
                async compile(code, file, options) {
                    const result = await run(code, file, options);
                    return { code: result.code, map: plainMap(result.map), deps: result.deps ?? [] };
                },
            };
        }
    }
    throw new MissingPackage('oxc-transform', what);
}

/** 'ts', 'tsx', 'jsx' or 'js', by a file's name. */
export function langOf(file) {
    const ending = file.match(/\.([cm]?)(tsx?|jsx?)$/);
    return ending ? ending[2] : 'js';
}

/** TypeScript and JSX without a framework that refreshes components. */
export async function script(project) {
    const compiler = await scriptCompiler(project, { refresh: false, what: 'TypeScript' });
    return {
        name: 'script',
        version: compiler.version,
        async transform({ path, code, tsconfig }) {
            const lang = langOf(path);
            const done = await compiler.compile(code, path, { lang, jsx: lang.endsWith('x'), tsconfig });
            return {
                code: done.code,
                map: nameSource(done.map, basename(path), code),
                deps: done.deps,
            };
        },
    };
}
