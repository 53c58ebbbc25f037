// SPDX-License-Identifier: MIT

/*
 * A small server that speaks docs/protocol.md, for testing the client alone. Files live in a map;
 * what a page says is recorded; what a page is told is the test's affair. Nothing here waits on
 * time: `until` looks again whenever something was said, and a watchdog ends what never comes.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { WebSocketServer } from 'ws';

const WATCHDOG_MS = 60000;
const CLIENT = new URL('../../client/', import.meta.url);
const TYPES = {
    html: 'text/html; charset=utf-8',
    css: 'text/css',
    js: 'text/javascript',
    ts: 'text/javascript',
    svg: 'image/svg+xml',
    json: 'application/json',
};

export const hashOf = (text) => createHash('md5').update(text).digest('hex');

/** One of the client's files as the program has it: its parts in their places (tools/embed.c). */
export function clientFile(name) {
    const url = new URL(name, CLIENT);
    return readFileSync(url, 'utf8').replace(/^ *\/\/ Part: (.+)\n/gm,
        (line, part) => readFileSync(new URL(part, url), 'utf8'));
}

/** A registration with what stands behind "~" in `loaded` as `ages`: key -> number. */
function withAges(message) {
    const rows = Object.entries(message.loaded ?? {}).map(([key, value]) => [key, ...value.split('~')]);
    return rows.length === 0 ? message : {
        ...message,
        loaded: Object.fromEntries(rows.map(([key, value]) => [key, value])),
        ages: Object.fromEntries(rows.filter((row) => row.length > 2)
            .map(([key, , age]) => [key, Number(age)])),
    };
}

export class FakeServer {
    files = new Map();
    messages = []; // everything that pages said, in order: { page, ...message }
    requests = []; // "METHOD /path?query"
    config = { hotOnly: false, badge: true, overlay: true };
    epoch = 'epoch-1';
    token = 'token-1';
    seq = 1;
    refuseSockets = false;
    headers = {};
    tag = null; // a text instead of the usual tag
    stamps = new Map(); // module's path -> its newest stamp
    rollbacks = new Map(); // "12r1" -> path -> the text before transaction 12
    texts = new Map(); // hash -> text, of all that ever was
    hold = () => null; // (path) -> a promise to wait for before answering, or null
    placeOf = () => ''; // (line, the query) -> where that was written, or a promise of it
    #waiting = new Set();
    #pages = new Map();
    #nextPage = 1;
    #port = 0;

    async start() {
        this.http = http.createServer((request, response) => {
            this.#answer(request, response).catch(() => response.destroy());
        });
        this.sockets = new WebSocketServer({ noServer: true });
        this.http.on('upgrade', (request, socket, head) => {
            const url = new URL(request.url, 'http://x');
            this.#say(`UPGRADE ${url.pathname}`);
            if (this.refuseSockets || url.searchParams.get('token') !== this.token) {
                socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
                return;
            }
            this.sockets.handleUpgrade(request, socket, head, (ws) => {
                const page = this.#open((text) => ws.send(text), () => ws.terminate());
                ws.on('message', (text) => this.#hear(page, String(text)));
                ws.on('close', () => this.#close(page));
            });
        });
        await new Promise((resolve, reject) => {
            this.http.once('error', reject);
            this.http.listen(this.#port, '127.0.0.1', resolve);
        });
        this.#port = this.http.address().port;
        this.url = `http://127.0.0.1:${this.#port}/`;
        return this;
    }

    async stop() {
        this.#pages.forEach((page) => page.end());
        this.http.closeAllConnections();
        await new Promise((resolve) => this.http.close(resolve));
    }

    set(path, text) {
        this.files.set(path, text);
        this.texts.set(hashOf(text), text);
        return hashOf(text);
    }

    /** Changes a file and gives the update that says so. */
    update(type, path, text, more = {}) {
        const hash = this.set(path, text);
        const name = path.slice(1);
        return { type, url: path, path: name, module: name, hash, ...more };
    }

    /** One transaction to every page; resolves with what the page answers. */
    async apply(updates, more = {}) {
        const seq = ++this.seq;
        const modules = [...new Set(updates.map((each) => each.module))];
        const timing = { watch: 1, build: 0 };
        this.send({ type: 'hmr', seq, modules, updates, reason: 'changed', timing, ...more });
        return this.applied(more.seq ?? seq);
    }

    /**
     * One transaction of modules: `files` are { path: new text }, `js` is what the message says
     * beside stamp and rollback; without `replaced` all files are, and accept themselves. With
     * `more.carry` the texts go along.
     */
    async applyModules(files, js = {}, more = {}) {
        const stamp = String(this.seq + 1);
        const replaced = js.replaced ?? Object.keys(files);
        const boundaries = js.boundaries
            ?? Object.keys(files).map((path) => ({ by: path, accepted: path }));
        const rollback = `${stamp}r1`;
        this.rollbacks.set(rollback, new Map(replaced.map((path) => [path, this.files.get(path)])));
        replaced.forEach((path) => this.stamps.set(path, stamp));
        const updates = Object.entries(files).map(([path, text]) => this.update('js', path, text));
        const carried = more.carry && Object.fromEntries(Object.entries(files)
            .map(([path, text]) => [path, this.#carried(path, text, stamp)]));
        const plan = { refused: [], chain: [], pruned: [], ...js, replaced, boundaries };
        return this.apply([...updates, ...(more.updates || [])],
            { js: { stamp, rollback, carried, ...plan }, ...more.message });
    }

    // What orbiton does to a module that is served: stamps, and the context on line 1.
    #serveModule(path, text, own) {
        const base = `http://x${path}`;
        const members = this.rollbacks.get(own);
        const stamped = text.replace(/(from |import |import\()(['"])(\.{0,2}\/[^'"]+)\2/g,
            (all, before, quote, specifier) => {
                const key = new URL(specifier, base).pathname;
                const stamp = members?.has(key) ? own : this.stamps.get(key);
                return stamp ? `${before}${quote}${specifier}?orbit=${stamp}${quote}` : all;
            }).replace(/import\((?=[a-z])([^)]+)\)/g,
            'import((globalThis.__orbiton__?.at??(x=>x))($1,import.meta.url))');
        const prefix = 'import.meta.hot=globalThis.__orbiton__?.hot(import.meta.url);';
        return /import\.meta\.hot/.test(text) ? prefix + stamped : stamped;
    }

    // The same for a page that makes a data: URL of it.
    #carried(path, text, stamp) {
        const own = `${this.url.slice(0, -1)}${path}?orbit=${stamp}`;
        return `import.meta.url=${JSON.stringify(own)};${this.#serveModule(path, text, stamp)}\n//# sourceURL=${own}\n`;
    }

    applied(seq) {
        return this.until((each) => each.type === 'applied' && each.seq === seq);
    }

    send(message) {
        const text = typeof message === 'string' ? message : JSON.stringify(message);
        this.#pages.forEach((page) => page.send(text));
    }

    get pageCount() {
        return this.#pages.size;
    }

    dropPages() {
        this.#pages.forEach((page) => page.end());
    }

    /** The first message, recorded or yet to come, that passes. */
    until(test, what = test.toString()) {
        return this.#wait(() => this.messages.find(test), what);
    }

    untilRequest(test) {
        return this.#wait(() => this.requests.find(test), test.toString());
    }

    /** Everything that the pages have registered, last value each. */
    get vector() {
        const parts = this.messages.filter((each) => each.type === 'register');
        return Object.assign({}, ...parts.map((each) => each.loaded));
    }

    untilVector(test) {
        return this.#wait(() => test(this.vector) && this.vector, test.toString());
    }

    #wait(look, what) {
        return new Promise((resolve, reject) => {
            const entry = () => {
                const found = look();
                if (found) {
                    clearTimeout(watchdog);
                    this.#waiting.delete(entry);
                    resolve(found);
                }
            };
            const watchdog = setTimeout(() => {
                this.#waiting.delete(entry);
                const heard = JSON.stringify(this.messages.slice(-8), null, 1);
                reject(new Error(`never came: ${what}\nheard: ${heard}`));
            }, WATCHDOG_MS);
            this.#waiting.add(entry);
            entry();
        });
    }

    #look() {
        [...this.#waiting].forEach((entry) => entry());
    }

    #say(request) {
        this.requests.push(request);
        this.#look();
    }

    #open(send, end) {
        const page = this.#nextPage++;
        const { config, epoch, seq } = this;
        this.#pages.set(page, { send, end });
        const hello = { type: 'hello', protocol: 1, epoch, seq, page: String(page), config };
        send(JSON.stringify(hello));
        return page;
    }

    #hear(page, text) {
        this.messages.push({ page, ...withAges(JSON.parse(text)) });
        this.#look();
    }

    #close(page) {
        this.#pages.delete(page);
        this.messages.push({ page, type: 'closed' });
        this.#look();
    }

    async #answer(request, response) {
        const url = new URL(request.url, 'http://x');
        this.#say(`${request.method} ${url.pathname}${url.search}`);
        if (url.pathname.startsWith('/__orbit')) {
            await this.#answerOwn(request, response, url);
            return;
        }
        await this.hold(url.pathname + url.search);
        const path = url.pathname === '/' ? '/index.html' : url.pathname;
        const stamp = url.searchParams.get('orbit') || '';
        const text = this.rollbacks.get(stamp)?.get(path) ?? this.files.get(path);
        const headers = { 'Cache-Control': 'no-cache', ...this.headers };
        if (text === undefined) {
            response.writeHead(404, { ...headers, 'Server-Timing': 'orbit;desc="missing"' });
            response.end();
            return;
        }
        const etag = `"${hashOf(text)}"`;
        headers.ETag = etag;
        headers['Server-Timing'] = `orbit;desc="${hashOf(text)}";dur=${this.seq}`;
        if (request.headers['if-none-match'] === etag) {
            response.writeHead(304, headers).end();
            return;
        }
        headers['Content-Type'] = TYPES[path.split('.').pop()] || 'application/octet-stream';
        Object.entries(headers).forEach(([key, value]) => response.setHeader(key, value));
        if (path.endsWith('.css') && url.searchParams.has('import')) {
            response.setHeader('Content-Type', 'text/javascript');
            response.end(`await globalThis.__orbiton__.style('${path}?import', '${path}');`);
        } else if (path.endsWith('.html')) {
            response.end(this.#inject(text));
        } else {
            response.end(/\.[jt]s$/.test(path) ? this.#serveModule(path, text, stamp) : text);
        }
    }

    #inject(text) {
        const { token, epoch, seq } = this;
        const attribute = JSON.stringify({ token, epoch, seq });
        const tag = this.tag
            ?? `<script src="/__orbit/client.js" data-orbit='${attribute}' nonce="n1"></script>`;
        return text.replace('<head>', `<head>${tag}`);
    }

    async #answerOwn(request, response, url) {
        const name = url.pathname.replace('/__orbit_hmr_client.js', '/__orbit/client.js')
            .slice('/__orbit/'.length);
        if (name.startsWith('text/')) {
            const text = this.texts.get(name.slice('text/'.length));
            const isAllowed = url.searchParams.get('token') === this.token && text !== undefined;
            response.writeHead(isAllowed ? 200 : 404).end(isAllowed ? text : '');
        } else if (name === 'place') {
            const place = await this.placeOf(url.searchParams.get('line'), url.searchParams);
            response.setHeader('Content-Type', 'application/json');
            response.end(JSON.stringify({ place }));
        } else if (name === 'token') {
            response.setHeader('Content-Type', 'application/json');
            response.end(JSON.stringify({ token: this.token, epoch: this.epoch }));
        } else if (name === 'events') {
            if (url.searchParams.get('token') !== this.token) {
                response.writeHead(403).end();
                return;
            }
            response.writeHead(200, { 'Content-Type': 'text/event-stream' });
            const write = (text) => response.write(`data: ${text}\n\n`);
            const page = this.#open(write, () => response.destroy());
            response.on('close', () => this.#close(page));
        } else if (name === 'send' || name === 'open') {
            const isAllowed = request.headers['x-orbit-token'] === this.token;
            let body = '';
            for await (const part of request) {
                body += part;
            }
            response.writeHead(isAllowed ? 204 : 403).end();
            if (isAllowed && name === 'send') {
                this.#hear(Number(url.searchParams.get('page')), body);
            } else if (isAllowed) {
                this.messages.push({ type: 'opened', file: url.searchParams.get('file') });
                this.#look();
            }
        } else {
            try {
                const bytes = clientFile(name);
                response.writeHead(200, { 'Content-Type': 'text/javascript', ...this.headers });
                response.end(bytes);
            } catch {
                response.writeHead(404).end();
            }
        }
    }
}
