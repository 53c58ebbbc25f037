// SPDX-License-Identifier: MIT

/*
 * The page's own document: which source it shows, and the way from that to the next one (morph.js). Once an update
 * has brought a source, the next ones may come as what differs.
 */

import { isText, versionOf } from './message.js';
import { editText, planLatest, planMorph } from './morph.js';
import { describe } from './origin.js';
import { NeedsReload, wait } from './reload.js';

const LINK_MS = 10000;

const isCount = (value) => Number.isInteger(value) && value >= 0;
const isEdit = (edit) => isText(edit?.text) && isCount(edit.at) && isCount(edit.removed);

// A sheet that the new document names: its elements are not to be seen without it.
function preloadSheet(link) {
    const preload = document.createElement('link');
    preload.rel = 'preload';
    preload.as = 'style';
    preload.href = link.getAttribute('href');
    const settled = new Promise((resolve) => {
        preload.onload = resolve;
        preload.onerror = resolve;
    });
    document.head.append(preload);
    return Promise.race([settled, wait(LINK_MS)]).then(() => preload.remove());
}

export function createDocument(orbit) {
    let source = { hash: '', text: '' }; // once an update has brought it

    function isOwn(update) {
        const { documentKey } = orbit;
        return update.type === 'html'
            && (update.url === documentKey || orbit.keyOf(update.url) === documentKey);
    }

    async function fetchText(hash) {
        const url = `/__orbit/text/${hash}?token=${encodeURIComponent(orbit.token)}`;
        const response = await fetch(url);
        if (!response.ok) {
            throw new NeedsReload('the text that the page was made from is not kept');
        }
        return response.text();
    }

    /** The document's source, if an update is an edit of it, and of what the page runs; or null. */
    function sourceFor({ edit }) {
        const isOfIt = isEdit(edit) && edit.from === source.hash
            && edit.from === orbit.loaded.get(orbit.documentKey)
            && edit.at + edit.removed <= source.text.length;
        return isOfIt ? source.text : null;
    }

    function planTexts([base, text], { hash }) {
        const morph = planMorph(base, text);
        const old = source; // the server's base has no hash in the message: no pair is made up of it
        const ready = {
            commit() {
                morph.commit();
                source = { hash, text };
            },
            back() {
                planMorph(text, base).commit();
                source = old;
            },
        };
        return morph.links.length ? Promise.all(morph.links.map(preloadSheet)).then(() => ready)
            : ready;
    }

    /** { commit, back } for the new document, or a promise of it. Throws, or rejects, NeedsReload. */
    function plan(own) {
        const old = orbit.loaded.get(orbit.documentKey);
        const fail = (error) => {
            throw new NeedsReload(`${own.path || own.url} changed: ${describe(error)}`);
        };
        try {
            if (versionOf(own) === 'missing' || !old) {
                throw new NeedsReload('its old text is not known');
            }
            const base = sourceFor(own);
            if (base !== null) {
                return planTexts([base, editText(base, own.edit)], own);
            }
            return isText(own.text) && isText(own.base) ? planTexts([own.base, own.text], own)
                : Promise.all([old, own.hash].map(fetchText))
                    .then((texts) => planTexts(texts, own)).catch(fail);
        } catch (error) {
            return fail(error);
        }
    }

    /**
     * Another edit of the text that was edited last, as `commit()`, which may be done before anything else,
     * and `rest`, what plan() would give then; null if an update is anything else.
     */
    function change(own) {
        const base = isOwn(own) ? sourceFor(own) : null;
        const latest = base === null ? null : planLatest(base, own.edit);
        return latest && {
            commit: latest.commit,
            rest: {
                commit() {
                    source = { hash: own.hash, text: editText(base, own.edit) };
                    latest.note(source.text);
                },
                back: null,
            },
        };
    }

    return { isOwn, plan, change };
}
