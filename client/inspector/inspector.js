// SPDX-License-Identifier: MIT

/*
 * The inspector: what the server knows, as a page. It asks for the state, and asks again as soon as
 * the answer has come; the server holds an answer back until something is new. Nothing is built
 * from strings as HTML, and nothing here changes what the server does, but for opening an editor.
 */

const SHOWN_MAX = 40; // importers or dependencies shown at once
const RETRY_MS = 1000;
const LATELY_MS = 20000;

const by = (id) => document.getElementById(id);
const views = ['saves', 'graph', 'pages', 'server'];

let token = '';
let state = null;
let current = 'saves';
let middle = ''; // the URL of the module in the middle of the graph
let newest = 0; // the number of the last save that was shown

function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name === 'class') {
            element.className = value;
        } else if (typeof value === 'function') {
            element.addEventListener(name, value);
        } else if (value !== undefined && value !== false) {
            element.setAttribute(name, value);
        }
    }
    element.append(...children.filter((each) => each !== null && each !== undefined));
    return element;
}

const ms = (value) => (value >= 0 && value !== null ? `${value < 10 ? value.toFixed(1) : Math.round(value)} ms` : '');
const clock = (at) => new Date(at).toLocaleTimeString([], { hour12: false });
const plural = (n, word) => `${n} ${word}${n === 1 ? '' : 's'}`;

/* ---- asking ---- */

async function ask(what, parameters = {}) {
    const query = new URLSearchParams({ ...parameters, token });
    const response = await fetch(`/__orbit/${what}?${query}`, { cache: 'no-store' });
    if (response.status === 403) {
        await learnToken();
        return ask(what, parameters);
    }
    if (!response.ok) {
        throw new Error(await response.text());
    }
    return response.json();
}

async function learnToken() {
    const response = await fetch('/__orbit/token', { cache: 'no-store' });
    if (!response.ok) {
        throw new Error(await response.text());
    }
    token = (await response.json()).token;
}

async function openInEditor(place) {
    const query = new URLSearchParams({ file: place });
    await fetch(`/__orbit/open?${query}`, { method: 'POST', headers: { 'X-Orbit-Token': token } });
}

/* ---- saves ---- */

function fileLink(path, place = path) {
    return make('a', { class: 'file', href: '#', title: 'open in the editor', click: (event) => {
        event.preventDefault();
        openInEditor(place);
    } }, path);
}

function stagesOf(save) {
    const stages = ['watch', 'build', 'send', 'apply', 'paint'].filter((name) => save[name] >= 0);
    const sum = stages.reduce((total, name) => total + save[name], 0) || 1;
    const title = stages.map((name) => `${name} ${ms(save[name])}`).join(', ');
    return make('span', { class: 'stages', role: 'img', 'aria-label': title, title },
        ...stages.map((name) => {
            const part = make('i', { class: name });
            part.style.flexGrow = String(save[name] / sum);
            return part;
        }));
}

function pagesText(save) {
    const failed = save.pages.filter((page) => page.ok === false);
    const waiting = save.pages.filter((page) => page.ok === null);
    const parts = [plural(save.pages.length, 'page')];
    if (failed.length) {
        parts.push(`${failed.length} not updated`);
    }
    if (waiting.length) {
        parts.push(`${waiting.length} silent`);
    }
    return parts.join(', ');
}

function drawSaves() {
    const view = by('view-saves');
    const saves = [...state.transactions].reverse();
    if (!saves.length) {
        view.replaceChildren(make('p', { class: 'empty' }, 'Nothing has been saved yet.'));
        return;
    }
    view.replaceChildren(make('ol', { class: 'saves' }, ...saves.map((save) => {
        const errors = save.pages.map((page) => page.error);
        const why = [...new Set([save.why, ...errors])].filter(Boolean).join('; ');
        return make('li', { class: save.seq > newest ? 'new' : '' },
            make('time', {}, clock(save.at)),
            make('span', { class: `verb ${save.verb.split(' ')[0]}` }, save.verb),
            make('span', { class: 'what' }, make('span', { class: 'file' }, save.what), ' ',
                make('span', { class: 'dim' }, save.pages.length ? pagesText(save) : '')),
            stagesOf(save),
            make('span', { class: 'number' }, ms(save.total)),
            why ? make('span', { class: 'why' }, why) : null);
    })));
    newest = Math.max(newest, ...saves.map((save) => save.seq));
}

/* ---- graph ---- */

function updatedLately(url) {
    const now = Date.now();
    return state.transactions.some((save) =>
        now - save.at < LATELY_MS && save.replaced?.includes(url));
}

function nodeClass(node) {
    const names = ['node', node.accepts || ''];
    if (node.bad) {
        names.push('bad');
    }
    if (updatedLately(node.url)) {
        names.push('hot');
    }
    return names.join(' ');
}

function describeNode(node) {
    const parts = [node.kind];
    if (node.accepts === 'self') {
        parts.push('accepts itself');
    } else if (node.accepts === 'deps') {
        parts.push('accepts dependencies');
    }
    if (node.stamp > 0) {
        parts.push(`instance ${node.stamp}`);
    }
    parts.push(node.pages.length ? `in ${plural(node.pages.length, 'page')}` : 'in no page');
    return parts.join(', ');
}

function nodeButton(node, isMiddle) {
    return make('button', {
        class: nodeClass(node) + (isMiddle ? ' middle' : ''),
        'data-url': node.url,
        title: `${node.url}: ${describeNode(node)}`,
        click: () => (isMiddle ? openInEditor(node.path) : go(node.url)),
    }, node.url, isMiddle ? make('small', {}, describeNode(node)) : null);
}

function column(title, nodes, isMiddle = false) {
    const shown = nodes.slice(0, SHOWN_MAX);
    const rest = nodes.length - shown.length;
    return make('div', { class: 'column' },
        make('h3', {}, nodes.length || isMiddle ? title : ''),
        ...shown.map((node) => nodeButton(node, isMiddle)),
        rest > 0 ? make('span', { class: 'dim' }, `and ${rest} more`) : null);
}

function drawLines(near, node) {
    const ns = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(ns, 'svg');
    const frame = near.getBoundingClientRect();
    const place = (element) => {
        const box = element.getBoundingClientRect();
        return { left: box.left - frame.left, right: box.right - frame.left, y: box.top - frame.top + box.height / 2 };
    };
    const columns = [...near.querySelectorAll('.column')];
    const centre = columns[1].querySelector('.node');
    const line = (from, to, isAccepted) => {
        const path = document.createElementNS(ns, 'path');
        const half = (from.right + to.left) / 2;
        path.setAttribute('d', `M${from.right} ${from.y} C${half} ${from.y} ${half} ${to.y} ${to.left} ${to.y}`);
        path.setAttribute('class', isAccepted ? 'accepted' : '');
        svg.append(path);
    };
    svg.setAttribute('aria-hidden', 'true');
    for (const button of columns[0].querySelectorAll('.node')) {
        const importer = find(button.dataset.url);
        line(place(button), place(centre), importer?.acceptedDeps?.includes(node.url));
    }
    for (const button of columns[2].querySelectorAll('.node')) {
        line(place(centre), place(button), node.acceptedDeps?.includes(button.dataset.url));
    }
    near.prepend(svg);
}

let index = new Map();
const find = (url) => index.get(url);

function drawGraph() {
    const { nodes } = state.graph;
    const near = by('near');
    by('counts').textContent = plural(state.graph.count, 'module')
        + (state.graph.count > nodes.length ? `, ${nodes.length} of them here` : '');
    if (!nodes.length) {
        near.replaceChildren(make('p', { class: 'empty' }, 'No page has loaded anything yet.'));
        return;
    }
    const node = find(middle) ?? nodes.find((each) => each.kind === 'document') ?? nodes[0];
    const focused = document.activeElement?.dataset?.url;
    middle = node.url;
    const importers = nodes.filter((each) => each.deps.includes(node.index));
    const deps = node.deps.map((at) => nodes[at]).filter(Boolean);
    near.replaceChildren(column('imported by', importers), column('module', [node], true),
        column('imports', deps));
    drawLines(near, node);
    if (focused) {
        near.querySelector(`[data-url="${CSS.escape(focused)}"]`)?.focus();
    }
}

function go(url) {
    middle = url;
    drawGraph();
    by('near').querySelector('.middle')?.focus();
    explain(url);
}

async function explain(url) {
    const node = find(url);
    const box = by('explain');
    if (!node?.path) {
        box.replaceChildren();
        return;
    }
    try {
        const answer = await ask('explain', { file: node.path });
        if (middle === url) {
            box.replaceChildren(make('p', {}, make('b', {}, 'If you saved it now: '), answer.summary),
                ...(answer.lines ?? []).map((text) => make('p', { class: 'dim' }, text)));
        }
    } catch (error) {
        box.replaceChildren(make('p', { class: 'dim' }, error.message));
    }
}

function search(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return state.graph.nodes.filter((node) =>
        words.every((word) => node.url.toLowerCase().includes(word)));
}

function move(key) {
    const columns = [...by('near').querySelectorAll('.column')]
        .map((each) => [...each.querySelectorAll('.node')]);
    const at = columns.findIndex((each) => each.includes(document.activeElement));
    if (at < 0) {
        columns[1]?.[0]?.focus();
        return;
    }
    const row = columns[at].indexOf(document.activeElement);
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[key];
    const target = columns[at + step[0]];
    target?.[step[0] === 0 ? row + step[1] : Math.min(row, target.length - 1)]?.focus();
}

/* ---- pages and server ---- */

function drawPages() {
    const view = by('view-pages');
    if (!state.pages.length) {
        view.replaceChildren(make('p', { class: 'empty' }, 'No page is connected.'));
        return;
    }
    const last = (page) => [...state.transactions].reverse()
        .map((save) => [save, save.pages.find((each) => each.page === page.id)])
        .find(([, answer]) => answer);
    view.replaceChildren(make('table', {},
        make('thead', {}, make('tr', {}, ...['Page', 'URL', 'Runs', 'Last update', 'In']
            .map((text) => make('th', { scope: 'col' }, text)))),
        make('tbody', {}, ...state.pages.map((page) => {
            const [save, answer] = last(page) ?? [];
            return make('tr', {},
                make('td', {}, String(page.id)),
                make('td', {}, make('span', { class: 'file' }, page.url)),
                make('td', {}, plural(page.loaded, 'file')
                    + (page.stale ? `, ${page.stale} behind` : ', all up to date')),
                make('td', {}, save ? `${save.verb} ${save.what}` : ''),
                make('td', { class: 'number' }, answer ? ms(answer.paint) : ''));
        }))));
}

function list(pairs) {
    return make('dl', {}, ...pairs.flatMap(([name, value]) =>
        [make('dt', {}, name), make('dd', {}, ...[value].flat())]));
}

function drawServer() {
    const { watcher, build } = state;
    by('view-server').replaceChildren(
        make('h2', {}, 'Server'),
        list([
            ['Project', make('span', { class: 'file' }, state.root)],
            ['Runs since', new Date(state.started).toLocaleString()],
            ['Run', make('code', {}, state.epoch)],
            ['Transactions', String(state.seq)],
            ['Connections', String(state.connections)],
            ['Requests', String(state.requests)],
        ]),
        make('h2', {}, 'Watcher'),
        list([
            ['Folders watched', String(watcher.folders)],
            ['Polled', watcher.polled ? 'the whole tree: no events arrive here' : 'nothing'],
        ]),
        make('h2', {}, 'Build'),
        list(build.kind === 'none' ? [['Build', 'this project needs none']] : [
            ['By', build.kind],
            ['Command', make('code', {}, build.command)],
            ['State', build.running ? 'running' : build.failed ? 'failed' : 'good'],
            ['Last', build.lastMs >= 0 ? ms(build.lastMs) : 'not yet'],
        ]));
}

function drawErrors() {
    const box = by('errors');
    box.hidden = !state.errors.length;
    box.replaceChildren(...state.errors.slice(0, 20).map((each) => {
        const place = each.path ? `${each.path}:${each.line}:${each.col}` : '';
        return make('div', {},
            make('p', {}, place ? fileLink(place) : null, ' ', make('b', {}, each.text)),
            each.frame ? make('pre', {}, each.frame) : null,
            each.hint ? make('p', { class: 'dim' }, each.hint) : null);
    }));
}

/* ---- the page ---- */

const draw = { saves: drawSaves, graph: drawGraph, pages: drawPages, server: drawServer };

function show(name, focus = false) {
    current = name;
    for (const each of views) {
        const tab = by(`tab-${each}`);
        const isIt = each === name;
        by(`view-${each}`).hidden = !isIt;
        tab.setAttribute('aria-selected', String(isIt));
        tab.tabIndex = isIt ? 0 : -1;
        if (isIt && focus) {
            tab.focus();
        }
    }
    history.replaceState(null, '', `#${name}`);
    if (state) {
        draw[name]();
        if (name === 'graph' && middle) {
            explain(middle);
        }
    }
}

function take(next) {
    state = next;
    state.graph.nodes.forEach((node, at) => {
        node.index = at;
    });
    index = new Map(state.graph.nodes.map((node) => [node.url, node]));
    document.title = `${state.errors.length ? '✗ ' : ''}${state.name} · orbiton`;
    by('project').textContent = state.name;
    by('status').className = '';
    by('status').textContent = plural(state.pages.length, 'page');
    drawErrors();
    draw[current]();
}

function listen() {
    for (const each of views) {
        by(`tab-${each}`).addEventListener('click', () => show(each));
    }
    by('search').addEventListener('input', () => {
        const [first] = state ? search(by('search').value) : [];
        if (first && by('search').value) {
            middle = first.url;
            drawGraph();
            explain(first.url);
        }
    });
    document.addEventListener('keydown', (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) {
            return;
        }
        if (event.target === by('search')) {
            if (event.key === 'Enter' || event.key === 'Escape' || event.key === 'ArrowDown') {
                event.preventDefault();
                by('near').querySelector('.middle')?.focus();
            }
            return;
        }
        const number = Number(event.key);
        if (number >= 1 && number <= views.length) {
            show(views[number - 1], true);
        } else if (event.key === '/') {
            event.preventDefault();
            show('graph');
            by('search').focus();
            by('search').select();
        } else if (event.key.startsWith('Arrow') && event.target.getAttribute?.('role') === 'tab') {
            const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
            const at = views.indexOf(current) + step;
            show(views[(at + views.length) % views.length], true);
        } else if (event.key.startsWith('Arrow') && current === 'graph') {
            event.preventDefault();
            move(event.key);
        } else if (event.key === 'o' && current === 'graph' && find(middle)?.path) {
            openInEditor(find(document.activeElement?.dataset?.url ?? middle)?.path);
        }
    });
    window.addEventListener('resize', () => state && current === 'graph' && drawGraph());
}

async function follow() {
    for (;;) {
        try {
            if (!token) {
                await learnToken();
            }
            take(await ask('state', state ? { after: state.version, epoch: state.epoch } : {}));
        } catch (error) {
            console.warn(error);
            by('status').className = 'away';
            by('status').textContent = 'orbiton is not reachable';
            token = '';
            await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
    }
}

listen();
show(views.includes(location.hash.slice(1)) ? location.hash.slice(1) : 'saves');
follow();
