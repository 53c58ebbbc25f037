// SPDX-License-Identifier: MIT

/*
 * The state capsule: what a reload would lose and a person would miss. Form fields, open <details>,
 * the focus with its selection, and the window's scroll; kept in the tab's own storage for the one
 * reload. Secrets stay out: no passwords, no files, nothing that is marked as a card's number.
 *
 * Invariant: only what the fresh page still shows as its own default is overwritten.
 */

const FIELDS = 'input, textarea, select';
const FIELDS_MAX = 500;
const TEXT_MAX = 64 * 1024;
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
    const details = [...nameElements('details')].map(([name, each]) => [name, each.open]);
    return { fields, focus, details, scroll: [window.scrollX, window.scrollY] };
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
    const focused = capsule.focus && fields.get(capsule.focus.name);
    if (focused && (document.activeElement === document.body || !document.activeElement)) {
        focused.focus({ preventScroll: true });
        try {
            focused.setSelectionRange(...capsule.focus.selection);
        } catch {
            // Not a field with a selection.
        }
    }
    if (window.scrollX === 0 && window.scrollY === 0) {
        window.scrollTo(...capsule.scroll);
    }
}
