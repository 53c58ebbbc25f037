// SPDX-License-Identifier: MIT

/*
 * What an element has besides its children: attributes, properties, classes, styles, o-show, o-html
 * and o-model.
 *
 * Invariant: nothing is written that is there already, so that what a person or a script did to an
 * element (typed text, a scroll position, an attribute of its own) stays until the value that the
 * component gives changes.
 */

import { UNKNOWN, read, textOf } from './record.js';
import { invoke } from './events.js';

const BOOLEANS = new Set(('allowfullscreen async autofocus autoplay checked controls default defer ' +
    'disabled formnovalidate hidden inert ismap itemscope loop multiple muted nomodule novalidate ' +
    'open playsinline readonly required reversed selected').split(' '));
// Written as a word, "false" too.
const WORDS = /^(?:aria-|data-)|^(?:draggable|contenteditable|spellcheck|translate)$/;
// The attribute is only what the property is at first.
const LIVE_PROPERTIES = { INPUT: ['value', 'checked', 'indeterminate'], TEXTAREA: ['value'],
    SELECT: ['value', 'selectedIndex'], OPTION: ['selected'], AUDIO: ['muted'], VIDEO: ['muted'] };
const NAMESPACED = { xlink: 'http://www.w3.org/1999/xlink',
    xml: 'http://www.w3.org/XML/1998/namespace' };

/** The values that options, checkboxes and radio buttons stand for, when these are no text. */
const valuesOf = new WeakMap();

export function valueOf(node) {
    return valuesOf.has(node) ? valuesOf.get(node) : node.value;
}

function namespaceOf(node, name) {
    const colon = name.indexOf(':');
    return colon > 0 && node.namespaceURI !== 'http://www.w3.org/1999/xhtml'
        ? NAMESPACED[name.slice(0, colon)] : undefined;
}

export function setAttribute(node, name, value) {
    const namespace = namespaceOf(node, name);
    if (namespace) {
        node.setAttributeNS(namespace, name, value);
    } else {
        node.setAttribute(name, value);
    }
}

function removeAttribute(node, name) {
    const namespace = namespaceOf(node, name);
    if (namespace) {
        node.removeAttributeNS(namespace, name.slice(name.indexOf(':') + 1));
    } else {
        node.removeAttribute(name);
    }
}

function setProperty(node, name, value) {
    try {
        if (name === 'value' && (node.tagName === 'INPUT' || node.tagName === 'TEXTAREA')) {
            const text = textOf(value);
            if (node.value !== text) {
                node.value = text;
            }
        } else {
            node[name] = value;
        }
    } catch (error) {
        console.warn(`[orbiton] <${node.localName}>.${name} does not take ${textOf(value)}:`, error);
    }
}

function isProperty(node, name) {
    return LIVE_PROPERTIES[node.tagName]?.includes(name) ||
        (node.localName.includes('-') && name in node);
}

/** Gives an element the value of `:name`, `:name.prop` (".name") or `:name.attr` ("^name"). */
function bind(node, written, value) {
    let name = written;
    if (value === UNKNOWN) {
        return;
    }
    if (written[0] === '.') {
        setProperty(node, written.slice(1), value);
        return;
    }
    if (written[0] === '^') {
        name = written.slice(1);
    } else {
        if (name === 'value' && ['OPTION', 'INPUT'].includes(node.tagName)) {
            if (typeof value === 'string' || value === null || value === undefined) {
                valuesOf.delete(node);
            } else {
                valuesOf.set(node, value);
            }
        }
        if (isProperty(node, name)) {
            setProperty(node, name, value);
            return;
        }
        if (BOOLEANS.has(name)) {
            value = value || value === '' ? '' : null;
        }
    }
    if (value === null || value === undefined || (value === false && !WORDS.test(name))) {
        removeAttribute(node, name);
    } else {
        setAttribute(node, name, value === true && !WORDS.test(name) ? '' : textOf(value));
    }
}

/** Takes back what a binding that is no more has set. */
function unbind(node, written, attributes) {
    const name = written.replace(/^[.^]/, '');
    const text = attributes.find(([each]) => each === name)?.[1];

    valuesOf.delete(node);
    if (text !== undefined) {
        bind(node, name, text);
    } else if (written[0] === '.' || isProperty(node, name)) {
        setProperty(node, name, typeof node[name] === 'boolean' ? false : '');
    } else {
        removeAttribute(node, name);
    }
}

/** The names in what `:class` was given: text, a list, or an object of names and conditions. */
export function classText(value) {
    if (Array.isArray(value)) {
        return value.map(classText).filter(Boolean).join(' ');
    }
    if (value instanceof Map) {
        return [...value].filter(([, is]) => is).map(([name]) => name).join(' ');
    }
    if (value !== null && typeof value === 'object') {
        return Object.keys(value).filter((name) => value[name]).join(' ');
    }
    return typeof value === 'string' ? value : '';
}

const join = (parts) => parts.filter(Boolean).join(' ');

/** All classes that a node of a template has by its plan. */
export function classOf(plan, block) {
    const bound = plan.classBind ? classText(read(block, plan.classBind.place)) : '';
    const entries = plan.classes.map(({ name, place }) => {
        const value = read(block, place);
        return value && value !== UNKNOWN ? name : '';
    });
    return join([plan.staticClass, bound, ...entries]);
}

const propertyName = (name) => (name.startsWith('--') ? name
    : name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));

function addStyles(ret, value) {
    if (Array.isArray(value)) {
        value.forEach((each) => addStyles(ret, each));
    } else if (typeof value === 'string') {
        const probe = document.createElement('i');
        probe.style.cssText = value;
        for (const name of probe.style) {
            addStyle(ret, name, probe.style.getPropertyValue(name) +
                (probe.style.getPropertyPriority(name) ? ' !important' : ''));
        }
    } else if (value instanceof Map) {
        value.forEach((each, name) => addStyle(ret, name, each));
    } else if (value !== null && typeof value === 'object') {
        Object.keys(value).forEach((name) => addStyle(ret, name, value[name]));
    }
}

function addStyle(ret, name, value) {
    if (value === null || value === undefined || value === false || value === '') {
        return;
    }
    ret.set(propertyName(name), textOf(value));
}

/** All that a node's plan says of its style, but for the static text. */
export function stylesOf(plan, block) {
    const ret = new Map();
    if (plan.styleBind) {
        addStyles(ret, read(block, plan.styleBind.place));
    }
    for (const { name, place } of plan.styles) {
        const value = read(block, place);
        if (value !== UNKNOWN) {
            addStyle(ret, name, value);
        }
    }
    return ret;
}

function setStyles(live, text, styles) {
    const { style } = live.node;
    const old = live.styles;

    if (old === null || text !== live.styleText || [...old.keys()].some((name) => !styles.has(name))) {
        if (old !== null || text !== live.styleText) {
            style.cssText = text;
        }
        live.styleText = text;
        live.styles = new Map();
    }
    styles.forEach((value, name) => {
        if (live.styles.get(name) !== value) {
            const [, bare, important] = /^(.*?)\s*(!important)?$/s.exec(value);
            style.setProperty(name, bare, important ? 'important' : '');
        }
    });
    live.styles = styles;
}

function updateStyle(live, plan, block) {
    const outer = plan.isRoot ? block.instance.outer : null;
    const isStyled = plan.hasStyle || (outer !== null && (outer.styleText || outer.styles.size > 0));
    let isChanged = false;

    if (isStyled || live.styles !== null) {
        const styles = stylesOf(plan, block);
        outer?.styles.forEach((value, name) => styles.set(name, value));
        setStyles(live, join([plan.staticStyle, outer?.styleText]), styles);
        isChanged = true;
    }
    if (plan.show !== null) {
        const value = read(block, plan.show.place);
        const isShown = Boolean(value);
        if (isShown !== live.isShown || isChanged) {
            const display = live.styles?.get('display');
            if (!isShown) {
                live.display ??= display === undefined ? live.node.style.display : '';
                live.node.style.display = 'none';
            } else if (live.isShown === false || isChanged) {
                live.node.style.display = display ?? live.display ?? live.node.style.display;
                live.display = null;
            }
            live.isShown = isShown;
            isChanged = true;
        }
    } else if (live.isShown === false) {
        live.node.style.display = live.styles?.get('display') ?? live.display ?? '';
        live.isShown = null;
        live.display = null;
        isChanged = true;
    }
    if (isChanged && live.styleText === '' && live.node.getAttribute('style') === '') {
        live.node.removeAttribute('style');
    }
}

function updateClass(live, plan, block) {
    const outer = plan.isRoot ? block.instance.outer : null;
    if (!plan.hasClass && !outer?.className && live.className === plan.staticClass) {
        return;
    }
    const text = join([plan.hasClass ? classOf(plan, block) : plan.staticClass, outer?.className]);
    if (text !== live.className) {
        live.className = text;
        if (text) {
            live.node.setAttribute('class', text);
        } else {
            live.node.removeAttribute('class');
        }
    }
}

/** The bound parts of an element; `isNew`: its children are not there yet. */
export function updateElement(live, plan, block) {
    const { binds } = plan;
    const { values } = live;

    for (let i = 0; i < binds.length; i++) {
        const value = read(block, binds[i].place);
        if (value !== values[i] || (value !== null && typeof value === 'object')) {
            values[i] = value;
            bind(live.node, binds[i].name, value);
        }
    }
    if (plan.hasClass || plan.isRoot) {
        updateClass(live, plan, block);
    }
    if (plan.hasStyle || plan.isRoot || plan.show !== null) {
        updateStyle(live, plan, block);
    }
    if (plan.html !== null) {
        const html = textOf(read(block, plan.html.place));
        if (html !== live.html) {
            live.html = html;
            live.node.innerHTML = html;
        }
    }
}

/** Goes from an element's old plan to that of another template; its children are not touched. */
export function adoptElement(live, plan, block) {
    const { node } = live;
    const old = live.plan;

    for (const [name] of old.attributes) {
        const isKept = plan.attributes.some(([each]) => each === name);
        if (!isKept && name !== 'class' && name !== 'style') {
            removeAttribute(node, name);
        }
    }
    for (const [name, text] of plan.attributes) {
        const before = old.attributes.find(([each]) => each === name)?.[1];
        if (before !== text && name !== 'class' && name !== 'style') {
            setAttribute(node, name, text);
        }
    }
    if (old.scopeId !== plan.scopeId) {
        if (old.scopeId) {
            node.removeAttribute(old.scopeId);
        }
        if (plan.scopeId) {
            node.setAttribute(plan.scopeId, '');
        }
    }
    const values = plan.binds.map(({ name }) => {
        const at = old.binds.findIndex((each) => each.name === name);
        return at >= 0 ? live.values[at] : UNKNOWN;
    });
    for (const { name } of old.binds) {
        if (!plan.binds.some((each) => each.name === name)) {
            unbind(node, name, plan.attributes);
        }
    }
    live.values = values;
    if (plan.html === null && live.html !== null) {
        live.html = null;
        node.textContent = '';
    }
    live.plan = plan;
    updateClass(live, plan, block);
    if (!plan.hasStyle && plan.staticStyle !== live.styleText) {
        setStyles(live, plan.staticStyle, new Map());
    }
    updateStyle(live, plan, block);
}

function kindOf(node) {
    if (node.tagName === 'SELECT') {
        return node.multiple ? 'many' : 'one';
    }
    return node.type === 'checkbox' || node.type === 'radio' ? node.type : 'text';
}

const same = (a, b) => a === b || (typeof a !== 'object' && typeof b !== 'object' && a !== null &&
    b !== null && a !== undefined && b !== undefined && String(a) === String(b));

function toNumber(text) {
    const number = Number.parseFloat(text);
    return Number.isNaN(number) ? text : number;
}

/** o-model of one element. */
class Model {
    constructor(live, plan) {
        this.live = live;
        this.plan = plan;
        this.isComposing = false;
        this.last = undefined;
        ['input', 'change', 'compositionstart', 'compositionend'].forEach((name) =>
            live.node.addEventListener(name, this));
    }

    stop() {
        ['input', 'change', 'compositionstart', 'compositionend'].forEach((name) =>
            this.live.node.removeEventListener(name, this));
    }

    /** A text as the modifiers want it. */
    cast(text) {
        const { node } = this.live;
        const { modifiers } = this.plan;
        const value = modifiers.includes('trim') ? text.trim() : text;
        const isNumber = modifiers.includes('number') || node.type === 'number' ||
            node.type === 'range';
        return isNumber && value !== '' ? toNumber(value) : value;
    }

    /** What the element says now. */
    current() {
        const { node } = this.live;
        const isNumber = this.plan.modifiers.includes('number');
        const valueAt = (each) => {
            const value = valueOf(each);
            return isNumber && typeof value === 'string' ? toNumber(value) : value;
        };
        switch (kindOf(node)) {
        case 'many': return [...node.selectedOptions].map(valueAt);
        case 'one': return node.selectedIndex >= 0 ? valueAt(node.options[node.selectedIndex]) : null;
        case 'radio': return valueAt(node);
        case 'checkbox': {
            const value = this.value;
            if (!Array.isArray(value)) {
                return node.checked;
            }
            const mine = valueAt(node);
            const others = value.filter((each) => !same(each, mine));
            return node.checked ? [...value, mine] : others;
        }
        default: return this.cast(node.value);
        }
    }

    handleEvent(event) {
        const { node } = this.live;
        const isText = kindOf(node) === 'text';

        if (event.type === 'compositionstart') {
            this.isComposing = true;
            return;
        }
        if (event.type === 'compositionend') {
            if (!this.isComposing) {
                return;
            }
            this.isComposing = false;
        }
        const isLazy = !isText || this.plan.modifiers.includes('lazy');
        if (this.isComposing || (isLazy && event.type !== 'change')) {
            return;
        }
        if (isText && event.type === 'change') {
            // What was typed is shown as the model has it once it is finished.
            const text = textOf(this.cast(node.value));
            if (node.value !== text && this.plan.modifiers.length > 0) {
                node.value = text;
            }
            if (!isLazy) {
                return;
            }
        }
        if (node.type === 'radio' && !node.checked) {
            return;
        }
        const value = this.current();
        this.last = value;
        if (this.plan.handler) {
            invoke(this.live.block, this.plan.handler, { type: 'model', detail: value,
                value: textOf(value), checked: Boolean(node.checked), target: node });
        }
    }

    /** Shows the component's value. */
    show(value) {
        const { node } = this.live;

        this.value = value;
        if (value === UNKNOWN) {
            return;
        }
        switch (kindOf(node)) {
        case 'many': {
            const values = Array.isArray(value) ? value : [];
            for (const option of node.options) {
                option.selected = values.some((each) => same(each, valueOf(option)));
            }
            break;
        }
        case 'one': {
            const at = [...node.options].findIndex((option) => same(valueOf(option), value));
            if (node.selectedIndex !== at) {
                node.selectedIndex = at;
            }
            break;
        }
        case 'radio': node.checked = same(valueOf(node), value); break;
        case 'checkbox':
            node.checked = Array.isArray(value) ? value.some((each) => same(each, valueOf(node)))
                : Boolean(value);
            break;
        default: {
            const text = textOf(value);
            const isTyping = node.ownerDocument.activeElement === node &&
                (this.isComposing || this.plan.modifiers.includes('lazy') && same(value, this.last));
            // "1." and " a" are on their way to what the model cannot say yet.
            const isOnTheWay = node.ownerDocument.activeElement === node &&
                same(this.cast(node.value), value);
            if (!isTyping && !isOnTheWay && node.value !== text) {
                node.value = text;
            }
            this.last = value;
        }
        }
    }
}

/** Brings o-model in line with the plan and shows its value; after the children, for <select>. */
export function updateModel(live, plan, block) {
    const [model] = plan.models;

    if (live.model && (!model || live.model.plan !== model)) {
        if (model) {
            live.model.plan = model;
        } else {
            live.model.stop();
            live.model = null;
        }
    }
    if (model) {
        live.model ??= new Model(live, model);
        live.model.show(read(block, model.place));
    }
}
