// SPDX-License-Identifier: MIT

/*
 * The client's first part: the one script that runs before any of the page's own.
 *
 * It does what cannot wait. It watches everything that the page loads, so that it can tell which
 * version of each file the page really runs (the state vector, docs/protocol.md); it takes the
 * page's handler; and it connects. What is to be done with a message is in session.js, which is
 * loaded with the server's first word, and never before the document is parsed: loading a module
 * earlier would make browsers refuse the page's import map.
 *
 * Invariants: nothing here throws into the page; a lost connection never reloads it.
 */
(function () {
    'use strict';

    // The page may name the client itself as well; the first one stays.
    if (typeof window.__ORBIT_REGISTER_HMR_HANDLER === 'function') {
        return;
    }

    const PART_ENTRIES = 400;
    const BATCH_MS = 20;
    const RETRY_MIN_MS = 50;
    const RETRY_MAX_MS = 5000;
    const OPEN_MS = 5000;
    const INBOX_MAX = 1000;
    const LOG_MAX = 20;
    const LOG_TEXT_MAX = 4096;

    // The parameter that a swapped stylesheet or image carries; nobody else's looks like it.
    const OUR_PARAMETER = /^v=(?:[0-9a-f]{32}|missing)$/;

    const tag = readTag(document.currentScript);
    const documentKey = location.pathname + location.search;
    const loaded = new Map(); // url -> the version that the page runs
    const told = new Map(); // url -> the version that the server believes
    const changing = new Set(); // urls of a transaction under way: nothing is said of them yet

    let handler = null;
    let session = null;
    let sessionState = 'none'; // or 'loading', 'ready'
    const inbox = [];
    const logs = [];

    const orbit = {
        config: { hotOnly: false, badge: true, overlay: true },
        epoch: tag.epoch,
        seq: tag.seq,
        token: tag.token,
        documentKey,
        loaded,
        told,
        changing,
        keyOf,
        withVersion,
        send,
        batch,
        getHandler: () => handler,
        isConnected: () => transport !== null,
    };

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
        let parsed;
        try {
            parsed = new URL(url, document.baseURI);
        } catch {
            return '';
        }
        if (parsed.origin !== location.origin || /^\/__orbit[/_]/.test(parsed.pathname)) {
            return '';
        }
        const query = parsed.search.slice(1).split('&').filter((part) => !OUR_PARAMETER.test(part));
        return parsed.pathname + (query.join('&') ? '?' + query.join('&') : '');
    }

    // The same URL text, relative or not, with its query and fragment, but of that version.
    function withVersion(url, version) {
        const hash = url.indexOf('#');
        const fragment = hash < 0 ? '' : url.slice(hash);
        const rest = hash < 0 ? url : url.slice(0, hash);
        const mark = rest.indexOf('?');
        const path = mark < 0 ? rest : rest.slice(0, mark);
        const query = mark < 0 ? [] : rest.slice(mark + 1).split('&');
        const kept = query.filter((part) => part && !OUR_PARAMETER.test(part));
        return path + '?' + [...kept, 'v=' + version].join('&') + fragment;
    }

    // null: not from orbiton. '': served by it or not, the browser does not say (insecure origin).
    function hashOf(entry) {
        if (entry.serverTiming === undefined) {
            return '';
        }
        const timing = entry.serverTiming.find((each) => each.name === 'orbit');
        return timing ? timing.description : null;
    }

    function note(entry) {
        // A frame's document has a client of its own.
        if (entry.initiatorType === 'iframe' || entry.initiatorType === 'frame') {
            return;
        }
        const key = keyOf(entry.name);
        const hash = hashOf(entry);
        if (!key || hash === null || (hash === '' && loaded.has(key))) {
            return;
        }
        loaded.set(key, hash);
    }

    function noteDocument() {
        const entry = performance.getEntriesByType('navigation')[0];
        const hash = entry && hashOf(entry);
        if (hash || !loaded.has(documentKey)) {
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

    // Tells what the server does not know yet; `first` opens a connection and tells everything.
    function register(first) {
        if (!transport) {
            return;
        }
        const entries = [];
        for (const [key, hash] of loaded) {
            if (first || (told.get(key) !== hash && !changing.has(key))) {
                entries.push([key, hash]);
            }
        }
        if (!entries.length && !first) {
            return;
        }
        for (let at = 0; at === 0 || at < entries.length; at += PART_ENTRIES) {
            const part = entries.slice(at, at + PART_ENTRIES);
            const message = {
                type: 'register',
                url: documentKey,
                epoch: orbit.epoch,
                seq: orbit.seq,
                loaded: Object.fromEntries(part),
            };
            if (at + PART_ENTRIES < entries.length) {
                message.more = true;
            }
            send(message);
            part.forEach(([key, hash]) => told.set(key, hash));
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

    // Where the browser withholds versions the server tells them, and they are the page's from now on.
    function learn(versions) {
        for (const [key, version] of Object.entries(versions)) {
            if (loaded.get(key) === '') {
                loaded.set(key, version);
                told.set(key, version);
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
            // A new run counts anew; what the page has is said by the versions, not by the number.
            if (message.epoch !== orbit.epoch) {
                orbit.epoch = String(message.epoch || '');
                orbit.seq = Number(message.seq) || 0;
            }
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

    window.addEventListener('error', (event) => {
        if (event.message) {
            const place = `${event.filename}:${event.lineno}:${event.colno}`;
            log(event.error ? describe(event.error) : `${event.message} (${place})`);
        }
    });
    window.addEventListener('unhandledrejection', (event) => log(describe(event.reason)));

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
