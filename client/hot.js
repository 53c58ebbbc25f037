// SPDX-License-Identifier: MIT

/*
 * What follows from what modules said to `import.meta.hot` (client.js wrote it down): events,
 * clean-up, and the callbacks that take a new instance.
 *
 * Invariant: one callback's failure never keeps another from being called. Only accept callbacks
 * report theirs, since a transaction stands or falls with them.
 */

/** Runs `steps` one after another; a failure goes to `failed`, and the next one runs. */
async function runAll(steps, failed) {
    for (const step of steps) {
        try {
            const result = step();
            // Waiting for what is no promise would cost a turn of the loop.
            if (result && typeof result.then === 'function') {
                await result;
            }
        } catch (error) {
            failed(error);
        }
    }
}

const warnOf = (what) => (error) => console.error(`[orbiton] ${what} failed:`, error);

// A stylesheet's own URL is what people write; its module is "URL?import".
function withoutImport(key) {
    return key.replace(/([?&])import(?:&|$)/, '$1').replace(/[?&]$/, '');
}

function eventNames(name) {
    return [`orbit:${name}`, `vite:${name}`];
}

export function createHot(orbit) {
    /** Calls the listeners of an event of ours, in modules and on the window. */
    function fire(name, payload) {
        const names = eventNames(name);
        names.forEach((each) => {
            window.dispatchEvent(new CustomEvent(each, { detail: payload }));
        });
        return call(names, payload);
    }

    /** Whether a module listens to an event of ours; of the window nobody can tell. */
    function isHeard(name) {
        const names = eventNames(name);
        return [...orbit.records.values()].some(({ instance }) =>
            instance?.listeners.some(([event]) => names.includes(event)));
    }

    /** An event that the server's side made up: modules hear it by its own name. */
    function fireCustom(event, data) {
        window.dispatchEvent(new CustomEvent('orbit:custom', { detail: { event, data } }));
        return call([event], data);
    }

    function call(names, payload) {
        const steps = [];
        for (const { instance } of orbit.records.values()) {
            for (const [event, listener] of instance?.listeners || []) {
                if (names.includes(event)) {
                    steps.push(() => listener(payload));
                }
            }
        }
        return steps.length ? runAll(steps, warnOf(`a listener of ${names[0]}`)) : null;
    }

    function instanceOf(key) {
        return orbit.records.get(key)?.instance ?? null;
    }

    /** The instances of these modules; modules without a context have none. */
    function instancesOf(keys) {
        return keys.map(instanceOf).filter(Boolean);
    }

    /** Resolves when these modules have decided whether they take themselves; null if they have. */
    function decisions(keys) {
        const waiting = instancesOf(keys).map((each) => each.deciding).filter(Boolean);
        return waiting.length ? Promise.all(waiting) : null;
    }

    /** Whether a module that has run takes itself, or some of its exports. */
    function takesItself(key) {
        const { self, exports } = instanceOf(key);
        return self.length + exports.length > 0;
    }

    /** Every dispose callback of each instance, once, importers after what they import. */
    function dispose(instances) {
        const steps = instances.flatMap((instance) =>
            instance.disposes.splice(0).map((callback) => () => callback(instance.record.data)));
        return steps.length ? runAll(steps, warnOf('a dispose callback')) : null;
    }

    function bury(instances) {
        instances.forEach((instance) => {
            instance.isDead = true;
            instance.listeners.length = 0;
        });
    }

    /** Copies of the data of these modules, with a function that puts them back. */
    function keepData(keys) {
        const kept = keys.map((key) => orbit.records.get(key)).filter(Boolean)
            .map((record) => [record, { ...record.data }]);
        return () => kept.forEach(([record, copy]) => {
            // The object itself stays the same in all instances of a module.
            Object.keys(record.data).forEach((name) => delete record.data[name]);
            Object.assign(record.data, copy);
        });
    }

    /**
     * The accept callbacks that the boundaries call for, as functions of the new namespaces
     * (accepted key -> namespace), in order, each once. `before` are the instances that ran
     * when the transaction began: theirs are the callbacks.
     */
    function acceptSteps(boundaries, before) {
        const accepted = new Map(); // by -> keys
        for (const { by, accepted: key } of boundaries) {
            accepted.set(by, [...(accepted.get(by) || []), key]);
        }
        const steps = [];
        for (const [by, keys] of accepted) {
            const instance = before.get(by);
            if (!instance) {
                continue;
            }
            if (keys.includes(by)) {
                // The old instance of a replaced module does not take anything else any more.
                const own = [...instance.self, ...instance.exports.map((each) => each.call)];
                own.forEach((callback) => {
                    steps.push({ isOwn: true, call: (spaces) => callback(spaces.get(by)) });
                });
                continue;
            }
            const found = new Map(keys.map((key) => [withoutImport(key), key]));
            for (const { keys: deps, isList, call: callback } of instance.deps) {
                const names = deps.map((dep) => found.get(withoutImport(dep)));
                if (names.some(Boolean)) {
                    const take = (spaces) => names.map((name) => name && spaces.get(name));
                    steps.push({
                        isOwn: false,
                        call: (spaces) => callback(isList ? take(spaces) : take(spaces)[0]),
                    });
                }
            }
        }
        return steps;
    }

    /** Modules that nothing reaches any more, as of `stamp`: cleaned up and forgotten. */
    async function prune(keys, stamp) {
        await fire('beforePrune', { type: 'prune', paths: keys });
        const instances = instancesOf(keys);
        await dispose(instances);
        const steps = instances.flatMap((instance) =>
            instance.prunes.splice(0).map((callback) => () => callback(instance.record.data)));
        await runAll(steps, warnOf('a prune callback'));
        bury(instances);
        for (const key of keys) {
            orbit.records.delete(key);
            orbit.loaded.delete(key);
            orbit.stamps.set(key, stamp);
            orbit.told.delete(key);
        }
    }

    return {
        fire, isHeard, fireCustom, instanceOf, instancesOf, decisions, takesItself, dispose, bury,
        keepData, acceptSteps, prune,
    };
}
