// SPDX-License-Identifier: MIT

/*
 * Where a bare name in a sheet leads by the `paths` of the project's tsconfig.json, as scripts have it.
 * orbiton says with each file what holds for it: [["@/*", ["/home/me/app/src/*"]]].
 */

import { existsSync } from 'node:fs';
import { relative } from 'node:path';

/** Absolute paths in their order; none if no name fits. That with the longest text before its star counts. */
export function candidates(paths, name) {
    let best = null;
    for (const [pattern, targets] of paths) {
        const [before, after] = pattern.split('*');
        const fits = after === undefined ? name === pattern
            : name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after);
        const weight = after === undefined ? Infinity : before.length;
        if (fits && (!best || weight > best.weight)) {
            const star = after === undefined ? '' : name.slice(before.length, name.length - after.length);
            best = { weight, found: targets.map((target) => target.replace('*', () => star)) };
        }
    }
    return best ? best.found : [];
}

/** The URL that such a name in url() or @import is for, from the project's root; null if it is none. */
export function urlOf(paths, root, name) {
    const [, plain, rest] = name.match(/^([^?#]*)([^]*)$/);
    const found = candidates(paths, plain);
    const path = found.find((each) => existsSync(each)) ?? found[0];
    const place = path === undefined ? '..' : relative(root, path);
    return place.startsWith('..') ? null : `/${place.split('/').map(encodeURIComponent).join('/')}${rest}`;
}
