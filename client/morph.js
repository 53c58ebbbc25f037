// SPDX-License-Identifier: MIT

/*
 * An edited document, put into the running one. The old source and the new are parsed and compared,
 * and only what is different between *them* is done to the live document: what scripts and people
 * did to it (elements added, fields filled in, the focus, the scroll) is in neither, and stays.
 *
 * If the difference is within one text, for certain, the new source is not even parsed (planText).
 *
 * Invariant: everything is found before anything is changed. Where a place cannot be found with
 * certainty, or what differs is code, planMorph says why it cannot be, and nothing has been done.
 */

/** Why a document has to be loaded anew. */
export class Unmorphable extends Error {}

const CODE = 'script, base, meta[http-equiv]';
const OURS = /([?&])(?:v=(?:[0-9a-f]{32}|missing)|orbit=\d+(?:r\d+)?)(?=&|#|$)/g;

const isElement = (node) => node.nodeType === Node.ELEMENT_NODE;
const isBlank = (node) => node.nodeType === Node.TEXT_NODE && !/[^ \t\n\r\f]/.test(node.data);
const keepsBlanks = (node) => /^(?:pre|textarea|style|title)$/.test(node.localName);
const withoutOurs = (value) => value.replace(OURS, '$1').replace(/[?&]+(?=#|$)/, '');

function nameOf(element) {
    const id = element.id ? `#${element.id}` : '';
    return `<${element.localName}${id}>`;
}

const quote = (text) => `"${text.data.trim().slice(0, 30)}"`;

// What is compared: elements and texts. Comments show nothing, nor does space between blocks.
function childrenOf(node) {
    return [...node.childNodes].filter((each) => isElement(each)
        || (each.nodeType === Node.TEXT_NODE && (keepsBlanks(node) || !isBlank(each))));
}

// Of those, what is of the same kind as `node`.
function childrenLike(node, parent) {
    return isElement(node) ? [...parent.children].filter((each) => isSameKind(each, node))
        : childrenOf(parent).filter((each) => !isElement(each));
}

function isSameKind(a, b) {
    return a.nodeType === b.nodeType && a.localName === b.localName
        && a.namespaceURI === b.namespaceURI;
}

function kindOf(node) {
    return isElement(node) ? `${node.namespaceURI} ${node.localName}` : '#text';
}

function checkCode(base, next) {
    const [old, now] = [base, next].map((each) => [...each.querySelectorAll(CODE)]);
    const different = now.find((each, i) => !old[i] || !each.isEqualNode(old[i]));
    const found = different || old[now.length];
    if (found) {
        const type = found.getAttribute('type');
        const isMap = type === 'importmap';
        throw new Unmorphable(isMap ? 'the import map changed' : `a ${nameOf(found)} changed`);
    }
    // Browsers do not count a template's content when they compare elements; and what scripts have
    // made of it cannot be found.
    const [oldTexts, texts] = [base, next].map((each) =>
        [...each.querySelectorAll('template')].map((template) => template.innerHTML));
    if (oldTexts.length !== texts.length || texts.some((text, i) => text !== oldTexts[i])) {
        throw new Unmorphable('a <template> changed');
    }
    if (old.some((each, i) => pathOf(each) !== pathOf(now[i]) && each.localName === 'script'
        && each.parentElement.localName !== now[i].parentElement.localName)) {
        throw new Unmorphable('a <script> has moved');
    }
}

function pathOf(element) {
    const names = [];
    for (let each = element; each; each = each.parentElement) {
        names.push(each.localName);
    }
    return names.join(' ');
}

/* ---- which child is which ---- */

/**
 * Pairs two lists of children: [left index] -> right index or -1. By id, then equal ones, then by
 * kind and position among what lies between pairs that are certain.
 */
function pairChildren(left, right, isSame) {
    const pairs = new Array(left.length).fill(-1);
    const taken = new Set();
    const join = (i, j) => {
        pairs[i] = j;
        taken.add(j);
    };
    let start = 0;
    while (start < left.length && start < right.length && isSame(left[start], right[start])) {
        join(start, start);
        start++;
    }
    let end = 0;
    while (end < left.length - start && end < right.length - start
        && isSame(left[left.length - 1 - end], right[right.length - 1 - end])) {
        join(left.length - 1 - end, right.length - 1 - end);
        end++;
    }
    const ids = new Map();
    const nameFor = (node) => `${kindOf(node)} ${node.id}`;
    right.forEach((node, j) => node.id && !taken.has(j) && ids.set(nameFor(node), j));
    left.forEach((node, i) => {
        const j = pairs[i] < 0 && node.id ? ids.get(nameFor(node)) : undefined;
        if (j !== undefined && !taken.has(j)) {
            join(i, j);
        }
    });
    let from = start;
    for (let i = start; i < left.length - end; i++) {
        if (pairs[i] >= 0) {
            continue;
        }
        for (let j = from; j < right.length - end; j++) {
            if (!taken.has(j) && isSame(left[i], right[j])) {
                join(i, j);
                from = j + 1;
                break;
            }
        }
    }
    // What is left between two certain pairs: the n-th of a kind is the n-th of that kind.
    let low = 0;
    for (let i = 0; i < left.length; i++) {
        if (pairs[i] >= 0) {
            low = pairs[i] + 1;
            continue;
        }
        const next = pairs.slice(i).find((j) => j >= low);
        for (let j = low; j < (next ?? right.length); j++) {
            const fits = !taken.has(j) && kindOf(left[i]) === kindOf(right[j])
                && !(left[i].id && right[j].id);
            if (fits) {
                join(i, j);
                low = j + 1;
                break;
            }
        }
    }
    return pairs;
}

/* ---- the plan ---- */

class Morph {
    actions = [];
    added = [];

    constructor(base, next) {
        this.base = base;
        this.next = next;
        this.live = new Map(); // node of the old source -> node of the page
        this.live.set(base.documentElement, document.documentElement);
        this.sought = new Set(); // nodes of the old source, found or not
    }

    /** The page's node for a node of the old source. */
    find(node) {
        if (!this.live.has(node) && !this.sought.has(node)) {
            this.mapKindOf(node);
        }
        const found = this.live.get(node);
        if (!found) {
            const name = isElement(node) ? nameOf(node) : `the text ${quote(node)}`;
            throw new Unmorphable(`${name} is not where it was in the page`);
        }
        return found;
    }

    // A node and its siblings of that kind; those of other kinds say nothing about them.
    mapKindOf(node) {
        const candidates = childrenLike(node, this.find(node.parentNode));
        const wanted = childrenLike(node, node.parentNode);
        wanted.forEach((each) => this.sought.add(each));
        this.mapKind(wanted, candidates);
    }

    mapKind(wanted, candidates) {
        // By id, by being the same; then by position, if as many are left on both sides.
        const free = new Set(candidates);
        const open = [];
        const join = (node, found) => {
            this.live.set(node, found);
            free.delete(found);
        };
        const byId = new Map(); // id -> the one that has it, or null if several have
        for (const each of candidates) {
            if (each.id) {
                byId.set(each.id, byId.has(each.id) ? null : each);
            }
        }
        for (const node of wanted) {
            const found = node.id ? byId.get(node.id) : null;
            if (found && free.has(found)) {
                join(node, found);
            } else {
                open.push(node);
            }
        }
        const isAsBefore = open.length === candidates.length && open.length === free.size
            && open.every((node, i) => looksLike(node, candidates[i]));
        if (isAsBefore) {
            open.forEach((node, i) => join(node, candidates[i]));
            return;
        }
        let rest = [];
        for (const node of open) {
            const twins = open.filter((each) => each.isEqualNode(node));
            const found = [...free].filter((each) => each.isEqualNode(node));
            if (twins.length === 1 && found.length === 1) {
                join(node, found[0]);
            } else {
                rest.push(node);
            }
        }
        // Those whose attributes nobody else has, on either side.
        const alone = (node, list) => list.filter((each) => looksLike(node, each)).length === 1;
        const left = [];
        for (const node of rest) {
            const found = [...free].filter((each) => looksLike(node, each));
            if (found.length === 1 && alone(node, rest)) {
                join(node, found[0]);
            } else {
                left.push(node);
            }
        }
        rest = left;
        if (rest.length === free.size) {
            [...free].forEach((each, i) => join(rest[i], each));
        }
    }

    attributes(old, next) {
        const names = new Set([...old.getAttributeNames(), ...next.getAttributeNames()]);
        for (const name of names) {
            const [before, after] = [old.getAttribute(name), next.getAttribute(name)];
            if (before !== after) {
                this.attribute(this.find(old), name, before, after);
            }
        }
    }

    attribute(element, name, before, after) {
        const now = element.getAttribute(name);
        if (name === 'class' && now !== before) {
            const words = (text) => (text || '').split(/\s+/).filter(Boolean);
            const gone = words(before).filter((each) => !words(after).includes(each));
            const come = words(after).filter((each) => !words(before).includes(each));
            this.actions.push(() => {
                element.classList.remove(...gone);
                element.classList.add(...come);
            });
        } else if (name === 'style' && now !== before) {
            const styles = [before, after].map((text) => {
                const probe = document.createElement('i');
                probe.style.cssText = text || '';
                return probe.style;
            });
            this.actions.push(() => mergeStyle(element.style, ...styles));
        } else if (now === before || (now !== null && withoutOurs(now) === before)) {
            this.actions.push(() => (after === null ? element.removeAttribute(name)
                : element.setAttribute(name, after)));
        }
        // Else a script has set it, and its word stands.
    }

    text(old, next) {
        if (old.parentNode.localName === 'title' && document.title !== this.base.title) {
            return;
        }
        const living = this.find(old);
        if (living.data !== old.data) {
            throw new Unmorphable(`a script has changed the text ${quote(old)}`);
        }
        const { data } = next;
        this.actions.push(() => {
            living.data = data;
        });
    }

    element(old, next) {
        if (old.isEqualNode(next)) {
            return;
        }
        this.attributes(old, next);
        // With scripts on, its content is nothing that is shown.
        if (old.localName !== 'noscript') {
            this.children(old, next);
        }
    }

    children(old, next) {
        const before = childrenOf(old);
        const after = childrenOf(next);
        const pairs = pairChildren(before, after, (a, b) => a.isEqualNode(b));
        const sources = new Map(); // new child -> old child
        pairs.forEach((j, i) => j >= 0 && sources.set(after[j], before[i]));
        const isPlaced = this.findPlaced(before, after, sources);

        before.filter((node, i) => pairs[i] < 0).forEach((node) => this.remove(node));
        let previous = null; // () -> the page's node before
        after.forEach((node, at) => {
            const source = sources.get(node);
            if (!source) {
                previous = this.add(old, node, previous, after.slice(at + 1), sources);
                return;
            }
            if (isElement(source)) {
                this.element(source, node);
            } else if (source.data !== node.data) {
                this.text(source, node);
            }
            if (!isPlaced.has(source)) {
                this.move(old, source, previous);
            } else if (previous && !keepsBlanks(old)) {
                this.space(source, node);
            }
            const found = isPlaced.size === before.length && isPlaced.size === after.length
                ? null : this.find(source);
            previous = () => found;
        });
    }

    // The longest run of pairs that keep their order; the others have moved.
    findPlaced(before, after, sources) {
        const order = after.filter((node) => sources.has(node))
            .map((node) => before.indexOf(sources.get(node)));
        const best = order.map(() => 1);
        const back = order.map(() => -1);
        let last = -1;
        let isRising = true;
        for (let i = 1; i < order.length; i++) {
            isRising = isRising && order[i] > order[i - 1];
        }
        if (isRising) {
            return new Set(order.map((i) => before[i]));
        }
        for (let i = 0; i < order.length; i++) {
            for (let j = 0; j < i; j++) {
                if (order[j] < order[i] && best[j] + 1 > best[i]) {
                    best[i] = best[j] + 1;
                    back[i] = j;
                }
            }
            last = last < 0 || best[i] > best[last] ? i : last;
        }
        const placed = new Set();
        for (let i = last; i >= 0; i = back[i]) {
            placed.add(before[order[i]]);
        }
        return placed;
    }

    remove(node) {
        if (isElement(node) && (node.matches(CODE) || node.querySelector(CODE))) {
            throw new Unmorphable(`${nameOf(node)} with a script in it was removed`);
        }
        const living = this.find(node);
        if (!isElement(node) && living.data !== node.data) {
            throw new Unmorphable(`a script has changed the text ${quote(node)}`);
        }
        this.actions.push(() => {
            const space = living.previousSibling;
            if (space && isBlank(space) && (!living.nextSibling || isBlank(living.nextSibling))) {
                space.remove();
            }
            living.remove();
        });
    }

    add(parent, node, previous, later, sources) {
        if (isElement(node) && (node.matches(CODE) || node.querySelector(CODE))) {
            throw new Unmorphable(`${nameOf(node)} with a script in it was added`);
        }
        const livingParent = this.find(parent);
        const fresh = document.importNode(node, true);
        const space = node.previousSibling && isBlank(node.previousSibling)
            ? document.createTextNode(node.previousSibling.data) : null;
        const following = later.find((each) => sources.has(each));
        const anchor = following ? this.find(sources.get(following)) : null;
        this.actions.push(() => {
            const place = previous ? previous().nextSibling : anchor;
            livingParent.insertBefore(fresh, place ?? (previous ? null : livingParent.firstChild));
            if (space) {
                livingParent.insertBefore(space, fresh);
            }
        });
        if (isElement(fresh)) {
            this.added.push(fresh);
        }
        return () => fresh;
    }

    move(parent, source, previous) {
        const livingParent = this.find(parent);
        const living = this.find(source);
        this.actions.push(() => {
            livingParent.insertBefore(living,
                previous ? previous().nextSibling : livingParent.firstChild);
        });
    }

    // Space between two words is a word space: it comes and goes with the source's.
    space(source, node) {
        const [had, has] = [source, node].map((each) =>
            Boolean(each.previousSibling && isBlank(each.previousSibling)));
        if (had === has) {
            return;
        }
        const living = this.find(source);
        this.actions.push(() => {
            const before = living.previousSibling;
            if (has && !(before && isBlank(before))) {
                living.before(' ');
            } else if (!has && before && isBlank(before)) {
                before.remove();
            }
        });
    }
}

// Same kind, and the attributes that the source gave it.
function looksLike(node, living) {
    if (!isElement(node)) {
        return node.data === living.data;
    }
    return isSameKind(node, living) && node.getAttributeNames().every((name) => {
        const value = living.getAttribute(name);
        return value === node.getAttribute(name)
            || (value !== null && withoutOurs(value) === node.getAttribute(name));
    });
}

function mergeStyle(style, before, after) {
    for (const name of before) {
        if (!after.getPropertyValue(name)) {
            style.removeProperty(name);
        }
    }
    for (const name of after) {
        const [old, now] = [before, after].map((each) => each.getPropertyValue(name));
        if (old !== now) {
            style.setProperty(name, now, after.getPropertyPriority(name));
        }
    }
}

// The last two sources: what was new is what the next one is compared with. Nothing changes them
// but planText, which makes of one the other.
const parsed = new Map();

/** What the parser makes of a source. */
export function parse(text) {
    return parsed.get(text) || new DOMParser().parseFromString(text, 'text/html');
}

/* ---- one text that differs ---- */

// What a document is made of, where two readers cannot differ; the rest is for the parser.
const TOKEN = new RegExp(['<!--(?!-?>)[^]*?--!?>', '<!doctype[^>]*>', '</[a-z][^\\s<>"\'/=]*\\s*>',
    '<([a-z][^\\s<>"\'/=]*)(?:\\s+[^\\s<>"\'/=]+'
        + '(?:\\s*=\\s*(?:"[^"]*"|\'[^\']*\'|[^\\s<>"\'=`]+))?)*\\s*/?>'].join('|'), 'iy');
const RAW = /^(?:script|style|textarea|title|xmp|iframe|noembed|noframes)$/;
// Within these a raw text may be none for the parser.
const OTHER_RULES = /^(?:svg|math|select|frameset)$/;
// Behind a <plaintext> is nothing else; and what is in a <template> is not in the parsed tree.
const NOT_PLAIN = /^(?:plaintext|template)$/;
const SPECIAL = new RegExp([RAW, OTHER_RULES, NOT_PLAIN].map((each) => each.source).join('|'));

/** The text token of `source` that has the place `at` in it or at its end, or null. */
function findToken(source, at) {
    let hasOtherRules = false;
    let start = 0;
    while (start <= at) {
        const mark = source.indexOf('<', start);
        const end = mark < 0 ? source.length : mark;
        if (at <= end && end > start) {
            return { start, text: source.slice(start, end) };
        }
        TOKEN.lastIndex = end;
        const token = TOKEN.exec(source);
        if (!token) {
            return null;
        }
        start = TOKEN.lastIndex;
        const name = token[1]?.toLowerCase();
        if (!SPECIAL.test(name)) {
            continue;
        }
        hasOtherRules = hasOtherRules || OTHER_RULES.test(name);
        if (NOT_PLAIN.test(name)) {
            return null;
        }
        if (RAW.test(name)) {
            start = hasOtherRules ? 0 : endOfRaw(source, name, start);
            if (!start) {
                return null;
            }
        }
    }
    return null;
}

/** Where the text of a <script> and the like has ended, with its end tag; 0 if that is not sure. */
function endOfRaw(source, name, from) {
    const end = new RegExp(`</${name}\\s*>`, 'ig');
    end.lastIndex = from;
    // A script has rules of its own for comments in it.
    const isSure = end.test(source) && !source.slice(from, end.lastIndex).includes('<!--');
    return isSure ? end.lastIndex : 0;
}

/** How much of `length` is alike, by isAlike(from, to). The browser compares faster than a loop. */
function findDifference(length, isAlike) {
    let from = 0;
    let to = length;
    while (from < to) {
        const middle = Math.ceil((from + to) / 2);
        if (isAlike(from, middle)) {
            from = middle;
        } else {
            to = middle - 1;
        }
    }
    return from;
}

/** Whether a parser would make of `next`, in the place of the text `old`, that text and nothing else. */
function isPlainChange(old, next) {
    const spaceOf = (each) => each.slice(0, each.length - each.trimStart().length) + 'x'
        + each.slice(each.trimEnd().length);
    return !/[<&\r\0]/.test(old + next) && old.trim() !== '' && next.trim() !== ''
        && spaceOf(old) === spaceOf(next);
}

/** { at, removed, text }: what makes `text` of `base`. */
function findEdit(base, text) {
    const least = Math.min(base.length, text.length);
    const start = findDifference(least, (from, to) => base.slice(from, to) === text.slice(from, to));
    const end = findDifference(least - start, (from, to) =>
        base.slice(base.length - to, base.length - from)
            === text.slice(text.length - to, text.length - from));
    return {
        at: start,
        removed: base.length - end - start,
        text: text.slice(start, text.length - end),
    };
}

/** The text with the edit done to it. */
export function editText(text, edit) {
    return text.slice(0, edit.at) + edit.text + text.slice(edit.at + edit.removed);
}

/** What a token says after an edit of its source that is within it and changes text only; or ''. */
function editToken({ start, text }, edit) {
    const at = edit.at - start;
    const isWithin = at >= 0 && at + edit.removed <= text.length;
    const next = isWithin ? editText(text, { ...edit, at }) : '';
    return isPlainChange(text, next) ? next : '';
}

/** The one text of a parsed source that has `data` in it, if it has nothing else; or null. */
function findText(source, data) {
    const core = data.trim(); // a parser drops some of the space around it
    const walker = source.createTreeWalker(source, NodeFilter.SHOW_TEXT);
    let found = null;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node.data.includes(core)) {
            if (found || node.data !== data) {
                return null;
            }
            found = node;
        }
    }
    return found && !found.parentElement.closest(`noscript, title, ${CODE}`) ? found : null;
}

// The text that was edited last: its token in `source`, what the parser made of it and of the whole,
// and its node in the page. The next save is most often of the same one.
let latest = null;

function note(source, token, document, node, living) {
    parsed.clear();
    parsed.set(source, document);
    node.data = token.text;
    latest = { source, ...token, document, node, living };
}

/**
 * Another edit of the text that was edited last, of which all is known: { commit(), note(text) }, or
 * null if it is not that. commit() changes the page and nothing else; note(), with the new source, is
 * to follow before anything else is planned.
 */
export function planLatest(base, edit) {
    const next = latest?.source === base ? editToken(latest, edit) : '';
    if (!next || !latest.living.isConnected || latest.living.data !== latest.node.data) {
        return null;
    }
    const { start, document, node, living } = latest;
    return {
        commit: () => {
            living.data = next;
        },
        note: (text) => note(text, { start, text: next }, document, node, living),
    };
}

/**
 * The commonest edit, a word in a text, needs no parsing of the new source: what the parser made of
 * the old one, with that text in it, is what it would make of the new one. Null if it may not be.
 */
function planText(base, text, edit) {
    const token = findToken(base, edit.at);
    const next = token && editToken(token, edit);
    if (!next) {
        return null;
    }
    const source = parse(base);
    const found = source.body?.localName === 'body' ? findText(source, token.text) : null;
    if (!found) {
        parsed.set(base, source);
        return null;
    }
    const morph = new Morph(source, source);
    morph.text(found, { data: next });
    note(text, { start: token.start, text: next }, source, found, morph.live.get(found));
    return morph;
}

function planAll(base, text) {
    const [old, next] = [base, text].map(parse);
    latest = null;
    parsed.clear();
    parsed.set(base, old).set(text, next);
    if (old.compatMode !== next.compatMode) {
        throw new Unmorphable('the doctype changed');
    }
    checkCode(old, next);
    const morph = new Morph(old, next);
    morph.element(old.documentElement, next.documentElement);
    return morph;
}

/**
 * Plans the way from the source `base` to the source `text`. Gives { commit(), links }: `links`
 * are the stylesheet links that commit() adds. Throws Unmorphable.
 */
export function planMorph(base, text) {
    const edit = findEdit(base, text);
    const known = planLatest(base, edit);
    if (known) {
        known.note(text);
        return { links: [], commit: known.commit };
    }
    const morph = planText(base, text, edit) || planAll(base, text);
    const links = morph.added.flatMap((each) => [each, ...each.querySelectorAll('*')])
        .filter((each) => each.matches('link[rel~="stylesheet" i][href]'));
    return { links, commit: () => morph.actions.forEach((action) => action()) };
}
