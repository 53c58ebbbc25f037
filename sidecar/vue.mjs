// SPDX-License-Identifier: MIT

/*
 * Vue's single-file components, one module each: script, render function and sheets. What an update
 * is, is told by what is in the module and not by what was compiled before it, so that every page
 * comes to the same: another script is a reload of the component's instances, another template
 * renders them again with their state, another style is neither. What it imports is part of the script.
 */

import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { composeMaps, joinMaps, nameSource, plainMap } from './maps.mjs';
import { urlOf } from './paths.mjs';
import { scriptCompiler } from './script.mjs';
import { isSheetLang, style as stylePlugin } from './style.mjs';
import { NOTE_ALONE, absoluteUrls, errorAt, shortHash } from './text.mjs';

/** An error of one of Vue's compilers; `first` is the line in the file that its lines start at. */
function placed(error, path, first = 1) {
    if (typeof error === 'string') {
        return errorAt(error, path);
    }
    const at = error.loc?.start;
    const message = String(error.message).split('\n')[0].replace(/^\[[^\]]*\] /, '');
    return errorAt(message, path, at && at.line + first - 1, at?.column);
}

function throwFirst(errors, path, first) {
    if (errors.length > 0) {
        throw placed(errors[0], path, first);
    }
}

const withEnd = (code) => (code.endsWith('\n') ? code : `${code}\n`);

export async function vue(project) {
    const compiler = await project.need('vue/compiler-sfc', 'a .vue file');
    let scripts = null;
    let sheets = null;

    /** TypeScript is taken out; JavaScript stays as it is. */
    async function strip(part, lang, path) {
        if (!/^tsx?$/.test(lang) && lang !== 'jsx') {
            return part;
        }
        scripts ??= scriptCompiler(project, { refresh: false, what: `<script lang="${lang}">` });
        const { code, map } = await (await scripts).compile(part.code, path, {
            lang, refresh: false, jsx: lang.endsWith('x'), importSource: 'vue',
        });
        return { code: withEnd(code), map: composeMaps(map, part.map) };
    }

    function compileScript(descriptor, id) {
        if (!descriptor.script && !descriptor.scriptSetup) {
            return { code: 'const _sfc_main = {};\n', map: null, bindings: undefined, lang: '' };
        }
        const lang = (descriptor.scriptSetup || descriptor.script).lang || 'js';
        const done = compiler.compileScript(descriptor, {
            id,
            inlineTemplate: false,
            genDefaultAs: '_sfc_main',
            isProd: false,
            fs: undefined,
        });
        return {
            code: withEnd(done.content),
            map: plainMap(done.map),
            bindings: done.bindings,
            lang,
            deps: done.deps || [],
        };
    }

    function compileTemplate(descriptor, id, script, path, scoped) {
        const { template } = descriptor;
        if (!template) {
            return null;
        }
        const done = compiler.compileTemplate({
            source: template.content,
            ast: template.lang || template.src ? undefined : template.ast,
            filename: path,
            id,
            scoped,
            slotted: descriptor.slotted,
            isProd: false,
            inMap: template.src ? undefined : template.map,
            preprocessLang: template.lang === 'html' ? undefined : template.lang,
            preprocessCustomRequire: undefined,
            compilerOptions: {
                bindingMetadata: script.bindings,
                expressionPlugins: /^tsx?$/.test(script.lang) ? ['typescript'] : [],
                scopeId: scoped ? `data-v-${id}` : undefined,
            },
        });
        // With the descriptor's own tree the places are those of the file.
        throwFirst(done.errors, path, template.lang || template.src ? template.loc.start.line : 1);
        return {
            code: withEnd(done.code.replace(/\bexport (function|const) render\b/, '$1 _sfc_render')),
            map: plainMap(done.map),
        };
    }

    /** What a sheet of its own goes through: Sass, Less, Stylus, Tailwind, PostCSS; what is said has its place in the file. */
    async function prepareStyle(style, index, { path, places }, read) {
        const moved = (said) => {
            if (said.loc?.file === path && !style.src) {
                said.loc.line += style.loc.start.line - 1;
            }
            return said;
        };
        try {
            sheets ??= stylePlugin(project);
            const done = await (await sheets).transform({
                path, places, part: index, code: style.content, lang: style.lang ?? 'css',
            });
            read.deps.push(...done.deps);
            read.dirs.push(...done.dirs);
            read.warnings.push(...done.warnings.map(moved));
            return done.code;
        } catch (error) {
            read.deps.push(...(error.deps ?? []));
            throw moved(error);
        }
    }

    async function compileStyle(style, index, id, file, read) {
        const { path } = file;
        const modules = style.module !== undefined && style.module !== false;
        const isOurs = isSheetLang(style.lang ?? 'css');
        const source = isOurs ? await prepareStyle(style, index, file, read) : style.content;
        const done = await compiler.compileStyleAsync({
            source,
            filename: path,
            id: `data-v-${id}`,
            scoped: style.scoped === true,
            modules,
            isProd: false,
            preprocessLang: isOurs ? undefined : style.lang,
        });
        throwFirst(done.errors, path, style.loc.start.line);
        read.deps.push(...(done.dependencies || []));
        return {
            code: done.code,
            name: modules ? (style.module === true ? '$style' : style.module) : null,
            names: done.modules,
            index,
        };
    }

    /** <script src>, <template src>, <style src>: their texts from the files. */
    async function readSources(descriptor, path, deps) {
        for (const block of [descriptor.template, descriptor.script, ...descriptor.styles]) {
            if (block?.src) {
                const file = resolve(dirname(path), block.src);
                deps.push(file);
                try {
                    block.content = await readFile(file, 'utf8');
                } catch {
                    throw errorAt(`${block.src} cannot be read`, path, block.loc.start.line);
                }
                block.ast = undefined;
            }
        }
    }

    async function compile(file, read) {
        const { path, url, places, code } = file;
        const id = shortHash(url);
        const { descriptor, errors } = compiler.parse(code, { filename: path, sourceMap: true });
        throwFirst(errors, path);
        await readSources(descriptor, path, read.deps);
        const scoped = descriptor.styles.some((style) => style.scoped);
        let script;
        try {
            script = compileScript(descriptor, id);
        } catch (error) {
            throw scriptError(error, descriptor, path);
        }
        read.deps.push(...(script.deps || []));
        const raw = compileTemplate(descriptor, id, script, path, scoped);
        const main = await strip(script, script.lang, path);
        const template = raw && await strip(raw, script.lang, path);
        const styles = await Promise.all(descriptor.styles.map((style, index) =>
            compileStyle(style, index, id, file, read)));
        const names = Object.fromEntries(styles.filter(({ name }) => name)
            .map(({ name, names: list }) => [name, list]));
        // What is a reload of the instances; names of CSS modules are injected into them.
        const scriptHash = shortHash(main.code + JSON.stringify(names) + scoped);
        const templateHash = shortHash(template?.code ?? '');
        const css = styles.map((style) => absoluteUrls(style.code, url, (name) => urlOf(places, name)));
        const lines = [
            'import { sheet as __orbit_sheet } from "/__orbit/sheet.js";',
            `__orbit_sheet(${JSON.stringify(url)}, ${JSON.stringify(css)}, import.meta.hot);`,
            template ? '_sfc_main.render = _sfc_render;' : '',
            scoped ? `_sfc_main.__scopeId = "data-v-${id}";` : '',
            Object.keys(names).length ? `_sfc_main.__cssModules = ${JSON.stringify(names)};` : '',
            `_sfc_main.__file = ${JSON.stringify(url.slice(1))};`,
            `_sfc_main.__hmrId = "${id}";`,
            `_sfc_main.__orbit = ["${scriptHash}", "${templateHash}", "${shortHash(css.join())}"];`,
            'if (import.meta.hot && typeof __VUE_HMR_RUNTIME__ !== "undefined") {',
            '  __VUE_HMR_RUNTIME__.createRecord(_sfc_main.__hmrId, _sfc_main);',
            `  ${NOTE_ALONE}`,
            '  import.meta.hot.accept(({ default: next }) => {',
            '    const [script, template, style] = next.__orbit.map((each, i) => each !== _sfc_main.__orbit[i]);',
            // Where none of them is another, what the code stands for is: import.meta.glob, import.meta.env.
            '    if (!__orbit_alone || script || !(template || style)) {',
            '      __VUE_HMR_RUNTIME__.reload(next.__hmrId, next);',
            '    } else if (template) {',
            '      __VUE_HMR_RUNTIME__.rerender(next.__hmrId, next.render);',
            '    }',
            '  });',
            '}',
            'export default _sfc_main;',
        ].filter(Boolean);
        return {
            code: `${main.code}${template?.code ?? ''}${lines.join('\n')}\n`,
            map: nameSource(joinMaps([main, ...(template ? [template] : [])]), basename(path), code),
            ...read,
        };
    }

    return {
        name: 'vue',
        version: `vue@${project.versionOf('vue')}`,
        changed(paths) {
            sheets?.then((each) => each.changed(paths));
        },
        async transform(file) {
            const read = { deps: [], dirs: [], warnings: [] };
            try {
                return await compile(file, read);
            } catch (error) {
                error.deps = read.deps; // what was read counts too: it may be what is wrong
                throw error;
            }
        },
    };
}

/** compileScript() throws what Babel throws, with an offset from the block's beginning. */
function scriptError(error, descriptor, path) {
    const block = descriptor.scriptSetup || descriptor.script;
    const message = String(error.message).split('\n')[0].replace(/^\[[^\]]*\] /, '')
        .replace(/ \(\d+:\d+\)$/, '');
    const at = error.loc;
    return at ? errorAt(message, path, at.line + block.loc.start.line - 1, at.column + 1)
        : errorAt(message, path, block.loc.start.line);
}
