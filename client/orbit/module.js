// SPDX-License-Identifier: MIT

/*
 * A wasm module whose exports are those of crates/orbit or orbit.h, as logic objects (record.js).
 *
 * Invariant: while a call into the module runs, none goes in again. What the module asks of the page
 * in a call (events to the parent, renderings) is done when the call has returned. A call that
 * traps asks for nothing, and leaves the stack as it was.
 */

import { stackOf, withStack } from './stack.js';
import { codeStart, placeOfTrap } from './trap.js';
import { decode, decodeRecord, encode } from './wire.js';

const utf8 = new TextDecoder();

/** What a handler of the component sees of an event. */
function eventFields(event) {
    const target = event.target ?? {};
    const text = (value) => (typeof value === 'string' ? value : '');
    const number = (value) => (typeof value === 'number' ? value : 0);
    return {
        type: text(event.type),
        value: text(event.value ?? target.value),
        checked: Boolean(event.checked ?? target.checked),
        key: text(event.key),
        code: text(event.code),
        x: number(event.clientX),
        y: number(event.clientY),
        button: number(event.button),
        detail: event.detail ?? null,
    };
}

const PLACED = /^[^\s:]+:\d+:\d+: /; // as a panic of Rust says where it was

const indexesOf = (path) => new Uint8Array(new Uint32Array(path).buffer);

/** What wasi-libc may ask for: output goes to the console, there are no files. */
function wasi(memory, log) {
    const NO_SYSTEM = 52;
    const BAD_FILE = 8;
    const view = () => new DataView(memory().buffer);
    const functions = {
        fd_write(file, vectors, count, ret) {
            let text = '';
            let size = 0;
            for (let i = 0; i < count; i++) {
                const at = view().getUint32(vectors + 8 * i, true);
                const length = view().getUint32(vectors + 8 * i + 4, true);
                text += utf8.decode(new Uint8Array(memory().buffer, at, length));
                size += length;
            }
            if (text.trim() !== '') {
                log(file === 2 ? 2 : 0, text.replace(/\n$/, ''));
            }
            view().setUint32(ret, size, true);
            return 0;
        },
        fd_fdstat_get: () => BAD_FILE,
        fd_prestat_get: () => BAD_FILE,
        clock_time_get(clock, precision, ret) {
            const now = clock === 0 ? Date.now() : performance.now();
            view().setBigUint64(ret, BigInt(Math.round(now * 1e6)), true);
            return 0;
        },
        random_get(at, length) {
            for (let from = 0; from < length; from += 65536) {
                const part = new Uint8Array(memory().buffer, at + from,
                    Math.min(65536, length - from));
                crypto.getRandomValues(part);
            }
            return 0;
        },
        proc_exit(status) {
            throw new Error(`the module has left with status ${status}`);
        },
    };
    return new Proxy(functions, {
        get: (_, name) => functions[name] ?? (() => NO_SYSTEM),
        has: () => true,
    });
}

class Module {
    constructor(bytes) {
        this.codeStart = codeStart(bytes);
        this.wasm = null; /* the WebAssembly.Module */
        this.hosts = new Map(); /* by the number of the instance */
        this.isInside = false;
        this.waiting = []; /* what the module has asked for */
        this.lastError = null;
        this.exports = null;
    }

    imports() {
        const log = (level, text) => {
            if (level === 2) {
                this.lastError = text;
            }
            console[['log', 'warn', 'error'][level] ?? 'log'](text);
        };
        const memory = () => this.exports.memory;
        return {
            orbit: {
                log: (level, at, length) => log(level, this.text(at, length)),
                emit: (id, nameAt, nameLength, at, length) => {
                    const name = this.text(nameAt, nameLength);
                    const detail = decode(this.copy(at >>> 0, length >>> 0));
                    this.waiting.push(() => this.hosts.get(id)?.emit(name, detail));
                },
                request_update: (id) => {
                    this.waiting.push(() => this.hosts.get(id)?.update());
                },
            },
            wasi_snapshot_preview1: wasi(memory, log),
        };
    }

    copy(at, length) {
        return new Uint8Array(this.exports.memory.buffer, at, length).slice();
    }

    text(at, length) {
        return utf8.decode(this.copy(at >>> 0, length >>> 0));
    }

    /** Runs `act`, which calls into the module; then what that has asked for. */
    enter(act) {
        if (this.isInside) {
            throw new Error('a call into a module that runs');
        }
        this.isInside = true;
        this.lastError = null;
        const stack = stackOf(this.exports);
        const top = stack?.value;
        let ret;
        try {
            ret = act(this.exports);
        } catch (error) {
            if (stack) {
                stack.value = top;
            }
            this.waiting = [];
            throw error instanceof WebAssembly.RuntimeError ? this.explain(error) : error;
        } finally {
            this.isInside = false;
        }
        this.settle();
        return ret;
    }

    /** A trap says "unreachable"; what the module has said before tells why, and its table where. */
    explain(error) {
        const text = this.lastError ?? error.message;
        const place = PLACED.test(text) ? '' : placeOfTrap(this.wasm, this.codeStart, error);
        return place === '' && this.lastError === null ? error
            : new Error(place === '' ? text : `${place}: ${text}`, { cause: error });
    }

    settle() {
        for (const act of this.waiting.splice(0)) {
            act();
        }
    }

    /** Calls with buffers in the module's memory. */
    give(buffers, act) {
        return this.enter((exports) => {
            const places = buffers.map((bytes) => {
                const at = exports.orbit_alloc(bytes.length) >>> 0;
                new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes);
                return at;
            });
            const ret = act(exports, ...places);
            places.forEach((at, i) => exports.orbit_free(at, buffers[i].length));
            return ret;
        });
    }

    /** The bytes of a result: address | length << 32. */
    result(packed) {
        const bits = BigInt.asUintN(64, BigInt(packed));
        return this.copy(Number(bits & 0xffffffffn), Number(bits >> 32n));
    }

    /** The stream of a slot's content. */
    fill(id, scope, path, fills) {
        const indexes = indexesOf(path);
        const bytes = encode(fills);
        return this.give([indexes, bytes], (exports, at, fillsAt) =>
            this.result(exports.orbit_fill(id, scope, at, path.length, fillsAt, bytes.length)));
    }

    logic(component, name) {
        return {
            create: (props, host) => {
                const bytes = encode(props);
                // The number is known behind the call; what `new` asks for waits as long.
                const id = this.give([bytes], (exports, at) => {
                    const made = exports.orbit_new(component, at, bytes.length);
                    this.hosts.set(made, host);
                    return made;
                });
                if (id === 0) {
                    throw new Error(`${name} cannot be made`);
                }
                return id;
            },
            props: (id, props) => {
                const bytes = encode(props);
                this.give([bytes], (exports, at) => exports.orbit_props(id, at, bytes.length));
            },
            render: (id) => decodeRecord(
                this.enter((exports) => this.result(exports.orbit_render(id))),
                (scope, path, fills) => this.fill(id, scope, path, fills)),
            event: (id, handler, path, event, record = null) => {
                let home = record;
                while (home && !home.fills) {
                    home = home.up;
                }
                const indexes = indexesOf(path);
                const bytes = encode({ ...eventFields(event), fills: home?.fills ?? [] });
                this.give([indexes, bytes], (exports, at, eventAt) =>
                    exports.orbit_event(id, handler, at, path.length, eventAt, bytes.length));
            },
            mounted: (id) => this.enter((exports) => exports.orbit_hook(id, 0)),
            updated: (id) => this.enter((exports) => exports.orbit_hook(id, 1)),
            unmounted: (id) => this.enter((exports) => exports.orbit_hook(id, 2)),
            drop: (id) => {
                this.enter((exports) => exports.orbit_drop(id));
                this.hosts.delete(id);
            },
            save: (id) => this.enter((exports) => this.result(exports.orbit_save(id))),
            // In C a snapshot has all fields; what new code makes the same of is no news, and code of
            // another language has kept nothing.
            names: (snapshot, fresh) => {
                if (!(fresh instanceof Uint8Array)) {
                    return [];
                }
                const now = decode(fresh) ?? {};
                const isSame = (a, b) => String(encode([a])) === String(encode([b]));
                return Object.entries(decode(snapshot) ?? {})
                    .filter(([name, value]) => !(name in now) || !isSame(value, now[name]))
                    .map(([name]) => name);
            },
            restore: (id, snapshot) => {
                if (!(snapshot instanceof Uint8Array)) {
                    return [`${name}: its state is of another language`];
                }
                return decode(this.give([snapshot], (exports, at) =>
                    this.result(exports.orbit_restore(id, at, snapshot.length))));
            },
        };
    }
}

const EXPORTS = ['memory', 'orbit_alloc', 'orbit_describe', 'orbit_drop', 'orbit_event', 'orbit_fill',
    'orbit_free', 'orbit_hook', 'orbit_new', 'orbit_props', 'orbit_render', 'orbit_restore', 'orbit_save'];

/** The components of a wasm file, whose bytes are given: a list of { name, path, table, logic }. */
export async function instantiate(file) {
    const bytes = withStack(new Uint8Array(file));
    const module = new Module(bytes);
    const { instance, module: wasm } = await WebAssembly.instantiate(bytes, module.imports());
    const missing = EXPORTS.filter((name) => !(name in instance.exports));

    if (missing.length > 0) {
        throw new Error(`the wasm file exports no ${missing.join(', ')}: does lib.rs have ` +
            '`#[path = "../target/orbit/mod.rs"] pub mod components;`?');
    }
    module.exports = instance.exports;
    module.wasm = wasm;
    module.enter((exports) => exports._initialize?.());
    const list = decode(module.enter((exports) => module.result(exports.orbit_describe())));
    return list.map(({ name, path, table }, i) => ({ name, path, table,
        logic: module.logic(i, name) }));
}
