// SPDX-License-Identifier: MIT

/*
 * Sheets that other sheets import. When the outer sheet is loaded anew, most browsers ask for those as
 * well; Firefox takes what the document has loaded before from the same URL, whatever the server says
 * of caching. There each rule that imports a changed sheet gets the URL of its version, and that is
 * loaded first: of a sheet that is loaded already such a rule has the content at once.
 *
 * Invariant: a sheet has the newest imports before it is in force.
 */

import { wait } from './reload.js';

export const DEPTH_MAX = 32; // of sheets in sheets
const LOAD_MS = 10000;

const KEEPS_SHEETS = CSS.supports('-moz-appearance', 'none'); // Firefox, and nobody else
const URL_OF_RULE = /^@import url\("(?:[^"\\]|\\.)*"\)/;

const versions = new Map(); // url -> the version of a sheet that has changed since the page was loaded

/** A sheet's rules; none for one of another origin. */
export function rulesOf(sheet) {
    try {
        return sheet.cssRules;
    } catch {
        return [];
    }
}

function resolve(url, base) {
    try {
        return new URL(url, base).href;
    } catch {
        return '';
    }
}

/** The rules of a sheet that import others, each with the URL that it names. */
export function* importsOf(sheet, base) {
    for (const rule of rulesOf(sheet)) {
        const url = rule instanceof CSSImportRule ? resolve(rule.href, base) : '';
        if (url) {
            yield [rule, url];
        } else if (!(rule instanceof CSSImportRule) && rule.nameList === undefined) {
            // Nothing but names of layers may stand before an import; a sheet may have many rules.
            return;
        }
    }
}

/** Takes note of what is on disk now: the sheet at `key` in that version. */
export function noteSheet(key, version) {
    if (KEEPS_SHEETS) {
        versions.set(key, version);
    }
}

/** The URL by which the browser gives the newest content of the sheet at `url`. */
export function newestOf(orbit, url) {
    const version = versions.size ? versions.get(orbit.keyOf(url)) : undefined;
    return version ? orbit.withVersion(url, version) : url;
}

/**
 * The URL from which a sheet is loaded anew when it, or what it imports, has come to `version`. Where loaded sheets
 * are kept that is the URL of its own content: a version of what it imports may come back when it is another.
 */
export function renewedUrl(orbit, url, version) {
    return KEEPS_SHEETS ? newestOf(orbit, url) : orbit.withVersion(url, version);
}

/** Loads what the sheet is to import, at any depth, by links without effect: `links`, by their URLs. */
async function loadImports(orbit, sheet, base, links, depth = 0) {
    await Promise.all([...importsOf(sheet, base)].map(async ([rule, url]) => {
        const next = newestOf(orbit, url);
        let inner = next === url ? rule.styleSheet : null;
        if (next !== url && !links.has(next)) {
            const link = document.createElement('link');
            links.set(next, link);
            const loaded = new Promise((resolve) => {
                link.onload = resolve;
                link.onerror = resolve;
                const attributes = { rel: 'stylesheet', media: 'not all', nonce: orbit.nonce };
                Object.assign(link, attributes).href = next;
                document.head.append(link);
            });
            await Promise.race([loaded, wait(LOAD_MS)]); // what does not come holds up no update
            inner = link.sheet;
        }
        if (inner && depth < DEPTH_MAX) {
            await loadImports(orbit, inner, next, links, depth + 1);
        }
    }));
}

function nameNewest(orbit, rule, base) {
    const url = rule instanceof CSSImportRule ? newestOf(orbit, resolve(rule.href, base)) : '';
    const quoted = url.replace(/["\\]/g, '\\$&');
    return rule.cssText.replace(URL_OF_RULE, () => `@import url("${quoted}")`);
}

/** Writes the newest URLs into the rules that import. */
function renew(orbit, sheet, base, depth = 0) {
    const rules = [...rulesOf(sheet)];
    const stale = [...importsOf(sheet, base)].filter(([, url]) => newestOf(orbit, url) !== url);
    if (stale.length) {
        // Names of layers may stand before an import, but none may be inserted behind them.
        const texts = rules.slice(0, rules.indexOf(stale.at(-1)[0]) + 1)
            .map((rule) => nameNewest(orbit, rule, base));
        texts.forEach(() => sheet.deleteRule(0));
        texts.reverse().forEach((text) => sheet.insertRule(text, 0));
    }
    for (const [{ styleSheet }, url] of importsOf(sheet, base)) {
        if (styleSheet && depth < DEPTH_MAX) {
            renew(orbit, styleSheet, url, depth + 1);
        }
    }
}

/** A swap (style.js) behind which its sheet imports the newest of all, or a promise of one. */
export async function withNewestImports(orbit, swap) {
    const sheet = versions.size ? swap.sheet() : null;
    const links = new Map();
    if (sheet) {
        await loadImports(orbit, sheet, sheet.href || document.baseURI, links);
    }
    const end = (step) => {
        step();
        links.forEach((link) => link.remove());
    };
    return links.size === 0 ? swap : {
        ...swap,
        // With another medium Firefox reads a sheet again: what was inserted before would be gone.
        commit: () => end(() => {
            swap.commit();
            const own = swap.sheet();
            if (own) {
                renew(orbit, own, own.href || document.baseURI);
            }
        }),
        abort: () => end(swap.abort),
    };
}
