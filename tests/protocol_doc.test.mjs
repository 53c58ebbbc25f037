// SPDX-License-Identifier: MIT

/*
 * Plays each transcript of docs/protocol.md against the real program, and compares the messages that
 * the transcripts show with those that the program knows. How a transcript is written is said in
 * that document.
 *
 * Invariant: what a transcript names must come, in its order; members that it does not name, and
 * messages of types that it does not name, may come or not.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import WebSocket from 'ws';
import { WATCHDOG_MS, request, startOrbiton, sync, temporaryFolder } from './e2e/harness.mjs';

const ROOT = new URL('../', import.meta.url);
const DOCUMENT = readFileSync(new URL('docs/protocol.md', ROOT), 'utf8');

/** The transcripts: their titles and their lines, a folded line made one. */
function readTranscripts(text) {
    return [...text.matchAll(/^### (.+)\n(?:(?!^#)[^])*?^```transcript\n([^]*?)^```$/gm)].map(
        ([, title, body]) => ({
            title,
            lines: body.replace(/\n +/g, ' ').split('\n').filter(Boolean).map((line) => {
                const [, verb, rest] = /^(\S+) ?(.*)$/.exec(line);
                return { verb, rest, line };
            }),
        }));
}

const transcripts = readTranscripts(DOCUMENT);

/** JSON in which <name> may stand for a value, within quotes or without. */
function parse(text) {
    return JSON.parse(text.replace(/([:[,] *)(<\w+>)/g, '$1"$2"'));
}

const isName = (value) => typeof value === 'string' && /^<\w+>$/.test(value);

/** Whether `value` is what was expected; takes what new names stand for into `names`. */
function matches(expected, value, names) {
    if (isName(expected)) {
        if (value === undefined || value === null) {
            return false;
        }
        if (!names.has(expected)) {
            names.set(expected, value);
        }
        return names.get(expected) === value;
    }
    if (Array.isArray(expected)) {
        return Array.isArray(value) && value.length === expected.length
            && expected.every((each, i) => matches(each, value[i], names));
    }
    if (expected !== null && typeof expected === 'object') {
        return value !== null && typeof value === 'object'
            && Object.entries(expected).every(([key, each]) => matches(each, value[key], names));
    }
    return expected === value;
}

function fill(value, names) {
    if (isName(value)) {
        assert.ok(names.has(value), `${value} has not been seen yet`);
        return names.get(value);
    }
    if (typeof value === 'string' && /^<\w+>[@~]/.test(value)) { // a version with its stamp and age
        return value.replace(/<\w+>/g, (name) => fill(name, names));
    }
    if (Array.isArray(value)) {
        return value.map((each) => fill(each, names));
    }
    if (value !== null && typeof value === 'object') {
        return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each, names)]));
    }
    return value;
}

function watched(promise, what) {
    let watchdog;
    const late = new Promise((resolve, reject) => {
        watchdog = setTimeout(() => reject(new Error(`never came: ${what()}`)), WATCHDOG_MS);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(watchdog));
}

/** One connection, as a page has it; `next()` gives the messages one by one. */
class Page {
    #pending = [];
    #wake = () => {};
    #socket;
    #closed = '';

    static async open(server, token) {
        const page = new Page();
        const origin = `http://localhost:${server.port}`;
        const url = `ws://localhost:${server.port}/__orbit/ws?token=${token}`;
        page.#socket = new WebSocket(url, { origin });
        page.#socket.on('message', (text) => {
            page.#pending.push(JSON.parse(text));
            page.#wake();
        });
        page.#socket.on('close', (code) => {
            page.#closed = `the connection was closed with ${code}`;
            page.#wake();
        });
        await watched(new Promise((resolve, reject) => {
            page.#socket.once('open', resolve);
            page.#socket.once('error', reject);
        }), () => 'a connection');
        return page;
    }

    async next(what) {
        while (this.#pending.length === 0) {
            assert.equal(this.#closed, '', what);
            await watched(new Promise((resolve) => {
                this.#wake = resolve;
            }), () => what);
        }
        return this.#pending.shift();
    }

    /** Resolves when the server has read what was sent, and what it sent before has come. */
    async settle() {
        const answered = new Promise((resolve) => {
            this.#socket.once('pong', resolve);
        });
        this.#socket.ping();
        await watched(answered, () => 'the answer to a ping');
    }

    async send(message) {
        this.#socket.send(JSON.stringify(message));
        await this.settle();
    }

    takePending() {
        return this.#pending.splice(0);
    }

    close() {
        const closed = new Promise((resolve) => {
            this.#socket.once('close', resolve);
        });
        this.#socket.close();
        return watched(closed, () => 'the end of the connection');
    }
}

/** The program with a terminal, so that it takes keys; `script` is the terminal. */
async function startWithKeys(dir, args) {
    const program = process.env.ORBITON_BIN || new URL('build/orbiton', ROOT).pathname;
    const command = [program, 'dev', '--dir', dir, ...args].map((each) => `'${each}'`).join(' ');
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
        env: { ...process.env, TERM: 'xterm', CI: '' },
        stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exited = new Promise((resolve) => {
        child.once('close', resolve);
    });
    let output = '';
    const port = await watched(new Promise((resolve, reject) => {
        child.stdout.on('data', (part) => {
            output += part;
            const found = /localhost:(\d+)/.exec(output.replace(/\x1b\[[0-9;?]*[a-zA-Z]/g, ''));
            if (found) {
                resolve(Number(found[1]));
            }
        });
        child.once('close', () => reject(new Error(`ended: ${output}`)));
    }), () => `the address in ${output}`);
    return {
        port,
        press: (key) => child.stdin.write(key),
        stop: () => {
            child.stdin.write('q');
            return exited;
        },
    };
}

const unescape = (text) => text.replace(/\\n/g, '\n').replace(/\\\\/g, '\\');

/** What a transcript stands on: the project, the program, the page, what the names stand for. */
class Play {
    dir = temporaryFolder();
    names = new Map();
    types = new Set(); // of messages that the transcript awaits
    args = [];
    from = 0; // the first of the program's own lines that has not been looked for
    server;
    page;
    beside = []; // pages that stay open

    constructor(lines) {
        this.lines = lines;
        lines.filter(({ verb }) => verb === '<-').forEach(({ rest }) => this.types.add(parse(rest).type));
    }

    get(url, headers = {}) {
        return request(this.server, url, { headers: { Host: `localhost:${this.server.port}`, ...headers } });
    }

    async begin() {
        if (!this.server) {
            const args = [...this.args, '--port', '0'];
            this.server = this.lines.some(({ verb }) => verb === 'press')
                ? await startWithKeys(this.dir, args) : await startOrbiton(this.dir, args);
            await sync(this.server);
        }
    }

    async connect() {
        await this.begin();
        await this.page?.close();
        const { body } = await this.get('/__orbit/token', { Origin: `http://localhost:${this.server.port}` });
        this.page = await Page.open(this.server, JSON.parse(body).token);
    }

    write(rest) {
        const [, name, text] = /^(\S+) ?(.*)$/.exec(rest);
        const file = path.join(this.dir, name);
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, unescape(text));
    }

    async receive(rest) {
        const expected = parse(rest);
        if (!this.page) {
            await this.connect();
        }
        for (;;) {
            const message = await this.page.next(rest);
            const names = new Map(this.names);
            if (matches(expected, message, names)) {
                this.names = names;
                return;
            }
            assert.ok(!this.types.has(message.type),
                `expected ${rest}\ngot ${JSON.stringify(message)}`);
        }
    }

    async nothing(types = this.types, pages = [this.page]) {
        await sync(this.server);
        for (const page of pages) {
            await page.settle();
            const more = page.takePending().filter(({ type }) => types.has(type));
            assert.deepEqual(more, [], 'more messages than the transcript has');
        }
    }

    async step({ verb, rest, line }) {
        switch (verb) {
        case 'option':
            this.args.push(...rest.split(' '));
            break;
        case 'file':
            assert.ok(!this.server, `${line}: the program runs, so this is an edit`);
            this.write(rest);
            break;
        case 'edit':
            await this.begin();
            this.write(rest);
            break;
        case 'delete':
            rmSync(path.join(this.dir, rest));
            break;
        case 'get': {
            await this.begin();
            const [url, name] = rest.split(' ');
            const { headers } = await this.get(url);
            const hash = /orbit;desc="?([0-9a-z]+)/.exec(headers['server-timing'])[1];
            assert.ok(matches(name, hash, this.names), `${line}: it is ${hash}, not ${this.names.get(name)}`);
            break;
        }
        case 'connect':
            if (rest === 'beside') {
                this.beside.push(this.page);
                this.page = null;
            }
            await this.connect();
            break;
        case '->':
            await this.page.send(fill(parse(rest), this.names));
            break;
        case '<-':
            await this.receive(rest);
            break;
        case 'nothing':
            await this.nothing(new Set([...this.types, 'hmr', 'reload', 'versions']));
            break;
        case 'press':
            this.server.press(rest);
            break;
        case 'says': {
            const expected = parse(rest);
            const said = await this.server.events.until(
                (each) => matches(expected, each, new Map(this.names)), { from: this.from, what: line });
            this.from = this.server.events.items.indexOf(said) + 1;
            break;
        }
        default:
            assert.fail(`no such line: ${line}`);
        }
    }

    async run() {
        try {
            for (const line of this.lines) {
                await this.step(line);
            }
            await this.nothing(this.types, [this.page, ...this.beside]);
        } finally {
            await Promise.all([this.page, ...this.beside].map((page) => page?.close()));
            assert.equal(await this.server?.stop(), 0);
        }
    }
}

for (const { title, lines } of transcripts) {
    test(`transcript: ${title}`, () => new Play(lines).run());
}

/** The types that src/wire writes and reads. */
function typesOfProgram() {
    const folder = new URL('src/wire/', ROOT);
    const sources = readdirSync(folder).filter((name) => name.endsWith('.c'))
        .map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
    const header = readFileSync(new URL('message.h', folder), 'utf8');
    const enumeration = /enum message_type \{([^}]*)\}/.exec(header)[1];
    return {
        sent: [...sources.matchAll(/begin\(b, "(\w+)"\)/g)].map((match) => match[1]),
        read: [...enumeration.matchAll(/MESSAGE_(\w+)/g)].map((match) => match[1])
            .filter((name) => name !== 'UNKNOWN')
            .map((name) => name.toLowerCase().replace(/_(\w)/g, (all, letter) => letter.toUpperCase())),
    };
}

test('every message of the program has a row and a transcript, both ways', () => {
    const { sent, read } = typesOfProgram();
    assert.ok(sent.length >= 8 && read.length >= 4);
    const shown = (verb) => new Set(transcripts.flatMap(({ lines }) => lines)
        .filter((line) => line.verb === verb).map(({ rest }) => parse(rest).type));
    const [fromServer, fromPage] = [shown('<-'), shown('->')];
    for (const type of sent) {
        assert.ok(fromServer.has(type), `no transcript shows the program sending "${type}"`);
    }
    for (const type of read) {
        assert.ok(fromPage.has(type), `no transcript shows a page sending "${type}"`);
    }
    for (const type of [...sent, ...read]) {
        assert.ok(DOCUMENT.includes(`| \`${type}\` |`), `no row for "${type}"`);
    }
});
