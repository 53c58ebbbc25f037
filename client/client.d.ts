// SPDX-License-Identifier: MIT

/** What the client adds to a page. Add `/// <reference path="…/client.d.ts" />` to see it. */

export {};

/**
 * Gets, once per transaction, the names of the modules that changed and that nothing finer (an
 * accept callback, a stylesheet or picture swap) has applied. A module under `src/` is named without
 * `src/` and without `.rs` or `.orbit`; any other file by its path from the root.
 *
 * Returning, or resolving, says that the page is up to date. Throwing, or rejecting, reloads it.
 */
export type OrbitHmrHandler = (modules: string[]) => void | Promise<void>;

declare global {
    interface Window {
        /** Registers the page's handler. The last one stands; `null` takes it back. */
        readonly __ORBIT_REGISTER_HMR_HANDLER: (handler: OrbitHmrHandler | null) => void;
    }

    interface ImportMeta {
        /** There only while orbiton serves the module, and not in workers. */
        readonly hot?: OrbitHot;
        readonly env: ImportMetaEnv;
    }

    interface ImportMetaEnv {
        readonly [name: string]: any;
        readonly MODE: string;
        readonly BASE_URL: string;
        readonly DEV: boolean;
        readonly PROD: boolean;
        readonly SSR: boolean;
    }

    interface WindowEventMap {
        'orbit:beforeUpdate': CustomEvent<OrbitUpdatePayload>;
        'orbit:afterUpdate': CustomEvent<OrbitUpdatePayload>;
        'orbit:beforeFullReload': CustomEvent<OrbitFullReloadPayload>;
        'orbit:beforePrune': CustomEvent<OrbitPrunePayload>;
        'orbit:invalidate': CustomEvent<OrbitInvalidatePayload>;
        'orbit:error': CustomEvent<OrbitErrorPayload>;
        'orbit:ws:connect': CustomEvent<object>;
        'orbit:ws:disconnect': CustomEvent<object>;
        'orbit:fileChange': CustomEvent<{ paths: string[]; kind: string }>;
        'orbit:custom': CustomEvent<{ event: string; data: unknown }>;
    }
}

export type ModuleNamespace = Record<string, any> & { [Symbol.toStringTag]: 'Module' };

/**
 * `import.meta.hot`, as the ecosystem knows it. Specifiers are those of an import in the module.
 * Callbacks are those of the instance that is replaced; the new one registers its own.
 */
export interface OrbitHot {
    /** Kept from one instance of the module to the next; over a reload what can be cloned is. */
    readonly data: any;

    /** The module takes its own new version. */
    accept(): void;
    accept(callback: (module: ModuleNamespace | undefined) => void): void;
    /** The module takes new versions of what it imports, and is not evaluated again itself. */
    accept(dependency: string, callback?: (module: ModuleNamespace | undefined) => void): void;
    /** One call for all of them that changed; the others are undefined. */
    accept(
        dependencies: readonly string[],
        callback?: (modules: Array<ModuleNamespace | undefined>) => void,
    ): void;
    /** As accept(callback), if importers use these exports only. */
    acceptExports(
        names: string | readonly string[],
        callback?: (module: ModuleNamespace | undefined) => void,
    ): void;

    /** Before a new instance is evaluated; every callback is called, promises are waited for. */
    dispose(callback: (data: any) => void | Promise<void>): void;
    /** After dispose, when nothing imports the module any more. */
    prune(callback: (data: any) => void | Promise<void>): void;

    /** Has no effect, as in Vite: what accepts nothing is declined already. */
    decline(): void;

    /** The instance cannot take the update it was given: its importers are asked instead. */
    invalidate(message?: string): void;

    on<Name extends keyof OrbitHotEvents>(
        event: Name, listener: (payload: OrbitHotEvents[Name]) => void | Promise<void>): void;
    on(event: string, listener: (payload: any) => void | Promise<void>): void;
    off<Name extends keyof OrbitHotEvents>(
        event: Name, listener: (payload: OrbitHotEvents[Name]) => void | Promise<void>): void;
    off(event: string, listener: (payload: any) => void | Promise<void>): void;

    /** To the server. Waits for the connection, if there is none yet. */
    send(event: string, data?: any): void;
}

/** All are there under `vite:` names as well. Extend it with events of your own. */
export interface OrbitHotEvents extends OrbitEventsAs<'orbit'>, OrbitEventsAs<'vite'> {}

interface OrbitEvents {
    beforeUpdate: OrbitUpdatePayload;
    afterUpdate: OrbitUpdatePayload;
    beforeFullReload: OrbitFullReloadPayload;
    beforePrune: OrbitPrunePayload;
    invalidate: OrbitInvalidatePayload;
    error: OrbitErrorPayload;
    'ws:connect': object;
    'ws:disconnect': object;
}

type OrbitEventsAs<Prefix extends string> = {
    [Name in keyof OrbitEvents as `${Prefix}:${Name}`]: OrbitEvents[Name];
};

export interface OrbitUpdatePayload {
    type: 'update';
    updates: Array<{
        type: 'js-update' | 'css-update';
        path: string;
        acceptedPath: string;
        timestamp: number;
    }>;
    /** The message itself, docs/protocol.md. */
    message: object;
}

export interface OrbitFullReloadPayload {
    type: 'full-reload';
    reason: string;
}

export interface OrbitPrunePayload {
    type: 'prune';
    paths: string[];
}

export interface OrbitInvalidatePayload {
    path: string;
    message: string;
    firstInvalidatedBy: string;
}

export interface OrbitErrorPayload {
    type: 'error';
    err: { message: string; stack: string; id?: string; frame?: string };
    diagnostics: object[];
}
