// SPDX-License-Identifier: MIT

/*
 * Part of client.js. Which version of each file, and which instance of each module, the page really
 * runs: the state vector (docs/protocol.md). The browser stores both with the resource's timing
 * entry, for whatever part of the page has loaded it: the version as Server-Timing, the instance as
 * the stamp in the URL.
 *
 * Invariant: what a transaction under way has loaded (heldStamps) counts once that has come through.
 */

// The parameters that a swapped stylesheet, picture or module carries; nobody else's look so.
const OUR_PARAMETER = /^(?:v=(?:[0-9a-f]{32}|missing)|orbit=\d+(?:r\d+)?)$/;
// A path that is its own canonical form and has no query, as most have: it needs no parsing.
const PLAIN = /^(?:\/|(?:\/[\w~-][\w.~-]*)+)$/;
const STAMP = /[?&]orbit=(\d+(?:r\d+)?)(?=&|#|$)/;

// In front of a package's path, where this page has it in a version that is kept (useVersions()).
const PACKAGES = /^\/@packages\/[0-9a-f]{12}(?=\/)/;
const PACKAGE_FOLDERS = ['/node_modules/', '/@workspace/node_modules/'];
let packages = ''; // the version, when the map is there
const own = new Map(); // url -> the whole URL that this page has it by, likewise (useVersions())
let isUntouched = true; // no transaction has begun
const kept = new Set(); // urls of those that the page has loaded so, but for what the server was told is doubled
const newer = new Map(); // url -> the stamp of an instance that the page has loaded before any transaction

const isPackage = (path) => PACKAGE_FOLDERS.some((folder) => path.startsWith(folder));

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
const carried = new Map(); // url -> the stamp of the instance that was made of a text in a message
const told = new Map(); // url -> the version that the server believes
// url -> the newest transaction when it was served, until the server is told of it
const seen = new Map();
const heldStamps = new Map(); // of transactions under way: what was loaded; null: failed
const changing = new Set(); // urls of a transaction under way: nothing is said of them yet

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
    const pathname = parsed.pathname.replace(PACKAGES, '');
    if (parsed.origin !== location.origin || isOurs(pathname)) {
        return '';
    }
    const query = parsed.search.slice(1).split('&').filter((part) => !OUR_PARAMETER.test(part));
    return pathname + (query.join('&') ? '?' + query.join('&') : '');
}

/**
 * Modules by URLs whose answers the browser keeps: packages, and what of the project's own is as it was when it
 * was served last. An import map does it, as nothing else could: whoever imports a module, and however, in this
 * page comes to the same URL, and other pages to theirs. It is done with as soon as it is in the document,
 * which then is again what its source says.
 */
function useVersions(tag, script) {
    const { origin } = location;
    const folders = tag.packages ? PACKAGE_FOLDERS : [];
    // Behind the query as it is: a parameter that is empty is part of the name.
    const versions = Object.entries(tag.own).map(([url, version]) =>
        [url, `${origin}${url}${url.includes('?') ? '&' : '?'}v=${version}`]);
    if (!(folders.length || versions.length) || !HTMLScriptElement.supports?.('importmap')) {
        return;
    }
    const map = document.createElement('script');
    map.type = 'importmap';
    map.nonce = nonce;
    const imports = [
        ...folders.map((folder) => [origin + folder, `${origin}/@packages/${tag.packages}${folder}`]),
        ...versions.map(([url, versioned]) => [origin + url, versioned]),
    ];
    try {
        map.textContent = JSON.stringify({ imports: Object.fromEntries(imports) });
        script.after(map);
        map.remove();
        packages = tag.packages;
        versions.forEach(([url, versioned]) => own.set(keyOf(url), new URL(versioned).href));
    } catch {
        // A policy of trusted types takes no text of ours: all have their plain URLs then.
    }
}

/** The URL that an import of this one comes to, for what is no import. */
function asImported(url) {
    const { origin, pathname, search } = new URL(url, location.origin);
    if (origin !== location.origin) {
        return url;
    }
    return packages && isPackage(pathname) ? `${origin}/@packages/${packages}${pathname}${search}`
        : (stampOf(url) === '0' && own.get(keyOf(url))) || url;
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
    // The page that fetches its own document does not become that: noteDocument() knows what it is.
    if (!key || key === documentKey || timing === null || (!timing && loaded.has(key))) {
        return;
    }
    const stamp = stampOf(entry.name);
    const current = stamps.get(key) || '0';
    if (heldStamps.has(stamp)) {
        heldStamps.get(stamp)?.push(entry);
        return;
    }
    noteDoubled(key, entry.name, stamp);
    if (isOlder(stamp, current)) {
        return;
    }
    loaded.set(key, timing ? timing.description : '');
    if (timing && timing.description !== 'missing') {
        // What the browser has kept was as it is when the document was served.
        seen.set(key, own.get(key) === entry.name ? Math.max(timing.duration, tag.seq) : timing.duration);
    }
    if (stamp !== '0') {
        stamps.set(key, stamp);
    }
}

// An edit that another page has taken while this one was loading: what is asked for names its instance, and what
// the browser has kept does not. So the module's importers have to be made anew.
function noteDoubled(key, url, stamp) {
    if (!isUntouched || !own.has(key)) {
        return;
    }
    if (url === own.get(key)) {
        kept.add(key);
    } else if (stamp !== '0') {
        newer.set(key, stamp);
    }
}

/** [url, stamp] of the modules of which the page has both, each once. */
function takeDoubled() {
    return [...newer].filter(([url]) => kept.delete(url));
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
