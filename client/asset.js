// SPDX-License-Identifier: MIT

/*
 * Images and fonts under a running page: every place that shows a URL is found, the new picture is
 * loaded and decoded first, and then all places change at once, also those in style rules.
 */

import { DEPTH_MAX, rulesOf } from './imported.js';
import { findRoots } from './style.js';

const LOAD_MS = 10000;

// Where a document can name a picture: selector, attribute.
const PLACES = [
    ['img, input[type="image" i], embed', 'src'],
    ['img, source', 'srcset'],
    ['link', 'imagesrcset'],
    ['video', 'poster'],
    ['object', 'data'],
    ['link[rel~="icon" i], link[rel~="apple-touch-icon" i]', 'href'],
    ['image, use, feImage', 'href'],
    ['image, use, feImage', 'xlink:href'],
];

const CSS_URL = /url\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^)"'\s]*))\s*\)/g;

function replaceInSrcset(text, isIt, change) {
    // Candidates are "URL descriptor"; a URL may hold commas, but does not end with one.
    return text.replace(/(^|,|\s)([^\s,](?:\S*[^\s,])?)/g, (all, before, word) =>
        (isIt(word) ? before + change(word) : all));
}

function replaceInCss(text, isIt, change) {
    return text.replace(CSS_URL, (all, double, single, bare) => {
        const url = (double ?? single ?? bare).replace(/\\(.)/g, '$1');
        return isIt(url) ? `url("${change(url).replace(/["\\]/g, '\\$&')}")` : all;
    });
}

function resolve(url, base) {
    try {
        return new URL(url, base).href;
    } catch {
        return '';
    }
}

// The changes that give `key` a new version in a sheet. Browsers keep a picture that a document
// has shown, so that loading the sheet anew would show the old one: the URL itself has to change.
function findInSheet(orbit, sheet, base, key, version, changes, depth = 0) {
    const isIt = (url) => orbit.keyOf(resolve(url, base)) === key;
    const change = (url) => orbit.withVersion(resolve(url, base), version);

    for (const rule of rulesOf(sheet)) {
        if (rule instanceof CSSImportRule) {
            const next = rule.styleSheet;
            if (next && depth < DEPTH_MAX) {
                findInSheet(orbit, next, next.href || base, key, version, changes, depth + 1);
            }
        } else if (rule instanceof CSSFontFaceRule) {
            const text = replaceInCss(rule.cssText, isIt, change);
            if (text !== rule.cssText) {
                changes.push(() => {
                    const at = [...sheet.cssRules].indexOf(rule);
                    sheet.deleteRule(at);
                    sheet.insertRule(text, at);
                });
            }
        } else if (rule.style) {
            for (const property of rule.style) {
                const value = rule.style.getPropertyValue(property);
                const next = value.includes('url(') ? replaceInCss(value, isIt, change) : value;
                if (next !== value) {
                    const priority = rule.style.getPropertyPriority(property);
                    changes.push(() => rule.style.setProperty(property, next, priority));
                }
            }
        }
        if (rule.cssRules && depth < DEPTH_MAX) {
            findInSheet(orbit, rule, base, key, version, changes, depth + 1);
        }
    }
}

/** Gives a freshly loaded sheet the versions of pictures and fonts that the page already shows. */
export function refreshSheet(orbit, sheet, versions) {
    const changes = [];
    for (const [key, version] of versions) {
        findInSheet(orbit, sheet, sheet.href || document.baseURI, key, version, changes);
    }
    changes.forEach((change) => change());
}

/** Functions that put the new version in place, one for each place in the document. */
export function findAssetUses(orbit, key, version) {
    const roots = findRoots();
    const isIt = (url) => orbit.keyOf(url) === key;
    const change = (url) => orbit.withVersion(url, version);
    const changes = [];

    for (const root of roots) {
        for (const [selector, attribute] of PLACES) {
            for (const element of root.querySelectorAll(selector)) {
                const text = element.getAttribute(attribute);
                if (text === null) {
                    continue;
                }
                const isSet = attribute.endsWith('srcset');
                const changeOne = (url) => (isIt(url) ? change(url) : url);
                const next = isSet ? replaceInSrcset(text, isIt, change) : changeOne(text);
                if (next !== text) {
                    changes.push(() => element.setAttribute(attribute, next));
                }
            }
        }
        for (const element of root.querySelectorAll('[style*="url("]')) {
            const text = element.style.cssText;
            const next = replaceInCss(text, isIt, change);
            if (next !== text) {
                changes.push(() => {
                    element.style.cssText = next;
                });
            }
        }
    }
    for (const root of roots) {
        for (const sheet of [...root.styleSheets, ...(root.adoptedStyleSheets || [])]) {
            findInSheet(orbit, sheet, sheet.href || document.baseURI, key, version, changes);
        }
    }
    return changes;
}

/** Loads a picture so that showing it costs no empty frame. Never rejects: it may be no picture. */
export function preloadPicture(orbit, key, version) {
    const image = new Image();
    image.src = orbit.withVersion(key, version);
    const timeout = new Promise((resolve) => setTimeout(resolve, LOAD_MS));
    return Promise.race([image.decode().catch(() => {}), timeout]);
}
