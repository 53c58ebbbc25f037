// SPDX-License-Identifier: MIT

/*
 * Which items of a list stay where they are when the others are moved: the fewest moves.
 */

/**
 * The places of a longest rising run of `sources`, as flags; negative ones never belong to it. O(n
 * log n).
 */
export function risingRun(sources) {
    const stays = new Uint8Array(sources.length);
    const before = new Int32Array(sources.length);
    const tails = [];

    for (let i = 0; i < sources.length; i++) {
        const value = sources[i];
        if (value < 0) {
            continue;
        }
        let low = 0;
        let high = tails.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (sources[tails[middle]] < value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        before[i] = low > 0 ? tails[low - 1] : -1;
        tails[low] = i;
    }
    for (let i = tails.length > 0 ? tails[tails.length - 1] : -1; i >= 0; i = before[i]) {
        stays[i] = 1;
    }
    return stays;
}

/**
 * The keys of the items, each once: a key that comes again is told apart by how often it came.
 * `warn` is called with the first such key.
 */
export function uniqueKeys(keys, warn) {
    const seen = new Map();
    return keys.map((key) => {
        const times = seen.get(key) ?? 0;
        seen.set(key, times + 1);
        if (times === 0) {
            return key;
        }
        if (times === 1) {
            warn(key);
        }
        return `\0${times} ${typeof key} ${String(key)}`;
    });
}
