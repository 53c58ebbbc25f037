// SPDX-License-Identifier: MIT

/*
 * React and Preact with their state kept: the project's compiler puts in the calls of Fast Refresh,
 * and the module takes its own update where it has components. Which update is a refresh and which
 * goes up to the importers is decided in the page, by client/react.js and client/preact.js.
 *
 * What is added stands in front of the first line and behind the last, so that no line moves;
 * function declarations count from the module's beginning on.
 */

import { existsSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { nameSource, shiftMap } from './maps.mjs';
import { MissingPackage } from './project.mjs';
import { compileBehind } from './react_steps.mjs';
import { langOf, scriptCompiler } from './script.mjs';

const CLASS_COMPONENT = /extends\s+(?:React\.|Preact\.)?(?:Pure)?Component\b/;

/** Where Vite's plugins for React have a copy of the runtime. */
const COPIES = [['@vitejs/plugin-react', 'dist/refresh-runtime.js'],
    ['@vitejs/plugin-react-swc', 'refresh-runtime.js']];

/** How the page imports React's refresh runtime: the package, or the copy in a plugin of Vite's. */
function runtimeOf(project) {
    if (project.isFound('react-refresh')) {
        return 'react-refresh/runtime';
    }
    for (const [name, file] of COPIES) {
        const folder = project.folderOf(name);
        const url = folder && existsSync(join(folder, file)) && project.urlOf(join(folder, file));
        if (url) {
            return url;
        }
    }
    const folder = project.folderOf('react-refresh');
    const url = folder && project.urlOf(join(realpathSync(folder), 'runtime.js'));
    if (url) {
        return url;
    }
    throw new MissingPackage('react-refresh', 'React Fast Refresh');
}

const FRAMEWORKS = {
    react: (project) => ({
        importSource: 'react',
        prefix: `import{react as __orbit_refresh}from"/__orbit/react.js";`
            + `import*as __orbit_runtime from${JSON.stringify(runtimeOf(project))};`
            + `__orbit_refresh.use(__orbit_runtime);`,
    }),
    preact: (project) => {
        if (!project.has('@prefresh/core')) {
            throw new MissingPackage('@prefresh/core', 'refreshing Preact components');
        }
        return {
            importSource: 'preact',
            prefix: `import"@prefresh/core";`
                + `import{preact as __orbit_refresh}from"/__orbit/preact.js";`,
        };
    },
};

const NO_STEPS = { steps: [], file: '' };

export function refresh(framework) {
    return async function create(project) {
        const { importSource, prefix } = FRAMEWORKS[framework](project);
        const compiler = await scriptCompiler(project, { refresh: true, what: `JSX of ${framework}` });
        return {
            name: framework,
            version: compiler.version,
            async transform({ path, url, code, tsconfig, places: { react } }) {
                const lang = langOf(path);
                const compile = (text, { isWhole, isRefreshed }) => compiler.compile(text, path, {
                    lang: isWhole ? 'jsx' : lang, // swc refreshes nothing else
                    tsconfig,
                    refresh: !isRefreshed,
                    isPreact: framework === 'preact',
                    jsx: isWhole || lang.endsWith('x'),
                    importSource: react?.importSource ?? tsconfig?.compilerOptions?.jsxImportSource ?? importSource,
                });
                const said = react?.steps ? (await project.viteConfig.held(react.steps.file)).react : NO_STEPS;
                const result = await compileBehind(said, project, { code, path, lang }, compile);
                const map = nameSource(result.map, basename(path), code);
                const { deps } = result;
                if (!/\$Refresh(?:Reg|Sig)\$\(/.test(result.code) && !CLASS_COMPONENT.test(code)) {
                    return { code: result.code, map, deps };
                }
                const id = JSON.stringify(url);
                const takes = /\$RefreshReg\$\(/.test(result.code) || CLASS_COMPONENT.test(code);
                const suffix = `function $RefreshReg$(type,name)`
                    + `{__orbit_refresh.register(type,${id}+" "+name)}`
                    + `function $RefreshSig$(){return __orbit_refresh.signature()}`
                    + (takes ? `import.meta.hot&&import.meta.hot.accept(`
                        + `import(/* @orbiton-ignore */(globalThis.__orbiton__?.source??(x=>x))(import.meta.url))`
                        + `.then((own)=>__orbit_refresh.taker(${id},import.meta.hot,own)));` : '');
                return {
                    code: `${prefix}${result.code}\n;${suffix}\n`,
                    map: shiftMap(map, prefix.length),
                    deps,
                };
            },
        };
    };
}
