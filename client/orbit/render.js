// SPDX-License-Identifier: MIT

/*
 * Plans and records as nodes of the page. A *live* object stands for each node of a plan that is
 * shown; a Block holds the lives that are rendered with one record.
 *
 * An update with the plan that a block has goes straight to its dynamic parts. An update with
 * another plan, that of an edited template, first finds for each of its nodes the live one that is
 * most like it: the page's own nodes stay, and with them focus, selection and what was typed.
 *
 * Invariant: a fragment (a condition, a loop, a component, a slot) ends in an empty text node of
 * its own, the anchor, so that there is always a place to insert before.
 */

import { UNKNOWN, read, textOf } from './record.js';
import { COMPONENT, ELEMENT, FOR, IF, OUTLET, TEXT, VALUE, middleName, strongName,
    weakName } from './plan.js';
import { adoptElement, classOf, setAttribute, stylesOf, updateElement, updateModel } from './props.js';
import { invoke, updateListeners } from './events.js';
import { risingRun, uniqueKeys } from './list.js';
import { Instance, definitionOf } from './instance.js';

const NO_BRANCH = -1;
const UNKNOWN_BRANCH = -2;

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

class ElementLive {
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

class Fragment {
    constructor(plan, block) {
        this.plan = plan;
        this.block = block;
        this.anchor = document.createTextNode('');
        this.note = null; /* the text that stands for what is unknown */
    }
}

class ComponentLive extends Fragment {
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

const insert = (into, node, before) => into.insertBefore(node, before);

/** Moves without loss of state where the browser can. */
function move(into, node, before) {
    if (into.moveBefore && node.parentNode === into && node.nodeType === Node.ELEMENT_NODE) {
        into.moveBefore(node, before);
    } else {
        into.insertBefore(node, before);
    }
}

/** Shows "…" in a fragment, or takes it away. */
function setNote(live, isUnknown) {
    if (isUnknown && live.note === null) {
        live.note = document.createTextNode('…');
        live.anchor.parentNode.insertBefore(live.note, live.anchor);
    } else if (!isUnknown && live.note !== null) {
        live.note.remove();
        live.note = null;
    }
}

/* Refs. */

function setRef(plan, block, value) {
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

function clearRef(plan, block, value) {
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

function moveLives(lives, into, before) {
    for (const live of lives) {
        if (live.node) {
            move(into, live.node, before);
        } else {
            eachNode(live, (node) => move(into, node, before));
        }
    }
}

/* Removal. */

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

function removeLives(lives, isOwner = true) {
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

function removeBlock(block) {
    removeLives(block.lives, block.plan.isOwner);
}

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

/**
 * Whether a condition or loop, whose expression no build knows yet, goes on by the plan before: as
 * long as records are numbered by the same table, that plan can be read. Else what is shown stays
 * and has no values.
 */
const goesOn = (live, wanted) => live.plan.table === wanted.table;

/* Conditions. */

function choose(plan, block) {
    for (let i = 0; i < plan.branches.length; i++) {
        const branch = plan.branches[i];
        if (branch.isElse) {
            return i;
        }
        const value = read(block, branch.place);
        if (value === UNKNOWN) {
            return UNKNOWN_BRANCH;
        }
        if (branch.isValue ? value : value !== undefined && value !== null) {
            return i;
        }
    }
    return NO_BRANCH;
}

function recordOf(branch, block) {
    const record = branch.place === null || branch.isValue ? null : read(block, branch.place);
    return record === UNKNOWN ? null : record ?? null;
}

function updateIf(live, wanted, block) {
    let plan = wanted;
    let at = choose(plan, block);
    const isUnknown = at === UNKNOWN_BRANCH;

    if (isUnknown && goesOn(live, wanted)) {
        plan = live.plan;
        at = choose(plan, block);
    }
    if (at === UNKNOWN_BRANCH && live.content) {
        at = live.active;
    }
    showBranch(live, plan, at, block);
    setNote(live, isUnknown && live.content === null);
}

function showBranch(live, plan, at, block) {
    const branch = plan.branches[at] ?? null;
    const old = live.active >= 0 ? live.plan.branches[live.active] : null;
    const into = live.anchor.parentNode;

    live.plan = plan;
    if (old && branch && (at === live.active || old.test === branch.test)) {
        live.active = at;
        live.content.record = recordOf(branch, block);
        updateBlock(live.content, branch.children, into, () => live.anchor);
        return;
    }
    if (live.content) {
        removeBlock(live.content);
        live.content = null;
    }
    live.active = at;
    if (branch) {
        live.content = createBlock(branch.children, block, recordOf(branch, block), block.instance,
            into, live.anchor);
    }
}

/* Loops. */

function keysOf(plan, records, block) {
    if (plan.key === null) {
        return null;
    }
    const { key, up } = plan.key;
    if (up > 0) {
        return null;
    }
    const keys = new Array(records.length);
    for (let i = 0; i < records.length; i++) {
        keys[i] = records[i][key];
    }
    if (new Set(keys).size === keys.length) {
        return keys;
    }
    return uniqueKeys(keys, (each) => console.warn(
        `[orbiton] ${block.instance.name}: two items of a loop have the key ${textOf(each)}`));
}

function createItem(live, plan, block, record, index, into, before) {
    const item = new Block(plan.children, block, record, block.instance);
    item.index = index;
    item.lives = createLives(plan.children, item, into, before);
    return item;
}

/** Takes all items away; at once, if there is nothing else beside them. */
function clearItems(live) {
    const { blocks, anchor } = live;
    const into = anchor.parentNode;

    if (blocks.length === 0) {
        return;
    }
    if (anchor.nextSibling === null && firstNode(blocks[0].lives) === into.firstChild &&
        into.firstChild !== null) {
        blocks.forEach((block) => block.plan.isOwner && endLives(block.lives));
        into.textContent = '';
        into.append(anchor);
    } else {
        blocks.forEach(removeBlock);
    }
    live.blocks = [];
    live.keys = null;
}

function updateFor(live, wanted, block) {
    let plan = wanted;
    let value = read(block, plan.place);
    const isUnknown = value === UNKNOWN;

    if (isUnknown && goesOn(live, wanted)) {
        plan = live.plan;
        value = read(block, plan.place);
    }
    live.plan = plan;
    if (value === UNKNOWN) {
        live.blocks.forEach((item, i) => updateItem(live, item, plan, null, i));
    } else {
        showItems(live, plan, block, Array.isArray(value) ? value : []);
    }
    setNote(live, isUnknown && live.blocks.length === 0);
}

function showItems(live, plan, block, records) {
    const keys = keysOf(plan, records, block);

    if (records.length === 0) {
        clearItems(live);
    } else if (keys === null || live.keys === null) {
        updateInPlace(live, plan, block, records);
    } else {
        updateKeyed(live, plan, block, records, keys);
    }
    live.keys = keys;
}

function updateItem(live, item, plan, record, index) {
    item.record = record;
    item.index = index;
    updateBlock(item, plan.children, live.anchor.parentNode, () => nodeFrom(live, index + 1));
}

/** The first node at or behind an item's place. */
function nodeFrom(live, from) {
    for (let i = from; i < live.blocks.length; i++) {
        const node = firstNode(live.blocks[i].lives);
        if (node) {
            return node;
        }
    }
    return live.anchor;
}

function updateInPlace(live, plan, block, records) {
    const { blocks, anchor } = live;
    const shared = Math.min(blocks.length, records.length);
    const into = anchor.parentNode;

    for (let i = 0; i < shared; i++) {
        updateItem(live, blocks[i], plan, records[i], i);
    }
    blocks.splice(shared).forEach(removeBlock);
    for (let i = shared; i < records.length; i++) {
        blocks.push(createItem(live, plan, block, records[i], i, into, anchor));
    }
}

function updateKeyed(live, plan, block, records, keys) {
    const { blocks: old, keys: oldKeys } = live;
    const into = live.anchor.parentNode;
    const blocks = new Array(records.length);
    let start = 0;
    let end = records.length;
    let oldEnd = old.length;

    while (start < end && start < oldEnd && oldKeys[start] === keys[start]) {
        blocks[start] = old[start];
        start++;
    }
    while (end > start && oldEnd > start && oldKeys[oldEnd - 1] === keys[end - 1]) {
        blocks[--end] = old[--oldEnd];
    }
    const sources = new Int32Array(end - start).fill(-1);
    if (oldEnd > start) {
        const places = new Map();
        for (let i = start; i < oldEnd; i++) {
            places.set(oldKeys[i], i);
        }
        for (let i = start; i < end; i++) {
            const at = places.get(keys[i]);
            if (at !== undefined) {
                places.delete(keys[i]);
                sources[i - start] = at;
                blocks[i] = old[at];
            }
        }
        if (places.size > 0) {
            if (places.size === old.length) {
                clearItems(live);
            } else {
                places.forEach((at) => removeBlock(old[at]));
            }
        }
    }
    live.blocks = blocks;
    const stays = risingRun(sources);
    let next = nodeFrom(live, end);
    for (let i = end - 1; i >= start; i--) {
        if (sources[i - start] < 0) {
            blocks[i] = createItem(live, plan, block, records[i], i, into, next);
        } else if (!stays[i - start]) {
            moveLives(blocks[i].lives, into, next);
        }
        next = firstNode(blocks[i].lives) ?? next;
    }
    for (let i = 0; i < blocks.length; i++) {
        if (i < start || i >= end || sources[i - start] >= 0) {
            updateItem(live, blocks[i], plan, records[i], i);
        }
    }
}

/* Slots. */

function outletProps(plan, block) {
    const props = {};
    for (const [name, text] of plan.attributes) {
        props[name] = text;
    }
    for (const { name, place } of plan.binds) {
        props[name] = read(block, place);
    }
    return props;
}

function fillRecord(live, plan, fill) {
    if (!fill.plan.hasProps) {
        return null;
    }
    const value = read(fill.block, fill.plan.place);
    if (typeof value === 'function') {
        return value(outletProps(plan, live.block));
    }
    return value === UNKNOWN || value === undefined ? null : value;
}

export function updateOutlet(live, plan, block) {
    const fill = block.instance.fills.get(plan.name) ?? null;
    const into = live.anchor.parentNode;
    const children = fill ? fill.plan.children : plan.children;

    live.plan = plan;
    live.block = block;
    const record = fill ? fillRecord(live, plan, fill) : null;
    if (live.content && live.isFilled === Boolean(fill)) {
        live.content.record = record;
        live.content.parent = fill ? fill.block : block;
        updateBlock(live.content, children, into, () => live.anchor);
        return;
    }
    if (live.content) {
        removeBlock(live.content);
    }
    live.isFilled = Boolean(fill);
    live.content = fill
        ? createBlock(children, fill.block, record, fill.block.instance, into, live.anchor)
        : createBlock(children, block, null, block.instance, into, live.anchor);
}

/* Components. */

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

function endComponent(live) {
    if (live.instance) {
        const { instance } = live;
        clearRef(live.plan, live.block, instance.exposed);
        live.instance = null;
        instance.end();
    }
}

function updateComponent(live, plan, block) {
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

function createBlock(plan, parent, record, instance, into, before) {
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
