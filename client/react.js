// SPDX-License-Identifier: MIT

/*
 * React Fast Refresh with the project's own runtime, which modules with components hand in.
 *
 * React looks for the hook of its developer tools once, when it is evaluated; the runtime puts itself
 * behind that hook, also later. client.js has made the hook, and keeps the renderers in it that come
 * before the runtime.
 */

import { take } from '/__orbit/components.js';

let runtime = null;
let isWaiting = false;

/** One refresh for all modules of a transaction. */
function refresh() {
    if (!isWaiting) {
        isWaiting = true;
        queueMicrotask(() => {
            isWaiting = false;
            runtime.performReactRefresh();
        });
    }
}

export const react = {
    use(namespace) {
        if (!runtime) {
            runtime = namespace.injectIntoGlobalHook ? namespace : namespace.default;
            runtime.injectIntoGlobalHook(window);
        }
    },
    register(type, id) {
        runtime.register(type, id);
    },
    signature() {
        return runtime.createSignatureFunctionForTransform();
    },
    take(id, hot, own) {
        // The copy of the runtime in Vite's plugin keeps the rule for boundaries to itself.
        if (!runtime.isLikelyComponentType) {
            runtime.registerExportsForReactRefresh(id, own);
            hot.accept((next) => {
                const reason = next
                    && runtime.validateRefreshBoundaryAndEnqueueUpdate(id, own, next);
                if (reason) {
                    hot.invalidate(reason);
                }
            });
            return;
        }
        for (const [name, value] of Object.entries(own)) {
            if (runtime.isLikelyComponentType(value)) {
                runtime.register(value, `${id} export ${name}`);
            }
        }
        take(hot, own, runtime.isLikelyComponentType, refresh);
    },
};
