// SPDX-License-Identifier: MIT

/*
 * What the client does with the server's messages: transactions one after another (transaction.js),
 * reloads (reload.js), and what the badge and the overlay show of builds and errors. Each
 * transaction is acknowledged when it has been painted.
 */

import { createBadge } from './badge.js';
import { createHot } from './hot.js';
import { listOf, versionOf } from './message.js';
import { createOverlay, openInEditor, placeOf } from './overlay.js';
import { describe, describeKind, originOf } from './origin.js';
import { createReload, isInvalidation, painted, round } from './reload.js';
import { createTransactions } from './transaction.js';

const DISCONNECTED_MS = 1000;
const REPEATS_MAX = 3;
const LOSSES_MAX = 20; // sentences about state that a component could not keep, of one transaction
const KEPT_MAX = 8; // names of fields that components have kept, of one transaction
const REASON_MAX = 500; // characters

export function start(orbit) {
    const queue = [];
    const invalidated = new Set(); // modules that refused, in a row of updates that came of that
    let said = []; // what modules said by invalidate() during a transaction
    const losses = []; // what components could not keep, since the last transaction
    const kept = []; // and the names of the fields that they have kept
    let running = null;
    let last = null; // the last transaction
    let lastKey = ''; // to notice one that never helps
    let repeats = 0;
    let disconnectedTimer = 0;
    let diagnostics = [];
    let isBroken = false; // by the server's last word
    let behind = ''; // why the page does not run the newest modules
    let wasConnected = false;

    const badge = createBadge(() => orbit.config.badge !== false,
        (place) => openInEditor(orbit, place));
    const overlay = createOverlay(orbit, () => showFailed());
    const hot = createHot(orbit);
    const reloads = createReload({ orbit, badge, hot, acknowledge });
    const transactions = createTransactions({
        orbit, hot, badge, reload: reloads.reload, acknowledge, isSuperseded,
    });

    /* ---- transactions ---- */

    // The components' runtime says here what new code could not take over, and what it has.
    window.__ORBIT_COMPONENT_NOTE = (path, lost, names) => {
        losses.push(...lost.slice(0, LOSSES_MAX - losses.length).map((text) => `lost ${text}`));
        kept.push(...names);
    };

    /** "kept A.one, A.two and 3 more", or '' */
    function takeKept() {
        const names = kept.splice(0);
        const more = names.length > KEPT_MAX ? ` and ${names.length - KEPT_MAX} more` : '';
        return names.length ? `kept ${names.slice(0, KEPT_MAX).join(', ')}${more}` : '';
    }

    function acknowledge(transaction, mode, more = {}) {
        const lost = losses.splice(0).join('; ').slice(0, REASON_MAX);
        const state = [lost, takeKept()].filter(Boolean).join('; ').slice(0, REASON_MAX);
        const { message, received, applied = performance.now() } = transaction;
        const { error } = more;
        const ok = mode === 'hot' || mode === 'handler';
        transaction.mode = mode;
        const apply = applied - received;
        const names = message.modules.join(', ') || message.reason || 'nothing';
        orbit.seq = Math.max(orbit.seq, Number(message.seq) || 0);
        if (ok) {
            badge.clear('held');
            badge.clear('notice');
            badge.clear('error');
            // What was taken back waits for the next modules, whatever else comes through.
            if (message.js && !isInvalidation(message)) {
                behind = '';
            }
            if (!diagnostics.length && !behind) {
                badge.clear('failed');
            }
        } else if (mode === 'failed' && message.js) {
            behind = error;
        }
        // What is said of it costs more than a small update: the page's own new look comes first.
        transaction.answered = painted().then(() => {
            const why = error ? `: ${error}` : '';
            if (ok) {
                badge.flash('updated', `updated ${names}`);
            }
            if (ok && lost) {
                badge.set('notice', lost);
            }
            console.info(`[orbiton] ${mode} ${names} ${Math.round(apply)} ms${why}`);
            const ms = { apply: round(apply), paint: round(performance.now() - received) };
            const answer = { type: 'applied', seq: message.seq, ok, mode, ms };
            orbit.send({ ...answer, ...(ok && state ? { reason: state } : {}), ...more });
        });
    }

    function isSuperseded(update) {
        return queue.some(({ message }) => message.updates.some((later) =>
            later.type === update.type && later.url === update.url));
    }

    function keyFor(message) {
        const pairs = message.updates.map((update) => `${update.url}=${versionOf(update)}`);
        // What follows an invalidate() changes no file.
        const isPlain = pairs.length && !isInvalidation(message);
        return isPlain ? pairs.sort().join(' ') : `${orbit.epoch} ${message.seq}`;
    }

    async function run(transaction) {
        transaction.key = keyFor(transaction.message);
        repeats = transaction.key === lastKey ? repeats + 1 : 0;
        lastKey = transaction.key;
        last = transaction;
        if (repeats >= REPEATS_MAX && !transaction.changed) {
            const error = 'the same update came again, without effect';
            acknowledge(transaction, 'failed', { error });
            return;
        }
        if (transaction.message.type === 'reload') {
            const { reason, chain } = transaction.message;
            const way = Array.isArray(chain) && chain.length > 1 ? ` (${chain.join(' → ')})` : '';
            await reloads.reload(transaction, (reason || 'asked for') + way);
        } else {
            if (!isInvalidation(transaction.message)) {
                invalidated.clear();
            }
            await transactions.run(transaction);
        }
        reloads.passed(transaction);
    }

    async function runQueue() {
        if (running) {
            return;
        }
        while (queue.length) {
            running = queue.shift();
            try {
                await run(running);
            } catch (error) {
                console.warn('[orbiton] an update failed:', error);
                acknowledge(running, 'failed', { error: describe(error) });
            }
            // What a version that was taken back said of itself is void.
            const asked = running.mode === 'failed' ? [] : said;
            said = [];
            // The server hears first that the update came through, and then what is said of it.
            if (asked.length) {
                await running.answered;
            }
            for (const [key, message] of new Map(asked)) {
                await invalidate(key, message);
            }
        }
        running = null;
    }

    /* ---- invalidate() ---- */

    // The module has taken an update and found that it cannot: its importers are asked.
    async function invalidate(url, message) {
        const stamp = hot.instanceOf(url)?.stamp;
        if (stamp === undefined) {
            return;
        }
        const [firstInvalidatedBy = url] = invalidated;
        const isRound = invalidated.has(url);
        invalidated.add(url);
        await hot.fire('invalidate', { path: url, message, firstInvalidatedBy });
        if (isRound) {
            const why = `${url} was invalidated again${message ? `: ${message}` : ''}`;
            await reloads.reload(last, why);
        } else {
            orbit.post({ type: 'invalidate', url, message, stamp });
        }
    }

    orbit.onInvalidate = (key, message) => {
        if (running || queue.length) {
            said.push([key, message]);
        } else {
            invalidate(key, message);
        }
    };

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

    // An error of the page itself. It is shown until the next good update, or until it is hidden.
    // Gives where it comes from, or a promise of that. Of what is not logged any more nobody asks for
    // the place again: the badge has it.
    function showError(error, place, isLogged) {
        const text = describeKind(error);
        if (!isLogged && badge.has('error', text)) {
            return '';
        }
        const origin = originOf(orbit, error, place);
        badge.set('error', text, null, origin);
        return origin;
    }

    orbit.onError = showError;

    function fail(list) {
        diagnostics = listOf(list, (each) => each && typeof each === 'object');
        isBroken = true;
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

    orbit.isFailing = () => isBroken || behind !== '';

    function becomeWhole() {
        diagnostics = [];
        isBroken = false;
        badge.clear('rebuilding');
        if (behind) {
            badge.set('failed', behind);
        } else {
            badge.clear('failed');
        }
        overlay.clear();
    }

    const receivers = {
        hello() {
            // What the page had not come to run is sent anew, or is no longer on disk.
            behind = '';
            badge.render();
            reloads.tell();
        },
        config() {
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
            const list = listOf(message.diagnostics, (each) => each && typeof each === 'object');
            const [first = {}] = list;
            const { text = '', path: id, frame } = first;
            const err = { message: text, stack: '', id, frame };
            hot.fire('error', { type: 'error', err, diagnostics: list });
        },
        clear: becomeWhole,
        custom(message) {
            hot.fireCustom(String(message.event), message.data);
        },
    };

    function enqueue(raw, received) {
        const modules = listOf(raw.modules, (each) => typeof each === 'string');
        const updates = listOf(raw.updates, (each) => each && typeof each.url === 'string');
        const message = { ...raw, modules, updates };
        const transaction = { message, received, key: '' };
        const isFirst = !running && !queue.length;
        let isChanged = false;
        queue.push(transaction);
        try {
            isChanged = isFirst && transactions.changeAtOnce(transaction);
        } finally {
            if (isChanged) {
                queueMicrotask(runQueue); // behind what the page itself does about its new text
            } else {
                runQueue();
            }
        }
    }

    reloads.greet();
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
            const isConnected = orbit.isConnected();
            if (isConnected !== wasConnected) {
                wasConnected = isConnected;
                hot.fire(isConnected ? 'ws:connect' : 'ws:disconnect', {});
            }
            if (isConnected) {
                badge.clear('disconnected');
                reloads.tell();
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
