// SPDX-License-Identifier: MIT

/*
 * Listeners of elements. One listener stays on its element for as long as an event of that name and
 * with these options is listened to; which handler it runs is looked up when it fires, so a
 * template that is replaced need not touch what stays.
 */

const SYSTEM_KEYS = ['ctrl', 'alt', 'shift', 'meta'];
const BUTTONS = ['left', 'middle', 'right'];

function passes(event, plan, element) {
    const { modifiers, keys } = plan;

    if (modifiers.includes('self') && event.target !== element) {
        return false;
    }
    for (const name of SYSTEM_KEYS) {
        const isHeld = event[`${name}Key`] === true;
        if (modifiers.includes(name) ? !isHeld : isHeld && modifiers.includes('exact')) {
            return false;
        }
    }
    const buttons = BUTTONS.filter((name) => modifiers.includes(name));
    if (buttons.length > 0 && 'button' in event && !buttons.includes(BUTTONS[event.button])) {
        return false;
    }
    return keys.length === 0 || !('key' in event) || keys.some((key) => key === event.key ||
        (key.length === 1 && key.toLowerCase() === String(event.key).toLowerCase()));
}

class Listener {
    constructor(live, plan) {
        this.live = live;
        this.plan = plan;
        this.isDone = false;
    }

    handleEvent(event) {
        const { plan, live } = this;
        if (this.isDone) {
            return;
        }
        if (plan.modifiers.length > 0 || plan.keys.length > 0) {
            if (!passes(event, plan, live.node)) {
                return;
            }
            this.isDone = plan.modifiers.includes('once');
            if (plan.modifiers.includes('stop')) {
                event.stopPropagation();
            }
            if (plan.modifiers.includes('prevent')) {
                event.preventDefault();
            }
        }
        if (plan.handler) {
            invoke(live.block, plan.handler, event);
        }
    }
}

const optionsOf = (plan) => ({
    capture: plan.modifiers.includes('capture'),
    passive: plan.modifiers.includes('passive') || undefined,
});

const slotOf = (plan) => `${plan.name} ${plan.modifiers.includes('capture')} ${
    plan.modifiers.includes('passive')}`;

/** Runs a handler in the component whose template it stands in. */
export function invoke(block, handler, event) {
    const path = handler.loops.map((up) => {
        let at = block;
        for (let n = up; n > 0; n--) {
            at = at.parent;
        }
        return up < 0 ? 0 : at.index;
    });
    let home = block;
    for (let n = handler.up; n > 0; n--) {
        home = home.parent;
    }
    block.instance.run(handler.number, path, event, home.record);
}

/** Brings the listeners of an element to those of its plan. */
export function updateListeners(live) {
    const plans = live.plan.events;
    if (plans.length === 0 && live.listeners === null) {
        return;
    }
    const old = live.listeners ?? [];
    live.listeners = plans.map((plan) => {
        const at = old.findIndex((each) => slotOf(each.plan) === slotOf(plan));
        if (at >= 0) {
            const [listener] = old.splice(at, 1);
            listener.isDone &&= plan.modifiers.includes('once');
            listener.plan = plan;
            return listener;
        }
        const listener = new Listener(live, plan);
        live.node.addEventListener(plan.name, listener, optionsOf(plan));
        return listener;
    });
    old.forEach((listener) =>
        live.node.removeEventListener(listener.plan.name, listener, optionsOf(listener.plan)));
}
