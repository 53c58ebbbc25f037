// SPDX-License-Identifier: MIT

/** What the client adds to a page. Add `/// <reference path="…/client.d.ts" />` to see it. */

export {};

/**
 * Gets, once per transaction, the names of the modules that changed and that nothing finer (a
 * stylesheet or picture swap) has applied. A module under `src/` is named without `src/` and
 * without `.rs` or `.orbit`; any other file by its path from the root.
 *
 * Returning, or resolving, says that the page is up to date. Throwing, or rejecting, reloads it.
 */
export type OrbitHmrHandler = (modules: string[]) => void | Promise<void>;

declare global {
    interface Window {
        /** Registers the page's handler. The last one stands; `null` takes it back. */
        readonly __ORBIT_REGISTER_HMR_HANDLER: (handler: OrbitHmrHandler | null) => void;
    }
}
