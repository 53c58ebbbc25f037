// SPDX-License-Identifier: MIT

/*
 * Sheets that modules bring along (components' styles, CSS modules): one <style> each, by the module's
 * URL. A new instance of the module writes its text into the same element, so that the order of the
 * sheets stays; the element goes when nothing uses the module any more.
 */

const sheets = new Map(); // id -> <style>

/**
 * Puts `text` in force as the sheet of the module at `id`, until that is pruned; `hot` is the
 * module's context. A page with a content security policy gives its nonce to it.
 */
export function sheet(id, text, hot) {
    let element = sheets.get(id);
    if (!element) {
        element = document.createElement('style');
        element.dataset.orbitSheet = id;
        element.nonce = document.querySelector('script[nonce]')?.nonce ?? '';
        sheets.set(id, element);
        (document.head || document.documentElement).append(element);
    }
    if (element.textContent !== text) {
        element.textContent = text;
    }
    hot?.prune(() => {
        sheets.get(id)?.remove();
        sheets.delete(id);
    });
}
