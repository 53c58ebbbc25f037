// SPDX-License-Identifier: MIT

/*
 * Components in a template: what their parent gives them, props, class and style, content and
 * handlers of their events, and which instance stands in their place.
 */

import { UNKNOWN, read, textOf } from './record.js';
import { classOf, stylesOf } from './props.js';
import { invoke } from './events.js';
import { Instance, definitionOf } from './instance.js';
import { Fragment, clearRef, endComponent, removeLives, setNote, setRef } from './live.js';

export class ComponentLive extends Fragment {
    constructor(plan, block) {
        super(plan, block);
        this.instance = null;
        this.done = new Set(); /* events that were to come once */
    }

    /** An event of the component: runs the parent's handlers. */
    emit(name, detail) {
        for (const event of this.plan.events) {
            if (event.name === name && event.handler && !this.done.has(name)) {
                if (event.modifiers.includes('once')) {
                    this.done.add(name);
                }
                invoke(this.block, event.handler, new CustomEvent(name, { detail }));
            }
        }
        for (const model of this.plan.models) {
            if (name === `update:${model.prop}` && model.handler) {
                invoke(this.block, model.handler,
                    { type: 'model', detail, value: textOf(detail), checked: detail === true });
            }
        }
    }
}

function propsOf(plan, values, isDynamic) {
    const props = {};
    for (const [name, text] of plan.attributes) {
        if (name !== 'class' && name !== 'style') {
            props[name] = text;
        }
    }
    plan.props.forEach((name, i) => {
        props[name] = values[isDynamic ? i + 1 : i];
    });
    return props;
}

/** Class and style that a parent gives to the element that the component is. */
function outerOf(plan, block) {
    const outer = plan.isRoot ? block.instance.outer : null;
    const className = [classOf(plan, block), outer?.className].filter(Boolean).join(' ');
    const styles = plan.hasStyle ? stylesOf(plan, block) : new Map();
    const styleText = [plan.staticStyle, outer?.styleText].filter(Boolean).join(';');

    outer?.styles.forEach((value, name) => styles.set(name, value));
    return className || styleText || styles.size > 0 ? { className, styleText, styles } : null;
}

const sameStyles = (a, b) => a.size === b.size && [...a].every(([name, value]) => b.get(name) === value);

const sameOuter = (a, b) => a === b || (a !== null && b !== null && a.className === b.className &&
    a.styleText === b.styleText && sameStyles(a.styles, b.styles));

/** Objects may have changed inside, which nobody can see from here. */
function sameProps(a, b) {
    const names = Object.keys(b);
    return names.length === Object.keys(a).length && names.every((name) => Object.is(a[name], b[name]) &&
        (b[name] === null || typeof b[name] !== 'object'));
}

export function updateComponent(live, plan, block) {
    const values = read(block, plan.place);
    const isDynamic = plan.name === '';
    const isUnknown = values === UNKNOWN || !Array.isArray(values);
    const into = live.anchor.parentNode;
    const old = live.plan;
    // Until a build knows the new props, one that is there goes on with those that it has.
    const goesOn = isUnknown && live.instance !== null && old.name === plan.name;
    const definition = goesOn ? live.instance.definition
        : isUnknown ? null
            : definitionOf(isDynamic ? values[0] : plan.name, block.instance);

    live.plan = plan;
    live.block = block;
    setNote(live, definition === null && (isUnknown || !isDynamic || Boolean(values[0])));
    if (live.instance && live.instance.definition !== definition) {
        const { block: root } = live.instance;
        live.plan = old;
        endComponent(live);
        live.plan = plan;
        if (root) {
            removeLives(root.lives, false);
        }
    }
    if (definition === null) {
        return;
    }
    const fills = new Map();
    plan.fills.forEach((fill, name) => fills.set(name, { plan: fill, block }));
    const outer = outerOf(plan, block);
    const { instance } = live;
    const props = goesOn ? instance.props : propsOf(plan, values, isDynamic);
    if (!instance) {
        live.instance = new Instance(definition, block.instance, props, live);
        live.instance.fills = fills;
        live.instance.outer = outer;
        live.instance.start(into, live.anchor);
        setRef(plan, block, live.instance.exposed);
        return;
    }
    if (old !== plan && old.ref !== plan.ref) {
        clearRef(old, block, instance.exposed);
        setRef(plan, block, instance.exposed);
    }
    const isChanged = !sameProps(instance.props, props) || !sameOuter(instance.outer, outer);
    const hadFills = instance.fills.size > 0;
    instance.fills = fills;
    instance.outer = outer;
    if (isChanged) {
        instance.setProps(props);
    } else if (hadFills || fills.size > 0) {
        instance.updateOutlets();
    }
}
