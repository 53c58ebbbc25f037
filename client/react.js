// SPDX-License-Identifier: MIT

/*
 * React Fast Refresh with the project's own runtime, which modules with components hand in.
 *
 * React looks for the hook of its developer tools once, when it is evaluated; the runtime puts itself
 * behind that hook, also later. client.js has made the hook, and keeps the renderers in it that come
 * before the runtime.
 */

import { taker } from '/__orbit/components.js';

const PUT_OFF_MS = 16; // by the runtime in Vite's plugin
const PLACEHOLDER = / Learn more at __README_URL__\S*$/; // which that plugin would fill in

let runtime = null;
let isWaiting = false;

/** One refresh for all modules of a transaction: they hand over one after another, in one task. */
function refreshOnce(perform) {
    if (!isWaiting) {
        isWaiting = true;
        queueMicrotask(() => {
            isWaiting = false;
            perform();
        });
    }
}

const refresh = () => refreshOnce(() => runtime.performReactRefresh());

/**
 * Calls `enqueue`, which puts a refresh off in case more modules come. Here it is known when all have,
 * so the refresh is not left to a timer: one would be half of the time from a save to the page. A
 * runtime that puts it off in another way, or for another time, has its way.
 */
function withoutDelay(enqueue) {
    const { setTimeout } = window;
    window.setTimeout = (step, ms, ...rest) => {
        if (ms !== PUT_OFF_MS) {
            return setTimeout(step, ms, ...rest);
        }
        refreshOnce(step);
        return 0;
    };
    try {
        return enqueue();
    } finally {
        window.setTimeout = setTimeout;
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
    taker(id, hot, own) {
        // The copy of the runtime in Vite's plugin keeps the rule for boundaries to itself.
        if (!runtime.isLikelyComponentType) {
            const register = (exports) => runtime.registerExportsForReactRefresh(id, exports);
            register(own);
            return (next) => {
                next && register(next);
                const reason = next && withoutDelay(
                    () => runtime.validateRefreshBoundaryAndEnqueueUpdate(id, own, next));
                if (reason) {
                    hot.invalidate(reason.replace(PLACEHOLDER, ''));
                }
            };
        }
        const isComponent = runtime.isLikelyComponentType;
        const register = (exports) => Object.entries(exports).forEach(([name, value]) => {
            if (isComponent(value)) {
                runtime.register(value, `${id} export ${name}`);
            }
        });
        return taker(hot, own, { isComponent, register, refresh });
    },
};
