// SPDX-License-Identifier: MIT

/* Refreshing Preact components with the project's own @prefresh/core, which is there already. */

import { taker } from '/__orbit/components.js';

function isComponent(value) {
    return typeof value === 'function'
        && (value.prototype?.render !== undefined || /^[A-Z]/.test(value.displayName || value.name));
}

/** State is kept where the hooks are the same as before. */
function refresh() {
    const prefresh = self.__PREFRESH__;
    const pending = [...prefresh.getPendingUpdates()];
    prefresh.flush();
    for (const [before, after] of pending) {
        const old = prefresh.getSignature(before) || {};
        const now = prefresh.getSignature(after) || {};
        const resets = old.key !== now.key || now.forceReset
            || prefresh.computeKey(old) !== prefresh.computeKey(now);
        prefresh.replaceComponent(before, after, Boolean(resets));
    }
}

export const preact = {
    register(type, id) {
        self.__PREFRESH__.register(type, id);
    },
    signature() {
        let status = 'begin';
        let first;
        return (type, key, forceReset, getCustomHooks) => {
            first ||= type;
            status = self.__PREFRESH__.sign(type || first, key, forceReset, getCustomHooks, status);
            return type;
        };
    },
    taker(id, hot, own) {
        return taker(hot, own, isComponent, refresh);
    },
};
