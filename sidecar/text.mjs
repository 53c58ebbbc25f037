// SPDX-License-Identifier: MIT

/* Small things that several adapters need: hashes, places in texts, and URLs in sheets. */

import { createHash } from 'node:crypto';

/** The first 8 hex digits of a text's hash: for ids and for telling two texts apart. */
export function shortHash(text) {
    return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/** { line, column } of an offset, both from 1. */
export function placeOf(text, offset) {
    const before = text.slice(0, offset);
    const line = before.split('\n').length;
    return { line, column: before.length - before.lastIndexOf('\n') };
}

/** An error with a place in a file; `line` and `column` count from 1, and may be left out. */
export function errorAt(message, file, line, column) {
    const error = new Error(message);
    error.loc = { file, line, column };
    return error;
}

const CSS_PIECE = /@import\s+(?:"([^"\\\n]*)"|'([^'\\\n]*)')|\/\*[^]*?\*\/|url\(\s*(?:"([^"\\\n]*)"|'([^'\\\n]*)'|([^\s"'()\\]+))\s*\)|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'/gi;

/**
 * The sheet with its relative URLs made absolute, for a <style>; `url` is where it is from. `named` gives
 * the URL that a name of the project's own leads to, or null.
 */
export function absoluteUrls(css, url, named = () => null) {
    return css.replace(CSS_PIECE, (all, importDouble, importSingle, double, single, bare) => {
        const imported = importDouble ?? importSingle;
        const target = imported ?? double ?? single ?? bare;
        if (!target || /^(?:[a-z][a-z\d+.-]*:|[/#])/i.test(target)) {
            return all;
        }
        const { pathname, search, hash } = new URL(named(target) ?? target, `http://host${url}`);
        return `${imported === undefined ? '' : '@import '}url("${pathname}${search}${hash}")`;
    });
}

/**
 * In the code of a component: keeps in `__orbit_alone` whether each module that is replaced takes its
 * own update. If one does not, this may import it, and what is mounted runs old code, though the
 * component is as it was.
 */
export const NOTE_ALONE = 'var __orbit_alone = true; import.meta.hot.on("orbit:beforeUpdate",'
    + ' ({ alone }) => { __orbit_alone = alone; });';
