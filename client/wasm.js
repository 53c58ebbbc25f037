// SPDX-License-Identifier: MIT

// What generated modules import to bring the components of a wasm file. Each component's module asks
// for it, and all of them name the same file: it is loaded once.

import { load as loadFile } from './orbit/wasm.js';

let last = { url: '', done: null };

export function load(url) {
    if (last.url !== url) {
        const mine = { url, done: null };
        mine.done = loadFile(url).catch((error) => {
            if (last === mine) {
                last = { url: '', done: null }; // who asks again may have more luck
            }
            throw error;
        });
        last = mine;
    }
    return last.done;
}
