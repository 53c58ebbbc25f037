// SPDX-License-Identifier: MIT

/* Refreshing Preact components with the project's own @prefresh/core, which is there already. */

import { taker } from '/__orbit/components.js';

const isClass = (value) => typeof value === 'function' && value.prototype?.render !== undefined;

function isComponent(value) {
    return isClass(value)
        || (typeof value === 'function' && /^[A-Z]/.test(value.displayName || value.name));
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

const isContext = (value) => Boolean(value?.Provider && value.Consumer) && typeof value.__c === 'string';
const contexts = new Map(); // id -> the name by which Preact looks for the provider

export const preact = {
    register(type, id) {
        // Compilers take a context for a component when its Provider is in JSX. That one is replaced where
        // it stands and goes on under the name that it has had, by which the new one has to be found.
        if (isContext(type)) {
            contexts.has(id) || contexts.set(id, type.__c);
            type.__c = contexts.get(id);
        }
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
        const register = (exports) => Object.entries(exports).forEach(([name, value]) => {
            if (isClass(value)) {
                self.__PREFRESH__.register(value, `${id} export ${name}`);
            }
        });
        return taker(hot, own, { isComponent, register, refresh });
    },
};
