// SPDX-License-Identifier: MIT

/* What the server's `hmr` messages say, read with care: a member that is not as it should be is not there. */

export const isText = (value) => typeof value === 'string';
export const listOf = (value, test) => (Array.isArray(value) ? value.filter(test) : []);

/** The version that an update leads to. */
export const versionOf = (update) => (update.deleted || !update.hash ? 'missing' : update.hash);

/** key -> its text, of the new instances that the page need not ask for. */
function readCarried(carried) {
    const entries = carried && typeof carried === 'object' ? Object.entries(carried) : [];
    return new Map(entries.filter(([, text]) => isText(text)));
}

/** The modules' part of a message, or null. */
export function readJs(message) {
    const { js } = message;
    if (!js || typeof js !== 'object' || !/^\d+$/.test(js.stamp)) {
        return null;
    }
    const boundaries = listOf(js.boundaries, (each) => isText(each?.by) && isText(each.accepted));
    const replaced = listOf(js.replaced, isText);
    const accepted = new Set(boundaries.map((each) => each.accepted));
    // Dependencies first, as `replaced` is ordered.
    const ordered = [...replaced.filter((key) => accepted.has(key)), ...accepted];
    return {
        stamp: String(js.stamp),
        rollback: isText(js.rollback) && /^\d+r\d+$/.test(js.rollback) ? js.rollback : '',
        replaced,
        boundaries,
        accepted: [...new Set(ordered)],
        carried: readCarried(js.carried),
        refused: listOf(js.refused, isText),
        chain: listOf(js.chain, isText),
        isWorker: js.worker === true,
        pruned: listOf(js.pruned, isText),
    };
}
