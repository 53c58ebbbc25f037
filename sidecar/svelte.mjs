// SPDX-License-Identifier: MIT

/*
 * Svelte 5: components, and modules with runes (.svelte.js, .svelte.ts). The compiler's own `hmr`
 * code makes the update; two things are put right in it. A component's sheet stands in a <style> of
 * its own, so that an edit of the style alone leaves the component as it is; and an update reaches
 * the instances of every version that is mounted, not only those of the first.
 *
 * Svelte 4 has no such code: its components run, and an update of one is a reload of the page.
 */

import { basename } from 'node:path';
import { nameSource, plainMap } from './maps.mjs';
import { urlOf } from './paths.mjs';
import { scriptCompiler } from './script.mjs';
import { NOTE_ALONE, absoluteUrls, errorAt, shortHash } from './text.mjs';

// What a component's <script module> exports is another matter for those who import it.
const OTHER_EXPORT = /^export (?!default\b)/m;
const ACCEPT = 'import.meta.hot.accept(';
const UPDATE = /\b([\w$]+)\[\$\.HMR\]\.update\(module\.default\)/;

/** A CompileError of Svelte's with its place. */
function placed(error, file) {
    const at = error.position || error.start ? error.start : null;
    return errorAt(String(error.message).split('\n')[0], file, at?.line,
        at ? at.column + 1 : undefined);
}

function warningsOf(warnings, file) {
    return warnings.map((each) => ({
        message: each.message.split('\n')[0],
        loc: { file, line: each.start?.line, column: each.start ? each.start.column + 1 : undefined },
    }));
}

/** compilerOptions and preprocess of svelte.config.js, if there is one. */
async function readConfig(project, version) {
    const path = project.find(['svelte.config.js', 'svelte.config.mjs']);
    const config = path ? (await project.loadFile(path, version)).default || {} : {};
    return { path, options: config.compilerOptions || {}, preprocess: config.preprocess };
}

export async function svelte(project) {
    const compiler = await project.need('svelte/compiler', 'a .svelte file');
    const hasHmr = !/^[34]\./.test(project.versionOf('svelte'));
    let config = null;
    let version = 0;

    async function compileModule(path, code) {
        let source = code;
        if (path.endsWith('.ts')) {
            const script = await scriptCompiler(project, { refresh: false, what: 'TypeScript' });
            source = (await script.compile(code, path, { lang: 'ts' })).code;
        }
        const { js, warnings } = compiler.compileModule(source, {
            filename: path, rootDir: project.root, dev: true, generate: 'client',
        });
        return { code: js.code, map: null, warnings: warningsOf(warnings, path) };
    }

    async function compileComponent({ path, url, places, code }, deps) {
        let source = code;
        if (config.preprocess) {
            const done = await compiler.preprocess(code, config.preprocess, { filename: path });
            source = done.code;
            deps.push(...(done.dependencies || []));
        }
        const { js, css, warnings } = compiler.compile(source, {
            ...config.options,
            filename: path,
            dev: true,
            css: 'external',
            ...(hasHmr ? { rootDir: project.root, hmr: true, generate: 'client' } : { generate: 'dom' }),
        });
        const id = JSON.stringify(url);
        const sheet = JSON.stringify(absoluteUrls(css?.code ?? '', url,
            (name) => urlOf(places, name)));
        const [hash, styleHash] = [shortHash(js.code), shortHash(sheet)];
        const name = js.code.match(UPDATE)?.[1];
        // Where neither is another, what the code stands for is: import.meta.glob, import.meta.env.
        let text = js.code.replace(UPDATE, () =>
            `__orbit_alone && module.__orbit_code === "${hash}" && module.__orbit_style !== "${styleHash}"`
            + ` || import.meta.hot.data.orbit.forEach((each) => $.set(each, module.default[$.HMR].fn))`);
        if (name && OTHER_EXPORT.test(js.code)) {
            // Svelte's own call: the last one before its update. Others are the user's.
            const at = text.lastIndexOf(ACCEPT, js.code.search(UPDATE));
            text = `${text.slice(0, at)}import.meta.hot.acceptExports(["default"], ${text.slice(at + ACCEPT.length)}`;
        }
        if (name) {
            text += `\nif (import.meta.hot) {`
                + ` (import.meta.hot.data.orbit ??= []).push(${name}[$.HMR].current);`
                + ` ${NOTE_ALONE} }\nexport const __orbit_code = "${hash}", __orbit_style = "${styleHash}";`;
        }
        text += `\nimport { sheet as __orbit_sheet } from "/__orbit/sheet.js";`
            + `\n__orbit_sheet(${id}, ${sheet}, import.meta.hot);\n`;
        const map = source === code ? nameSource(plainMap(js.map), basename(path), code) : null;
        return { code: text, map, deps, warnings: warningsOf(warnings, path) };
    }

    return {
        name: 'svelte',
        version: `svelte@${project.versionOf('svelte')}`,
        changed(paths) {
            if (paths.some((path) => path === config?.path || /\/svelte\.config\.m?js$/.test(path))) {
                config = null;
                version++;
            }
        },
        async transform(file) {
            const { path, code } = file;
            config ??= await readConfig(project, version);
            const deps = config.path ? [config.path] : [];
            try {
                return /\.svelte\.[jt]s$/.test(path) ? await compileModule(path, code)
                    : await compileComponent(file, deps);
            } catch (error) {
                const wrong = error.loc ? error : placed(error, path);
                wrong.deps = deps;
                throw wrong;
            }
        },
    };
}
