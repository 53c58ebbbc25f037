// SPDX-License-Identifier: MIT

/*
 * Stylesheets under a running page. The new sheet is loaded beside the old one with a medium that
 * never matches, so that it has no effect until all sheets of a transaction are there; then they
 * change places in one step, and no frame is painted without a style or with half of them.
 *
 * A text that came with the message needs no loading (pushed.js): the <link> keeps its place and
 * a <style> behind it has the text.
 *
 * Invariant: a sheet that cannot be loaded leaves the page as it was.
 */

import { DEPTH_MAX, importsOf, renewedUrl, rulesOf, withNewestImports } from './imported.js';
import { createPushed, dropPushed, isPushed, pushedOf } from './pushed.js';

const LOAD_MS = 10000;

/** The document and every open shadow root in it. */
export function findRoots() {
    const roots = [document];
    for (const root of roots) {
        for (const element of root.querySelectorAll('*')) {
            if (element.shadowRoot && !element.localName.startsWith('orbiton-')) {
                roots.push(element.shadowRoot);
            }
        }
    }
    return roots;
}

/** <link> and <style> elements whose sheet meets `test(sheet, base)`, or that pass `testLink`. */
function findOwners(roots, testLink, testSheet) {
    const owners = [];
    for (const root of roots) {
        for (const node of root.querySelectorAll('link[rel~="stylesheet" i], style')) {
            if (isPushed(node)) {
                continue;
            }
            const isLink = node.localName === 'link';
            const base = isLink ? node.href : document.baseURI;
            const sheet = (pushedOf(node) || node).sheet;
            if ((isLink && testLink(node)) || (sheet && testSheet(sheet, base))) {
                owners.push(node);
            }
        }
    }
    return owners;
}

/** Whether the sheet imports, at any depth, one whose URL passes `test`. */
function importsSheet(sheet, base, test, depth = 0) {
    for (const [rule, url] of importsOf(sheet, base)) {
        if (test(url)) {
            return true;
        }
        // A cycle of imports is cut by browsers; the depth is a belt to their braces.
        const next = rule.styleSheet;
        if (next && depth < DEPTH_MAX && importsSheet(next, url, test, depth + 1)) {
            return true;
        }
    }
    return false;
}

/** The elements that a change of the sheet `key` concerns. */
export function findSheetOwners(orbit, key) {
    const isIt = (url) => orbit.keyOf(url) === key;
    return findOwners(findRoots(), (link) => isIt(link.href),
        (sheet, base) => importsSheet(sheet, base, isIt));
}

/** Settles when the element's sheet, and what it imports, is there or cannot be. */
function loadOf(node) {
    return new Promise((resolve, reject) => {
        const watchdog = setTimeout(() => reject(new Error('not loaded after 10 s')), LOAD_MS);
        const settle = (step) => () => {
            clearTimeout(watchdog);
            step();
        };
        node.addEventListener('load', settle(resolve), { once: true });
        node.addEventListener('error', settle(() => {
            // An import that is missing is an error for browsers, but the sheet itself is there.
            if (node.sheet && rulesOf(node.sheet).length > 0) {
                resolve();
            } else {
                reject(new Error('could not be loaded'));
            }
        }), { once: true });
    });
}

/**
 * Prepares the new version of an element's sheet. Gives a swap, or a promise of one: `commit()`
 * puts it in force, `abort()` forgets it, `sheet()` is the new sheet, or null. With `text`, nothing
 * is loaded that the text does not import. `mayBeMissing`: a sheet that cannot be loaded is what is
 * wanted.
 */
export function prepareSheet(orbit, node, { version, mayBeMissing, text = null }) {
    const isItself = node.localName === 'link' && text !== null;
    const pushed = isItself ? createPushed(orbit, node, text, loadOf) : null;
    const swap = pushed || loadSheet(orbit, node, version, mayBeMissing);
    // A text that is there at once imports nothing.
    return swap instanceof Promise ? swap.then((each) => withNewestImports(orbit, each)) : swap;
}

async function loadSheet(orbit, node, version, mayBeMissing) {
    const next = node.cloneNode(true);
    const isLink = node.localName === 'link';
    const media = node.getAttribute('media');

    // Inline handlers ran for the first load; running them again would surprise the page.
    next.removeAttribute('onload');
    next.removeAttribute('onerror');
    next.nonce = node.nonce;
    if (isLink) {
        next.setAttribute('href', renewedUrl(orbit, node.getAttribute('href'), version));
    }
    // A disabled link loads nothing, now or later, before it is enabled.
    const loadsNothing = isLink && node.hasAttribute('disabled');
    if (!loadsNothing) {
        next.media = 'not all';
        const loading = loadOf(next);
        node.after(next);
        try {
            await loading;
        } catch (error) {
            if (!mayBeMissing) {
                next.remove();
                throw new Error(`${orbit.keyOf(node.href || '') || 'a <style>'} ${error.message}`);
            }
        }
    }
    return {
        sheet: () => next.sheet,
        commit() {
            if (!node.isConnected) {
                next.remove();
                return;
            }
            const wasDisabled = (pushedOf(node) || node).sheet?.disabled ?? null;
            if (loadsNothing) {
                node.after(next);
            } else if (media === null) {
                next.removeAttribute('media');
            } else {
                next.setAttribute('media', media);
            }
            if (wasDisabled !== null && next.sheet) {
                next.sheet.disabled = wasDisabled;
            }
            dropPushed(node);
            node.remove();
        },
        abort() {
            next.remove();
        },
    };
}
