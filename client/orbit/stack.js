// SPDX-License-Identifier: MIT

/*
 * The stack of a wasm module. A trap leaves the functions that it ends no time to give back their
 * part of it, so the host puts the pointer back, which linkers do not export: withStack() adds the
 * export to the module's bytes. By the convention of LLVM's linker it is the first global.
 */

import { Reader } from './bytes.js';

const STACK = 'orbit:stack'; /* the export */
const SECTION = { imports: 2, globals: 6, exports: 7 };
const KIND = { function: 0, table: 1, memory: 2, global: 3 };
const I32 = 0x7f;

/** A number that is not negative as LEB128. */
function lebOf(number) {
    const ret = [];
    for (let rest = number; ; rest = Math.floor(rest / 128)) {
        if (rest < 128) {
            return [...ret, rest];
        }
        ret.push(rest % 128 + 128);
    }
}

/** Whether a section of imports has a global, which would be the first. */
function importsGlobal(r) {
    for (let count = r.leb(); count > 0; count--) {
        r.skip(r.leb());
        r.skip(r.leb());
        const kind = r.u8();
        if (kind === KIND.function) {
            r.leb();
            continue;
        }
        if (kind !== KIND.table && kind !== KIND.memory) {
            return true; // or what nobody knows here
        }
        r.skip(kind === KIND.table ? 1 : 0);
        const hasMost = r.u8() & 1;
        r.leb();
        if (hasMost) {
            r.leb();
        }
    }
    return false;
}

function isStackFirst(r) {
    return r.leb() > 0 && r.u8() === I32 && r.u8() === 1;
}

/** A section of exports with one more. */
function exportsWith(content) {
    const r = new Reader(content);
    const count = r.leb();
    const name = new TextEncoder().encode(STACK);
    const entry = [...lebOf(name.length), ...name, KIND.global, 0];
    const size = lebOf(count + 1).length + r.left() + entry.length;
    return [new Uint8Array([SECTION.exports, ...lebOf(size), ...lebOf(count + 1)]),
        content.subarray(r.at), new Uint8Array(entry)];
}

/** The parts of a module that has the export, or null. */
function partsWith(bytes) {
    const r = new Reader(bytes, 8);
    let isFirst = false;
    while (r.left() > 0) {
        const begin = r.at;
        const id = r.u8();
        const content = r.part(r.leb());
        if (id === SECTION.imports && importsGlobal(content)) {
            return null;
        }
        if (id === SECTION.globals) {
            isFirst = isStackFirst(content);
        }
        if (id === SECTION.exports) {
            const { buffer, byteOffset, byteLength } = content.view;
            return isFirst ? [bytes.subarray(0, begin),
                ...exportsWith(new Uint8Array(buffer, byteOffset, byteLength)),
                bytes.subarray(r.at)] : null;
        }
    }
    return null;
}

/** The bytes of a wasm file (Uint8Array) with its stack pointer exported; as they are if it has none. */
export function withStack(bytes) {
    let parts = null;
    try {
        parts = partsWith(bytes);
    } catch {
        // no wasm file: who compiles it says so
    }
    if (!parts) {
        return bytes;
    }
    const ret = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
        ret.set(part, at);
        at += part.length;
    }
    return ret;
}

/** The stack pointer of an instance, a WebAssembly.Global; undefined if withStack() found none. */
export const stackOf = (exports) => exports[STACK];
