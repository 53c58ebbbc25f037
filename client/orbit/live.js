// SPDX-License-Identifier: MIT

/*
 * Live objects: each stands for a node of a plan that is shown. A Block holds the lives that are
 * rendered with one record. What they are made from and how they change is elsewhere (render.js);
 * here is where their nodes lie, how these move, and how they end.
 *
 * Invariant: a fragment (a condition, a loop, a component, a slot) ends in an empty text node of
 * its own, the anchor, so that there is always a place to insert before.
 */

import { UNKNOWN } from './record.js';
import { COMPONENT, ELEMENT, FOR, IF, OUTLET, TEXT, VALUE } from './plan.js';

export class Block {
    constructor(plan, parent, record, instance) {
        this.plan = plan;
        this.parent = parent;
        this.record = record;
        this.instance = instance;
        this.lives = null;
        this.index = 0;
        this.key = undefined;
    }
}

export class ElementLive {
    constructor(plan, block) {
        this.plan = plan;
        this.block = block;
        this.node = null;
        this.kids = null;
        this.values = plan.binds.length > 0 ? new Array(plan.binds.length).fill(UNKNOWN) : [];
        this.className = plan.staticClass;
        this.styleText = plan.staticStyle;
        this.styles = null;
        this.isShown = null;
        this.display = null;
        this.html = null;
        this.model = null;
        this.listeners = null;
    }
}

export class Fragment {
    constructor(plan, block) {
        this.plan = plan;
        this.block = block;
        this.anchor = document.createTextNode('');
        this.note = null; /* the text that stands for what is unknown */
    }
}

export const insert = (into, node, before) => into.insertBefore(node, before);

/** Moves without loss of state where the browser can. */
function move(into, node, before) {
    if (into.moveBefore && node.parentNode === into && node.nodeType === Node.ELEMENT_NODE) {
        into.moveBefore(node, before);
    } else {
        into.insertBefore(node, before);
    }
}

/** Shows "…" in a fragment, or takes it away. */
export function setNote(live, isUnknown) {
    if (isUnknown && live.note === null) {
        live.note = document.createTextNode('…');
        live.anchor.parentNode.insertBefore(live.note, live.anchor);
    } else if (!isUnknown && live.note !== null) {
        live.note.remove();
        live.note = null;
    }
}

/* Refs. */

export function setRef(plan, block, value) {
    if (plan.ref === null) {
        return;
    }
    const { refs } = block.instance;
    if (plan.isListed) {
        (refs[plan.ref] ??= []).push(value);
    } else {
        refs[plan.ref] = value;
    }
}

export function clearRef(plan, block, value) {
    if (plan.ref === null) {
        return;
    }
    const { refs } = block.instance;
    if (Array.isArray(refs[plan.ref])) {
        refs[plan.ref] = refs[plan.ref].filter((each) => each !== value);
    } else if (refs[plan.ref] === value) {
        delete refs[plan.ref];
    }
}

/* Nodes of lives. */

/** Calls `fn` for each top node of the live object, in order. */
function eachNode(live, fn) {
    switch (live.plan.kind) {
    case TEXT:
    case VALUE:
    case ELEMENT: fn(live.node); return;
    case FOR: live.blocks.forEach((block) => block.lives.forEach((each) => eachNode(each, fn))); break;
    case COMPONENT: live.instance?.block?.lives.forEach((each) => eachNode(each, fn)); break;
    default: live.content?.lives.forEach((each) => eachNode(each, fn));
    }
    if (live.note) {
        fn(live.note);
    }
    fn(live.anchor);
}

export function firstNode(lives) {
    for (const live of lives) {
        switch (live.plan.kind) {
        case TEXT:
        case VALUE:
        case ELEMENT: return live.node;
        case FOR:
            for (const block of live.blocks) {
                const node = firstNode(block.lives);
                if (node) {
                    return node;
                }
            }
            break;
        default: {
            const inner = live.plan.kind === COMPONENT ? live.instance?.block : live.content;
            const node = inner ? firstNode(inner.lives) : null;
            if (node) {
                return node;
            }
        }
        }
        return live.note ?? live.anchor;
    }
    return null;
}

export function moveLives(lives, into, before) {
    for (const live of lives) {
        if (live.node) {
            move(into, live.node, before);
        } else {
            eachNode(live, (node) => move(into, node, before));
        }
    }
}

/* Removal. */

export function endComponent(live) {
    if (live.instance) {
        const { instance } = live;
        clearRef(live.plan, live.block, instance.exposed);
        live.instance = null;
        instance.end();
    }
}

/** Tells components and refs that they go; the nodes are taken away by whoever calls. */
export function endLives(lives) {
    for (const live of lives) {
        switch (live.plan.kind) {
        case ELEMENT:
            clearRef(live.plan, live.block, live.node);
            if (live.kids !== null && live.plan.children.isOwner) {
                endLives(live.kids);
            }
            break;
        case FOR: live.blocks.forEach((block) => endLives(block.lives)); break;
        case COMPONENT: endComponent(live); break;
        case OUTLET:
            live.block.instance.outlets.delete(live);
            if (live.content) {
                endLives(live.content.lives);
            }
            break;
        case IF:
            if (live.content) {
                endLives(live.content.lives);
            }
            break;
        default:
        }
    }
}

export function removeLives(lives, isOwner = true) {
    for (const live of lives) {
        if (live.node) {
            live.node.remove();
        } else {
            eachNode(live, (node) => node.remove());
        }
    }
    // Afterwards: a component that has ended gives no nodes.
    if (isOwner) {
        endLives(lives);
    }
}

export function removeBlock(block) {
    removeLives(block.lives, block.plan.isOwner);
}
