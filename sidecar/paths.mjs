// SPDX-License-Identifier: MIT

/*
 * Where a bare name in a sheet leads by the `paths` of the project's tsconfig.json, as scripts have it.
 * orbiton says with each file what holds for it: [["@/*", ["/home/me/app/src/*"]]].
 */

import { existsSync } from 'node:fs';

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

/** Absolute paths in their order, of which the first that is there counts; none if no entry is for the name. */
export function candidates(paths, name) {
    return entryOf(paths, name).found;
}

/**
 * The URL that the page has for such a name in url() or @import; null if it is none. Where
 * nothing is there yet, "@/*" says that a name is one of these; "*" does not.
 */
export function urlOf(paths, project, name) {
    const [, plain, rest] = name.match(/^([^?#]*)([^]*)$/);
    const { weight, found } = entryOf(paths, plain);
    const path = found.find((each) => existsSync(each)) ?? (weight > 0 ? found[0] : undefined);
    const url = path === undefined ? null : project.urlOf(path);
    return url && `${url.split('/').map((part) => (part === '@workspace' ? part : encodeURIComponent(part))).join('/')}${rest}`;
}
