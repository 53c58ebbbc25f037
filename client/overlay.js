// SPDX-License-Identifier: MIT

/*
 * The error overlay: every diagnostic with its place, which opens the editor, and its source lines.
 * A modal <dialog> in a shadow root, so that the browser itself traps the focus, returns it, closes
 * on Escape, and paints it over everything. All text is set as text; no HTML is made from strings.
 *
 * Invariant: closed by the user, it stays closed until the diagnostics change.
 */

import { createElement, createHost } from './badge.js';

const CSS_TEXT = `
:host { all: initial; }
dialog {
    box-sizing: border-box; width: min(60rem, calc(100vw - 32px)); max-height: calc(100vh - 48px);
    margin: 24px auto auto; padding: 0; overflow: hidden; border-radius: 10px; pointer-events: auto;
    border: 1px solid #0002; border-top: 4px solid #d4351c; color: #1c2330; background: #fff;
    font: 14px/1.5 system-ui, sans-serif; box-shadow: 0 12px 48px #0006;
}
dialog[open] { display: flex; flex-direction: column; }
dialog::backdrop { background: #0b0e148c; }
header { display: flex; align-items: center; gap: 8px; padding: 12px 16px 8px; }
h1 { flex: 1; margin: 0; font-size: 16px; font-weight: 600; }
.list { overflow: auto; padding: 0 16px 12px; margin: 0; list-style: none;
    overscroll-behavior: contain; }
.item { padding: 10px 0; border-top: 1px solid #0000001a; }
.item p { margin: 4px 0; overflow-wrap: anywhere; white-space: pre-wrap; }
.severity { font-weight: 600; color: #d4351c; }
.item[data-severity="warning"] .severity { color: #a86700; }
.item[data-severity="note"] .severity { color: #2f6fe4; }
.hint { color: #56607a; }
pre { margin: 8px 0 4px; padding: 10px 12px; overflow: auto; border-radius: 6px; tab-size: 4;
    background: #f4f6fa; font: 12.5px/1.5 ui-monospace, monospace; }
button { font: inherit; color: inherit; cursor: pointer; border-radius: 6px; padding: 2px 10px;
    background: #1c23300a; border: 1px solid #1c233033; }
button.place { padding: 0; border: 0; background: none; color: #1d5fd1; text-decoration: underline;
    font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; text-align: left; }
button:focus-visible { outline: 2px solid #2f6fe4; outline-offset: 2px; }
footer { padding: 8px 16px; border-top: 1px solid #0000001a; font-size: 12px; color: #56607a; }
@media (prefers-color-scheme: dark) {
    dialog { color: #e6eaf2; background: #171c26; border-color: #fff2; border-top-color: #ff6b57; }
    .item, footer { border-color: #ffffff1f; }
    .severity { color: #ff8373; }
    .item[data-severity="warning"] .severity { color: #f0b454; }
    .item[data-severity="note"] .severity { color: #8ab4ff; }
    .hint, footer { color: #9aa5bd; }
    pre { background: #0e121a; }
    button { background: #ffffff12; border-color: #ffffff33; }
    button.place { color: #8ab4ff; }
}
`;

/** "src/a.js:3:7"; what is unknown is left out. */
export function placeOf(diagnostic) {
    const { path, line, col } = diagnostic;
    return path ? [path, line, line && col].filter(Boolean).join(':') : '';
}

function textOf(diagnostic) {
    const { severity = 'error', code, text = '', hint, frame } = diagnostic;
    const head = `${severity}${code ? `[${code}]` : ''}: ${text}`;
    return [placeOf(diagnostic), head, hint && `hint: ${hint}`, frame].filter(Boolean).join('\n');
}

/** Asks the server to open "FILE:LINE:COL". */
export function openInEditor(orbit, place) {
    fetch('/__orbit/open?file=' + encodeURIComponent(place), {
        method: 'POST',
        headers: { 'X-Orbit-Token': orbit.token },
    }).catch(() => {});
}

export function createOverlay(orbit, onClosed) {
    let parts = null;
    let shown = []; // the diagnostics, shown or closed by the user
    let shownKey = '';
    let closedKey = '';

    function build() {
        const { host, root } = createHost('orbiton-overlay', CSS_TEXT);
        const dialog = createElement('dialog', '');
        const header = createElement('header', '');
        const title = createElement('h1', '');
        const list = createElement('ul', 'list');
        const copy = createElement('button', 'copy', 'Copy');
        const close = createElement('button', 'close', 'Close');
        title.id = 'title';
        dialog.setAttribute('aria-labelledby', 'title');
        copy.type = close.type = 'button';
        copy.addEventListener('click', () => {
            const done = (label) => () => {
                copy.textContent = label;
            };
            const text = shown.map(textOf).join('\n\n');
            Promise.resolve().then(() => navigator.clipboard.writeText(text))
                .then(done('Copied'), done('Not allowed'));
        });
        close.addEventListener('click', () => dialog.close());
        dialog.addEventListener('close', () => {
            // The event comes later than the call; meanwhile it may have been opened again.
            if (dialog.open) {
                return;
            }
            closedKey = shownKey;
            host.remove();
            onClosed();
        });
        // The page's shortcuts are not meant for what is typed here.
        host.addEventListener('keydown', (event) => event.stopPropagation());
        header.append(title, copy, close);
        dialog.append(header, list,
            createElement('footer', '', 'Esc closes; the next good save closes it by itself.'));
        root.append(dialog);
        return { host, dialog, title, list, copy };
    }

    function createItem(diagnostic) {
        const item = createElement('li', 'item');
        const severity = diagnostic.severity || 'error';
        const head = createElement('p', 'text');
        const place = placeOf(diagnostic);
        item.dataset.severity = severity;
        if (place) {
            const button = createElement('button', 'place', place);
            button.type = 'button';
            button.title = 'Open in the editor';
            button.addEventListener('click', () => openInEditor(orbit, place));
            item.append(button);
        }
        const label = severity + (diagnostic.code ? ` ${diagnostic.code}` : '');
        head.append(createElement('span', 'severity', label), ` ${diagnostic.text || ''}`);
        item.append(head);
        if (diagnostic.hint) {
            item.append(createElement('p', 'hint', diagnostic.hint));
        }
        if (diagnostic.frame) {
            const frame = createElement('pre', 'frame', diagnostic.frame);
            frame.tabIndex = 0;
            item.append(frame);
        }
        return item;
    }

    function open() {
        parts = parts || build();
        const errors = shown.filter((each) => (each.severity || 'error') === 'error').length;
        parts.title.textContent = errors === 1 ? '1 error' : `${errors} errors`;
        parts.copy.textContent = 'Copy';
        parts.list.replaceChildren(...shown.map(createItem));
        if (!parts.host.isConnected) {
            document.documentElement.append(parts.host);
        }
        if (!parts.dialog.open) {
            parts.dialog.showModal();
        }
    }

    return {
        /** Shows them, unless the user has closed just these. */
        show(diagnostics) {
            shown = diagnostics;
            shownKey = JSON.stringify(diagnostics);
            if (shownKey !== closedKey) {
                closedKey = '';
                open();
            }
        },
        reopen: open,
        clear() {
            shown = [];
            shownKey = '';
            if (parts && parts.dialog.open) {
                parts.dialog.close();
            }
            closedKey = '';
        },
    };
}
