// SPDX-License-Identifier: MIT

/*
 * Part of client.js. What modules say to `import.meta.hot`, and ask for as they run: here it is
 * written down, since it cannot wait; hot.js does what follows from it.
 *
 * Invariant: each evaluation of a module has an instance of its own; `hot.data` is the module's.
 */

const records = new Map(); // module's url -> { data, instance }

const sources = new Map(); // url of an instance -> data: URL that it was made of
const edges = new Map(); // importer's url -> urls that its import(expression) named
const untoldHot = new Set();
const untoldEdges = new Set();
const left = takeLeft();

// What the page before this one left for its modules (capsule.js), after a reload of ours.
function takeLeft() {
    try {
        const name = 'orbit:data:' + documentKey;
        const text = sessionStorage.getItem(name);
        sessionStorage.removeItem(name);
        return text && wasReloadedByUs() ? JSON.parse(text) : {};
    } catch {
        return {};
    }
}

// The other half of pack() in capsule.js.
function unpack(value) {
    if (Array.isArray(value)) {
        return value.map(unpack);
    }
    if (value === null || typeof value !== 'object') {
        return value;
    }
    const kinds = {
        date: Number,
        number: Number,
        bigint: BigInt,
        undefined: () => undefined,
    };
    if (value.$ === 'map') {
        return new Map(value.v.map(unpack));
    }
    if (value.$ === 'set') {
        return new Set(value.v.map(unpack));
    }
    if (value.$ === 'object') {
        return Object.fromEntries(value.v.map(([name, each]) => [name, unpack(each)]));
    }
    const plain = kinds[value.$](value.v);
    return value.$ === 'date' ? new Date(plain) : plain;
}

function recordOf(key) {
    let record = records.get(key);
    if (!record) {
        record = { data: {}, instance: null };
        if (Object.hasOwn(left, key)) {
            try {
                record.data = unpack(left[key]);
            } catch (error) {
                console.warn('[orbiton] what', key, 'kept could not be put back:', error);
            }
            delete left[key];
        }
        records.set(key, record);
    }
    return record;
}

// A module whose new version has no context accepts nothing any more.
function describeHot(key) {
    const { self = [], deps = [], exports = [] } = records.get(key)?.instance || {};
    return {
        self: self.length > 0,
        deps: [...new Set(deps.flatMap((each) => each.keys))],
        exports: [...new Set(exports.flatMap((each) => each.names))],
    };
}

function noteHot(key) {
    untoldHot.add(key);
    batch();
}

// What a bare specifier means to the page's import map, if it has one.
function mapBare(specifier) {
    const map = {};
    for (const script of document.querySelectorAll('script[type="importmap"]')) {
        try {
            Object.assign(map, JSON.parse(script.textContent).imports);
        } catch {
            // The browser has said so.
        }
    }
    if (typeof map[specifier] === 'string') {
        return map[specifier];
    }
    const folders = Object.keys(map).filter((each) =>
        each.endsWith('/') && specifier.startsWith(each)).sort((a, b) => b.length - a.length);
    return folders.length ? map[folders[0]] + specifier.slice(folders[0].length) : specifier;
}

function dependencyKey(specifier, base) {
    const text = String(specifier);
    const isBare = !/^(?:\.{0,2}\/|[a-z][a-z\d+.-]*:)/i.test(text);
    const mapped = isBare ? mapBare(text) : text;
    try {
        return keyOf(new URL(mapped, mapped === text ? base : document.baseURI).href) || text;
    } catch {
        return text;
    }
}

const isCallback = (value) => value === undefined || value === null
    || typeof value === 'function';
const doNothing = () => {};

/**
 * Whether a module of components takes itself depends on what it exports, and that it can ask only when it
 * has run: it accepts a promise, of its callback or of nothing. Until then nothing is said of it.
 */
function decideLater(instance, decision) {
    instance.deciding = Promise.resolve(decision).then((callback) => {
        if (callback) {
            instance.self.push(callback);
        }
    }, doNothing).then(() => {
        instance.deciding = null;
        noteHot(instance.key);
    });
}

class Hot {
    #mine;

    constructor(instance) {
        this.#mine = instance;
    }

    #changed() {
        noteHot(this.#mine.key);
    }

    get data() {
        return this.#mine.record.data;
    }

    accept(what, callback) {
        const mine = this.#mine;
        if (typeof what?.then === 'function') {
            decideLater(mine, what);
        } else if (isCallback(what)) {
            mine.self.push(what || doNothing);
        } else if ((typeof what === 'string' || Array.isArray(what)) && isCallback(callback)) {
            const keys = [what].flat().map((each) => dependencyKey(each, mine.url));
            mine.deps.push({ keys, isList: Array.isArray(what), call: callback || doNothing });
        } else {
            throw new TypeError('import.meta.hot.accept takes (callback), (specifier, callback)'
                + ' or ([specifiers], callback)');
        }
        this.#changed();
    }

    acceptExports(names, callback) {
        const list = [names].flat().map(String);
        this.#mine.exports.push({ names: list, call: callback || doNothing });
        this.#changed();
    }

    dispose(callback) {
        this.#mine.disposes.push(callback);
    }

    prune(callback) {
        this.#mine.prunes.push(callback);
    }

    // As in Vite it has no effect: a module that accepts nothing is declined already.
    decline() {}

    invalidate(message = '') {
        const mine = this.#mine;
        if (!mine.isInvalidated && !mine.isDead) {
            mine.isInvalidated = true;
            const { key, stamp } = mine;
            const text = String(message);
            if (orbit.onInvalidate) {
                orbit.onInvalidate(key, text);
            } else {
                post({ type: 'invalidate', url: key, message: text, stamp });
            }
        }
    }

    on(event, listener) {
        this.#mine.listeners.push([String(event), listener]);
    }

    off(event, listener) {
        const { listeners } = this.#mine;
        const at = listeners.findIndex((each) => each[0] === event && each[1] === listener);
        if (at >= 0) {
            listeners.splice(at, 1);
        }
    }

    send(event, data) {
        post({ type: 'custom', event: String(event), data });
    }
}

/** The context of the module that is being evaluated: a fresh one each time. */
function hot(url) {
    const key = keyOf(url) || String(url);
    const record = recordOf(key);
    record.instance = {
        key,
        url: new URL(url, document.baseURI).href,
        stamp: stampOf(url),
        record,
        self: [],
        deps: [],
        exports: [],
        disposes: [],
        prunes: [],
        listeners: [],
        deciding: null,
        isInvalidated: false,
        isDead: false,
    };
    noteHot(key);
    return new Hot(record.instance);
}

/** What import(expression) is to load: the newest instance, as if it were written out. */
function at(specifier, importer) {
    try {
        const text = String(specifier);
        if (!/^(?:\.{0,2}\/|https?:)/.test(text)) {
            return specifier;
        }
        const target = new URL(text, importer);
        const key = keyOf(target.href);
        const from = keyOf(importer);
        if (!key) {
            return target.href;
        }
        const known = edges.get(from) || new Set();
        if (from && !known.has(key)) {
            edges.set(from, known.add(key));
            untoldEdges.add(from);
            batch();
        }
        const isLoaded = loaded.has(key) && loaded.get(key) !== 'missing';
        const mine = stamps.get(key) || '0';
        const newest = isLoaded ? mine : orbit.newest.get(key) || mine;
        // What was pruned here has a number that the server may not have told of.
        const stamp = orbit.arriving.get(key) || (isOlder(newest, mine) ? mine : newest);
        // Out of the packages the way is that of their plain URLs.
        const leaves = PACKAGES.test(target.pathname) && !isPackage(key);
        const href = leaves ? location.origin + key + target.hash : target.href;
        const own = stampOf(text);
        // A whole URL: an importer that came with a message is nowhere that a way could begin from.
        return own === '0' ? withStamp(href, stamp) : leaves ? withStamp(href, own) : href;
    } catch {
        // import() says itself what is wrong with it.
        return specifier;
    }
}

/** What import(import.meta.url) is to load: a module that came with a message is not to be asked for. */
function source(url) {
    return sources.get(url) ?? url;
}

/** A stylesheet that a module imports: there, and loaded, before the module goes on. */
function style(key, href) {
    for (const link of document.querySelectorAll('link[data-orbit]')) {
        if (link.dataset.orbit === key) {
            return link.sheet ? undefined : loadOf(link);
        }
    }
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = href;
    link.dataset.orbit = key;
    link.nonce = nonce;
    const loading = loadOf(link);
    (document.head || document.documentElement).append(link);
    return loading;
}

function loadOf(link) {
    return new Promise((resolve, reject) => {
        link.addEventListener('load', () => resolve(), { once: true });
        link.addEventListener('error', () => {
            // An import in it that is missing is an error for browsers; the sheet is there.
            if (link.sheet) {
                resolve();
            } else {
                link.remove();
                reject(new Error(`${link.getAttribute('href')} could not be loaded`));
            }
        }, { once: true });
    });
}

Object.defineProperty(globalThis, '__orbiton__', { value: Object.freeze({ hot, at, source, style }) });
