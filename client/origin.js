// SPDX-License-Identifier: MIT

/*
 * Where a person wrote what has thrown an error: "src/counter.orbit:3:7". A stack names places in the
 * modules that the page runs. Those of a .js file are its own; of one that was made of another file the
 * server knows the way back, as long as it has the text that the page runs.
 *
 * Invariant: nothing here throws, and no answer is waited for longer than ASK_MS.
 */

const ASK_MS = 5000; // an update that was taken back is answered behind it
const FRAMES_MAX = 10; // of a stack that are asked for
const ANSWERS_MAX = 200;
const PLAIN = /\.[cm]?js$|\.html?$/;

export function describe(error) {
    try {
        return String((error && error.message) || error);
    } catch {
        return 'an error that cannot be shown';
    }
}

/** The same, behind the name of the error's kind: "TypeError: no way". */
export function describeKind(error) {
    try {
        const kind = error && error.name && error.message ? `${error.name}: ` : '';
        return kind + describe(error);
    } catch {
        return describe(error);
    }
}

/** The path of the file that a module's key names. */
export function fileOf(key) {
    const path = key.replace(/\?.*$/, '').slice(1);
    try {
        return decodeURIComponent(path) || 'index.html';
    } catch {
        return path;
    }
}

/** The places in modules of the project that an error's stack and a text name, the innermost first. */
function framesOf(orbit, error, text) {
    let stack = text;
    try {
        stack = `${(error && error.stack) || ''}\n${text}`;
    } catch {
        // An object that guards its properties; the text alone, then.
    }
    return [...stack.matchAll(/(https?:\/\/[^\s()@]+?):(\d+):(\d+)/g)]
        .map(([, url, line, col]) => ({ key: orbit.keyOf(url), line, col }))
        .filter(({ key }) => key).slice(0, FRAMES_MAX);
}

const answers = new Map(); // "KEY LINE COL HASH" -> a promise: an error may come with each frame

/** The place in a file, '' if nobody wrote it, and null if the server cannot say. */
function ask(orbit, frame, hash, signal) {
    const id = `${frame.key} ${frame.line} ${frame.col} ${hash}`;
    const known = answers.get(id);
    if (known || !orbit.isConnected()) {
        return known ?? null;
    }
    if (answers.size >= ANSWERS_MAX) {
        answers.delete(answers.keys().next().value);
    }
    const answer = fetchPlace(orbit, frame, hash, signal).catch(() => null).then((place) => {
        if (place === null) {
            answers.delete(id); // the server could not say; the next one may be told
        }
        return place;
    });
    answers.set(id, answer);
    return answer;
}

async function fetchPlace(orbit, { key, line, col }, hash, signal) {
    const query = new URLSearchParams({ url: key, line, col, hash, token: orbit.token });
    const response = await fetch(`/__orbit/place?${query}`, { signal });
    const { place } = response.ok ? await response.json() : {};
    return typeof place === 'string' ? place : null;
}

/** The place, if the file is what the page runs; or ''. */
function placeAsIs({ key, line, col }) {
    const file = fileOf(key);
    return PLAIN.test(file) ? `${file}:${line}:${col}` : '';
}

async function askAll(orbit, frames, versions) {
    const signal = AbortSignal.timeout?.(ASK_MS);
    for (const frame of frames) {
        const hash = versions?.get(frame.key) || orbit.loaded.get(frame.key) || '';
        const place = placeAsIs(frame) || await ask(orbit, frame, hash, signal);
        if (place) {
            return place;
        }
    }
    return fileOf(frames[0].key);
}

/**
 * "FILE:LINE:COL" of what threw, FILE alone if the line is not known, or ''; or a promise of it, if
 * the server has to be asked. `text` may name more places than the stack. `versions` are hashes of
 * modules by key, where the page does not run what it has loaded.
 */
export function originOf(orbit, error, text = '', versions = null) {
    // What a component in Rust says when it panics, and the server of a file that it cannot read.
    const [, said] = /^([^\s:]+:\d+:\d+): /.exec(describe(error)) ?? [];
    if (said) {
        return said;
    }
    const frames = framesOf(orbit, error, text);
    if (frames.length === 0) {
        return '';
    }
    return placeAsIs(frames[0]) || askAll(orbit, frames, versions);
}
