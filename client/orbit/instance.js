// SPDX-License-Identifier: MIT

/*
 * Components of the page: what is known of each (Definition), each one that is shown (Instance),
 * and when they are rendered: at most once a frame, parents first.
 *
 * Invariant: an error of one component's code leaves the others, and its own nodes, as they were.
 */

import { updateOutlet } from './fragment.js';
import { Block, endLives, firstNode } from './live.js';
import { createLives, updateBlock } from './render.js';

const definitions = new Map(); /* by path */

/** "src/todo-item.orbit" -> "TodoItem". */
export function nameOf(path) {
    const stem = path.slice(path.lastIndexOf('/') + 1).replace(/\.orbit$/, '');
    return stem.split(/[^A-Za-z0-9$]+/).filter(Boolean)
        .map((word) => word[0].toUpperCase() + word.slice(1)).join('');
}

class Definition {
    constructor(path) {
        this.path = path;
        this.name = nameOf(path);
        this.isListed = false; /* its facade has run */
        this.plan = null;
        this.children = null; /* path by name, for those that the template names */
        this.logic = null;
        this.table = '';
        this.held = { template: null, code: null }; /* waits for a partner of the same table */
        this.instances = new Set();
    }

    get isReady() {
        return this.plan !== null && this.logic !== null;
    }
}

export function definitionAt(path) {
    if (!definitions.has(path)) {
        definitions.set(path, new Definition(path));
    }
    return definitions.get(path);
}

const missing = new Set(); /* instances that show "…" for want of a component */

/** What a tag or `:is` means: a component, its name, or null if there is none of that name. */
export function definitionOf(wanted, asker) {
    if (wanted instanceof Definition) {
        return wanted;
    }
    if (typeof wanted !== 'string' || wanted === '') {
        return null;
    }
    const path = asker.definition.children?.[wanted];
    const known = path === undefined ? null : definitionAt(path);
    if (known?.isReady) {
        return known;
    }
    for (const each of definitions.values()) {
        if (each.isReady && (each.name === wanted || each.name === nameOf(wanted))) {
            return each;
        }
    }
    missing.add(asker);
    return null;
}

/** Whoever could not show a component may try again. */
export function retryMissing() {
    const all = [...missing];
    missing.clear();
    all.forEach((instance) => instance.update());
}

/* The frame. */

const dirty = new Set();
const mountedQueue = [];
const updatedQueue = [];
let frame = 0; /* 0: none is asked for; -1: a microtask is */
let isFlushing = false;

function schedule() {
    if (frame !== 0 || isFlushing) {
        return;
    }
    if (document.hidden) {
        frame = -1;
        queueMicrotask(flush);
    } else {
        frame = requestAnimationFrame(flush);
    }
}

// Hidden pages get no frames.
document.addEventListener('visibilitychange', () => {
    if (document.hidden && frame > 0) {
        flush();
    }
});

function report(instance, what, error) {
    console.error(`[orbiton] ${instance.definition.path}: ${what} failed:`, error);
    globalThis.reportError?.(error);
}

/** Runs a hook of a component; its failure is said and stops nothing. */
function hook(instance, name) {
    try {
        instance.logic?.[name]?.(instance.handle);
    } catch (error) {
        report(instance, name, error);
    }
}

function runHooks() {
    for (const instance of mountedQueue.splice(0)) {
        if (!instance.hasEnded && !instance.isMounted) {
            instance.isMounted = true;
            hook(instance, 'mounted');
        }
    }
    for (const instance of updatedQueue.splice(0)) {
        if (!instance.hasEnded) {
            hook(instance, 'updated');
        }
    }
}

/** Where the person is: a node that is moved loses it. */
export function keepFocus(act) {
    const active = document.activeElement;
    let range = null;
    try {
        range = active && 'selectionStart' in active && active.selectionStart !== null
            ? [active.selectionStart, active.selectionEnd, active.selectionDirection] : null;
    } catch {
        // Some kinds of inputs have no selection.
    }
    try {
        return act();
    } finally {
        if (active && active !== document.body && active !== document.activeElement &&
            active.isConnected) {
            active.focus({ preventScroll: true });
            if (range) {
                active.setSelectionRange(...range);
            }
        }
    }
}

/** Renders all that asked for it, now. */
export function flush() {
    if (frame > 0) {
        cancelAnimationFrame(frame);
    }
    frame = 0;
    if (isFlushing) {
        return;
    }
    isFlushing = true;
    try {
        keepFocus(() => {
            for (const instance of [...dirty].sort((a, b) => a.depth - b.depth)) {
                if (dirty.has(instance)) {
                    instance.renderNow();
                }
            }
        });
    } finally {
        isFlushing = false;
    }
    runHooks();
    if (dirty.size > 0) {
        schedule();
    }
}

/** Runs the hooks of what was mounted outside of a frame. */
export function settle() {
    if (!isFlushing) {
        runHooks();
    }
}

export class Instance {
    constructor(definition, parent, props, live) {
        this.definition = definition;
        this.parent = parent;
        this.props = props;
        this.live = live; /* its place in the parent's template; null: it was mounted */
        this.depth = parent ? parent.depth + 1 : 0;
        this.logic = null;
        this.handle = undefined;
        this.block = null;
        this.fills = new Map();
        this.outlets = new Set();
        this.refs = {};
        this.outer = null;
        this.isMounted = false;
        this.hasEnded = false;
        this.host = {
            emit: (name, detail) => this.emit(name, detail),
            update: () => this.update(),
            refs: this.refs,
        };
    }

    get name() {
        return this.definition.name;
    }

    /** What a ref on it gives. */
    get exposed() {
        return this.logic?.expose?.(this.handle) ?? this;
    }

    /** Its first element. */
    get element() {
        let node = this.block ? firstNode(this.block.lives) : null;
        while (node && node.nodeType !== Node.ELEMENT_NODE) {
            node = node.nextSibling;
        }
        return node;
    }

    start(into, before) {
        const { definition } = this;
        let record = null;

        this.into = into;
        this.before = before;
        definition.instances.add(this);
        try {
            this.logic = definition.logic;
            this.handle = this.logic.create(this.props, this.host);
            record = this.logic.render(this.handle);
        } catch (error) {
            report(this, 'starting', error);
            return;
        }
        this.show(record);
        mountedQueue.push(this);
    }

    /** Shows a record with the present plan. */
    show(record) {
        const { plan } = this.definition;
        const into = this.before ? this.before.parentNode : this.into;

        if (this.block === null) {
            this.block = new Block(plan, null, record, this);
            this.block.lives = createLives(plan, this.block, into, this.before);
        } else {
            this.block.record = record;
            updateBlock(this.block, plan, into, () => this.before);
        }
    }

    renderNow() {
        dirty.delete(this);
        if (this.hasEnded) {
            return;
        }
        if (this.handle === undefined) {
            this.start(this.into, this.before);
            return;
        }
        try {
            this.show(this.logic.render(this.handle));
        } catch (error) {
            report(this, 'rendering', error);
            return;
        }
        updatedQueue.push(this);
    }

    setProps(props) {
        this.props = props;
        if (this.handle !== undefined) {
            try {
                this.logic.props(this.handle, props);
            } catch (error) {
                report(this, 'taking props', error);
            }
        }
        this.renderNow();
    }

    updateOutlets() {
        [...this.outlets].forEach((live) => {
            if (this.outlets.has(live)) {
                updateOutlet(live, live.plan, live.block);
            }
        });
    }

    /** Asks for a rendering in the next frame, and for one of those who gave it their objects. */
    update() {
        let each = this;
        while (each && !each.hasEnded) {
            dirty.add(each);
            each = Object.values(each.props).some((value) => value !== null && typeof value === 'object')
                ? each.parent : null;
        }
        schedule();
    }

    /** Runs one of its handlers. */
    run(handler, path, event, record) {
        if (this.handle === undefined) {
            return;
        }
        try {
            this.logic.event(this.handle, handler, path, event, record);
        } finally {
            this.update();
        }
    }

    /** Tells the parent. */
    emit(name, detail) {
        this.live?.emit(name, detail);
    }

    end() {
        if (this.hasEnded) {
            return;
        }
        if (this.handle !== undefined) {
            hook(this, 'unmounted');
        }
        this.hasEnded = true;
        dirty.delete(this);
        missing.delete(this);
        this.definition.instances.delete(this);
        if (this.block) {
            endLives(this.block.lives);
        }
        if (this.handle !== undefined) {
            hook(this, 'drop');
        }
    }
}
