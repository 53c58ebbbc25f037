// SPDX-License-Identifier: MIT

/*
 * Where a name in a sheet leads: by the aliases of the project's vite.config, then by the `paths` of its
 * tsconfig.json, as scripts have it. orbiton says with each file what `paths` hold for it:
 * [["@/*", ["/home/me/app/src/*"]]].
 */

import { existsSync } from 'node:fs';
import { aliased, fileOf } from './vite_config.mjs';

/** What names a place by itself: that is no name of the project's. */
const PLACE = /^(?:\.{0,2}\/|\.{0,2}$|[a-z][a-z\d+.-]*:)/i;

/** The entry for a name: { weight, found }; that with the longest text before its star counts. */
function entryOf(paths, name) {
    let best = { weight: -1, found: [] };
    if (PLACE.test(name)) {
        return best;
    }
    for (const [pattern, targets] of paths) {
        const [before, after] = pattern.split('*');
        const fits = after === undefined ? name === pattern
            : name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after);
        const weight = after === undefined ? Infinity : before.length;
        if (fits && weight > best.weight) {
            const star = after === undefined ? '' : name.slice(before.length, name.length - after.length);
            best = { weight, found: targets.map((target) => target.replace('*', () => star)) };
        }
    }
    return best;
}

/** Absolute paths in their order, of which the first that is there counts; none if nothing is said of the name. */
export function candidates({ paths, alias, project }, name) {
    const made = aliased(alias, name);
    return [...(/^(?:\/|file:)/.test(made) ? [fileOf(project.root, made)] : []), ...entryOf(paths, name).found];
}

/** The name that an alias makes of a name which is no path; else the name itself. */
export function nameOf({ alias }, name) {
    const made = aliased(alias, name);
    return made === null || PLACE.test(made) ? name : made;
}

/**
 * The URL that the page has for such a name in url() or @import; null if it is none. Where nothing is
 * there yet, "@/*" and an alias say that a name is one of these; "*" does not.
 */
export function urlOf({ paths, alias, project }, name) {
    const [, plain, rest] = name.match(/^([^?#]*)([^]*)$/);
    const found = candidates({ paths, alias, project }, plain);
    const is = aliased(alias, plain) !== null || entryOf(paths, plain).weight > 0;
    const path = found.find((each) => existsSync(each)) ?? (is ? found[0] : undefined);
    const url = path === undefined ? null : project.urlOf(path);
    return url && `${url.split('/').map((part) => (part === '@workspace' ? part : encodeURIComponent(part))).join('/')}${rest}`;
}
