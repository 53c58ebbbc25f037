// SPDX-License-Identifier: MIT

/*
 * New modules before any of them runs: loaded, parsed and linked, and what is wrong with them.
 */

import { wait } from './reload.js';

const PROBE_MS = 2000;
const PRELOADS_MAX = 64; // of more, the browser's own queue is what counts

let stops = 0;
let dataIsForbidden = false;

/** The URL of a module with this text. */
export const moduleOf = (text) => `data:text/javascript,${encodeURIComponent(text)}`;

/** Whether a content security policy forbids modules of data: URLs. */
export async function isDataForbidden() {
    dataIsForbidden ||= await import(moduleOf(`// ${++stops}`)).then(() => false, () => true);
    return dataIsForbidden;
}

/**
 * Loads, parses and links modules without evaluating any. A module that imports first one that
 * throws, and then those, is linked in full before the first is evaluated, and goes no further.
 * Gives what is wrong, or null.
 */
export async function preflight(urls) {
    if (dataIsForbidden) {
        return null;
    }
    const sign = `orbiton stops here ${++stops}`;
    const imports = [moduleOf(`throw ${JSON.stringify(sign)}`), ...urls];
    const text = imports.map((url) => `import ${JSON.stringify(url)};`).join('');
    try {
        await import(moduleOf(text));
    } catch (error) {
        if (error === sign) {
            return null;
        }
        return await isDataForbidden() ? null : error; // then there is no preflight
    }
    return null;
}

/**
 * Asks for modules at once that would else be asked for along imports, each when the one before it has
 * come; what imports them waits for the same requests. Nothing is linked or run for it, so a module that
 * nothing imports any more can do no harm.
 */
export function preload(urls, nonce) {
    const knows = document.createElement('link').relList.supports('modulepreload');
    for (const href of knows ? urls.slice(0, PRELOADS_MAX) : []) {
        const link = Object.assign(document.createElement('link'), { rel: 'modulepreload', nonce });
        link.onload = () => link.remove();
        link.onerror = link.onload;
        link.href = href;
        document.head?.append(link);
    }
}

/** The URL that people know a module by: a text that came with a message says it itself. */
function nameOf(url) {
    const [, own] = /^data:.*?import\.meta\.url%3D%22(.*?)%22/.exec(url) ?? [];
    return own ? decodeURIComponent(own) : url;
}

/**
 * Where a module that does not parse or link is at fault, or ''. import() does not say it; a script
 * element of the same URL does. It never runs: the browser keeps the module that is at fault.
 */
export async function findFault(orbit, url, error) {
    if (!(error instanceof SyntaxError)) {
        return '';
    }
    const script = document.createElement('script');
    script.type = 'module';
    let place = '';
    const settled = new Promise((resolve) => {
        orbit.probe = (event) => {
            const isIt = event.error === error || event.error?.message === error.message;
            if (isIt) {
                const file = nameOf(event.filename);
                place = orbit.keyOf(file) ? `${file}:${event.lineno}:${event.colno}` : '';
                event.stopImmediatePropagation();
                event.preventDefault();
                resolve();
            }
            return isIt;
        };
        script.onload = resolve;
        script.onerror = resolve;
    });
    script.src = orbit.asImported(url); // no import map leads a script element
    document.head.append(script);
    await Promise.race([settled, wait(PROBE_MS)]);
    orbit.probe = null;
    script.remove();
    return place;
}
