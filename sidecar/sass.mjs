// SPDX-License-Identifier: MIT

/* Sass, by the project's `sass-embedded` or `sass`: .scss and .sass become CSS. */

import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { candidates, nameOf } from './paths.mjs';
import { MissingPackage } from './project.mjs';
import { decodeMappings, encodeMappings } from './maps.mjs';
import { errorAt } from './text.mjs';

/** The files that Sass takes for a sheet by this path; one that ends like a sheet is itself. */
const filesOf = (path) => (/\.(?:scss|sass|css)$/.test(path) ? [path]
    : [path, join(path, 'index')].flatMap((each) => ['.scss', '.sass', '.css'].map((ending) => each + ending)))
    .flatMap((each) => ['', '_'].map((mark) => join(dirname(each), mark + basename(each))));

/**
 * What vite.config has in css.preprocessorOptions for the syntax, as options of Sass and the text that is
 * put in front: { head, code, loadPaths, rest }.
 */
async function optionsOf(project, file, syntax, code, path) {
    const own = file ? (await project.viteConfig.held(file)).css[syntax] : undefined;
    const { additionalData, loadPaths, includePaths, implementation, api, ...rest } = own ?? {};
    let made = code;
    if (typeof additionalData === 'function') {
        const done = await additionalData(code, path);
        made = typeof done === 'string' ? done : done.content;
    } else if (additionalData) {
        made = additionalData + code;
    }
    return {
        head: made.endsWith(code) ? made.slice(0, made.length - code.length) : '',
        code: made,
        loadPaths: loadPaths ?? includePaths ?? [],
        rest,
    };
}

/** Where a place behind `head`, both from 0, is in the text itself; what is below 0 is in `head`. */
function behind(head, line, column) {
    const lines = head.split('\n');
    const at = line - (lines.length - 1);
    return { line: at, column: at === 0 ? column - lines.at(-1).length : column };
}

/** The map of a sheet that was compiled behind `head`, to the sheet itself. */
function mapBehind(map, head, url, code) {
    const source = map.sources.indexOf(url);
    if (!head || source < 0) {
        return map;
    }
    const lines = decodeMappings(map.mappings).map((line) => line.flatMap((segment) => {
        if (segment[1] !== source) {
            return [segment];
        }
        const at = behind(head, segment[2], segment[3]);
        return at.line < 0 || at.column < 0 ? [] : [[segment[0], source, at.line, at.column]];
    }));
    return {
        ...map,
        mappings: encodeMappings(lines),
        sourcesContent: map.sourcesContent?.map((text, i) => (i === source ? code : text)),
    };
}

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
            const { href } = pathToFileURL(path);
            try {
                const done = await compiler.compileStringAsync(options.code, {
                    logger: compiler.Logger?.silent,
                    ...options.rest,
                    url: new URL(href),
                    syntax: indented ? 'indented' : 'scss',
                    loadPaths: [dirname(path), project.root, ...options.loadPaths],
                    importers: [...(options.rest.importers ?? []), importer(places, asked)],
                    sourceMap: true,
                    sourceMapIncludeSources: true,
                });
                const deps = done.loadedUrls.filter((url) => url.protocol === 'file:')
                    .map(fileURLToPath).filter((file) => file !== path);
                const map = mapBehind(done.sourceMap, options.head, href, code);
                return { code: done.css, map, type: 'css', deps };
            } catch (error) {
                const placed = sassError(error, path, options.head, join(project.root, places.config));
                if (asked.length > 0) {
                    placed.deps = [...(placed.deps ?? []), ...filesFor(asked.at(-1), placed.loc?.file ?? path, places)];
                }
                throw placed;
            }
        },
    };
}

/** `config` has said what stands in `head`. */
function sassError(error, path, head, config) {
    if (!error.span) {
        return error;
    }
    const { url, start } = error.span;
    const file = url ? fileURLToPath(url) : path;
    const at = file === path ? behind(head, start.line, start.column) : start;
    const message = error.sassMessage || error.message;
    const placed = at.line < 0 || at.column < 0 ? errorAt(`in additionalData for ${path}: ${message}`, config)
        : errorAt(message, file, at.line + 1, at.column + 1);
    // The sheet is made anew when the file with the error changes.
    placed.deps = file === path ? [] : [file];
    return placed;
}
