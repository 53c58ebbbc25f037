// SPDX-License-Identifier: MIT

/*
 * Where templates and code arrive, first and again. A template and the code that it was numbered
 * for have the same table; each waits for the other.
 *
 * A swap keeps all instances: state is taken over by name and type, the new record is shown in the
 * nodes that are there.
 *
 * Invariant: nothing of the page changes until all instances of a component have been made with the
 * new code and have been rendered by it. If one cannot be, template() or code() throws, and the
 * component goes on as it was.
 */

import { definitionAt, keepFocus, retryMissing, settle } from './instance.js';
import { planTemplate } from './plan.js';
import { sheet } from '../sheet.js';

/** What new code has not taken over of the state, and what it has: sentences, and names of fields. */
function note(path, losses, kept) {
    losses.forEach((text) => console.warn(`[orbiton] ${path}: ${text}`));
    globalThis.__ORBIT_COMPONENT_NOTE?.(path, [...losses], [...kept]);
}

/** Each instance with what the new code makes of it. */
function prepare(definition, logic) {
    const next = [];
    try {
        for (const instance of definition.instances) {
            if (instance.handle === undefined) {
                continue;
            }
            const entry = { instance, handle: instance.handle, record: null, losses: [], kept: [] };
            if (logic !== instance.logic) {
                const snapshot = instance.logic.save(instance.handle);
                entry.handle = logic.create(instance.props, instance.host);
                next.push(entry);
                const fresh = logic.save(entry.handle);
                entry.losses = logic.restore(entry.handle, snapshot) ?? [];
                entry.kept = instance.logic.names(snapshot, fresh)
                    .map((name) => `${definition.name}.${name}`)
                    .filter((name) => !entry.losses.some((text) => text.startsWith(`${name}:`)));
            } else {
                next.push(entry);
            }
            entry.record = logic.render(entry.handle);
        }
        return next;
    } catch (error) {
        next.forEach(({ instance, handle }) => {
            if (handle !== instance.handle) {
                logic.drop(handle);
            }
        });
        throw error;
    }
}

function quietly(definition, act) {
    try {
        act();
    } catch (error) {
        console.error(`[orbiton] ${definition.path}: the old code could not end:`, error);
    }
}

/** Lets the new code and template be those of all instances. */
function swap(definition, template, logic) {
    const next = prepare(definition, logic);
    const losses = new Set();
    const kept = new Set();

    definition.plan = template.plan;
    definition.children = template.children;
    definition.table = template.table;
    definition.logic = logic;
    for (const { instance, handle, record, losses: lost, kept: taken } of next) {
        const old = { logic: instance.logic, handle: instance.handle };
        if (instance.hasEnded) {
            continue;
        }
        instance.logic = logic;
        instance.handle = handle;
        lost.forEach((text) => losses.add(text));
        taken.forEach((name) => kept.add(name));
        instance.show(record);
        if (old.handle !== handle) {
            quietly(definition, () => old.logic.unmounted(old.handle));
            quietly(definition, () => old.logic.drop(old.handle));
            quietly(definition, () => logic.mounted(handle));
        }
    }
    definition.instances.forEach((instance) => {
        // What could not start before may do so now.
        if (instance.handle === undefined && !instance.hasEnded) {
            instance.update();
        }
    });
    if (losses.size > 0 || kept.size > 0) {
        note(definition.path, losses, kept);
    }
}

/** Takes what arrived into use, if it has its partner. */
function arrive(definition) {
    const { held } = definition;
    const template = held.template ?? (definition.plan &&
        { plan: definition.plan, table: definition.table, children: definition.children });
    const code = held.code ?? (definition.logic &&
        { logic: definition.logic, table: definition.table });

    if (!template || !code || template.table !== code.table) {
        return;
    }
    const wasReady = definition.isReady;
    const before = { ...held };
    held.template = held.code = null;
    try {
        keepFocus(() => swap(definition, template, code.logic));
    } catch (error) {
        // The old partner must not meet what failed.
        if (!wasReady) {
            Object.assign(held, before);
        }
        throw error;
    }
    settle();
    if (!wasReady) {
        retryMissing();
    }
}

/**
 * A component's template: its descriptor, numbered by the table of that name; the attribute that its
 * styles ask for; and the paths of the components that it names.
 */
export function template(path, table, descriptor, id = '', children = null) {
    const definition = definitionAt(path);
    definition.held.template = { plan: planTemplate(descriptor, table, id), table, children };
    arrive(definition);
}

/** A component's style of that number; `hot` is the context of the module that says so. */
export function style(path, number, css, hot) {
    sheet(`/${path}?orbit=style&n=${number}`, css, hot);
}

/** A component's code: its logic object (record.js). */
export function code(path, table, logic) {
    const definition = definitionAt(path);
    definition.held.code = { logic, table };
    arrive(definition);
}
