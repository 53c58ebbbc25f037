// SPDX-License-Identifier: MIT

/*
 * Part of client.js. Tells the server what the page has: the state vector, what modules accept, and
 * what they import by an expression; all of it on each connection, and then what is new.
 *
 * Invariant: no message is longer than the server takes, and of a URL that a transaction is just
 * changing nothing is said.
 */

const PART_TEXT = 18 * 1024; // characters of a message, of up to three bytes
const BATCH_MS = 20;

let batchTimer = 0;
function batch() {
    if (!batchTimer) {
        batchTimer = setTimeout(() => {
            batchTimer = 0;
            register(false);
        }, BATCH_MS);
    }
}

// The server ends a connection that says more than 64 KiB at once: [member, key, value] in parts.
function cut(rows) {
    const parts = [];
    let size = PART_TEXT;
    for (const [member, key, value] of rows) {
        const { length } = JSON.stringify([key, value]);
        if (length > PART_TEXT) {
            continue; // no file of the project has such a name
        }
        if (size + length > PART_TEXT) {
            size = 0;
            parts.push({ loaded: {} });
        }
        size += length;
        const part = parts[parts.length - 1];
        part[member] ??= {};
        part[member][key] = member === 'edges' ? [...(part.edges[key] ?? []), value] : value;
    }
    return parts;
}

let isCompleteTold = false;

// Tells what the server does not know yet; `first` opens a connection and tells everything.
function register(first) {
    if (!transport) {
        return;
    }
    const complete = ((first || !isCompleteTold) && document.readyState === 'complete') || undefined;
    const keys = first ? [...loaded.keys()] : [...untold].filter((key) => !changing.has(key));
    keys.forEach((key) => untold.delete(key));
    const entries = keys.filter((key) => loaded.has(key))
        .map((key) => ['loaded', key, versionText(key)])
        .filter(([, key, version]) => first || told.get(key) !== version);
    // A server that is new has to know, for such an instance is under its URL nowhere but in this page.
    const markOf = (key) => (first && carried.has(key) && carried.get(key) === stamps.get(key) ? '+' : '');
    const ageOf = (key) => (seen.has(key) ? `~${seen.get(key)}` : '');
    // A browser never runs a URL twice: what comes back needs a stamp of its own.
    const pruned = first ? [...stamps].filter(([key]) => !loaded.has(key)) : [];
    const hot = [...(first ? records.keys() : untoldHot)]
        .filter((key) => !changing.has(key) && !records.get(key)?.instance?.deciding);
    const parts = cut([
        ...entries.map(([member, key, version]) => [member, key, version + markOf(key) + ageOf(key)]),
        ...pruned.map(([key, stamp]) => ['loaded', key, 'pruned@' + stamp]),
        ...hot.map((key) => ['hot', key, describeHot(key)]),
        ...[...(first ? edges.keys() : untoldEdges)].flatMap((key) =>
            [...edges.get(key)].map((target) => ['edges', key, target])),
    ]);
    const failing = (first && orbit.isFailing()) || undefined;
    const head = {
        type: 'register', url: documentKey, epoch: orbit.epoch, seq: orbit.seq, failing, complete,
    };
    ((first || complete) && !parts.length ? [{ loaded: {} }] : parts).forEach((part, i) =>
        send({ ...head, ...part, more: i + 1 < parts.length || undefined }));
    isCompleteTold ||= complete;
    entries.forEach(([, key, version]) => told.set(key, version));
    keys.forEach((key) => seen.delete(key));
    hot.forEach((key) => untoldHot.delete(key));
    untoldEdges.clear();
    takeDoubled().forEach(([url, stamp]) => send({
        type: 'invalidate', url, message: 'edited while the page was loading', stamp,
    }));
}

// Where the browser withholds versions the server tells them: they are the page's from now on.
function learn(versions) {
    for (const [key, version] of Object.entries(versions)) {
        if (loaded.get(key) === '') {
            loaded.set(key, version);
            told.set(key, versionText(key));
        }
    }
}
