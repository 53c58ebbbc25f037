// SPDX-License-Identifier: MIT

/*
 * The status badge: one line in the bottom corner, in a shadow root, over everything and in
 * nobody's way. Lasting states (LASTING) have an order, and the first that is set is shown; a
 * passing message is shown when none is. Nothing is in the document before that.
 */

const LASTING = ['disconnected', 'failed', 'held', 'error', 'notice', 'rebuilding'];
const PASSING_MS = 2500;

const CSS_TEXT = `
:host { all: initial; }
.badge {
    position: fixed; right: 12px; bottom: 12px; max-width: min(34rem, calc(100vw - 24px));
    display: flex; align-items: center; gap: 8px; box-sizing: border-box;
    padding: 6px 10px; border-radius: 999px; pointer-events: auto;
    font: 12px/1.35 system-ui, sans-serif; color: #1c2330;
    background: #fffffff2; border: 1px solid #1c233026; box-shadow: 0 2px 10px #0002;
}
.badge[hidden] { display: none; }
.dot { flex: none; width: 8px; height: 8px; border-radius: 50%; background: #8a94a6; }
.text { overflow: hidden; text-overflow: ellipsis; display: -webkit-box;
    -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow-wrap: anywhere; }
[data-state="updated"] .dot { background: #1a9c5b; }
[data-state="reloaded"] .dot { background: #2f6fe4; }
[data-state="failed"] .dot, [data-state="error"] .dot,
[data-state="disconnected"] .dot { background: #d4351c; }
[data-state="held"] .dot, [data-state="notice"] .dot { background: #d98a00; }
[data-state="rebuilding"] .dot { background: #2f6fe4; animation: pulse 1s ease-in-out infinite; }
@keyframes pulse { 50% { opacity: 0.25; } }
button {
    flex: none; font: inherit; color: inherit; cursor: pointer; border-radius: 999px;
    padding: 1px 8px; background: #1c23300f; border: 1px solid #1c233033;
}
button.place { font: 11px/1.35 ui-monospace, monospace; overflow-wrap: anywhere; }
button.close { padding: 0 5px; background: none; border-color: transparent; }
button:focus-visible { outline: 2px solid #2f6fe4; outline-offset: 1px; }
button[hidden] { display: none; }
@media (prefers-color-scheme: dark) {
    .badge { color: #e6eaf2; background: #171c26f2; border-color: #ffffff26; }
    button { background: #ffffff14; border-color: #ffffff33; }
}
@media (prefers-reduced-motion: reduce) { .dot { animation: none !important; } }
@media print { .badge { display: none; } }
`;

/** A host that no rule of the page can move, with a shadow root that its CSS cannot enter. */
export function createHost(name, cssText) {
    const host = document.createElement(name);
    const root = host.attachShadow({ mode: 'open' });
    // Constructed, so that a content security policy has nothing to object to.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(cssText);
    root.adoptedStyleSheets = [sheet];
    for (const [property, value] of [['all', 'initial'], ['position', 'fixed'], ['inset', 'auto'],
        ['width', '0'], ['height', '0'], ['z-index', '2147483647'], ['display', 'block'],
        ['pointer-events', 'none']]) {
        host.style.setProperty(property, value, 'important');
    }
    return { host, root };
}

export function createElement(name, className, text = '') {
    const element = document.createElement(name);
    element.className = className;
    element.textContent = text;
    return element;
}

export function createBadge(isWanted, open) {
    const lasting = new Map(); // state -> { text, action }
    let passing = null;
    let passingTimer = 0;
    let parts = null;

    function build() {
        const { host, root } = createHost('orbiton-badge', CSS_TEXT);
        const badge = createElement('div', 'badge');
        const text = createElement('span', 'text');
        const place = createElement('button', 'place');
        const action = createElement('button', 'action');
        const close = createElement('button', 'close', '×');
        badge.setAttribute('role', 'status');
        place.type = action.type = close.type = 'button';
        place.title = 'Open in the editor';
        close.setAttribute('aria-label', 'Hide');
        close.addEventListener('click', () => {
            const [state] = current();
            lasting.delete(state);
            passing = null;
            render();
        });
        badge.append(createElement('span', 'dot'), text, place, action, close);
        root.append(badge);
        return { host, badge, text, place, action, close };
    }

    function current() {
        const state = LASTING.find((each) => lasting.has(each));
        if (state) {
            return [state, lasting.get(state)];
        }
        return passing ? [passing.state, passing] : ['', null];
    }

    function render() {
        const [state, item] = current();
        if (!item || !isWanted()) {
            if (parts) {
                parts.badge.hidden = true;
            }
            return;
        }
        parts = parts || build();
        // A page may have replaced its whole document.
        if (!parts.host.isConnected && document.documentElement) {
            document.documentElement.append(parts.host);
        }
        parts.badge.hidden = false;
        parts.badge.dataset.state = state;
        if (parts.text.textContent !== item.text) {
            parts.text.textContent = item.text;
            parts.badge.title = item.text;
        }
        parts.place.hidden = !item.place;
        parts.place.textContent = item.place || '';
        parts.place.onclick = () => open(item.place);
        parts.action.hidden = !item.action;
        parts.action.textContent = item.action ? item.action.label : '';
        parts.action.onclick = item.action ? () => item.action.run() : null;
    }

    return {
        /**
         * `action`: { label, run }; `place`: "FILE:LINE:COL", a button that opens the editor, or a
         * promise of it.
         */
        set(state, text, action = null, place = '') {
            const item = { text, action, place: typeof place === 'string' ? place : '' };
            lasting.set(state, item);
            render();
            if (item.place !== place) {
                place.then((known) => {
                    item.place = known;
                    render();
                });
            }
        },
        /** Whether a state is set, with that text. */
        has: (state, text) => lasting.get(state)?.text === text,
        clear(state) {
            if (lasting.delete(state)) {
                render();
            }
        },
        flash(state, text, ms = PASSING_MS) {
            passing = { state, text, action: null };
            clearTimeout(passingTimer);
            passingTimer = setTimeout(() => {
                passing = null;
                render();
            }, ms);
            render();
        },
        render,
    };
}
