// SPDX-License-Identifier: MIT

/*
 * Less, by the project's `less`. What a sheet imports is found here and not by Less, and so are the files
 * that it looked for in vain. Relative url()s become those of the sheet that is made, as Vite has it.
 */

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { plainMap } from './maps.mjs';
import { urlOf } from './paths.mjs';
import { MissingPackage } from './project.mjs';
import { foldersOf, isFile, pathsOf } from './sheet_imports.mjs';
import { errorBehind, mapBehind, optionsOf } from './sheet_options.mjs';
import { errorAt } from './text.mjs';

const EXTERNAL = /^(?:[a-z][a-z\d+.-]*:)?\/\//i;
const ABSOLUTE = /^(?:[a-z][a-z\d+.-]*:|[/#]|$)/i;

/** The files that may be meant by a path. */
const filesOf = (path, endings) => ['', ...endings].map((each) => path + each);

export async function less(project) {
    if (!project.has('less')) {
        throw new MissingPackage('less', 'a .less file');
    }
    const module = await project.load('less');
    const compiler = module.default ?? module;
    const require = createRequire(join(project.root, 'package.json'));

    /** A package that is a plugin of Less. */
    function pluginFile(name) {
        for (const each of [`less-plugin-${name}`, name]) {
            try {
                return require.resolve(each);
            } catch {
                // The other one may be.
            }
        }
        return null;
    }

    /** Finds and reads what the sheet imports, and data-uri() has; what that was, or may be, goes to `deps`. */
    class Files extends compiler.FileManager {
        constructor(places, folders, deps) {
            super();
            Object.assign(this, { places, folders, deps });
        }

        supports(name) {
            return !EXTERNAL.test(name);
        }

        supportsSync(name) {
            return this.supports(name);
        }

        find(name, folder, { ext }) {
            const isPlugin = ext === '.js';
            const tried = pathsOf(project, this.places, [folder, ...this.folders], name.replace(/[?#].*$/, ''))
                .flatMap((path) => filesOf(path, isPlugin ? ['.js'] : ['.less', '.css']));
            const found = tried.find(isFile) ?? (isPlugin ? pluginFile(name) : null);
            this.deps.push(...(found ? [found] : tried));
            return found;
        }

        async loadFile(name, folder, options) {
            const filename = this.find(name, folder, options);
            if (!filename) {
                throw this.missing(name);
            }
            return { filename, contents: await readFile(filename, options.rawBuffer ? null : 'utf8') };
        }

        loadFileSync(name, folder, options) {
            const filename = this.find(name, folder, options);
            return filename ? { filename, contents: readFileSync(filename, options.rawBuffer ? null : 'utf8') }
                : { error: this.missing(name) };
        }

        missing(name) {
            return { type: 'File', message: `'${name}' wasn't found` };
        }
    }

    /**
     * A name in url() or an @import of CSS: one of the project's own becomes the URL that it leads to, and what is
     * relative is marked so, as Less moves only such a one (`rewriteUrls`). What has a variable in it is left to Less.
     */
    function place(node, places) {
        if (typeof node.value === 'string' && !/^[.~]|@\{/.test(node.value) && !ABSOLUTE.test(node.value)) {
            node.value = urlOf(places, node.value) ?? `./${node.value}`;
        }
    }

    const urls = (places) => ({
        isPreEvalVisitor: true,
        run: (root) => new compiler.visitors.Visitor({
            visitUrl: ({ value }) => place(value, places),
            visitImport: ({ css, path }) => css && place(path, places),
        }).visit(root),
    });

    return {
        name: 'less',
        version: `less@${project.versionOf('less')}`,
        async transform({ path, code, places }) {
            const options = await optionsOf(project, places.config, 'less', code, path);
            const { paths, plugins = [], globalVars = {}, ...rest } = options.rest;
            const head = varsText(globalVars) + options.head;
            const deps = [];
            const own = {
                install(_, manager) {
                    manager.addFileManager(new Files(places, foldersOf(project, paths), deps));
                    manager.addVisitor(urls(places));
                },
            };
            try {
                const { css, map } = await compiler.render(varsText(globalVars) + options.code, {
                    rewriteUrls: 'local',
                    ...rest,
                    filename: path,
                    plugins: [own, ...plugins],
                    sourceMap: { outputSourceFiles: true, sourceMapBasepath: '', disableSourcemapAnnotation: true },
                });
                return { code: css, map: mapOf(map, path, head, code), type: 'css', deps };
            } catch (error) {
                const placed = lessError(error, { path, head, config: join(project.root, places.config) });
                placed.deps = deps;
                throw placed;
            }
        },
    };
}

/** The variables in front of a sheet, as Less would have them; but that counts them in the places of errors. */
function varsText(vars) {
    const names = Object.entries(vars).map(([name, value]) => `@${name.replace(/^@/, '')}: ${value};`);
    return names.length > 0 ? `${names.join('')}\n` : '';
}

/** The map with its sources as URLs. */
function mapOf(text, path, head, code) {
    const map = plainMap(text);
    const sources = map?.sources.map((each) => pathToFileURL(resolve(dirname(path), each)).href);
    return map && mapBehind({ ...map, sources }, head, pathToFileURL(path).href, code);
}

/** What Less throws, with its place; its columns count from 0. */
function lessError(error, sheet) {
    const { message, filename: file = sheet.path, line, column } = error;
    return line > 0 ? errorBehind(message, { file, line: line - 1, column }, sheet)
        : errorAt(message, file);
}
