// SPDX-License-Identifier: MIT

/*
 * Conditions, loops and slots: which blocks there are, and in which order. The items of a loop with
 * keys keep their nodes, wherever they go.
 *
 * Invariant: what a build does not know yet is no reason to take away what is shown.
 */

import { UNKNOWN, read, textOf } from './record.js';
import { risingRun, uniqueKeys } from './list.js';
import { Block, endLives, firstNode, moveLives, removeBlock, setNote } from './live.js';
import { createBlock, createLives, updateBlock } from './render.js';

export const NO_BRANCH = -1;
const UNKNOWN_BRANCH = -2;

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

export function updateIf(live, wanted, block) {
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

export function updateFor(live, wanted, block) {
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
