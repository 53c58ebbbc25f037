// SPDX-License-Identifier: MIT

/*
 * What React's and Preact's refresh have in common: a module takes its own update if everything that it
 * exports is a component, before and after; else its importers have to, since they hold values
 * that are not refreshed.
 */

/** Whether every export is a component, or an object of nothing but components. */
function areComponents(exports, isComponent) {
    const isPlain = (value) => value !== null && typeof value === 'object'
        && Object.getPrototypeOf(value) === Object.prototype;
    const names = Object.keys(exports);
    return names.length > 0 && names.every((name) => {
        const value = exports[name];
        return isComponent(value) || (isPlain(value) && Object.keys(value).length > 0
            && Object.values(value).every(isComponent));
    });
}

/** Why the new exports cannot be taken in the place of the old ones, or ''. */
function objection(own, next, isComponent) {
    const names = (exports) => Object.keys(exports).sort().join();
    if (names(own) !== names(next)) {
        return 'its exports are others';
    }
    return areComponents(next, isComponent) ? '' : 'not all of its exports are components';
}

/**
 * What takes a module's updates, or null if it cannot. `register` is told of the exports of each version,
 * for what is a component by its value only, as a class is: no compiler registers it. The new one has to
 * be known before `refresh`, which is called before the new module has its own turn.
 */
export function taker(hot, own, { isComponent, register, refresh }) {
    register(own);
    return areComponents(own, isComponent) ? (next) => {
        const reason = next && objection(own, next, isComponent);
        if (reason) {
            hot.invalidate(reason);
        } else if (next) {
            register(next);
            refresh();
        }
    } : null;
}
