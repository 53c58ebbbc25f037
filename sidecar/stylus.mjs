// SPDX-License-Identifier: MIT

/* Stylus, by the project's `stylus`: .styl and .stylus become CSS. */

import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { plainMap } from './maps.mjs';
import { MissingPackage } from './project.mjs';
import { foldersOf, isFile, pathsOf } from './sheet_imports.mjs';
import { errorBehind, mapBehind, optionsOf } from './sheet_options.mjs';
import { errorAt } from './text.mjs';

/** The files that Stylus takes for a sheet by this path. */
function filesOf(path) {
    return /\.(?:styl|css)$/.test(path) ? [path]
        : [`${path}.styl`, join(path, 'index.styl'), join(path, `${basename(path)}.styl`)];
}

/** The part of a path that has no pattern in it. */
const folderOf = (pattern) => dirname(pattern.replace(/[*?[{][^]*$/, 'x'));

export async function stylus(project) {
    if (!project.has('stylus')) {
        throw new MissingPackage('stylus', 'a .styl file');
    }
    const module = await project.load('stylus');
    const compiler = module.default ?? module;

    /** Finds what a sheet imports, where Stylus would and by the project's names; that goes to `read`. */
    const importing = (places, read) => class extends compiler.Evaluator {
        visitImport(node) {
            this.return++;
            const name = this.visit(node.path).first.string;
            this.return--;
            if (typeof name !== 'string' || /^(?:#|(?:https?:)?\/\/)/i.test(name)
                || (name.endsWith('.css') && !node.once && !this.includeCSS)) {
                return super.visitImport(node);
            }
            // The folder that was entered last counts first.
            const tried = pathsOf(project, places, this.paths.map((each) => resolve(project.root, each)).reverse(), name);
            if (/[*?[{]/.test(name)) {
                read.dirs.push(...tried.map(folderOf).filter(existsSync).slice(0, 1));
                return super.visitImport(node);
            }
            const files = tried.flatMap(filesOf);
            const found = files.find((each) => each !== this.filename && isFile(each));
            read.deps.push(...(found ? [found] : files));
            const named = node.clone();
            named.path = found ? new compiler.nodes.String(found) : node.path;
            return super.visitImport(named);
        }
    };

    return {
        name: 'stylus',
        version: `stylus@${project.versionOf('stylus')}`,
        async transform({ path, code, places }) {
            const options = await optionsOf(project, places.config, 'styl', code, path);
            const { paths, define = {}, ...rest } = options.rest;
            const read = { deps: [], dirs: [] };
            try {
                const renderer = compiler(options.code, {
                    ...rest,
                    // Stylus keeps its own in these.
                    functions: { ...rest.functions },
                    globals: { ...rest.globals },
                    paths: [project.root, ...foldersOf(project, paths)],
                    filename: path,
                    Evaluator: importing(places, read),
                    sourcemap: { comment: false, inline: false, basePath: project.root },
                });
                Object.entries(define).forEach(([name, value]) => renderer.define(name, value));
                const css = renderer.render();
                const map = mapOf(renderer.sourcemap, project.root, { path, head: options.head, code });
                return { code: css, map, type: 'css', deps: sheetsOf(read.deps), dirs: read.dirs };
            } catch (error) {
                const placed = stylusError(error, { path, head: options.head, config: join(project.root, places.config) });
                placed.deps = sheetsOf(read.deps);
                throw placed;
            }
        },
    };
}

/** Without what Stylus itself puts in front of every sheet. */
const sheetsOf = (deps) => deps.filter((each) => !each.endsWith('/stylus/lib/functions/index.styl'));

/** The map with its sources as URLs, and their texts, which Stylus leaves out. */
function mapOf(made, root, { path, head, code }) {
    const map = plainMap(made);
    if (!map) {
        return null;
    }
    const files = map.sources.map((each) => resolve(root, each));
    const textOf = (file) => (file === path ? code : isFile(file) ? readFileSync(file, 'utf8') : null);
    const sources = files.map((each) => pathToFileURL(each).href);
    return mapBehind({ ...map, sources, sourcesContent: files.map(textOf) }, head, pathToFileURL(path).href, code);
}

/** The message of an error is its place, the lines around it, an empty line, and then what is wrong. */
function stylusError(error, sheet) {
    const lines = String(error.message).split('\n');
    const [, file, line, column] = lines[0].match(/^(.+):(\d+):(\d+)$/) ?? [];
    const message = lines[lines.indexOf('') + 1] ?? lines[0];
    return file === undefined ? errorAt(error.message, sheet.path)
        : errorBehind(message, { file, line: Math.max(line - 1, 0), column: Math.max(column - 1, 0) }, sheet);
}
