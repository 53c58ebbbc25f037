// SPDX-License-Identifier: MIT

/*
 * Sheets that modules bring along (components' styles, CSS modules): one <style> a sheet, by the module's
 * URL. A new instance of the module writes its texts into the same elements, so that the order of the
 * sheets stays; they go when nothing uses the module any more.
 */

const sheets = new Map(); // id -> its <style>s

function append(id, behind) {
    const element = document.createElement('style');
    element.dataset.orbitSheet = id;
    element.nonce = document.querySelector('script[nonce]')?.nonce ?? '';
    if (behind) {
        behind.after(element);
    } else {
        (document.head || document.documentElement).append(element);
    }
    return element;
}

/**
 * Puts texts in force as the sheets of the module at `id`, until that is pruned: one, or several in their
 * order, each of which may begin with its @imports. `hot` is the module's context. A page with a content
 * security policy gives its nonce to them.
 */
export function sheet(id, texts, hot) {
    const own = sheets.get(id) ?? [];
    sheets.set(id, own);
    const list = [].concat(texts);
    list.forEach((text, i) => {
        own[i] ??= append(id, own[i - 1]);
        if (own[i].textContent !== text) {
            own[i].textContent = text;
        }
    });
    own.splice(list.length).forEach((element) => element.remove());
    hot?.prune(() => {
        sheets.get(id)?.forEach((element) => element.remove());
        sheets.delete(id);
    });
}
