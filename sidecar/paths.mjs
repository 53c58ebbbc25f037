// SPDX-License-Identifier: MIT

/*
 * Where a bare name in a sheet leads by the `paths` of the project's tsconfig.json, as scripts have it.
 * orbiton says with each file what holds for it: [["@/*", ["/home/me/app/src/*"]]].
 */

import { existsSync } from 'node:fs';
import { relative } from 'node:path';

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
 * The URL that such a name in url() or @import is for, from the project's root; null if it is none. Where
 * nothing is there yet, "@/*" says that a name is one of these; "*" does not.
 */
export function urlOf(paths, root, name) {
    const [, plain, rest] = name.match(/^([^?#]*)([^]*)$/);
    const { weight, found } = entryOf(paths, plain);
    const path = found.find((each) => existsSync(each)) ?? (weight > 0 ? found[0] : undefined);
    const place = path === undefined ? '..' : relative(root, path);
    return place.startsWith('..') ? null : `/${place.split('/').map(encodeURIComponent).join('/')}${rest}`;
}
