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
 * One script cannot import another: its parts are in first/ and stand here in the program, in this
 * function's scope, each in place of its line (tools/embed.c).
 *
 * Invariants: nothing here throws into the page; a lost connection never reloads it.
 */
(function () {
    'use strict';

    // The page may name the client itself as well; the first one stays.
    if (typeof window.__ORBIT_REGISTER_HMR_HANDLER === 'function') {
        return;
    }

    const INBOX_MAX = 1000;
    const LOG_MAX = 20;
    const LOG_TEXT_MAX = 4096;

    const tag = readTag(document.currentScript);
    defineGlobals(tag.define);
    prepareLibraries();
    const nonce = document.currentScript?.nonce || '';
    const documentKey = location.pathname + location.search;

    let handler = null;
    let session = null;
    let sessionState = 'none'; // or 'loading', 'ready'
    const inbox = [];
    const logs = [];
    const errors = []; // of the page, until the session takes them: the arguments of tell()

    // Part: first/stamps.js
    // Part: first/register.js
    // Part: first/context.js
    // Part: first/connection.js

    const orbit = {
        config: { hotOnly: false, badge: true, overlay: true },
        epoch: tag.epoch,
        seq: tag.seq,
        token: tag.token,
        nonce,
        documentKey,
        loaded,
        stamps,
        carried,
        sources,
        told,
        changing,
        records,
        newest: new Map(), // url -> stamp, as the server has it, also of what was never loaded
        arriving: new Map(), // url -> stamp, of what the running transaction evaluates
        onError: null,
        probe: null, // takes an error of the page that is no news, and says whether it was one
        onInvalidate: null,
        isFailing: () => false, // whether the page says that something is broken
        keyOf,
        stampOf,
        versionText,
        withVersion,
        withStamp,
        asImported,
        holdStamp(stamp) {
            isUntouched = false;
            heldStamps.set(stamp, []);
        },
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

    /** What `define` in vite.config says: a.b is { is: a value } or { of: 'the name of something' }. */
    function defineGlobals(define) {
        for (const [name, { is, of }] of Object.entries(define)) {
            try {
                const path = name.split('.');
                const last = path.pop();
                path.reduce((at, each) => (at[each] ??= {}), window)[last] = of === undefined ? is
                    : of.split('.').reduce((at, each) => at[each], window);
            } catch (error) {
                console.warn(`[orbiton] ${name} could not be defined:`, error);
            }
        }
    }

    function readTag(script) {
        const empty = { token: '', epoch: '', seq: 0, packages: '', own: {}, define: {} };
        try {
            return Object.assign(empty, JSON.parse(script.dataset.orbit));
        } catch {
            // Included by hand: the token is fetched on connection.
            return empty;
        }
    }

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

    /* ---- the server's messages ---- */

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
            errors.splice(0).forEach((each) => tell(...each));
            session.connectionChanged();
            inbox.splice(0).forEach(([message, received]) => session.receive(message, received));
        }).catch((error) => {
            // The next message or connection tries again.
            sessionState = 'none';
            logErrors();
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
    function log(text, place = '') {
        const message = { type: 'log', level: 'error', text: String(text).slice(0, LOG_TEXT_MAX), place };
        if (transport) {
            send(message);
        } else {
            logs.push(message);
        }
    }

    function describe(error) {
        try {
            const { stack, name, message } = error ?? {};
            // Firefox's and Safari's stacks are nothing but places.
            const isPlaces = stack && message && !String(stack).includes(message);
            return isPlaces ? `${name}: ${message}\n${stack}` : String(stack || message || error);
        } catch {
            return 'an error that cannot be shown';
        }
    }

    function tell(error, place, text) {
        if (!orbit.onError) {
            if (errors.length < LOG_MAX) {
                errors.push([error, place, text]);
            }
            return;
        }
        const isLogged = logCount++ < LOG_MAX;
        const found = orbit.onError(error, place, isLogged);
        if (isLogged) {
            // What the page runs may have been made of another file: its place comes before the stack.
            Promise.resolve(found).then((origin) =>
                log(text.includes(origin) ? text : `${origin}: ${text}`, origin));
        }
    }

    // Without a session, or a page that waits for one, nobody can say where they come from.
    function logErrors() {
        errors.splice(0).forEach(([, , text]) => {
            if (logCount++ < LOG_MAX) {
                log(text);
            }
        });
    }

    window.addEventListener('error', (event) => {
        if (event.message && !orbit.probe?.(event)) {
            const place = `${event.filename}:${event.lineno}:${event.colno}`;
            tell(event.error || event.message, place,
                event.error ? describe(event.error) : `${event.message} (${place})`);
        }
    });
    window.addEventListener('unhandledrejection', (event) => {
        tell(event.reason, '', describe(event.reason));
    });

    /* ---- start ---- */

    useVersions(tag, document.currentScript);
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
        logErrors();
        if (transport) {
            const old = transport;
            transport = null;
            old.close();
        }
    });
    window.addEventListener('load', batch, { once: true });
    if (wasReloadedByUs()) {
        whenParsed(loadSession);
    } else {
        window.addEventListener('load', () => whenParsed(loadSession), { once: true });
    }
    connect();
})();
