// SPDX-License-Identifier: MIT

/*
 * A descriptor (docs/orbit-format.md) as plans: the same tree, with each number resolved to the
 * place where its value will be read. Plans are made once a template and hold no state of a page.
 *
 * A block is what is rendered with one record: a component, a branch, an item, a slot's content.
 * `chain` lists the scopes of the blocks around a place, outermost first; null: a block without a
 * record of its own.
 */

export const TEXT = 0;
export const VALUE = 1;
export const ELEMENT = 2;
export const COMPONENT = 3;
export const OUTLET = 4;
export const IF = 5;
export const FOR = 6;

export const SCOPE_FOR = 4;

const NAMESPACES = ['', 'http://www.w3.org/2000/svg', 'http://www.w3.org/1998/Math/MathML'];

/** Text whose character references only a browser knows stands in an array of one. */
function decode(text) {
    if (!Array.isArray(text)) {
        return text;
    }
    const area = document.createElement('textarea');
    area.innerHTML = text[0];
    return area.value;
}

function upTo(chain, scope) {
    const at = chain.lastIndexOf(scope);
    return at < 0 ? -1 : chain.length - 1 - at;
}

function slotPlace(context, chain, slot) {
    const up = slot >= 0 ? upTo(chain, context.slots[slot]) : -1;
    return up < 0 ? null : { key: `s${slot}`, up };
}

/** Where the record of a scope lies: in that of its parent. */
function scopePlace(context, chain, scope) {
    const up = scope > 0 ? upTo(chain, context.scopes[scope]?.[0]) : -1;
    return up < 0 ? null : { key: `c${scope}`, up };
}

/** A handler: its number, the block of its scope, and those of the loops around that. */
function handlerPlan(context, chain, handler) {
    if (handler === null || handler === undefined) {
        return null;
    }
    const scope = handler >= 0 ? context.handlers[handler] : -1;
    const up = upTo(chain, scope);
    if (scope === undefined || up < 0) {
        return null;
    }
    const loops = [];
    for (let at = scope; at > 0; at = context.scopes[at][0]) {
        if (context.scopes[at][1] === SCOPE_FOR) {
            loops.unshift(upTo(chain, at));
        }
    }
    return { number: handler, up, loops };
}

function attributePlans(plan, context, chain, node) {
    const slot = (number) => slotPlace(context, chain, number);
    const entries = (group) => Object.entries(group ?? {}).map(([name, number]) =>
        ({ name, place: slot(number) }));

    plan.attributes = Object.entries(node.a ?? {}).map(([name, text]) => [name, decode(text)]);
    plan.binds = entries(node.d).filter(({ name }) => name !== 'class' && name !== 'style');
    plan.classBind = node.d && 'class' in node.d ? { place: slot(node.d.class) } : null;
    plan.styleBind = node.d && 'style' in node.d ? { place: slot(node.d.style) } : null;
    plan.classes = entries(node.class);
    plan.styles = entries(node.style);
    plan.events = (node.e ?? []).map(([name, handler, modifiers = [], keys = []]) =>
        ({ name, handler: handlerPlan(context, chain, handler), modifiers, keys }));
    plan.models = (node.m ?? []).map(([prop, number, handler, modifiers = []]) => ({
        prop,
        place: number === null ? null : slot(number),
        handler: handlerPlan(context, chain, handler),
        modifiers,
    }));
    plan.show = 'show' in node ? { place: slot(node.show) } : null;
    plan.html = 'html' in node ? { place: slot(node.html) } : null;
    plan.ref = node.ref ?? null;
    plan.isListed = chain.some((scope) => context.scopes[scope]?.[1] === SCOPE_FOR);
    plan.staticClass = plan.attributes.find(([name]) => name === 'class')?.[1] ?? '';
    plan.staticStyle = plan.attributes.find(([name]) => name === 'style')?.[1] ?? '';
    plan.hasClass = Boolean(plan.classBind) || plan.classes.length > 0;
    plan.hasStyle = Boolean(plan.styleBind) || plan.styles.length > 0;
    return plan;
}

function elementPlan(context, chain, node) {
    const plan = attributePlans({ kind: ELEMENT }, context, chain, node);

    plan.tag = node.t;
    plan.namespace = NAMESPACES[node.ns ?? 0];
    plan.scopeId = context.id;
    plan.isRoot = false;
    plan.children = childrenPlan(context, chain, node.c);
    plan.isBound = plan.binds.length > 0 || plan.hasClass || plan.hasStyle ||
        plan.models.length > 0 || plan.show !== null || plan.html !== null;
    plan.isDynamic = plan.isBound || plan.children.dynamic.length > 0;
    // Nothing but the document itself is needed to make it and all that it holds.
    plan.isStatic = !plan.isDynamic && plan.events.length === 0 && plan.ref === null &&
        plan.children.list.every((each) => each.kind === TEXT || each.isStatic);
    plan.proto = null;
    return plan;
}

function fillPlan(context, chain, fill) {
    const scope = fill.scope ?? null;
    return {
        hasProps: scope !== null,
        place: scope === null ? null : scopePlace(context, chain, scope),
        children: childrenPlan(context, [...chain, scope], fill.c),
    };
}

function componentPlan(context, chain, node) {
    const plan = attributePlans({ kind: COMPONENT, isDynamic: true }, context, chain, node);

    plan.name = node.o;
    plan.place = slotPlace(context, chain, node.s);
    plan.props = node.props ?? [];
    plan.fills = new Map(Object.entries(node.fills ?? {}).map(([name, fill]) =>
        [name, fillPlan(context, chain, fill)]));
    if (!plan.fills.has('default') &&
        node.c.some((each) => typeof each !== 'string' || each.trim())) {
        plan.fills.set('default', fillPlan(context, chain, { c: node.c }));
    }
    return plan;
}

function outletPlan(context, chain, node) {
    const plan = attributePlans({ kind: OUTLET, isDynamic: true }, context, chain, node);

    plan.name = node.slot;
    plan.children = childrenPlan(context, [...chain, null], node.c);
    return plan;
}

function branchPlan(context, chain, branch) {
    const { test } = branch;
    const isScope = typeof test === 'number' && test >= 0;

    return {
        test: JSON.stringify(test),
        isElse: test === null,
        isValue: Array.isArray(test),
        place: Array.isArray(test) ? slotPlace(context, chain, test[0])
            : isScope ? scopePlace(context, chain, test) : null,
        children: childrenPlan(context, [...chain, isScope ? test : null], branch.c),
    };
}

function loopPlan(context, chain, node) {
    const inner = [...chain, node.for];
    return {
        kind: FOR,
        isDynamic: true,
        table: context.table,
        place: scopePlace(context, chain, node.for),
        // The key stands within the loop's scope; a block's record is asked without the block.
        key: typeof node.key === 'number' ? slotPlace(context, inner, node.key) : null,
        children: childrenPlan(context, inner, node.c),
    };
}

function nodePlan(context, chain, node) {
    if (typeof node === 'string' || Array.isArray(node)) {
        return { kind: TEXT, isDynamic: false, isStatic: true, text: decode(node) };
    }
    if ('s' in node && !('o' in node)) {
        return { kind: VALUE, isDynamic: true, place: slotPlace(context, chain, node.s) };
    }
    if ('t' in node) {
        return elementPlan(context, chain, node);
    }
    if ('o' in node) {
        return componentPlan(context, chain, node);
    }
    if ('slot' in node) {
        return outletPlan(context, chain, node);
    }
    if ('if' in node) {
        return {
            kind: IF,
            isDynamic: true,
            table: context.table,
            branches: node.if.map((branch) => branchPlan(context, chain, branch)),
        };
    }
    return loopPlan(context, chain, node);
}

const dynamicOf = (list) => list.flatMap((plan, at) => (plan.isDynamic ? [at] : []));

function childrenPlan(context, chain, nodes) {
    const list = nodes.map((node) => nodePlan(context, chain, node));
    const dynamic = dynamicOf(list);
    // Whether something must be told when these go. What is unknown may show that of a plan before.
    const isOwner = list.some((plan) => plan.kind === COMPONENT || plan.kind === OUTLET ||
        (plan.kind === FOR && plan.place === null) ||
        Boolean(plan.ref) || Boolean(plan.children?.isOwner) ||
        Boolean(plan.branches?.some(({ isElse, place, children }) =>
            (!isElse && place === null) || children.isOwner)));
    return { list, dynamic, isOwner };
}

/**
 * The plan of a component's template, numbered by that table. `id` is the attribute that its scoped
 * styles ask for.
 */
export function planTemplate(descriptor, table, id) {
    const { scopes, slots, handlers } = descriptor;
    const plan = childrenPlan({ scopes, slots, handlers, table, id }, [0], descriptor.c);
    const markRoot = (each) => {
        if (each.kind === ELEMENT) {
            each.isRoot = true;
            each.isBound = each.isDynamic = true;
            each.isStatic = false;
        } else if (each.kind === COMPONENT) {
            each.isRoot = true;
        } else if (each.kind === IF) {
            each.branches.forEach(({ children }) => markOnly(children));
        }
    };
    const markOnly = (children) => {
        const shown = children.list.filter((each) => each.kind !== TEXT || each.text.trim());
        if (shown.length === 1) {
            markRoot(shown[0]);
            children.dynamic = dynamicOf(children.list);
        }
    };

    // A parent's class and style go to the one element that a component is.
    markOnly(plan);
    return plan;
}

/** What two nodes of two templates have in common when they are the same but for numbers. */
export function strongName(plan) {
    plan.strong ??= describe(plan);
    return plan.strong;
}

function describe(plan) {
    const children = () => plan.children.list.map(strongName).join('');
    switch (plan.kind) {
    case TEXT: return `"${plan.text}"`;
    case VALUE: return '{}';
    case ELEMENT: return `<${plan.tag}${JSON.stringify(plan.attributes)}${plan.ref ?? ''}>${children()}</>`;
    case COMPONENT: return `<${plan.name || '?'}${JSON.stringify(plan.attributes)}${plan.props}${plan.ref ?? ''}/>`;
    case OUTLET: return `<slot ${plan.name}>`;
    case IF: return `if${plan.branches.map((each) =>
        `(${each.children.list.map(strongName).join('')})`).join('')}`;
    default: return `for(${children()})`;
    }
}

const attributeOf = (plan, name) => plan.attributes.find(([each]) => each === name)?.[1] ?? '';

/** What is enough to go on with the nodes that are there: the kind, and of elements the tag. */
export function weakName(plan) {
    if (plan.kind === ELEMENT) {
        const type = plan.tag === 'input' ? attributeOf(plan, 'type') : '';
        return `${plan.namespace}<${plan.tag} ${type}`;
    }
    return plan.kind === COMPONENT ? `${plan.kind}${plan.name}`
        : plan.kind === OUTLET ? `${plan.kind}${plan.name}` : `${plan.kind}`;
}

/** The same for an element that has a name of some sort. */
export function middleName(plan) {
    if (plan.kind !== ELEMENT && plan.kind !== COMPONENT) {
        return null;
    }
    const name = plan.ref ?? (attributeOf(plan, 'id') || attributeOf(plan, 'name') || plan.staticClass);
    return name ? `${weakName(plan)} ${name}` : null;
}
