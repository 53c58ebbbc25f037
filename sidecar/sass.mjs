// SPDX-License-Identifier: MIT

/* Sass, by the project's `sass-embedded` or `sass`: .scss and .sass become CSS. */

import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { candidates, nameOf } from './paths.mjs';
import { MissingPackage } from './project.mjs';
import { errorBehind, mapBehind, optionsOf } from './sheet_options.mjs';

/** The files that Sass takes for a sheet by this path; one that ends like a sheet is itself. */
const filesOf = (path) => (/\.(?:scss|sass|css)$/.test(path) ? [path]
    : [path, join(path, 'index')].flatMap((each) => ['.scss', '.sass', '.css'].map((ending) => each + ending)))
    .flatMap((each) => ['', '_'].map((mark) => join(dirname(each), mark + basename(each))));

export async function sass(project) {
    const name = ['sass-embedded', 'sass'].find((each) => project.has(each));
    if (!name) {
        throw new MissingPackage('sass', 'a .scss file');
    }
    const module = await project.load(name);
    const compiler = module.compileStringAsync ? module : module.default;

    /** Where a sheet by this name would be found: what is missing may come. */
    const filesFor = (url, path, places) => [...candidates(places, url),
        ...[dirname(path), project.root].map((folder) => join(folder, url))].flatMap(filesOf);

    /** Names by vite.config and tsconfig.json, if a sheet is there; `@use "pkg:x"`, and "~x" and "x" from node_modules. */
    const importer = (places, asked) => ({
        findFileUrl(url) {
            asked.push(url);
            const plain = nameOf(places, url).replace(/^~|^pkg:/, '');
            const named = candidates(places, url).find((each) => filesOf(each).some((file) => existsSync(file)));
            if (named) {
                return pathToFileURL(named);
            }
            const package_ = plain.split('/').slice(0, plain[0] === '@' ? 2 : 1).join('/');
            const folder = /^[@\w]/.test(plain) ? project.folderOf(package_) : null;
            // A package beside the project is watched by its own path.
            return folder ? pathToFileURL(join(realpathSync(folder), plain.slice(package_.length))) : null;
        },
    });

    return {
        name: 'sass',
        version: `${name}@${project.versionOf(name)}`,
        /** `indented`: whether it is the syntax of .sass; else the path says it. */
        async transform({ path, code, places, indented = path.endsWith('.sass') }) {
            const asked = []; // names that are no file beside the one that says them; the last may be missing
            const options = await optionsOf(project, places.config, indented ? 'sass' : 'scss', code, path);
            const { loadPaths, includePaths, implementation, api, ...rest } = options.rest;
            const { href } = pathToFileURL(path);
            try {
                const done = await compiler.compileStringAsync(options.code, {
                    logger: compiler.Logger?.silent,
                    ...rest,
                    url: new URL(href),
                    syntax: indented ? 'indented' : 'scss',
                    loadPaths: [dirname(path), project.root, ...(loadPaths ?? includePaths ?? [])],
                    importers: [...(rest.importers ?? []), importer(places, asked)],
                    sourceMap: true,
                    sourceMapIncludeSources: true,
                });
                const deps = done.loadedUrls.filter((url) => url.protocol === 'file:')
                    .map(fileURLToPath).filter((file) => file !== path);
                const map = mapBehind(done.sourceMap, options.head, href, code);
                return { code: done.css, map, type: 'css', deps };
            } catch (error) {
                const { head } = options;
                const placed = sassError(error, { path, head, config: join(project.root, places.config) });
                if (asked.length > 0) {
                    placed.deps = [...(placed.deps ?? []), ...filesFor(asked.at(-1), placed.loc?.file ?? path, places)];
                }
                throw placed;
            }
        },
    };
}

/** The same error with its place; `sheet` as errorBehind() has it. */
function sassError(error, sheet) {
    if (!error.span) {
        return error;
    }
    const { url, start } = error.span;
    const file = url ? fileURLToPath(url) : sheet.path;
    const placed = errorBehind(error.sassMessage || error.message, { file, line: start.line, column: start.column }, sheet);
    // The sheet is made anew when the file with the error changes.
    placed.deps = file === sheet.path ? [] : [file];
    return placed;
}
