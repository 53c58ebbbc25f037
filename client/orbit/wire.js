// SPDX-License-Identifier: MIT

/*
 * Values as bytes, between the page and wasm. Little-endian; str = u32 length and UTF-8 bytes:
 *
 *     0 none | 1 false | 2 true | 3 i64 | 4 u64 | 5 f64 | 6 str | 7 u32 n, n values
 *     8 str name, u32 n, n (str field, value) | 9 u32 n, n (value key, value)
 *     10 str enum, str variant, value | 11 u32 length, bytes
 *
 * In JavaScript a record is an object, a map a Map, a variant without payload its name, any other a
 * Variant, an integer a number if it is exact and a BigInt if not.
 *
 * What a component computes is a stream of marks of 16 bits: a slot's number, its value; 0x8000 and
 * a scope's number, its content, 0xffff; in an o-for each item begins with 0xfffe; content of a slot
 * with props is 0xfffd, and asked for when its props are known.
 *
 * Invariant: each length is checked; a bad buffer throws a RangeError, and nothing else.
 */

const DEPTH_MAX = 100;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** A variant of an enum with what it carries. */
export class Variant {
    constructor(type, name, payload) {
        this.type = type;
        this.name = name;
        this.payload = payload;
    }

    toString() {
        return this.name;
    }
}

export class Reader {
    constructor(bytes) {
        this.bytes = bytes;
        this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        this.at = 0;
        this.depth = 0;
    }

    get isAtEnd() {
        return this.at >= this.bytes.length;
    }

    take(count) {
        const at = this.at;
        if (count > this.bytes.length - at) {
            throw new RangeError('a value ends too early');
        }
        this.at += count;
        return at;
    }

    mark() {
        return this.view.getUint16(this.take(2), true);
    }

    length() {
        const count = this.view.getUint32(this.take(4), true);
        if (count > this.bytes.length - this.at) {
            throw new RangeError('a value is longer than its buffer');
        }
        return count;
    }

    text() {
        const count = this.length();
        const at = this.take(count);
        try {
            return decoder.decode(this.bytes.subarray(at, at + count));
        } catch {
            throw new RangeError('a text is not UTF-8');
        }
    }

    many(read) {
        const count = this.length();
        const ret = [];
        for (let i = 0; i < count; i++) {
            ret.push(read());
        }
        return ret;
    }

    value() {
        if (++this.depth > DEPTH_MAX) {
            throw new RangeError('values stand too deep in one another');
        }
        const ret = this.tagged();
        this.depth--;
        return ret;
    }

    tagged() {
        const tag = this.bytes[this.take(1)];
        switch (tag) {
        case 0: return null;
        case 1: return false;
        case 2: return true;
        case 3: return exact(this.view.getBigInt64(this.take(8), true));
        case 4: return exact(this.view.getBigUint64(this.take(8), true));
        case 5: return this.view.getFloat64(this.take(8), true);
        case 6: return this.text();
        case 7: return this.many(() => this.value());
        case 8: {
            this.text();
            return Object.fromEntries(this.many(() => [this.text(), this.value()]));
        }
        case 9: return new Map(this.many(() => [this.value(), this.value()]));
        case 10: {
            const type = this.text();
            const name = this.text();
            const payload = this.value();
            return payload === null ? name : new Variant(type, name, payload);
        }
        case 11: {
            const count = this.length();
            const at = this.take(count);
            return this.bytes.slice(at, at + count);
        }
        default: throw new RangeError(`there is no kind ${tag} of value`);
        }
    }
}

function exact(big) {
    const number = Number(big);
    return Number.isSafeInteger(number) ? number : big;
}

/** The one value that the bytes are. */
export function decode(bytes) {
    const reader = new Reader(bytes);
    const ret = reader.value();
    if (!reader.isAtEnd) {
        throw new RangeError('more than one value');
    }
    return ret;
}

class Writer {
    constructor() {
        this.bytes = new Uint8Array(256);
        this.view = new DataView(this.bytes.buffer);
        this.at = 0;
        this.depth = 0;
    }

    /** Room for more bytes, which may be in another buffer then. */
    grow(count) {
        const at = this.at;
        this.at += count;
        if (this.at > this.bytes.length) {
            const bytes = new Uint8Array(Math.max(this.at, this.bytes.length * 2));
            bytes.set(this.bytes);
            this.bytes = bytes;
            this.view = new DataView(bytes.buffer);
        }
        return at;
    }

    tag(tag) {
        const at = this.grow(1);
        this.bytes[at] = tag;
    }

    length(count) {
        const at = this.grow(4);
        this.view.setUint32(at, count, true);
    }

    raw(bytes) {
        this.length(bytes.length);
        const at = this.grow(bytes.length);
        this.bytes.set(bytes, at);
    }

    text(text) {
        this.raw(encoder.encode(text));
    }

    big(tag, value) {
        this.tag(tag);
        const at = this.grow(8);
        this.view.setBigUint64(at, BigInt.asUintN(64, value), true);
    }

    list(items) {
        this.tag(7);
        this.length(items.length);
        items.forEach((item) => this.value(item));
    }

    value(value) {
        if (this.depth >= DEPTH_MAX - 4) {
            this.tag(0);
            return;
        }
        this.depth++;
        this.any(value);
        this.depth--;
    }

    any(value) {
        switch (typeof value) {
        case 'boolean': this.tag(value ? 2 : 1); break;
        case 'number':
            if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
                this.big(3, BigInt(value));
            } else {
                this.tag(5);
                const at = this.grow(8);
                this.view.setFloat64(at, value, true);
            }
            break;
        case 'bigint':
            if (BigInt.asIntN(64, value) === value) {
                this.big(3, value);
            } else if (BigInt.asUintN(64, value) === value) {
                this.big(4, value);
            } else {
                this.tag(6);
                this.text(String(value));
            }
            break;
        case 'string':
            this.tag(6);
            this.text(value);
            break;
        case 'object': this.object(value); break;
        default: this.tag(0); // A function or symbol means nothing over there.
        }
    }

    object(value) {
        if (value === null) {
            this.tag(0);
        } else if (Array.isArray(value)) {
            this.list(value);
        } else if (value instanceof Set) {
            this.list([...value]);
        } else if (value instanceof Map) {
            this.tag(9);
            this.length(value.size);
            value.forEach((each, key) => {
                this.value(key);
                this.value(each);
            });
        } else if (value instanceof Variant) {
            this.tag(10);
            this.text(value.type);
            this.text(value.name);
            this.value(value.payload);
        } else if (value instanceof Uint8Array) {
            this.tag(11);
            this.raw(value);
        } else if (value instanceof Date) {
            this.tag(6);
            this.text(Number.isNaN(value.getTime()) ? '' : value.toISOString());
        } else {
            this.record('', value);
        }
    }

    record(name, fields) {
        const names = Object.keys(fields);
        this.tag(8);
        this.text(name);
        this.length(names.length);
        names.forEach((each) => {
            this.text(each);
            this.value(fields[each]);
        });
    }
}

export function encode(value) {
    const writer = new Writer();
    writer.value(value);
    return writer.bytes.subarray(0, writer.at);
}

/**
 * The record (record.js) that a stream of slots says. `ask(scope, path, fills)` gives the stream of a
 * slot's content: for the items at `path` of the loops around it, and for the props of it and of the
 * contents around it.
 */
export function decodeRecord(bytes, ask = null, up = null, path = [], fills = []) {
    const root = { up };
    const stream = { reader: new Reader(bytes), ask, path: [...path], fills };
    readRecord(stream, root, 0);
    return root;
}

const FILL = 0xfffd;
const ITEM = 0xfffe;
const END = 0xffff;

/** Reads into `record` up to the mark that ends it, which is returned. */
function readRecord(stream, record, depth) {
    const { reader } = stream;
    if (depth > 2 * DEPTH_MAX) {
        throw new RangeError('scopes stand too deep in one another');
    }
    while (!reader.isAtEnd) {
        const mark = reader.mark();
        if (mark >= FILL) {
            return mark;
        }
        if (mark < 0x8000) {
            record[`s${mark}`] = reader.value();
        } else {
            record[`c${mark & 0x7fff}`] = readScope(stream, record, mark & 0x7fff, depth);
        }
    }
    if (depth > 0) {
        throw new RangeError('a scope has no end');
    }
    return END;
}

function readScope(stream, up, scope, depth) {
    const first = { up };
    let mark = readRecord(stream, first, depth + 1);
    if (mark === FILL) {
        return fillOf(stream, up, scope);
    }
    if (mark === END) {
        // Without any content it is a condition that is true or a loop without items; the renderer
        // knows which, and this serves as both.
        return Object.keys(first).length > 1 ? first : Object.assign([], first);
    }
    const items = [];
    while (mark === ITEM) {
        const item = { up };
        stream.path.push(items.length);
        mark = readRecord(stream, item, depth + 1);
        stream.path.pop();
        items.push(item);
    }
    return items;
}

/** The content of a slot, for the props that the child gives. */
function fillOf({ ask, path, fills }, up, scope) {
    const here = [...path];
    return (props) => {
        const all = [...fills, props];
        const record = decodeRecord(ask(scope, here, all), ask, up, here, all);
        record.fills = all;
        return record;
    };
}
