// SPDX-License-Identifier: MIT

/*
 * Where a name leads that a sheet in Less or Stylus imports: by an alias of vite.config or `paths` of
 * tsconfig.json, to a file beside the sheet or in a folder of the options, and to a package, "~pkg" too.
 */

import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { candidates, nameOf } from './paths.mjs';
import { fileOf } from './vite_config.mjs';

export function isFile(path) {
    try {
        return statSync(path).isFile();
    } catch {
        return false; // it is not there, or beyond a file
    }
}

/** Conditions of a package's `exports` under which it shows a sheet. */
const CONDITIONS = ['less', 'styl', 'stylus', 'style', 'default'];

/** What an entry of `exports` leads to, the star in it filled; null if that is no sheet. */
function targetOf(entry, star) {
    if (typeof entry === 'string') {
        return entry.replaceAll('*', () => star);
    }
    const found = entry && Object.keys(entry).find((each) => CONDITIONS.includes(each) && targetOf(entry[each], star));
    return found ? targetOf(entry[found], star) : null;
}

/** The file in a package that its package.json shows as `inner` (".", or "./x"), from its folder on; null if it says nothing. */
function shownAs(manifest, inner) {
    const entries = Object.entries(manifest.exports ?? {});
    for (const [pattern, entry] of entries) {
        const [before, after] = pattern.split('*');
        const fits = after === undefined ? inner === pattern : inner.length >= before.length + after.length
            && inner.startsWith(before) && inner.endsWith(after);
        if (fits) {
            return targetOf(entry, after === undefined ? '' : inner.slice(before.length, inner.length - after.length));
        }
    }
    return inner === '.' ? manifest.less ?? manifest.style ?? null : null;
}

/** The paths that the name may mean in a package. */
function inPackage(project, name) {
    const package_ = name.split('/').slice(0, name[0] === '@' ? 2 : 1).join('/');
    const found = /^[@\w]/.test(name) ? project.folderOf(package_) : null;
    if (!found) {
        return [];
    }
    const folder = realpathSync(found); // a package beside the project is watched by its own path
    let shown = null;
    try {
        shown = shownAs(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')), `.${name.slice(package_.length)}`);
    } catch {
        // It says nothing.
    }
    return [join(folder, name.slice(package_.length)), ...(shown ? [join(folder, shown)] : [])];
}

/**
 * The paths that a name may mean, in the order in which they count; `folders` are absolute: that of the sheet,
 * and what options add. Endings are the compiler's matter.
 */
export function pathsOf(project, places, folders, name) {
    return [
        ...candidates(places, name),
        ...(name.startsWith('/') ? [fileOf(project.root, name)] : folders.map((each) => join(each, name))),
        ...inPackage(project, nameOf(places, name).replace(/^~/, '')),
    ];
}

/** The folders of the option `paths`, which are from the project's root on. */
export const foldersOf = (project, paths) => [paths ?? []].flat().map((each) => resolve(project.root, each));
