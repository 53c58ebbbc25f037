// SPDX-License-Identifier: MIT

/*
 * What pages and generated modules import from '/__orbit/runtime.js'.
 *
 *     import { mount } from '/__orbit/runtime.js';
 *     import App from '/src/app.orbit';
 *     mount(App, document.querySelector('#app'), { title: 'Hello' });
 */

import { Instance, definitionAt, flush, retryMissing, settle } from './instance.js';

export { code, style, template } from './hot.js';
export { each, logic, range } from './logic.js';

/** The component of a file; its template and code have been announced. */
export function component(path) {
    const definition = definitionAt(path);
    if (!definition.isListed) {
        definition.isListed = true;
        retryMissing();
    }
    return definition;
}

/**
 * Shows a component in `target`, whose content goes. Returns { update(props), unmount(), instance }.
 */
export function mount(definition, target, props = {}) {
    if (!definition?.isReady) {
        throw new TypeError('mount(): this is no component, or its code has not arrived');
    }
    if (!(target instanceof Node)) {
        throw new TypeError(`mount(): there is no element to show ${definition.name} in`);
    }
    const instance = new Instance(definition, null, props, null);
    const anchor = document.createTextNode('');
    target.textContent = '';
    target.append(anchor);
    instance.start(target, anchor);
    settle();
    return {
        instance,
        update: (more) => {
            instance.setProps({ ...instance.props, ...more });
            settle();
        },
        unmount: () => {
            instance.end();
            target.textContent = '';
        },
    };
}

/** Renders now what waits for the next frame. */
export function flushUpdates() {
    flush();
}
