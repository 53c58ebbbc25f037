// SPDX-License-Identifier: MIT

/*
 * What the client does with the server's messages. Transactions run one after another; each is
 * prepared in full, committed in one step, and acknowledged when it has been painted. What no
 * finer mechanism applies goes to the page's handler, and a reload is the last resort: once per
 * transaction, never twice for the same one.
 *
 * Invariant: `orbit.loaded` says what the page runs, not what it was asked to run.
 */

import { findAssetUses, preloadPicture, refreshSheet } from './asset.js';
import { createBadge } from './badge.js';
import { restoreCapsule, takeCapsule } from './capsule.js';
import { createOverlay, placeOf } from './overlay.js';
import { findSheetOwners, prepareSheet } from './style.js';

const HANDLER_MS = 10000;
const DISCONNECTED_MS = 1000;
const RELOADED_SHOWN_MS = 6000;
const PARSED_MS = 5000;
const RELOAD_AGAIN_MS = 1000;
const REPEATS_MAX = 3;

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const round = (ms) => Math.round(ms * 10) / 10;
const versionOf = (update) => (update.deleted || !update.hash ? 'missing' : update.hash);

function describe(error) {
    try {
        return String((error && error.message) || error);
    } catch {
        return 'an error that cannot be shown';
    }
}

/** When the page's scripts have run: before that, no handler can be expected. */
function pageReady() {
    if (document.readyState !== 'loading') {
        return Promise.resolve();
    }
    const parsed = new Promise((resolve) => {
        document.addEventListener('DOMContentLoaded', resolve, { once: true });
    });
    return Promise.race([parsed, wait(PARSED_MS)]);
}

/** Two frames, after which the change has been painted; a hidden page paints nothing. */
function painted() {
    if (document.hidden) {
        return wait(0);
    }
    return new Promise((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(resolve));
        document.addEventListener('visibilitychange', resolve, { once: true });
    });
}

export function start(orbit) {
    const queue = [];
    const storageName = 'orbit:reload:' + orbit.documentKey;
    const assetVersions = new Map(); // url -> the version that the page shows
    let running = false;
    let lastKey = ''; // the last transaction, to notice one that never helps
    let repeats = 0;
    let disconnectedTimer = 0;
    let diagnostics = [];

    const badge = createBadge(() => orbit.config.badge !== false);
    const overlay = createOverlay(orbit, () => showFailed());
    let reloaded = takeReloaded();

    /* ---- reloads ---- */

    // What the page before this one left: why it was reloaded, and for which transaction.
    function takeReloaded() {
        try {
            const saved = JSON.parse(sessionStorage.getItem(storageName));
            sessionStorage.removeItem(storageName);
            return saved;
        } catch {
            return null;
        }
    }

    function saveReloaded(saved) {
        try {
            sessionStorage.setItem(storageName, JSON.stringify(saved));
            return;
        } catch {
            // Full, or forbidden. The reason alone may still fit.
        }
        try {
            sessionStorage.setItem(storageName, JSON.stringify({ ...saved, capsule: null }));
        } catch {
            // Then the reload goes without its reason.
        }
    }

    function greet() {
        if (!reloaded) {
            return;
        }
        badge.flash('reloaded', `reloaded: ${reloaded.reason}`, RELOADED_SHOWN_MS);
        console.info(`[orbiton] reloaded: ${reloaded.reason}`);
        if (reloaded.capsule) {
            const restore = () => {
                try {
                    restoreCapsule(reloaded.capsule);
                } catch (error) {
                    console.warn('[orbiton] the state could not be put back:', error);
                }
            };
            restore();
            if (document.readyState !== 'complete') {
                window.addEventListener('load', restore, { once: true });
            }
        }
    }

    let reloadTold = false;
    async function tellReloaded() {
        if (!reloaded || reloadTold || !orbit.isConnected()) {
            return;
        }
        reloadTold = true;
        const apply = performance.timeOrigin + performance.now() - reloaded.time;
        await painted();
        const paint = performance.timeOrigin + performance.now() - reloaded.time;
        if (reloaded.epoch === orbit.epoch) {
            const ms = { apply: round(apply), paint: round(paint) };
            const { seq, reason } = reloaded;
            orbit.send({ type: 'applied', seq, ok: true, mode: 'reload', ms, reason });
        }
    }

    function reloadNow(transaction, reason) {
        let capsule = null;
        try {
            capsule = takeCapsule();
        } catch (error) {
            console.warn('[orbiton] the state could not be kept:', error);
        }
        saveReloaded({
            reason,
            capsule,
            key: transaction.key,
            seq: transaction.message.seq,
            epoch: orbit.epoch,
            time: performance.timeOrigin + performance.now(),
        });
        location.reload();
    }

    // An update that comes again after its reload would come for ever. A reload that was asked for
    // may well be asked for twice, but not by a page that is hardly there.
    function isInVain({ key, message }) {
        if (!reloaded || reloaded.key !== key || message.force) {
            return false;
        }
        return message.type === 'hmr' || performance.now() < RELOAD_AGAIN_MS;
    }

    // Reloads, or says why not. The page may outlive the call: its beforeunload may refuse.
    async function reload(transaction, reason) {
        const offer = { label: 'Reload', run: () => reloadNow(transaction, reason) };
        if (orbit.config.hotOnly && !transaction.message.force) {
            badge.set('held', `a reload is needed: ${reason}`, offer);
            acknowledge(transaction, 'held', reason);
            return;
        }
        if (isInVain(transaction)) {
            const text = `the reload did not help: ${reason}`;
            badge.set('failed', text, offer);
            acknowledge(transaction, 'failed', text);
            return;
        }
        reloadNow(transaction, reason);
        await wait(PARSED_MS);
        acknowledge(transaction, 'failed', 'the page did not reload');
    }

    /* ---- transactions ---- */

    function acknowledge(transaction, mode, error) {
        const { message, received } = transaction;
        const ok = mode === 'hot' || mode === 'handler';
        const apply = performance.now() - received;
        const names = message.modules.join(', ') || message.reason || 'nothing';
        orbit.seq = Math.max(orbit.seq, Number(message.seq) || 0);
        if (ok) {
            badge.clear('held');
            badge.clear('notice');
            if (!diagnostics.length) {
                badge.clear('failed');
            }
            badge.flash('updated', `updated ${names}`);
        }
        const why = error ? `: ${error}` : '';
        console.info(`[orbiton] ${mode} ${names} ${Math.round(apply)} ms${why}`);
        painted().then(() => {
            const ms = { apply: round(apply), paint: round(performance.now() - received) };
            const answer = { type: 'applied', seq: message.seq, ok, mode, ms };
            orbit.send(error ? { ...answer, error } : answer);
        });
    }

    // A version that arrived meanwhile is the truth, and may be newer than the announced one.
    function setLoaded(update, before) {
        const key = orbit.keyOf(update.url);
        if (orbit.loaded.get(key) === before.get(key)) {
            orbit.loaded.set(key, versionOf(update));
        }
    }

    function setTold(update) {
        orbit.told.set(orbit.keyOf(update.url), versionOf(update));
    }

    function isSuperseded(update) {
        return queue.some(({ message }) => message.updates.some((later) =>
            later.type === update.type && later.url === update.url));
    }

    /** Finds what each update concerns. Nothing is changed yet. */
    function plan(updates) {
        const owners = new Map(); // element -> { version, mayBeMissing }
        const result = { fine: [], rest: [], assets: new Map(), owners };
        for (const update of updates) {
            const key = orbit.keyOf(update.url);
            const version = versionOf(update);
            const mayBeMissing = version === 'missing';
            if (update.type === 'css') {
                const found = findSheetOwners(orbit, key);
                (found.length ? result.fine : result.rest).push(update);
                if (!isSuperseded(update)) {
                    found.forEach((node) => owners.set(node, { version, mayBeMissing }));
                }
            } else if (update.type === 'asset') {
                const isShown = findAssetUses(orbit, key, version).length > 0;
                (isShown ? result.fine : result.rest).push(update);
                if (isShown) {
                    result.assets.set(key, version);
                }
            } else {
                result.rest.push(update);
            }
        }
        return result;
    }

    /** Loads everything, then puts it in force in one step. Rejects with the page as it was. */
    async function swap(planned, before) {
        const loading = [...planned.owners].map(([node, { version, mayBeMissing }]) =>
            prepareSheet(orbit, node, version, mayBeMissing));
        const results = await Promise.allSettled(loading);
        const swaps = results.filter((each) => each.value).map((each) => each.value);
        const failure = results.find((each) => each.status === 'rejected');
        if (failure) {
            swaps.forEach((each) => each.abort());
            throw failure.reason;
        }
        const assets = [...planned.assets];
        await Promise.all(assets.map(([key, version]) => preloadPicture(orbit, key, version)));
        assets.forEach(([key, version]) => assetVersions.set(key, version));
        for (const each of swaps) {
            if (each.sheet) {
                refreshSheet(orbit, each.sheet, assetVersions);
            }
            each.commit();
        }
        // Looked for again: the page may have changed while the pictures were loaded.
        for (const [key, version] of assets) {
            findAssetUses(orbit, key, version).forEach((change) => change());
        }
        planned.fine.forEach((update) => setLoaded(update, before));
    }

    /** The names that the handler gets: all that changed, without what has been applied. */
    function namesOfRest(message, planned) {
        const rest = new Set(planned.rest.map((update) => update.module || update.path));
        const fine = new Set(planned.fine.map((update) => update.module || update.path));
        const names = message.modules.filter((name) => rest.has(name) || !fine.has(name));
        return [...new Set([...names, ...rest])];
    }

    async function callHandler(transaction, names) {
        const handler = orbit.getHandler();
        if (!handler) {
            return `${names.join(', ')} changed, no handler is registered`;
        }
        const slow = {};
        try {
            const running = Promise.resolve(handler(names));
            const first = await Promise.race([running, wait(HANDLER_MS).then(() => slow)]);
            if (first === slow) {
                running.catch((error) => console.warn('[orbiton] the handler failed late:', error));
                throw slow;
            }
        } catch (error) {
            if (error === slow) {
                throw new Error('the handler has not finished after 10 s');
            }
            console.error('[orbiton] the handler failed:', error);
            return `the handler failed: ${describe(error)}`;
        }
        return '';
    }

    function isOwnDocument(update) {
        return update.type === 'html' && orbit.keyOf(update.url) === orbit.documentKey;
    }

    async function runUpdates(transaction) {
        const { message } = transaction;
        const { updates } = message;
        const own = updates.find(isOwnDocument);
        if (own) {
            await reload(transaction, `${own.path || own.url} changed`);
            return;
        }
        await pageReady();
        const planned = plan(updates);
        const isOnlyNames = !updates.length && message.modules.length > 0;
        const needsHandler = planned.rest.length > 0 || isOnlyNames;
        const names = needsHandler ? namesOfRest(message, planned) : [];
        // With no handler the page will be loaded anew anyway; but one that stays gets what it can.
        if (needsHandler && !orbit.getHandler() && !orbit.config.hotOnly) {
            await reload(transaction, await callHandler(transaction, names));
            return;
        }
        const keys = updates.map((update) => orbit.keyOf(update.url));
        const before = new Map(keys.map((key) => [key, orbit.loaded.get(key)]));
        keys.forEach((key) => orbit.changing.add(key));
        try {
            await swap(planned, before);
            const reason = needsHandler ? await callHandler(transaction, names) : '';
            if (reason) {
                await reload(transaction, reason);
            } else {
                planned.rest.forEach((update) => setLoaded(update, before));
                updates.forEach(setTold);
                acknowledge(transaction, needsHandler ? 'handler' : 'hot');
            }
        } catch (error) {
            badge.set('notice', describe(error));
            acknowledge(transaction, 'failed', describe(error));
        } finally {
            keys.forEach((key) => orbit.changing.delete(key));
            orbit.batch();
        }
    }

    function keyFor(message) {
        const pairs = message.updates.map((update) => `${update.url}=${versionOf(update)}`);
        return pairs.length ? pairs.sort().join(' ') : `${orbit.epoch} ${message.seq}`;
    }

    async function run(transaction) {
        repeats = transaction.key === lastKey ? repeats + 1 : 0;
        lastKey = transaction.key;
        if (repeats >= REPEATS_MAX) {
            acknowledge(transaction, 'failed', 'the same update came again, without effect');
            return;
        }
        if (transaction.message.type === 'reload') {
            const { reason, chain } = transaction.message;
            const way = Array.isArray(chain) && chain.length > 1 ? ` (${chain.join(' → ')})` : '';
            await reload(transaction, (reason || 'asked for') + way);
        } else {
            await runUpdates(transaction);
        }
        // Another transaction came through: the page is past what it was reloaded for.
        if (reloaded && reloaded.key !== transaction.key) {
            reloaded.key = '';
        }
    }

    async function runQueue() {
        if (running) {
            return;
        }
        running = true;
        while (queue.length) {
            const transaction = queue.shift();
            try {
                await run(transaction);
            } catch (error) {
                console.warn('[orbiton] an update failed:', error);
                acknowledge(transaction, 'failed', describe(error));
            }
        }
        running = false;
    }

    /* ---- builds and errors ---- */

    function isError(diagnostic) {
        return (diagnostic.severity || 'error') === 'error';
    }

    function showFailed() {
        const errors = diagnostics.filter(isError);
        if (!errors.length) {
            return;
        }
        const place = placeOf(errors[0]);
        const text = `${place ? `${place}: ` : ''}${errors[0].text || 'the build failed'}`;
        const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
        const action = orbit.config.overlay === false ? null
            : { label: 'Show', run: () => overlay.reopen() };
        badge.set('failed', text + more, action);
    }

    function fail(list) {
        diagnostics = listOf(list, (each) => each && typeof each === 'object');
        badge.clear('rebuilding');
        if (!diagnostics.some(isError)) {
            badge.set('failed', 'the build failed');
            return;
        }
        showFailed();
        if (orbit.config.overlay !== false) {
            overlay.show(diagnostics);
        }
    }

    function becomeWhole() {
        diagnostics = [];
        badge.clear('rebuilding');
        badge.clear('failed');
        overlay.clear();
    }

    const receivers = {
        hello() {
            badge.render();
            tellReloaded();
        },
        config(message) {
            Object.assign(orbit.config, message.config);
            badge.render();
            if (orbit.config.overlay === false) {
                overlay.clear();
            }
        },
        // For the page's own use; what is to be done comes in messages of their own.
        fileChange(message) {
            const detail = { paths: message.paths, kind: message.kind };
            window.dispatchEvent(new CustomEvent('orbit:fileChange', { detail }));
        },
        hmr: enqueue,
        reload: enqueue,
        rebuild(message) {
            if (message.status === 'started') {
                badge.set('rebuilding', 'rebuilding…');
            } else if (message.status === 'failed') {
                fail(message.diagnostics);
            } else if (message.status === 'completed') {
                becomeWhole();
            }
        },
        error(message) {
            fail(message.diagnostics);
        },
        clear: becomeWhole,
    };

    const listOf = (value, test) => (Array.isArray(value) ? value.filter(test) : []);

    function enqueue(raw, received) {
        const modules = listOf(raw.modules, (each) => typeof each === 'string');
        const updates = listOf(raw.updates, (each) => each && typeof each.url === 'string');
        const message = { ...raw, modules, updates };
        queue.push({ message, received, key: keyFor(message) });
        runQueue();
    }

    greet();
    return {
        receive(message, received) {
            const isKnown = Object.hasOwn(receivers, message.type);
            const receiver = isKnown ? receivers[message.type] : null;
            try {
                receiver?.(message, received);
            } catch (error) {
                console.warn('[orbiton] a message could not be taken:', error);
            }
        },
        connectionChanged() {
            clearTimeout(disconnectedTimer);
            if (orbit.isConnected()) {
                badge.clear('disconnected');
                tellReloaded();
            } else {
                disconnectedTimer = setTimeout(() => {
                    if (!orbit.isConnected()) {
                        badge.clear('rebuilding');
                        badge.set('disconnected', 'orbiton is not reachable; waiting for it');
                    }
                }, DISCONNECTED_MS);
            }
        },
    };
}
