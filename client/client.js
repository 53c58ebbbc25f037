// SPDX-License-Identifier: MIT

/*
 * The client's first part: the one script that runs before any of the page's own.
 *
 * It does what cannot wait. It watches everything that the page loads, so that it can tell which
 * version of each file the page really runs (the state vector, docs/protocol.md); it takes the
 * page's handler and what modules say to `import.meta.hot`; and it connects. What is to be done
 * with a message is in session.js, which is loaded with the server's first word, and never before
 * the document is parsed: a module loaded earlier would make browsers refuse the import map.
 *
 * Invariants: nothing here throws into the page; a lost connection never reloads it.
 */
(function () {
    'use strict';

    // The page may name the client itself as well; the first one stays.
    if (typeof window.__ORBIT_REGISTER_HMR_HANDLER === 'function') {
        return;
    }

    prepareLibraries();

    const PART_TEXT = 18 * 1024; // characters of a message, of up to three bytes
    const BATCH_MS = 20;
    const RETRY_MIN_MS = 50;
    const RETRY_MAX_MS = 5000;
    const OPEN_MS = 5000;
    const INBOX_MAX = 1000;
    const LOG_MAX = 20;
    const LOG_TEXT_MAX = 4096;
    const OUTBOX_MAX = 100;

    // The parameters that a swapped stylesheet, picture or module carries; nobody else's look so.
    const OUR_PARAMETER = /^(?:v=(?:[0-9a-f]{32}|missing)|orbit=\d+(?:r\d+)?)$/;
    // A path that is its own canonical form and has no query, as most have: it needs no parsing.
    const PLAIN = /^(?:\/|(?:\/[\w~-][\w.~-]*)+)$/;
    const STAMP = /[?&]orbit=(\d+(?:r\d+)?)(?=&|#|$)/;

    const tag = readTag(document.currentScript);
    const nonce = document.currentScript?.nonce || '';
    const documentKey = location.pathname + location.search;
    const untold = new Set(); // urls of which the server may believe something else

    class Versions extends Map {
        set(key, value) {
            untold.add(key);
            return super.set(key, value);
        }
    }

    const loaded = new Versions(); // url -> the version that the page runs
    // url -> the stamp of its newest instance; of what was pruned, of that: the next one is newer
    const stamps = new Versions();
    const told = new Map(); // url -> the version that the server believes
    // url -> the newest transaction when it was served, until the server is told of it
    const seen = new Map();
    const heldStamps = new Map(); // of transactions under way: what was loaded; null: failed
    const changing = new Set(); // urls of a transaction under way: nothing is said of them yet

    let handler = null;
    let session = null;
    let sessionState = 'none'; // or 'loading', 'ready'
    const inbox = [];
    const logs = [];
    const outbox = []; // what modules send before there is a connection

    const records = new Map(); // module's url -> { data, instance }

    const orbit = {
        config: { hotOnly: false, badge: true, overlay: true },
        epoch: tag.epoch,
        seq: tag.seq,
        token: tag.token,
        documentKey,
        loaded,
        stamps,
        told,
        changing,
        records,
        newest: new Map(), // url -> stamp, as the server has it, also of what was never loaded
        arriving: new Map(), // url -> stamp, of what the running transaction evaluates
        errors: [], // of the page, until the session takes them
        onError: null,
        probe: null, // takes an error of the page that is no news, and says whether it was one
        onInvalidate: null,
        isFailing: () => false, // whether the page says that something is broken
        keyOf,
        stampOf,
        versionText,
        withVersion,
        withStamp,
        holdStamp: (stamp) => heldStamps.set(stamp, []),
        releaseStamp,
        noteHot,
        contextOf: hot,
        post,
        send,
        batch,
        getHandler: () => handler,
        isConnected: () => transport !== null,
    };

    /** What libraries look for once, as they are evaluated, wherever the page imports them. */
    function prepareLibraries() {
        // React's way to its developer tools, and to Fast Refresh (react.js).
        window.__REACT_DEVTOOLS_GLOBAL_HOOK__ ??= {
            renderers: new Map(),
            supportsFiber: true,
            inject(renderer) {
                this.renderers.set(this.renderers.size + 1, renderer);
                return this.renderers.size;
            },
            onScheduleFiberRoot() {},
            onCommitFiberRoot() {},
            onCommitFiberUnmount() {},
        };
        // Vue's own defaults, which it takes with a warning where nobody has said them.
        window.__VUE_OPTIONS_API__ ??= true;
        window.__VUE_PROD_DEVTOOLS__ ??= false;
        window.__VUE_PROD_HYDRATION_MISMATCH_DETAILS__ ??= false;
    }

    function readTag(script) {
        const empty = { token: '', epoch: '', seq: 0 };
        try {
            return Object.assign(empty, JSON.parse(script.dataset.orbit));
        } catch {
            // Included by hand: the token is fetched on connection.
            return empty;
        }
    }

    /* ---- what the page runs ---- */

    // The name of a URL in the state vector; empty if it is not one of the project's.
    function keyOf(url) {
        const path = url.startsWith(location.origin) ? url.slice(location.origin.length) : url;
        if (PLAIN.test(path)) {
            return isOurs(path) ? '' : path;
        }
        let parsed;
        try {
            parsed = new URL(url, document.baseURI);
        } catch {
            return '';
        }
        if (parsed.origin !== location.origin || isOurs(parsed.pathname)) {
            return '';
        }
        const query = parsed.search.slice(1).split('&').filter((part) => !OUR_PARAMETER.test(part));
        return parsed.pathname + (query.join('&') ? '?' + query.join('&') : '');
    }

    function isOurs(path) {
        return path.startsWith('/__orbit/') || path.startsWith('/__orbit_');
    }

    /** The stamp in a URL, "0" if there is none. */
    function stampOf(url) {
        const found = STAMP.exec(url);
        return found ? found[1] : '0';
    }

    // "12r3" is what took the place of the "12" that did not work.
    function isOlder(stamp, than) {
        const [a, b] = [stamp, than].map((each) => parseInt(each, 10));
        return a === b ? !stamp.includes('r') && than.includes('r') : a < b;
    }

    /** What is registered for a URL: its content, and which instance of the module it is. */
    function versionText(key) {
        const stamp = stamps.get(key);
        const hash = loaded.get(key);
        return stamp && stamp !== '0' && hash ? hash + '@' + stamp : hash;
    }

    // The same URL text, relative or not, with its query and fragment, but of that version.
    function withVersion(url, version) {
        return withParameter(url, 'v=' + version);
    }

    function withStamp(url, stamp) {
        return stamp === '0' ? url : withParameter(url, 'orbit=' + stamp);
    }

    function withParameter(url, parameter) {
        const hash = url.indexOf('#');
        const fragment = hash < 0 ? '' : url.slice(hash);
        const rest = hash < 0 ? url : url.slice(0, hash);
        const mark = rest.indexOf('?');
        const path = mark < 0 ? rest : rest.slice(0, mark);
        const query = mark < 0 ? [] : rest.slice(mark + 1).split('&');
        const kept = query.filter((part) => part && !OUR_PARAMETER.test(part));
        return path + '?' + [...kept, parameter].join('&') + fragment;
    }

    // null: not from orbiton. undefined: the browser does not say (insecure origin).
    function timingOf(entry) {
        return entry.serverTiming
            && (entry.serverTiming.find((each) => each.name === 'orbit') || null);
    }

    function note(entry) {
        // A frame's document has a client of its own.
        if (entry.initiatorType === 'iframe' || entry.initiatorType === 'frame') {
            return;
        }
        const key = keyOf(entry.name);
        const timing = timingOf(entry);
        if (!key || timing === null || (!timing && loaded.has(key))) {
            return;
        }
        const stamp = stampOf(entry.name);
        const current = stamps.get(key) || '0';
        if (heldStamps.has(stamp)) {
            heldStamps.get(stamp)?.push(entry);
            return;
        }
        if (isOlder(stamp, current)) {
            return;
        }
        loaded.set(key, timing ? timing.description : '');
        if (timing && timing.description !== 'missing') {
            seen.set(key, timing.duration);
        }
        if (stamp !== '0') {
            stamps.set(key, stamp);
        }
    }

    // What was loaded for a transaction counts if it came through, and never if it did not.
    function releaseStamp(stamp, isGood) {
        const entries = heldStamps.get(stamp) || [];
        if (isGood) {
            heldStamps.delete(stamp);
            entries.forEach(note);
        } else {
            heldStamps.set(stamp, null);
        }
    }

    function noteDocument() {
        const entry = performance.getEntriesByType('navigation')[0];
        const hash = entry && timingOf(entry)?.description;
        // A document that was edited in place is no longer the one that was navigated to.
        if (!loaded.get(documentKey)) {
            loaded.set(documentKey, hash || '');
        }
    }

    function observe() {
        noteDocument();
        try {
            new PerformanceObserver((list) => {
                list.getEntries().forEach(note);
                batch();
            }).observe({ type: 'resource', buffered: true });
            new PerformanceObserver(() => {
                noteDocument();
                batch();
            }).observe({ type: 'navigation', buffered: true });
        } catch (error) {
            console.warn('[orbiton] cannot tell what the page has loaded:', error);
        }
    }

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

    // Tells what the server does not know yet; `first` opens a connection and tells everything.
    function register(first) {
        if (!transport) {
            return;
        }
        const keys = first ? [...loaded.keys()] : [...untold].filter((key) => !changing.has(key));
        keys.forEach((key) => untold.delete(key));
        const entries = keys.filter((key) => loaded.has(key))
            .map((key) => ['loaded', key, versionText(key)])
            .filter(([, key, version]) => first || told.get(key) !== version);
        const ageOf = (key) => (seen.has(key) ? `~${seen.get(key)}` : '');
        // A browser never runs a URL twice: what comes back needs a stamp of its own.
        const pruned = first ? [...stamps].filter(([key]) => !loaded.has(key)) : [];
        const hot = [...(first ? records.keys() : untoldHot)].filter((key) => !changing.has(key));
        const parts = cut([
            ...entries.map(([member, key, version]) => [member, key, version + ageOf(key)]),
            ...pruned.map(([key, stamp]) => ['loaded', key, 'pruned@' + stamp]),
            ...hot.map((key) => ['hot', key, describeHot(key)]),
            ...[...(first ? edges.keys() : untoldEdges)].flatMap((key) =>
                [...edges.get(key)].map((target) => ['edges', key, target])),
        ]);
        const failing = (first && orbit.isFailing()) || undefined;
        const head = {
            type: 'register', url: documentKey, epoch: orbit.epoch, seq: orbit.seq, failing,
        };
        (first && !parts.length ? [{ loaded: {} }] : parts).forEach((part, i) =>
            send({ ...head, ...part, more: i + 1 < parts.length || undefined }));
        entries.forEach(([, key, version]) => told.set(key, version));
        keys.forEach((key) => seen.delete(key));
        hot.forEach((key) => untoldHot.delete(key));
        untoldEdges.clear();
    }

    /* ---- import.meta.hot: what modules say is written down; hot.js does what follows ---- */

    const edges = new Map(); // importer's url -> urls that its import(expression) named
    const untoldHot = new Set();
    const untoldEdges = new Set();
    const carried = takeCarried();

    // What the page before this one left for its modules (capsule.js), after a reload of ours.
    function takeCarried() {
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
            if (Object.hasOwn(carried, key)) {
                try {
                    record.data = unpack(carried[key]);
                } catch (error) {
                    console.warn('[orbiton] what', key, 'kept could not be put back:', error);
                }
                delete carried[key];
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
            if (isCallback(what)) {
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

    function post(message) {
        if (transport) {
            send(message);
        } else if (outbox.length < OUTBOX_MAX) {
            outbox.push(message);
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
                return specifier;
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
            return stampOf(text) === '0' && stamp !== '0' ? withStamp(target.href, stamp)
                : specifier;
        } catch {
            // import() says itself what is wrong with it.
            return specifier;
        }
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

    Object.defineProperty(globalThis, '__orbiton__', { value: Object.freeze({ hot, at, style }) });

    /* ---- the page's handler ---- */

    Object.defineProperty(window, '__ORBIT_REGISTER_HMR_HANDLER', {
        value: (fn) => {
            if (typeof fn === 'function' || fn === null || fn === undefined) {
                handler = fn || null;
            } else {
                console.warn('[orbiton] __ORBIT_REGISTER_HMR_HANDLER takes a function, not', fn);
            }
        },
    });

    /* ---- the connection ---- */

    let transport = null; // { send(text), close() } while it is open
    let connecting = false;
    let leaving = false;
    let attempts = 0;
    let retryTimer = 0;
    let socketFailures = 0;
    let useEvents = false;
    let tokenIsFresh = tag.token !== '';

    function send(message) {
        if (transport) {
            transport.send(JSON.stringify(message));
        }
    }

    async function connect() {
        clearTimeout(retryTimer);
        if (transport || connecting || leaving) {
            return;
        }
        connecting = true;
        let opened = null;
        const byEvents = useEvents;
        try {
            if (!tokenIsFresh) {
                await refreshToken();
            }
            tokenIsFresh = false;
            opened = byEvents ? await openEvents() : await openSocket();
        } catch {
            if (byEvents) {
                useEvents = false;
                socketFailures = 0;
            }
        }
        connecting = false;
        if (opened && leaving) {
            opened.close();
        } else if (opened) {
            transport = opened;
            told.clear();
            register(true);
            logs.splice(0).forEach(send);
            outbox.splice(0).forEach(send);
            notify();
        } else {
            notify();
            retry();
        }
    }

    function lose() {
        if (transport) {
            transport = null;
            notify();
            retry();
        }
    }

    function retry() {
        // A hidden tab waits until it is seen; wake() comes then.
        if (leaving || document.hidden) {
            return;
        }
        const wait = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** attempts);
        attempts = Math.min(attempts + 1, 10);
        clearTimeout(retryTimer);
        retryTimer = setTimeout(connect, wait * (0.5 + Math.random() / 2));
    }

    function wake() {
        leaving = false;
        attempts = 0;
        connect();
    }

    // A restarted server has a new token. Asking for it first also keeps the console quiet: while
    // the server is away there is one failed request per attempt, and no failed WebSocket.
    async function refreshToken() {
        let response;
        try {
            response = await fetch('/__orbit/token', { cache: 'no-store' });
        } catch (error) {
            socketFailures = 0;
            throw error;
        }
        if (response.ok) {
            const answer = await response.json();
            orbit.token = String(answer.token || '');
        }
    }

    function openSocket() {
        return new Promise((resolve, reject) => {
            const scheme = location.protocol === 'https:' ? 'wss://' : 'ws://';
            const query = '?token=' + encodeURIComponent(orbit.token);
            const socket = new WebSocket(scheme + location.host + '/__orbit/ws' + query);
            const watchdog = setTimeout(() => socket.close(), OPEN_MS);
            let opened = null;
            socket.onopen = () => {
                clearTimeout(watchdog);
                socketFailures = 0;
                opened = { send: (text) => socket.send(text), close: () => socket.close() };
                resolve(opened);
            };
            socket.onmessage = (event) => receive(event.data);
            socket.onclose = () => {
                clearTimeout(watchdog);
                if (!opened) {
                    socketFailures++;
                    useEvents = socketFailures >= 2;
                    reject(new Error('the WebSocket was refused'));
                } else if (transport === opened) {
                    lose();
                }
            };
        });
    }

    // Where a proxy refuses upgrades: events down, POST up, in order.
    function openEvents() {
        return new Promise((resolve, reject) => {
            const token = orbit.token;
            const events = new EventSource('/__orbit/events?token=' + encodeURIComponent(token));
            let opened = null;
            let sending = Promise.resolve();
            const end = () => {
                events.close();
                if (opened && transport === opened) {
                    lose();
                }
                reject(new Error('the event stream ended'));
            };
            const watchdog = setTimeout(end, OPEN_MS);
            events.onerror = () => {
                clearTimeout(watchdog);
                end();
            };
            events.onmessage = (event) => {
                const message = parse(event.data);
                if (!opened && message && message.type === 'hello') {
                    clearTimeout(watchdog);
                    const url = '/__orbit/send?page=' + encodeURIComponent(message.page);
                    const headers = { 'X-Orbit-Token': token, 'Content-Type': 'application/json' };
                    const post = (body) => fetch(url, { method: 'POST', headers, body });
                    opened = {
                        send: (text) => {
                            sending = sending.then(() => post(text)).then((response) => {
                                if (!response.ok) {
                                    end();
                                }
                            }, end);
                        },
                        close: () => events.close(),
                    };
                    resolve(opened);
                }
                receive(event.data);
            };
        });
    }

    function parse(text) {
        try {
            const message = JSON.parse(text);
            return message && typeof message.type === 'string' ? message : null;
        } catch {
            return null;
        }
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

    function receive(text) {
        const message = parse(text);
        if (!message) {
            return;
        }
        const received = performance.now();
        if (message.type === 'hello') {
            attempts = 0;
            Object.assign(orbit.config, message.config);
            // What the page has is said by the versions; the number only grows, over all runs.
            if (message.epoch !== orbit.epoch) {
                orbit.epoch = String(message.epoch || '');
                orbit.seq = Math.max(orbit.seq, Number(message.seq) || 0);
            }
            orbit.newest.clear();
        }
        if (message.type === 'hello' || message.type === 'stamps') {
            Object.entries(message.stamps || {})
                .forEach(([key, stamp]) => orbit.newest.set(key, String(stamp)));
        }
        if (message.type === 'config') {
            Object.assign(orbit.config, message.config);
        }
        if (message.type === 'versions') {
            learn(message.loaded || {});
            return;
        }
        if (session) {
            session.receive(message, received);
        } else if (inbox.length < INBOX_MAX) {
            // On the first word already: the first update does not wait for it, and it is there to
            // say so when the server goes away.
            inbox.push([message, received]);
            whenParsed(loadSession);
        }
    }

    function notify() {
        if (session) {
            session.connectionChanged();
        } else if (!transport) {
            whenParsed(loadSession);
        }
    }

    /* ---- the other parts ---- */

    function whenParsed(step) {
        if (document.readyState === 'loading') {
            document.addEventListener('DOMContentLoaded', step, { once: true });
        } else {
            step();
        }
    }

    function loadSession() {
        if (sessionState !== 'none') {
            return;
        }
        sessionState = 'loading';
        import('/__orbit/session.js').then((module) => {
            session = module.start(orbit);
            sessionState = 'ready';
            session.connectionChanged();
            inbox.splice(0).forEach(([message, received]) => session.receive(message, received));
        }).catch((error) => {
            // The next message or connection tries again.
            sessionState = 'none';
            if (transport) {
                console.warn('[orbiton] the client could not be loaded, updates wait:', error);
            }
        });
    }

    function wasReloadedByUs() {
        try {
            return sessionStorage.getItem('orbit:reload:' + documentKey) !== null;
        } catch {
            return false;
        }
    }

    /* ---- the page's errors go to the terminal ---- */

    let logCount = 0;
    function log(text) {
        if (logCount++ >= LOG_MAX) {
            return;
        }
        const message = { type: 'log', level: 'error', text: String(text).slice(0, LOG_TEXT_MAX) };
        if (transport) {
            send(message);
        } else {
            logs.push(message);
        }
    }

    function describe(error) {
        try {
            return (error && (error.stack || error.message)) || String(error);
        } catch {
            return 'an error that cannot be shown';
        }
    }

    function show(error, place) {
        if (orbit.onError) {
            orbit.onError(error, place);
        } else if (orbit.errors.length < LOG_MAX) {
            orbit.errors.push([error, place]);
        }
    }

    window.addEventListener('error', (event) => {
        if (event.message && !orbit.probe?.(event)) {
            const place = `${event.filename}:${event.lineno}:${event.colno}`;
            log(event.error ? describe(event.error) : `${event.message} (${place})`);
            show(event.error || event.message, place);
        }
    });
    window.addEventListener('unhandledrejection', (event) => {
        log(describe(event.reason));
        show(event.reason, '');
    });

    /* ---- start ---- */

    observe();
    window.addEventListener('online', wake);
    window.addEventListener('pageshow', wake);
    document.addEventListener('visibilitychange', () => {
        if (!document.hidden) {
            wake();
        }
    });
    // An open socket would keep the page out of the back/forward cache.
    window.addEventListener('pagehide', () => {
        leaving = true;
        clearTimeout(retryTimer);
        if (transport) {
            const old = transport;
            transport = null;
            old.close();
        }
    });
    if (wasReloadedByUs()) {
        whenParsed(loadSession);
    } else {
        window.addEventListener('load', () => whenParsed(loadSession), { once: true });
    }
    connect();
})();
