// SPDX-License-Identifier: MIT

/*
 * Plans and records as nodes of the page.
 *
 * An update with the plan that a block has goes straight to its dynamic parts. An update with
 * another plan, that of an edited template, first finds for each of its nodes the live one that is
 * most like it: the page's own nodes stay, and with them focus, selection and what was typed.
 */

import { UNKNOWN, read, textOf } from './record.js';
import { COMPONENT, ELEMENT, FOR, IF, OUTLET, TEXT, VALUE, middleName, strongName,
    weakName } from './plan.js';
import { adoptElement, setAttribute, updateElement, updateModel } from './props.js';
import { updateListeners } from './events.js';
import { risingRun } from './list.js';
import { Block, ElementLive, Fragment, clearRef, firstNode, insert, moveLives, removeLives,
    setRef } from './live.js';
import { NO_BRANCH, updateFor, updateIf, updateOutlet } from './fragment.js';
import { ComponentLive, updateComponent } from './child.js';

/* Elements. */

function protoOf(plan) {
    const node = plan.namespace ? document.createElementNS(plan.namespace, plan.tag)
        : document.createElement(plan.tag);
    if (plan.scopeId) {
        node.setAttribute(plan.scopeId, '');
    }
    plan.attributes.forEach(([name, text]) => setAttribute(node, name, text));
    if (plan.isStatic) {
        plan.children.list.forEach((each) => node.append(
            each.kind === TEXT ? each.text : each.proto ??= protoOf(each)));
        plan.children.list.forEach((each) => {
            each.proto = null;
        });
    }
    return node;
}

function createElement(plan, block, into, before) {
    const live = new ElementLive(plan, block);
    const node = (plan.proto ??= protoOf(plan)).cloneNode(plan.isStatic);

    live.node = node;
    if (!plan.isStatic) {
        if (plan.binds.length > 0 && plan.binds.some(({ name }) => name === 'type')) {
            // The type of an input decides what its value may be.
            live.values.fill(UNKNOWN);
        }
        if (plan.isBound) {
            updateElement(live, plan, block);
        }
        live.kids = createLives(plan.children, block, node, null);
        if (plan.events.length > 0) {
            updateListeners(live);
        }
        if (plan.models.length > 0) {
            updateModel(live, plan, block);
        }
        setRef(plan, block, node);
    }
    insert(into, node, before);
    return live;
}

/** The lives of nodes that were made as a whole. */
function hydrate(plan, block, node) {
    const nodes = [...node.childNodes];
    if (nodes.length !== plan.list.length) {
        node.textContent = '';
        return createLives(plan, block, node, null);
    }
    return plan.list.map((each, at) => {
        if (each.kind === TEXT) {
            return { plan: each, node: nodes[at] };
        }
        const live = new ElementLive(each, block);
        live.node = nodes[at];
        return live;
    });
}

function updateElementLive(live, plan, block) {
    const old = live.plan;

    if (old !== plan) {
        if (old.isStatic && plan.isStatic && strongName(old) === strongName(plan)) {
            live.plan = plan;
            return;
        }
        live.kids ??= hydrate(old.children, block, live.node);
        clearRef(old, block, live.node);
        adoptElement(live, plan, block);
        updateListeners(live);
        setRef(plan, block, live.node);
        live.kids = reconcile(live.kids, plan.children, block, live.node, null);
    }
    if (plan.isBound) {
        updateElement(live, plan, block);
    }
    if (old === plan) {
        updateDynamic(live.kids, plan.children, block);
    }
    if (plan.models.length > 0 || live.model) {
        updateModel(live, plan, block);
    }
}

/* All kinds. */

function create(plan, block, into, before) {
    let live;

    switch (plan.kind) {
    case TEXT:
        return { plan, node: insert(into, document.createTextNode(plan.text), before) };
    case VALUE: {
        const text = textOf(read(block, plan.place));
        return { plan, node: insert(into, document.createTextNode(text), before), text };
    }
    case ELEMENT:
        return createElement(plan, block, into, before);
    default:
    }
    live = plan.kind === COMPONENT ? new ComponentLive(plan, block) : new Fragment(plan, block);
    insert(into, live.anchor, before);
    switch (plan.kind) {
    case IF:
        live.active = NO_BRANCH;
        live.content = null;
        updateIf(live, plan, block);
        break;
    case FOR:
        live.blocks = [];
        live.keys = null;
        updateFor(live, plan, block);
        break;
    case OUTLET:
        live.content = null;
        live.isFilled = false;
        block.instance.outlets.add(live);
        updateOutlet(live, plan, block);
        break;
    default:
        updateComponent(live, plan, block);
    }
    return live;
}

function update(live, plan, block) {
    switch (plan.kind) {
    case TEXT:
        if (live.plan.text !== plan.text) {
            live.node.data = plan.text;
        }
        live.plan = plan;
        return;
    case VALUE: {
        const text = textOf(read(block, plan.place));
        if (text !== live.text) {
            live.text = text;
            live.node.data = text;
        }
        live.plan = plan;
        return;
    }
    case ELEMENT: updateElementLive(live, plan, block); return;
    case IF: updateIf(live, plan, block); return;
    case FOR: updateFor(live, plan, block); return;
    case OUTLET: updateOutlet(live, plan, block); return;
    default: updateComponent(live, plan, block);
    }
}

export function createLives(plan, block, into, before) {
    const { list } = plan;
    const lives = new Array(list.length);
    for (let i = 0; i < list.length; i++) {
        lives[i] = create(list[i], block, into, before);
    }
    return lives;
}

export function createBlock(plan, parent, record, instance, into, before) {
    const block = new Block(plan, parent, record, instance);
    block.lives = createLives(plan, block, into, before);
    return block;
}

function updateDynamic(lives, plan, block) {
    const { dynamic, list } = plan;
    for (let i = 0; i < dynamic.length; i++) {
        update(lives[dynamic[i]], list[dynamic[i]], block);
    }
}

/** Shows the block's record, by this plan; `before` gives the node behind the block. */
export function updateBlock(block, plan, into, before) {
    if (block.plan === plan) {
        updateDynamic(block.lives, plan, block);
        return;
    }
    block.plan = plan;
    block.lives = reconcile(block.lives, plan, block, into, before());
}

/** For each node of the plan the place of the live one that it goes on with, or -1. */
function match(lives, list) {
    const sources = new Int32Array(list.length).fill(-1);
    const isFree = new Uint8Array(lives.length).fill(1);

    for (const nameOf of [strongName, middleName, weakName]) {
        const queues = new Map();
        lives.forEach((live, at) => {
            const name = isFree[at] ? nameOf(live.plan) : null;
            if (name !== null) {
                const queue = queues.get(name);
                if (queue) {
                    queue.push(at);
                } else {
                    queues.set(name, [at]);
                }
            }
        });
        list.forEach((plan, i) => {
            const at = sources[i] < 0 ? queues.get(nameOf(plan))?.shift() : undefined;
            if (at !== undefined) {
                sources[i] = at;
                isFree[at] = 0;
            }
        });
    }
    return { sources, isFree };
}

/** Goes from the lives of another plan to those of this one. */
function reconcile(lives, plan, block, into, before) {
    const { list } = plan;
    const { sources, isFree } = match(lives, list);
    const ret = new Array(list.length);
    const stays = risingRun(sources);
    let next = before;

    removeLives(lives.filter((_, at) => isFree[at]));
    for (let i = list.length - 1; i >= 0; i--) {
        if (sources[i] < 0) {
            ret[i] = create(list[i], block, into, next);
        } else {
            ret[i] = lives[sources[i]];
            if (!stays[i]) {
                moveLives([ret[i]], into, next);
            }
            update(ret[i], list[i], block);
        }
        next = firstNode([ret[i]]) ?? next;
    }
    return ret;
}
