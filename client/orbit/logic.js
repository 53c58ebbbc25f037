// SPDX-License-Identifier: MIT

/*
 * Components whose code is JavaScript: a class, or a setup function that returns an object, becomes
 * a logic object (record.js). The generated module gives the expressions:
 *
 *     generated = {
 *         name                          for messages
 *         render: function ()           `this` is the object: the root record
 *         handlers: [function (record, event)...]
 *         privates: ['#name'...]        fields that nobody can save
 *     }
 *
 * The object has $emit(name, detail), $update(), $refs and $props besides what it has itself.
 * Changes are shown after a handler, after a promise that it returned, and after $update().
 */

/** The records of a loop over anything. */
export function each(list, make) {
    if (Array.isArray(list)) {
        const ret = new Array(list.length);
        for (let i = 0; i < list.length; i++) {
            ret[i] = make(list[i], i);
        }
        return ret;
    }
    if (list === null || list === undefined) {
        return [];
    }
    if (typeof list === 'number') {
        return range(1, list, true, make);
    }
    if (typeof list[Symbol.iterator] === 'function') {
        return Array.from(list, make);
    }
    return Object.keys(list).map((key) => make(list[key], key));
}

const RANGE_MAX = 1e6;

export function range(from, to, isInclusive, make) {
    const ret = [];
    const end = isInclusive ? Math.floor(to) : Math.ceil(to) - 1;
    if (end - from >= RANGE_MAX) {
        throw new RangeError(`a loop of ${end - from + 1} items`);
    }
    for (let i = from; i <= end; i++) {
        ret.push(make(i, i - from));
    }
    return ret;
}

const isClass = (type) => /^class\b/.test(Function.prototype.toString.call(type));

const camelCase = (name) => name.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());

function camelProps(props) {
    const ret = {};
    for (const name of Object.keys(props)) {
        ret[camelCase(name)] = props[name];
    }
    return ret;
}

/** The text of a function, or of a class with those that it extends. */
function sourceOf(type) {
    let text = '';
    for (let each = type; typeof each === 'function' && each !== Function.prototype;
        each = Object.getPrototypeOf(each)) {
        text += Function.prototype.toString.call(each);
    }
    return text;
}

/** Whether code hands its props on as a whole, so that any name may be read of them. */
function takesAll(source) {
    const head = source.startsWith('class') ? /\bconstructor\s*\(\s*([\w$]+)/ : /^[^(]*\(\s*([\w$]+)/;
    const name = head.exec(source)?.[1].replaceAll('$', '\\$');
    const count = (rest) => source.match(new RegExp(`(?<![\\w$])${name}${rest}`, 'g'))?.length ?? 0;
    return /\$props\b|\.\.\./.test(source) ||
        (name !== undefined && count('(?![\\w$])') - 1 > count('\\??\\.[\\w$]'));
}

function hide(object, name, value) {
    Object.defineProperty(object, name,
        { value, writable: true, configurable: true, enumerable: false });
}

/** Gives the object a prop, unless the name means something else to it. */
function setProp(object, name, value, own) {
    if (own?.has(name)) {
        return;
    }
    try {
        object[name] = value;
    } catch {
        console.warn(`[orbiton] ${name} is a getter without a setter, and a prop`);
    }
}

/** A state's value for a message. */
function kindOf(value) {
    if (value === null || value === undefined) {
        return 'nothing';
    }
    if (typeof value !== 'object') {
        return `a ${typeof value}`;
    }
    return Object.prototype.toString.call(value).slice(8, -1);
}

const fits = (value, initial) => kindOf(initial) === 'nothing' || kindOf(value) === 'nothing' ||
    kindOf(value) === kindOf(initial);

const isPlain = (value) => value === null || typeof value !== 'object';

class Handle {
    constructor(object, host, props, own) {
        this.object = object;
        this.host = host;
        this.props = props; /* as they were given last */
        this.own = own; /* names that the setup function returned; null of a class */
        this.initial = new Map(); /* the fields as the code made them */
        for (const name of Object.keys(object)) {
            const { value, get } = Object.getOwnPropertyDescriptor(object, name);
            if (typeof value !== 'function') {
                this.initial.set(name, get ? object[name] : value);
            }
        }
    }
}

/** The names in an object that are state. */
function stateNames(handle) {
    return Object.keys(handle.object).filter((name) => {
        const { value } = Object.getOwnPropertyDescriptor(handle.object, name);
        return typeof value !== 'function' && !(name in handle.props && !handle.own?.has(name) &&
            handle.object[name] === handle.props[name]);
    });
}

/** The logic object of a class or setup function. */
export function logic(type, generated) {
    const { name: title, render, handlers, privates = [] } = generated;
    const source = sourceOf(type);
    const known = new Set(); /* props that have been looked for in the code */
    let words = null; /* all that the code says; made when a prop is no field */

    /** Says of a prop, once, that nothing in the component has its name. */
    function check(name, object) {
        if (known.has(name) || name in object) {
            return;
        }
        known.add(name);
        words ??= new Set([source, render, ...handlers].join(' ').match(/[\w$]+/g));
        if (!words.has(name) && !takesAll(source)) {
            console.warn(`[orbiton] ${title}.${name}: there is no such prop`);
        }
    }

    function make(props, host) {
        if (type === undefined || type === null) {
            return { object: {}, own: new Set() };
        }
        if (typeof type !== 'function') {
            throw new TypeError(`${title}: the default export is neither a class nor a function`);
        }
        if (isClass(type)) {
            return { object: new type(props), own: null };
        }
        const object = type(props, { emit: host.emit, update: host.update, refs: host.refs }) ?? {};
        if (typeof object !== 'object' || typeof object.then === 'function') {
            throw new TypeError(`${title}: the setup function must return an object`);
        }
        const own = new Set(Object.keys(object));
        return { object: Object.isExtensible(object) ? object : { ...object }, own };
    }

    /** Shows what has become of a promise; what it rejects with is an error of the page. */
    function showLater(handle, result) {
        if (typeof result?.then === 'function') {
            Promise.resolve(result).finally(handle.host.update);
        }
    }

    function call(handle, name) {
        const method = handle.object[name];
        if (typeof method === 'function') {
            const result = method.call(handle.object);
            handle.host.update();
            showLater(handle, result);
        }
    }

    return {
        create(given, host) {
            const props = camelProps(given);
            const { object, own } = make(props, host);
            hide(object, '$emit', host.emit);
            hide(object, '$update', host.update);
            hide(object, '$refs', host.refs);
            hide(object, '$props', props);
            const handle = new Handle(object, host, props, own);
            for (const name of Object.keys(props)) {
                check(name, object);
                setProp(object, name, props[name], own);
            }
            return handle;
        },

        props(handle, given) {
            const next = camelProps(given);
            const { object, own, props } = handle;
            for (const name of Object.keys(props)) {
                if (!(name in next)) {
                    delete props[name];
                    setProp(object, name, handle.initial.get(name), own);
                }
            }
            for (const name of Object.keys(next)) {
                if (!(name in props) || !Object.is(props[name], next[name])) {
                    props[name] = next[name];
                    check(name, object);
                    setProp(object, name, next[name], own);
                }
            }
        },

        render: (handle) => render.call(handle.object),

        event(handle, handler, path, event, record) {
            showLater(handle, handlers[handler].call(handle.object, record, event));
        },

        mounted: (handle) => call(handle, 'mounted'),
        // A rendering after each rendering would never end.
        updated: (handle) => handle.object.updated?.call(handle.object),
        unmounted: (handle) => handle.object.unmounted?.call(handle.object),
        drop: () => {},

        save(handle) {
            const state = new Map();
            for (const name of stateNames(handle)) {
                const value = handle.object[name];
                const isUntouched = handle.initial.has(name) && isPlain(value) &&
                    Object.is(value, handle.initial.get(name));
                state.set(name, { value, isUntouched, isNew: !handle.initial.has(name) });
            }
            return { state, privates };
        },

        restore(handle, snapshot) {
            if (!(snapshot?.state instanceof Map)) {
                return [`${title}: its state is of another language`];
            }
            const losses = [];
            const { object, initial } = handle;

            snapshot.state.forEach(({ value, isUntouched, isNew }, name) => {
                const found = Object.getOwnPropertyDescriptor(object, name);
                // What nobody has changed is what the code says, and that may be new.
                if (isUntouched) {
                    return;
                }
                if (!found && !isNew) {
                    losses.push(`${title}.${name}: there is no such field any more`);
                } else if (found && (found.get || found.set) && !found.set) {
                    if (!Object.is(object[name], value)) {
                        losses.push(`${title}.${name}: it has no setter to be kept by`);
                    }
                } else if (found && !fits(value, initial.get(name))) {
                    losses.push(`${title}.${name}: what was kept is ${kindOf(value)}, now it is ${
                        kindOf(initial.get(name))}`);
                } else if (!found || typeof found.value !== 'function') {
                    object[name] = value;
                }
            });
            snapshot.privates.forEach((name) =>
                losses.push(`${title}.${name}: private fields cannot be kept`));
            return losses;
        },

        names: ({ state }, fresh) => (fresh && !(fresh.state instanceof Map) ? [] : [...state]
            .filter(([, { isUntouched }]) => !isUntouched).map(([name]) => name)),

        expose: (handle) => handle.object,
    };
}
