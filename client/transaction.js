// SPDX-License-Identifier: MIT

/*
 * One transaction, all or nothing. All that is new is loaded, parsed and linked first (preflight),
 * so that a version which cannot even start has disturbed nothing; then clean-up, evaluation, accept
 * callbacks, and in the same step the document, stylesheets and pictures. What throws on the way is
 * taken back: the last good modules are evaluated again, with their data as it was.
 *
 * Invariant: run() answers each transaction exactly once, and `orbit.loaded` and `orbit.stamps` say
 * what the page runs, not what it was asked to run.
 */

import { findAssetUses, preloadPicture, refreshSheet } from './asset.js';
import { createDocument } from './document.js';
import { noteSheet } from './imported.js';
import { isText, listOf, readJs, versionOf } from './message.js';
import { describe, fileOf, originOf } from './origin.js';
import { findFault, isDataForbidden, moduleOf, preflight, preload } from './preflight.js';
import { changeLatest, dropPushed } from './pushed.js';
import { NeedsReload, nextTask, scriptsRan, wait } from './reload.js';
import { findSheetOwners, prepareSheet } from './style.js';

const HANDLER_MS = 10000;
const EVALUATE_MS = 10000;
const FAILURES_MAX = 100;
const SOURCES_MAX = 64;
const PARTS = ['style', 'template']; // what of a component may come with the message


/** A module as people name it: its URL as a path from the root. */
const nameOf = (key) => key.replace(/^\//, '');

/** What went wrong with new modules; the page has been put back, or was never touched. */
class BadVersion extends Error {
    constructor(cause, { rolledBack, text = describe(cause), place = '' }) {
        super(text);
        this.cause = cause;
        this.rolledBack = rolledBack;
        this.place = place; // "URL:LINE:COL", if the cause does not say it
    }
}

function withLimit(promise, ms, text) {
    let timer = 0;
    const limit = new Promise((resolve, reject) => {
        timer = setTimeout(() => reject(new Error(text)), ms);
    });
    return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

/* ---- modules ---- */

/*
 * The sheets that modules have put into the page. Those of a version that is taken back are hidden and
 * stay: a module that has run does not run again for the version that mends it. What was taken back
 * goes along with the next modules, so these show them all, but for what they prune: sheets that nothing
 * imports any more.
 */
const sheetsOfModules = () =>
    [...document.querySelectorAll('link[data-orbit], style[data-orbit-sheet]')];
const isHidden = (sheet) => 'orbitHidden' in sheet.dataset;

function hideSheet(sheet) {
    sheet.dataset.orbitHidden = '';
    sheet.media = 'not all';
}

function showSheet(sheet) {
    delete sheet.dataset.orbitHidden;
    sheet.removeAttribute('media');
}

export function createTransactions({ orbit, hot, badge, reload, acknowledge, isSuperseded }) {
    const assetVersions = new Map(); // url -> the version that the page shows
    const failures = new Map(); // key of a transaction -> what was answered
    let runtime = null; // the components', when a part has come
    const page = createDocument(orbit);

    const urlOf = (key, stamp) => new URL(orbit.withStamp(key, stamp), location.origin).href;
    /** What the page imports for a module of a transaction. */
    function sourceOf(js, key) {
        const url = urlOf(key, js.stamp);
        const text = js.carried.get(key);
        if (!text) {
            return url;
        }
        if (orbit.sources.size >= SOURCES_MAX) {
            orbit.sources.delete(orbit.sources.keys().next().value);
        }
        orbit.sources.set(url, moduleOf(text));
        return orbit.sources.get(url);
    }

    /** What the modules of a transaction were when it began. */
    function remember(js) {
        const keys = [...new Set([...js.replaced, ...js.accepted,
            ...js.boundaries.map((each) => each.by)])];
        return {
            keys,
            instances: new Map(keys.map((key) => [key, hot.instanceOf(key)])),
            restoreData: hot.keepData(js.replaced),
            sheets: new Set(sheetsOfModules().filter((each) => !isHidden(each))),
        };
    }

    /**
     * Where one module takes all, itself included, and nothing has to be cleaned up, there is no
     * preflight: its import links all that is new before it evaluates any, and before that nothing has
     * happened that it could undo: of the document nothing is edited with it.
     */
    function isDirect(js, before, updates) {
        const [first] = js.boundaries;
        return js.boundaries.length === 1 && updates.length === 1 && updates[0].type === 'js'
            && first.by === first.accepted && js.replaced.includes(first.by)
            && js.replaced.every((key) => !before.instances.get(key)?.disposes.length);
    }

    /** A component's part that came with the message: what its module would do (runtime.js). */
    async function evaluatePart({ part, args }, url) {
        // Also of what is loaded, import() costs turns of the loop, which are most of such an update.
        runtime ??= await import('/__orbit/runtime.js');
        const context = orbit.contextOf(url);
        context.accept();
        runtime[part](...args, context);
        return {};
    }

    // What is evaluated may import the rest of the transaction by an expression, which asks here.
    async function evaluate(js, parts = new Map()) {
        const spaces = new Map();
        orbit.arriving = new Map(js.replaced.map((key) => [key, js.stamp]));
        for (const key of js.accepted) {
            const text = `${nameOf(key)} has not finished its evaluation after ${EVALUATE_MS / 1000} s`;
            const running = parts.has(key) ? evaluatePart(parts.get(key), urlOf(key, js.stamp))
                : import(sourceOf(js, key));
            spaces.set(key, await withLimit(running, EVALUATE_MS, text));
        }
        return spaces;
    }

    /** Evaluates the new modules and hands them over. Throws BadVersion with all as it was. */
    async function replace(js, before, direct, undo, parts) {
        const steps = hot.acceptSteps(js.boundaries, before.instances);
        const called = new Set();
        let spaces = null;
        try {
            spaces = await evaluate(js, parts);
            sheetsOfModules().filter((each) => isHidden(each) && !js.pruned.includes(each.dataset.orbit))
                .forEach(showSheet);
            for (const step of steps) {
                called.add(step);
                const result = step.call(spaces);
                if (result && typeof result.then === 'function') {
                    await result;
                }
            }
        } catch (error) {
            if (js.carried.size && !spaces && await isDataForbidden()) {
                orbit.post({ type: 'texts', ok: false });
                throw new NeedsReload('its content security policy forbids modules that come with messages');
            }
            // Nothing of a version that does not even link has run.
            const unlinked = direct && !spaces
                && await preflight(js.accepted.map((key) => sourceOf(js, key)));
            if (unlinked) {
                throw await badVersion(unlinked, js);
            }
            const again = steps.filter((step) => !step.isOwn || called.has(step));
            await rollBack(js, before, undo, again, error);
            throw new BadVersion(error, { rolledBack: true });
        }
    }

    async function badVersion(error, js) {
        let place = '';
        for (let i = 0; i < js.accepted.length && !place; i++) {
            place = await findFault(orbit, sourceOf(js, js.accepted[i]), error);
        }
        const text = describe(error);
        const isNameless = /data:text\/javascript/.test(text);
        const names = js.accepted.map(fileOf).join(', ');
        return new BadVersion(error, {
            rolledBack: false,
            place,
            text: isNameless ? `${names}, or what it imports, could not be loaded` : text,
        });
    }

    async function rollBack(js, before, undo, steps, cause) {
        const fresh = before.keys.map(hot.instanceOf)
            .filter((each) => each && each !== before.instances.get(each.key));
        await hot.dispose(fresh);
        hot.bury(fresh);
        try {
            undo.forEach((step) => step());
        } catch (error) {
            // What has run before it failed may have changed what is to be put back.
            throw new NeedsReload(`the update failed: ${describe(cause)}; and so did going back: `
                + describe(error));
        }
        sheetsOfModules().filter((each) => !before.sheets.has(each)).forEach(hideSheet);
        before.restoreData();
        if (!js.rollback) {
            throw new NeedsReload(`the update failed: ${describe(cause)}`);
        }
        let spaces;
        try {
            spaces = await evaluate({ ...js, stamp: js.rollback, carried: new Map() });
        } catch (error) {
            console.error('[orbiton] the last good version failed as well:', error);
            throw new NeedsReload(`the update failed: ${describe(cause)}; and so did going back: `
                + describe(error));
        }
        for (const step of steps) {
            try {
                await step.call(spaces);
            } catch (error) {
                console.warn('[orbiton] an accept callback failed on the way back:', error);
            }
        }
        buryReplaced(js, before);
        for (const key of js.replaced) {
            orbit.stamps.set(key, js.rollback);
            // The answer says so; a registration that comes before it would ask for it all again.
            orbit.told.set(key, orbit.versionText(key));
        }
    }

    // The old instances; and one whose new version says nothing to `hot` any more.
    function buryReplaced(js, before) {
        for (const key of js.replaced) {
            const old = before.instances.get(key);
            if (old) {
                hot.bury([old]);
                if (hot.instanceOf(key) === old) {
                    old.record.instance = null;
                    orbit.noteHot(key);
                }
            }
        }
    }

    /* ---- stylesheets, pictures, the document ---- */

    // A version that arrived meanwhile is the truth, and may be newer than the announced one.
    function setLoaded(update, before) {
        const key = orbit.keyOf(update.url);
        if (orbit.loaded.get(key) === before.get(key)) {
            orbit.loaded.set(key, versionOf(update));
        }
        const wrapper = `${key}${key.includes('?') ? '&' : '?'}import`;
        if (update.type === 'css' && orbit.loaded.has(wrapper)) {
            orbit.loaded.set(wrapper, versionOf(update));
        }
    }

    // What a transaction that came through has made of a module is no news to the server.
    function setTold(key, version) {
        const stamp = orbit.stamps.get(key) || '0';
        orbit.told.set(key, version && stamp !== '0' ? `${version}@${stamp}` : version);
    }

    /** Finds what each update concerns. Nothing is changed yet. */
    function plan(message) {
        const js = readJs(message);
        const owners = new Map(); // element -> { version, mayBeMissing, text }
        const parts = new Map(); // key -> the update that brings what its module says
        const result = { js, own: null, fine: [], rest: [], assets: new Map(), owners, parts };
        for (const update of message.updates) {
            const key = orbit.keyOf(update.url);
            const version = versionOf(update);
            if (update.type === 'css') {
                planSheet(result, update, key, version);
            } else if (update.type === 'asset') {
                const isShown = findAssetUses(orbit, key, version).length > 0;
                (isShown ? result.fine : result.rest).push(update);
                if (isShown) {
                    result.assets.set(key, version);
                }
            } else if (page.isOwn(update)) {
                result.own = update;
                result.fine.push(update);
            } else if (update.type === 'js' && js && !js.refused.includes(key)) {
                result.fine.push(update);
                if (PARTS.includes(update.part) && Array.isArray(update.args)
                    && !isSuperseded(update)) {
                    parts.set(key, update);
                }
            } else {
                result.rest.push(update);
            }
        }
        return result;
    }

    function planSheet(result, update, key, version) {
        const found = findSheetOwners(orbit, key);
        (found.length ? result.fine : result.rest).push(update);
        noteSheet(key, version);
        if (isSuperseded(update)) {
            return;
        }
        const mayBeMissing = version === 'missing';
        for (const node of found) {
            const isItself = node.localName === 'link' && orbit.keyOf(node.href) === key;
            const text = isItself && isText(update.text) && !mayBeMissing ? update.text : null;
            // Of a sheet and one that it imports, the server's text of the outer one is older.
            const isTwice = result.owners.has(node);
            result.owners.set(node, { version, mayBeMissing, text: isTwice ? null : text });
        }
    }

    /** The swaps of all these elements, or a promise of them if one has to be loaded. */
    function prepareSheets(owners) {
        const loading = [...owners].map(([node, how]) => prepareSheet(orbit, node, how));
        return loading.some((each) => each instanceof Promise) ? allLoaded(loading) : loading;
    }

    async function allLoaded(loading) {
        const results = await Promise.allSettled(loading);
        const swaps = results.filter((each) => each.value).map((each) => each.value);
        const failure = results.find((each) => each.status === 'rejected');
        if (failure) {
            swaps.forEach((each) => each.abort());
            throw failure.reason;
        }
        return swaps;
    }

    function commitStyles(swaps, assets) {
        assets.forEach((version, key) => assetVersions.set(key, version));
        for (const each of swaps) {
            each.commit();
            // A text is there only when it is in force, and so is what Firefox keeps of changed rules.
            if (assetVersions.size && each.sheet()) {
                refreshSheet(orbit, each.sheet(), assetVersions);
            }
        }
        // Looked for again: the page may have changed while the pictures were loaded.
        for (const [key, version] of assets) {
            findAssetUses(orbit, key, version).forEach((change) => change());
        }
    }

    /* ---- the whole ---- */

    /**
     * The commonest updates, another edit of the text or of the sheet that was edited last: the page has
     * it at once, and all that goes with it, which is most of the work, is done behind that by run().
     * For a transaction that waits for no other; false if it is anything else.
     */
    function changeAtOnce(transaction) {
        const { message } = transaction;
        const [own] = message.updates;
        const isAlone = message.type === 'hmr' && message.updates.length === 1 && !message.js
            && versionOf(own) !== 'missing';
        // What modules do before an update may take its time.
        if (!isAlone || hot.isHeard('beforeUpdate')) {
            return false;
        }
        const isSheet = own.type === 'css' && isText(own.text) && !assetVersions.size;
        const change = isSheet ? changeLatest(orbit, own.url, own.text) : page.change(own);
        if (!change) {
            return false;
        }
        const payload = payloadOf(message, null);
        hot.fire('beforeUpdate', payload);
        change.commit();
        transaction.applied = performance.now();
        transaction.changed = { payload, morph: change.rest };
        return true;
    }

    /** Puts what `planned` has found in force. Throws with the page as it was. */
    async function apply(message, planned, changed) {
        const { js, own, owners, assets, parts } = planned;
        const before = js && remember(js);
        const direct = js && isDirect(js, before, message.updates);
        const undo = [];
        let swaps = [];
        let morph = null;
        const preparing = [];
        // What is ready at once waits for nothing: turns of the loop are most of a small update.
        const prepare = (step, take) => {
            try {
                const ready = step();
                if (ready instanceof Promise) {
                    preparing.push(ready.then(take));
                } else {
                    take(ready);
                }
            } catch (error) {
                preparing.push(Promise.reject(error));
            }
        };
        const urlsOf = (keys) => keys.filter((key) => !parts.has(key)).map((key) => sourceOf(js, key));
        const urls = js ? urlsOf(js.accepted) : [];
        if (own) {
            prepare(() => changed?.morph ?? page.plan(own), (ready) => {
                morph = ready;
            });
        }
        // Behind the document's plan, which would find the links in the page.
        if (urls.length && js.replaced.length > 1) {
            const gone = message.updates.filter((each) => each.deleted)
                .map((each) => orbit.keyOf(each.url));
            const coming = urlsOf(js.replaced.filter((key) => !gone.includes(key)
                && !js.carried.has(key)));
            preload(coming.map(orbit.asImported), orbit.nonce);
        }
        if (urls.length && !direct) {
            preparing.push(preflight(urls).then(async (bad) => {
                if (bad) {
                    throw await badVersion(bad, js);
                }
            }));
        }
        if (owners.size) {
            prepare(() => prepareSheets(owners), (all) => {
                swaps = all;
            });
        }
        for (const [key, version] of assets) {
            preparing.push(preloadPicture(orbit, key, version));
        }
        if (preparing.length) {
            const results = await Promise.allSettled(preparing);
            const failure = results.find((each) => each.status === 'rejected');
            if (failure) {
                swaps.forEach((each) => each.abort());
                throw failure.reason;
            }
        }

        const payload = changed?.payload ?? payloadOf(message, js);
        try {
            const heard = changed ? null : hot.fire('beforeUpdate', payload);
            if (heard) {
                await heard;
            }
            const disposing = js && hot.dispose(hot.instancesOf([...js.replaced].reverse()));
            if (disposing) {
                await disposing;
            }
            if (morph) {
                morph.commit();
                undo.push(morph.back);
            }
            if (js) {
                await replace(js, before, direct, undo, parts);
                buryReplaced(js, before);
            }
        } catch (error) {
            swaps.forEach((each) => each.abort());
            throw error;
        }
        commitStyles(swaps, assets);
        if (js && js.pruned.length) {
            await prune(js.pruned, js.stamp);
        }
        return () => hot.fire('afterUpdate', payload);
    }

    async function prune(keys, stamp) {
        await hot.prune(keys, stamp);
        for (const link of document.querySelectorAll('link[data-orbit]')) {
            if (keys.includes(link.dataset.orbit)) {
                dropPushed(link);
                link.remove();
            }
        }
    }

    // As Vite's plugins know it, and the message itself for those who want all. `alone`: each module
    // takes its own update, so none is replaced because of another.
    function payloadOf(message, js) {
        const timestamp = Date.now();
        const sheets = message.updates.filter((each) => each.type === 'css').map((each) => (
            { type: 'css-update', path: each.url, acceptedPath: each.url, timestamp }));
        const modules = (js?.boundaries || []).map(({ by, accepted }) => (
            { type: 'js-update', path: by, acceptedPath: accepted, timestamp }));
        const own = new Set((js?.boundaries || []).filter(({ by, accepted }) => by === accepted)
            .map(({ by }) => by));
        const alone = !js || js.replaced.every((key) => own.has(key));
        return { type: 'update', updates: [...modules, ...sheets], message, alone };
    }

    /** The names that the handler gets: all that changed, without what has been applied. */
    function namesOfRest(message, planned) {
        const rest = new Set(planned.rest.map((update) => update.module || update.path));
        const fine = new Set(planned.fine.map((update) => update.module || update.path));
        const names = message.modules.filter((name) => rest.has(name) || !fine.has(name));
        return [...new Set([...names, ...rest])];
    }

    function reasonWithoutHandler(names, js) {
        if (js && js.refused.length) {
            const way = js.chain.length ? js.chain : js.refused;
            const where = js.isWorker ? 'run by a worker' : 'not accepted';
            return `${where}: ${way.map(nameOf).join(' > ')}`;
        }
        return `${names.join(', ')} changed, no handler is registered`;
    }

    async function callHandler(names) {
        const slow = {};
        try {
            const running = Promise.resolve(orbit.getHandler()(names));
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

    async function fail(transaction, error, js) {
        const text = describe(error);
        if (error instanceof BadVersion) {
            const { rolledBack, cause } = error;
            const versions = new Map(transaction.message.updates.map((update) =>
                [orbit.keyOf(update.url), versionOf(update)]));
            const origin = originOf(orbit, error.place ? null : cause, error.place, versions)
                || fileOf(js.accepted[0] || '/');
            const show = () => badge.set('failed', text, null, origin);
            console.error('[orbiton] the new version failed, the last good one goes on:', cause);
            show();
            const place = await origin;
            const said = /:\d+$/.test(place) && !text.includes(place) ? `${text} (${place})` : text;
            if (failures.size >= FAILURES_MAX) {
                failures.delete(failures.keys().next().value);
            }
            const { epoch } = orbit;
            failures.set(transaction.key, { error: said, rolledBack, epoch, stamp: js.stamp, show });
            acknowledge(transaction, 'failed', { error: said, rolledBack });
        } else {
            badge.set('notice', text);
            acknowledge(transaction, 'failed', { error: text });
        }
    }

    /** Runs one `hmr` message to its end. */
    async function run(transaction) {
        const { message } = transaction;
        const known = transaction.changed ? null : failures.get(transaction.key);
        // In the same run it comes under a new number when something else has changed.
        if (known && (known.epoch !== orbit.epoch || known.stamp === message.js?.stamp)) {
            const { error, rolledBack, show } = known;
            show();
            acknowledge(transaction, 'failed', { error, rolledBack });
            return;
        }
        await scriptsRan; // before that no handler can be expected, nor what a module accepts
        const planned = plan(message);
        const { js } = planned;
        const idle = js?.boundaries.find(({ by }) => !hot.instanceOf(by));
        if (idle) {
            // The server goes by the text of what has not spoken yet: it waits for others to load.
            await reload(transaction, `${nameOf(idle.by)} has not run yet`);
            return;
        }
        const own = js ? js.boundaries.filter(({ by, accepted }) => by === accepted) : [];
        const decisions = hot.decisions(own.map(({ by }) => by));
        if (decisions) {
            await Promise.race([decisions, wait(EVALUATE_MS)]);
        }
        const refusing = own.find(({ by }) => !hot.takesItself(by));
        if (refusing) {
            await reload(transaction, `not accepted: ${nameOf(refusing.by)}`);
            return;
        }
        const isOnlyNames = !message.updates.length && !js && message.modules.length > 0;
        const needsHandler = planned.rest.length > 0 || isOnlyNames || Boolean(js?.refused.length);
        const names = needsHandler ? namesOfRest(message, planned) : [];
        const isAlone = needsHandler && !orbit.getHandler();
        // With no handler the page will be loaded anew anyway; but one that stays gets what it can.
        if (isAlone && !orbit.config.hotOnly) {
            await reload(transaction, reasonWithoutHandler(names, js));
            return;
        }
        const keys = [...message.updates.map((update) => orbit.keyOf(update.url)),
            ...(js ? js.replaced : [])];
        const before = new Map(keys.map((key) => [key, orbit.loaded.get(key)]));
        let failure = null;
        keys.forEach((key) => orbit.changing.add(key));
        if (js) {
            orbit.holdStamp(js.stamp);
        }
        try {
            const done = await apply(message, planned, transaction.changed);
            if (!needsHandler) {
                // It is in force: the books wait until the browser has done what that asks for.
                transaction.applied ??= performance.now();
                await nextTask();
            }
            planned.fine.forEach((update) => setLoaded(update, before));
            if (js) {
                js.replaced.forEach((key) => {
                    orbit.stamps.set(key, js.stamp);
                    if (js.carried.has(key)) {
                        orbit.carried.set(key, js.stamp);
                    }
                });
                orbit.releaseStamp(js.stamp, true);
            }
            let reason = '';
            if (isAlone) {
                reason = reasonWithoutHandler(names, js);
            } else if (needsHandler) {
                reason = await callHandler(names);
            }
            const heard = done();
            if (heard) {
                await heard;
            }
            if (reason) {
                await reload(transaction, reason);
            } else {
                planned.rest.forEach((update) => setLoaded(update, before));
                before.forEach((version, key) => setTold(key, version));
                message.updates.forEach((update) =>
                    setTold(orbit.keyOf(update.url), versionOf(update)));
                acknowledge(transaction, needsHandler ? 'handler' : 'hot');
            }
        } catch (error) {
            if (js) {
                orbit.releaseStamp(js.stamp, false);
            }
            if (error instanceof NeedsReload) {
                await reload(transaction, error.message);
            } else {
                failure = error;
            }
        } finally {
            orbit.arriving = new Map();
            keys.forEach((key) => orbit.changing.delete(key));
            orbit.batch();
        }
        // Its place may be long in coming: by then nothing is on its way any more.
        if (failure) {
            await fail(transaction, failure, js);
        }
    }

    return { changeAtOnce, run };
}
