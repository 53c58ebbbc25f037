// SPDX-License-Identifier: MIT

/*
 * The state capsule: what a reload would lose and a person would miss. Form fields, open <details>
 * and dialogs, the focus with its selection, the scroll of all that scrolls, and what modules keep
 * in `import.meta.hot.data`; in the tab's own storage for the one reload. Secrets stay out: no
 * passwords, no files, nothing that is marked as a card's number.
 *
 * Invariant: only what the fresh page still shows as its own default is overwritten.
 */

const FIELDS = 'input, textarea, select';
const FIELDS_MAX = 500;
const TEXT_MAX = 64 * 1024;
const SCROLLERS_MAX = 200;
const ELEMENTS_MAX = 20000;
const DEPTH_MAX = 100;
const DATA_MAX = 1024 * 1024;
const SECRET_HINT = /\bcc-|password|one-time/;
const SECRET_TYPES = new Set(['password', 'file', 'hidden', 'submit', 'button', 'image', 'reset']);

function isKept(field) {
    return !SECRET_TYPES.has(field.type) && !SECRET_HINT.test(field.autocomplete || '');
}

// A name for an element that the next document will probably know as well.
function nameElements(selector) {
    const seen = new Map();
    const named = new Map();
    for (const element of document.querySelectorAll(selector)) {
        const base = element.id ? `#${element.id}` : `${element.localName} ${element.name || ''}`;
        const count = seen.get(base) || 0;
        seen.set(base, count + 1);
        named.set(`${base} ${count}`, element);
    }
    return named;
}

function readField(field) {
    if (field.localName === 'select') {
        const options = [...field.options];
        // With no default of its own, a list of one line shows its first option.
        const hasDefault = options.some((each) => each.defaultSelected);
        const isChanged = field.type === 'select-one' && !hasDefault ? field.selectedIndex > 0
            : options.some((each) => each.selected !== each.defaultSelected);
        return isChanged ? { selected: options.map((each) => each.selected) } : null;
    }
    if (field.type === 'checkbox' || field.type === 'radio') {
        return field.checked === field.defaultChecked ? null : { checked: field.checked };
    }
    const isChanged = field.value !== field.defaultValue && field.value.length <= TEXT_MAX;
    return isChanged ? { value: field.value } : null;
}

function writeField(field, saved) {
    if (readField(field) !== null) {
        return;
    }
    if (saved.selected && field.localName === 'select') {
        [...field.options].forEach((each, i) => {
            each.selected = saved.selected[i] === true;
        });
    } else if (typeof saved.checked === 'boolean') {
        field.checked = saved.checked;
    } else if (typeof saved.value === 'string') {
        field.value = saved.value;
    }
    // So that code that follows its fields follows this as well.
    field.dispatchEvent(new Event('input', { bubbles: true }));
}

function readSelection(element) {
    try {
        return [element.selectionStart, element.selectionEnd];
    } catch {
        return null;
    }
}

/** The way to any element: from the nearest one with an id, by kind and number. */
function pathOf(element) {
    const steps = [];
    for (let each = element; each && each !== document.documentElement; each = each.parentElement) {
        if (each.id && document.getElementById(each.id) === each) {
            return [`#${each.id}`, ...steps];
        }
        const same = [...(each.parentElement?.children || [])]
            .filter((other) => other.localName === each.localName);
        steps.unshift([each.localName, same.indexOf(each)]);
    }
    return ['', ...steps];
}

function elementAt([start, ...steps]) {
    let element = start ? document.getElementById(start.slice(1)) : document.documentElement;
    for (const [name, number] of steps) {
        element = [...(element?.children || [])].filter((each) => each.localName === name)[number];
    }
    return element || null;
}

function readScrollers() {
    const found = [];
    const elements = [...document.querySelectorAll('body *')].slice(0, ELEMENTS_MAX);
    for (const each of elements) {
        if ((each.scrollTop || each.scrollLeft) && found.length < SCROLLERS_MAX) {
            found.push([pathOf(each), each.scrollLeft, each.scrollTop]);
        }
    }
    return found;
}

function readDialogs() {
    return [...document.querySelectorAll('dialog[open]')]
        .map((each) => [pathOf(each), each.matches(':modal')]);
}

function openDialog(path, isModal) {
    const dialog = elementAt(path);
    if (dialog && dialog.localName === 'dialog' && !dialog.open) {
        if (isModal) {
            dialog.showModal();
        } else {
            dialog.show();
        }
    }
}

/* ---- what modules keep ---- */

const SKIP = Symbol('not to be kept');

/** An object with functions is more than data, such as a store: half of it would be a trap. */
function hasFunctions(value) {
    return Object.values(Object.getOwnPropertyDescriptors(value))
        .some((each) => each.get || each.set || typeof each.value === 'function');
}

function packObject(value, within) {
    const isOfModule = within.length === 1; // hot.data itself, each member of which is for itself
    if (!isOfModule && hasFunctions(value)) {
        return SKIP;
    }
    const kept = [];
    for (const [name, each] of Object.entries(value)) {
        const packed = pack(each, within);
        if (packed !== SKIP) {
            kept.push([name, packed]);
        }
    }
    return { $: 'object', v: kept };
}

function packList(values, within) {
    const packed = values.map((each) => pack(each, within));
    return packed.includes(SKIP) ? SKIP : packed;
}

/**
 * A value as JSON can hold it; unpack() in client.js is the other half. Elements, functions and
 * instances of the page's own classes have no meaning in another page: SKIP.
 */
function pack(value, within) {
    if (value === undefined) {
        return { $: 'undefined' };
    }
    if (value === null || typeof value === 'string' || typeof value === 'boolean') {
        return value;
    }
    if (typeof value === 'number') {
        return Number.isFinite(value) && !Object.is(value, -0) ? value
            : { $: 'number', v: Object.is(value, -0) ? '-0' : String(value) };
    }
    if (typeof value === 'bigint') {
        return { $: 'bigint', v: String(value) };
    }
    if (typeof value !== 'object' || within.includes(value) || within.length >= DEPTH_MAX) {
        return SKIP;
    }
    const path = [...within, value];
    if (Array.isArray(value)) {
        return packList(value, path);
    }
    if (value instanceof Date) {
        return { $: 'date', v: value.getTime() };
    }
    if (value instanceof Map || value instanceof Set) {
        const v = packList([...value], path);
        return v === SKIP ? SKIP : { $: value instanceof Map ? 'map' : 'set', v };
    }
    const kind = Object.getPrototypeOf(value);
    return kind === Object.prototype || kind === null ? packObject(value, path) : SKIP;
}

/** The data of all modules as a text for the next page, empty if there is none. */
export function takeData(orbit) {
    const all = {};
    let size = 0;
    for (const [key, record] of orbit.records) {
        for (const callback of record.instance?.disposes || []) {
            try {
                // Most modules fill their data only here.
                callback(record.data);
            } catch (error) {
                console.warn('[orbiton] a dispose callback failed:', error);
            }
        }
        const packed = Object.keys(record.data).length ? pack(record.data, []) : SKIP;
        const text = packed === SKIP ? '' : JSON.stringify(packed);
        if (text && size + text.length <= DATA_MAX) {
            size += text.length;
            all[key] = packed;
        }
    }
    return size ? JSON.stringify(all) : '';
}

/** The page's state, ready for JSON. */
export function takeCapsule() {
    const fields = [];
    let focus = null;
    for (const [name, field] of nameElements(FIELDS)) {
        const saved = isKept(field) && fields.length < FIELDS_MAX ? readField(field) : null;
        if (saved) {
            fields.push([name, saved]);
        }
        if (field === document.activeElement) {
            focus = { name, selection: readSelection(field) };
        }
    }
    const active = document.activeElement;
    if (!focus && active && active !== document.body && !active.localName.startsWith('orbiton-')) {
        focus = { path: pathOf(active) };
    }
    return {
        fields,
        focus,
        details: [...nameElements('details')].map(([name, each]) => [name, each.open]),
        dialogs: readDialogs(),
        scrollers: readScrollers(),
        scroll: [window.scrollX, window.scrollY],
    };
}

/** Puts back what still has its place. May be called again when the page has rendered more. */
export function restoreCapsule(capsule) {
    const fields = nameElements(FIELDS);
    for (const [name, saved] of capsule.fields) {
        const field = fields.get(name);
        if (field && isKept(field)) {
            writeField(field, saved);
        }
    }
    const details = nameElements('details');
    for (const [name, open] of capsule.details) {
        if (details.has(name)) {
            details.get(name).open = open;
        }
    }
    // A dialog that opens takes the focus, and the focus the scroll.
    const place = [window.scrollX, window.scrollY];
    const isAtTop = place[0] === 0 && place[1] === 0;
    capsule.dialogs.forEach(([path, isModal]) => openDialog(path, isModal));
    const { focus } = capsule;
    const focused = focus && (focus.path ? elementAt(focus.path) : fields.get(focus.name));
    const isFree = !document.activeElement || document.activeElement === document.body
        || capsule.dialogs.length > 0;
    if (focused && isFree) {
        focused.focus({ preventScroll: true });
        try {
            focused.setSelectionRange(...focus.selection);
        } catch {
            // Not a field with a selection.
        }
    }
    for (const [path, left, top] of capsule.scrollers) {
        const scroller = elementAt(path);
        if (scroller && scroller.scrollTop === 0 && scroller.scrollLeft === 0) {
            scroller.scrollTo({ left, top, behavior: 'instant' });
        }
    }
    if (isAtTop || capsule.dialogs.length) {
        const [left, top] = isAtTop ? capsule.scroll : place;
        window.scrollTo({ left, top, behavior: 'instant' });
    }
}
