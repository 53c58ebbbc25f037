// SPDX-License-Identifier: MIT

/*
 * Records: what a component's code gives to be shown. Generated JavaScript makes them directly, the
 * glue of a wasm module decodes them from the slot stream; the renderer only reads them.
 *
 *     record = {
 *         up: record | null    that of the enclosing scope
 *         v: [...]             the variables of an o-for or a fill; for generated JavaScript only
 *         s<N>: value          of slot N; of a component: [the component of :is,] props in order
 *         c<N>: record         of scope N, an o-if, o-else-if or o-else, when it was entered
 *               record[]       of an o-for, one an item
 *               (props) => record, or a record    of slot content with props
 *     }
 *
 * The root record is that of scope 0. A slot or scope that a record does not have was not computed.
 *
 * A logic object drives one component's code:
 *
 *     create(props, host)    a handle, anything but undefined. `host` has emit(name, detail),
 *                            update() and refs; it stays the same when the code is replaced
 *     props(handle, props)   the parent gives others
 *     render(handle)         the root record
 *     event(handle, handler, path, event, record)    `path`: the indexes of the o-for loops around
 *                            the handler's scope, outermost first; `record`: that of its scope.
 *                            o-model gives { type: 'model', detail: value, value, checked }, a
 *                            component's event is a CustomEvent
 *     mounted(handle), updated(handle), unmounted(handle), drop(handle)
 *     save(handle)           a snapshot of its state
 *     restore(handle, snapshot)    takes it over; a list of what did not fit, a sentence each
 *     names(snapshot, fresh) of the fields in it that something had changed; `fresh` is what the new
 *                            code saves before it takes the snapshot over
 *     expose(handle)         what a ref on the component gives; optional
 *
 * Invariant: a value that is not known is UNKNOWN and is shown as "…"; it is never an error.
 */

export const UNKNOWN = Symbol('orbit.unknown');

/** Where a slot is read: `up` blocks outward, under this key; null is an unknown one. */
export function read(block, place) {
    if (place === null) {
        return UNKNOWN;
    }
    for (let n = place.up; n > 0; n--) {
        block = block.parent;
    }
    return block.record === null ? UNKNOWN : block.record[place.key];
}

/** A value as text. */
export function textOf(value) {
    if (typeof value === 'string') {
        return value;
    }
    if (value === null || value === undefined) {
        return '';
    }
    if (value === UNKNOWN) {
        return '…';
    }
    if (typeof value !== 'object') {
        return String(value);
    }
    if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) {
        try {
            return JSON.stringify(value, null, 2);
        } catch {
            // A circle, or a BigInt in it.
        }
    }
    return String(value);
}
