// SPDX-License-Identifier: MIT

/*
 * Stylesheets whose text came with the message. The <link> stays where it is, so that code which
 * holds it, finds it by its id or moves it keeps working, and its own sheet is switched off; a
 * <style> right behind it has the text, and so the same place in the cascade. What code then does
 * to the link still counts: a new medium or title is copied, and with a new address, `disabled`, or
 * when it is moved or removed, the <style> goes: from then on the link loads from the server, which
 * has the newest text. A later version without a text replaces both by a link (style.js).
 *
 * Invariant: of a link's own sheet and its <style> at most one is in force.
 */

import { newestOf } from './imported.js';

const styles = new WeakMap(); // link -> its <style>
const restores = new WeakMap(); // link -> what lets it load the newest text
const pushed = new WeakSet(); // those <style> elements
const COPIED = ['media', 'title'];
let latest = null; // { link, style } of the sheet that was changed last

export const isPushed = (node) => pushed.has(node);
export const pushedOf = (link) => styles.get(link) || null;

/** Takes the text from a link that is to be replaced or to go. */
export function dropPushed(link) {
    const style = styles.get(link);
    if (style) {
        styles.delete(link);
        style.remove();
        if (link.sheet) {
            link.sheet.disabled = false;
        }
    }
}

function copyAttributes(link, style) {
    for (const name of COPIED) {
        const value = link.getAttribute(name);
        if (value === null) {
            style.removeAttribute(name);
        } else {
            style.setAttribute(name, value);
        }
    }
}

/** Lets the link speak for itself again. */
function letSpeak(link) {
    if (styles.has(link)) {
        dropPushed(link);
        restores.get(link)();
    }
}

// One for all links: an observer that is held by nothing else lives as long as what it observes.
const observer = new MutationObserver((changes) => {
    for (const { type, target, attributeName, removedNodes } of changes) {
        if (type === 'attributes' && styles.has(target)) {
            if (COPIED.includes(attributeName)) {
                copyAttributes(target, styles.get(target));
            } else {
                letSpeak(target);
            }
        }
        for (const node of removedNodes) {
            // Moved or gone: wherever it is now, it has been loaded anew.
            if (styles.has(node) && node.nextSibling !== styles.get(node)) {
                letSpeak(node);
            }
        }
    }
});

function switchOff({ currentTarget: link }) {
    if (styles.has(link) && link.sheet) {
        link.sheet.disabled = true;
    }
}

function register(orbit, link, style) {
    styles.set(link, style);
    restores.set(link, () => {
        const url = newestOf(orbit, link.href);
        if (url !== link.href) {
            link.href = url;
        }
    });
    pushed.add(style);
    const attributeFilter = [...COPIED, 'href', 'disabled', 'rel'];
    observer.observe(link, { attributes: true, attributeFilter });
    if (link.parentNode) {
        observer.observe(link.parentNode, { childList: true });
    }
    // It may still be on its way.
    link.addEventListener('load', switchOff);
}

const importsOthers = (text) => /@import/i.test(text);

function withName(text, url) {
    return `${text}\n/*# sourceURL=${url.replace(/[?#].*$/, '')} */`;
}

function createStyle(link, text, media) {
    const style = document.createElement('style');
    copyAttributes(link, style);
    style.nonce = link.nonce;
    style.media = media;
    style.textContent = text;
    return style;
}

function setText(style, full) {
    if (style.childNodes.length !== 1) {
        style.textContent = full;
    } else if (style.firstChild.data !== full) {
        style.firstChild.data = full; // one change where textContent makes two
    }
}

/** `commit()` of another text for the sheet that was changed last, or null if that is another one. */
export function changeLatest(orbit, key, text) {
    const { link, style } = latest ?? {};
    const isIt = link && styles.get(link) === style && style.isConnected && style.sheet?.disabled === false
        && link.isConnected && orbit.keyOf(link.href) === key && !importsOthers(text);
    return isIt ? { commit: () => setText(style, withName(text, link.href)) } : null;
}

/**
 * A swap (style.js) that puts `text` in force, or a promise of one if the text imports others; null
 * if that cannot be: the page forbids inline styles, say.
 */
export function createPushed(orbit, link, text, loadOf) {
    if (link.hasAttribute('disabled') || !link.parentNode) {
        return null;
    }
    const full = withName(text, link.href);
    const old = styles.get(link);
    const hasImports = importsOthers(text);
    if (old && old.isConnected && old.sheet && !hasImports) {
        return {
            sheet: () => old.sheet,
            commit() {
                const { disabled } = old.sheet;
                setText(old, full);
                if (disabled && old.sheet) {
                    old.sheet.disabled = true;
                }
                latest = { link, style: old };
            },
            abort() {},
        };
    }

    const style = createStyle(link, full, 'not all');
    const loading = hasImports ? loadOf(style) : null;
    (old || link).after(style);
    if (!style.sheet) {
        style.remove();
        loading?.catch(() => {});
        return null;
    }
    const swap = {
        sheet: () => style.sheet,
        commit() {
            if (!link.isConnected || (old && styles.get(link) !== old)) {
                style.remove();
                return;
            }
            const wasDisabled = (old || link).sheet?.disabled === true;
            copyAttributes(link, style);
            style.sheet.disabled = wasDisabled;
            old?.remove();
            register(orbit, link, style);
            if (link.sheet) {
                link.sheet.disabled = true;
            }
        },
        abort() {
            style.remove();
        },
    };
    // An import that is missing is no reason to keep the rest of the sheet from the page.
    return loading ? loading.then(() => swap, () => swap) : swap;
}
