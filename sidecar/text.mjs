// SPDX-License-Identifier: MIT

/* Small things that several adapters need: hashes, and places in texts. */

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
