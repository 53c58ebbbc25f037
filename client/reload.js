// SPDX-License-Identifier: MIT

/*
 * The last resort. A reload says why, carries over what it can (capsule.js), and is done once for a
 * transaction: if the same one comes again, it has not helped. With hotOnly it is offered.
 *
 * Invariant: the page that comes up knows why, for which transaction, and for how long it took.
 */

import { restoreCapsule, takeCapsule, takeData } from './capsule.js';

const RELOADED_SHOWN_MS = 6000;
const RELOAD_AGAIN_MS = 1000;
const INVALIDATED_AGAIN_MS = 10000;
const REFUSED_MS = 5000;
const SLOW_MS = 60000; // of a server, to answer a reload
const PAINTED_MS = 1000;
const SCRIPTS_MS = 5000;

/** A reload is all that helps. */
export class NeedsReload extends Error {}

export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const channel = new MessageChannel();
const resolvers = [];
channel.port1.onmessage = () => resolvers.shift()();

/** A task of its own: whatever the browser has to do now comes before what waits for this. */
export const nextTask = () => new Promise((resolve) => {
    resolvers.push(resolve);
    channel.port2.postMessage(0);
});

export const round = (ms) => Math.round(ms * 10) / 10;

/**
 * When the page's scripts have run, or have not for long enough: the deferred ones, as all modules
 * are, run in a document that is "interactive" already.
 */
export const scriptsRan = document.readyState === 'complete'
    || performance.getEntriesByType('navigation')[0]?.domContentLoadedEventStart > 0
    ? Promise.resolve()
    : Promise.race([wait(SCRIPTS_MS), new Promise((resolve) => {
        document.addEventListener('DOMContentLoaded', resolve, { once: true });
    })]);

/** Whether a transaction came of a module's invalidate(). */
export function isInvalidation(message) {
    return typeof message.reason === 'string' && message.reason.startsWith('invalidated');
}

/**
 * Two frames, after which the change has been painted; a hidden page paints nothing, nor does a
 * frame that cannot be seen, which nobody says.
 */
export function painted() {
    if (document.hidden) {
        return wait(0);
    }
    return new Promise((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(resolve));
        document.addEventListener('visibilitychange', resolve, { once: true });
        setTimeout(resolve, PAINTED_MS);
    });
}

export function createReload({ orbit, badge, hot, acknowledge }) {
    const storageName = 'orbit:reload:' + orbit.documentKey;
    const dataName = 'orbit:data:' + orbit.documentKey;
    const reloaded = takeReloaded();
    let isTold = false;

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

    // On the way out, when nothing can refuse any more: taking the data calls dispose callbacks.
    function saveData() {
        try {
            const text = takeData(orbit);
            if (text) {
                sessionStorage.setItem(dataName, text);
            }
        } catch (error) {
            console.warn('[orbiton] the data of modules could not be kept:', error);
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

    async function tell() {
        if (!reloaded || isTold || !orbit.isConnected()) {
            return;
        }
        isTold = true;
        await scriptsRan;
        const apply = performance.timeOrigin + performance.now() - reloaded.time;
        await painted();
        const paint = performance.timeOrigin + performance.now() - reloaded.time;
        if (reloaded.epoch === orbit.epoch) {
            const ms = { apply: round(apply), paint: round(paint) };
            const { seq, reason } = reloaded;
            orbit.send({ type: 'applied', seq, ok: true, mode: 'reload', ms, reason });
        }
    }

    /** Gives a function that tells whether the page's beforeunload asks to stay. */
    function reloadNow(transaction, reason) {
        let capsule = null;
        let asks = false;
        hot.fire('beforeFullReload', { type: 'full-reload', reason });
        try {
            capsule = takeCapsule();
        } catch (error) {
            console.warn('[orbiton] the state could not be kept:', error);
        }
        saveReloaded({
            reason,
            capsule,
            key: transaction.key,
            isInvalidation: isInvalidation(transaction.message),
            seq: transaction.message.seq,
            epoch: orbit.epoch,
            time: performance.timeOrigin + performance.now(),
        });
        window.addEventListener('pagehide', saveData, { once: true });
        window.addEventListener('beforeunload', (event) => {
            asks = event.defaultPrevented || Boolean(event.returnValue);
        }, { once: true });
        location.reload();
        return () => asks;
    }

    // An update that comes again after its reload would come for ever. A reload that was asked for
    // may well be asked for twice, but not by a page that is hardly there. A module that refuses
    // itself as it runs does so in the new page too, under another number.
    function isInVain({ key, message }) {
        if (!reloaded || message.force) {
            return false;
        }
        if (isInvalidation(message)) {
            return reloaded.isInvalidation && performance.now() < INVALIDATED_AGAIN_MS;
        }
        if (reloaded.key !== key) {
            return false;
        }
        return message.type === 'hmr' || performance.now() < RELOAD_AGAIN_MS;
    }

    /** Reloads, or says why not. The page may outlive the call: its beforeunload may refuse. */
    async function reload(transaction, reason) {
        const offer = { label: 'Reload', run: () => reloadNow(transaction, reason) };
        if (orbit.config.hotOnly && !transaction.message.force) {
            badge.set('held', `a reload is needed: ${reason}`, offer);
            acknowledge(transaction, 'held', { error: reason });
            return;
        }
        if (isInVain(transaction)) {
            const text = `the reload did not help: ${reason}`;
            badge.set('failed', text, offer);
            acknowledge(transaction, 'failed', { error: text });
            return;
        }
        const asks = reloadNow(transaction, reason);
        await wait(REFUSED_MS);
        if (!asks()) {
            await wait(SLOW_MS);
        }
        window.removeEventListener('pagehide', saveData);
        acknowledge(transaction, 'failed', { error: 'the page did not reload' });
    }

    return {
        greet,
        tell,
        reload,
        /** Another transaction came through: the page is past what it was reloaded for. */
        passed({ key, message, mode }) {
            if (reloaded && reloaded.key !== key) {
                reloaded.key = '';
            }
            // What a module refuses from now on came with a save, and not with the page.
            if (reloaded && !isInvalidation(message) && (mode === 'hot' || mode === 'handler')) {
                reloaded.isInvalidation = false;
            }
        },
    };
}
