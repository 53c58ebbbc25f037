// SPDX-License-Identifier: MIT

/*
 * Each system call fails once: a short session of the program is run again and again, and each time
 * one call of one kind fails with one error (tests/tools/fail_syscall.c). The program ends at start
 * with a message, or it goes on and serves and builds what is on disk; it never crashes or hangs.
 *
 * `make sweep` runs all of it. Without ORBITON_SWEEP a few calls of each kind are taken, the same each
 * time as far as the calls are; ORBITON_SWEEP=main:read:17:5 is one of them (process, kind, number,
 * errno).
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { request } from './harness.mjs';

const WATCHDOG_MS = 30000;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = process.env.ORBITON_BIN || path.join(ROOT, 'build', 'orbiton');
const PRELOAD = path.join(path.dirname(PROGRAM), 'tests', 'libfail_syscall.so');
const SWEEP = process.env.ORBITON_SWEEP || '';
const SAMPLES = 2; // calls of each kind, with one of its errors, where not all are taken
const TRIES = 8; // of one failure's consequences for a request
const errors = os.constants.errno;

/* Which errors the kernel gives for which calls. */
const KINDS = {
    open: ['EMFILE', 'ENOMEM', 'EIO', 'EINTR'],
    read: ['EIO', 'EINTR', 'EAGAIN', 'ENOMEM'],
    write: ['EINTR', 'EAGAIN', 'ENOSPC', 'ENOMEM'],
    stat: ['EIO', 'ENOMEM'],
    watch: ['EMFILE', 'ENOSPC', 'ENOMEM'],
    socket: ['EMFILE', 'ENOMEM'],
    listen: ['EADDRINUSE', 'ENOMEM'],
    accept: ['EMFILE', 'EINTR', 'EAGAIN', 'ENOMEM'],
    wait: ['EINTR'],
    fork: ['EAGAIN', 'ENOMEM'],
    pipe: ['EMFILE', 'ENOMEM'],
    directory: ['EMFILE', 'ENOMEM', 'EIO'],
    random: ['EINTR', 'EIO'],
};

const running = new Set();
after(() => running.forEach((child) => child.kill('SIGKILL')));

/** One run of the program under one failure. */
class Session {
    output = [];
    events = [];
    ended = null;
    hasFailed = false;
    counts = {};
    #wake = new Set();

    constructor(where, call) {
        [this.kind] = call.split(':');
        this.dir = mkdtempSync(path.join(os.tmpdir(), 'orbiton-sweep-'));
        this.log = `${this.dir}.log`;
        this.write('index.html', '<link rel="stylesheet" href="a.css">');
        this.write('a.css', 'a { color: red }');
        this.write('sub/b.js', '1');
        this.write('in.txt', 'one');
        this.write('orbiton.toml', '[hmr]\ndebounce_ms = 0\n[build]\ncommand = "cat in.txt >out.txt"\n'
            + 'inputs = ["in.txt"]\noutputs = ["out.txt"]\n');
        const child = spawn(PROGRAM, ['dev', '--dir', this.dir, '--json', '--port', '0'], {
            env: {
                ...process.env,
                LD_PRELOAD: PRELOAD,
                FAIL_CALL: call,
                FAIL_IN: where,
                FAIL_LOG: this.log,
                HOME: this.dir,
                ASAN_OPTIONS: 'verify_asan_link_order=0:detect_leaks=1:abort_on_error=1',
                UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1',
            },
            stdio: ['ignore', 'pipe', 'pipe'],
        });
        this.child = child;
        running.add(child);
        readline.createInterface({ input: child.stdout }).on('line', (line) => {
            this.output.push(line);
            try {
                this.events.push(JSON.parse(line));
            } catch { /* half a line: its write failed */ }
            this.#turn();
        });
        readline.createInterface({ input: child.stderr }).on('line', (line) => this.output.push(line));
        child.once('close', (code, signal) => {
            running.delete(child);
            this.ended = signal ?? code;
            this.#turn();
        });
    }

    #turn() {
        this.#wake.forEach((wake) => wake());
    }

    write(name, text) {
        const file = path.join(this.dir, name);
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, text);
    }

    /** Resolves to what `look` finds once it finds something; undefined if the program has ended. */
    until(look, what) {
        return new Promise((resolve, reject) => {
            const settle = (step, value) => {
                clearTimeout(watchdog);
                this.#wake.delete(wake);
                step(value);
            };
            const wake = () => {
                const found = look();
                if (found || this.ended !== null) {
                    settle(resolve, found || undefined);
                }
            };
            const watchdog = setTimeout(
                () => settle(reject, new Error(`it hangs: ${what}\n${this.output.join('\n')}`)), WATCHDOG_MS);
            this.#wake.add(wake);
            wake();
        });
    }

    /** A request; a connection that the failure has cut is tried again. */
    async get(url) {
        for (let i = 0; ; i++) {
            try {
                const answer = await request({ port: this.port }, url, {
                    headers: { Host: `localhost:${this.port}`, Accept: '*/*' },
                });
                if (answer.status === 200 || i >= TRIES) {
                    return answer;
                }
            } catch (error) {
                if (this.ended !== null || i >= TRIES || error.message.startsWith('no answer')) {
                    throw error;
                }
            }
        }
    }

    /** The file is served as it is on disk once its change has been seen. */
    async expectServed(url, text) {
        await this.get('/__orbit/sync');
        const { status, body } = await this.get(url);
        assert.equal(status, 200, `${url}: ${body}`);
        assert.equal(body, text, url);
    }

    /** Edits the build's input until the output follows: a failure may have cost one build. */
    async expectBuilt(word) {
        for (let i = 0; i < 3; i++) {
            this.write('in.txt', `${word}${'!'.repeat(i)}`);
            await this.get('/__orbit/sync');
            const { body } = await this.get('/out.txt');
            if (body === `${word}${'!'.repeat(i)}`) {
                return;
            }
        }
        assert.fail('no build follows an edit any more');
    }

    /** libuv aborts without a word when it cannot have the pipe by which signals wake it. */
    isLibraryEnd() {
        return this.kind === 'pipe' && this.ended === 'SIGABRT' && this.output.length === 0;
    }

    async play() {
        const ready = await this.until(() => this.events.find(({ event }) => event === 'ready'), 'ready');
        if (!ready && this.ended === null) {
            assert.fail('no address');
        }
        if (!ready && this.isLibraryEnd()) {
            return;
        }
        if (!ready) {
            assert.ok(Number.isInteger(this.ended) && this.ended > 0, `it ended with ${this.ended}`);
            const isWord = (line) => /^orbiton.*: .|"event":"error"/.test(line);
            assert.ok(this.output.some(isWord), 'it ended without a word');
            return;
        }
        this.port = ready.port;
        await this.get('/');
        await this.expectServed('/a.css', 'a { color: red }');
        this.write('a.css', 'a { color: green }');
        await this.expectServed('/a.css', 'a { color: green }');
        await this.expectBuilt('second');
        this.write('sub/b.js', '1;2');
        await this.expectServed('/sub/b.js', '1;2');
        await this.expectBuilt('third one');
        this.write('a.css', 'a { color: blue; top: 0 }');
        await this.expectServed('/a.css', 'a { color: blue; top: 0 }');
        assert.equal(this.ended, null, 'it ended by itself');
    }

    /** Whether the call was there to fail, and how many of each kind there were. */
    #readLog() {
        const text = existsSync(this.log) ? readFileSync(this.log, 'utf8') : '';
        this.hasFailed = text.includes('failed\n');
        for (const [, kind, count] of text.matchAll(/^(\w+) (\d+)$/gm)) {
            this.counts[kind] = Math.max(this.counts[kind] ?? 0, Number(count));
        }
    }

    async finish() {
        this.child.kill('SIGTERM');
        await this.until(() => this.ended !== null, 'the end');
        const text = this.output.join('\n');
        assert.doesNotMatch(text, /Sanitizer|runtime error|Assertion/, text);
        assert.ok(Number.isInteger(this.ended) || this.isLibraryEnd(),
            `it ended with ${this.ended}\n${text}`);
    }

    clear() {
        this.#readLog();
        this.child.kill('SIGKILL');
        rmSync(this.dir, { recursive: true, force: true });
        [this.log, `${this.log}.once`].forEach((name) => rmSync(name, { force: true }));
    }
}

/** One session; throws with what it takes to run it again. */
async function run(where, kind, number, error) {
    const session = new Session(where, `${kind}:${number}:${errors[error] ?? error}`);
    try {
        await session.play();
        await session.finish();
        return session;
    } catch (reason) {
        reason.message = `ORBITON_SWEEP=${where}:${kind}:${number}:${errors[error] ?? error} (${error})\n`
            + `${reason.message}\n${session.output.join('\n')}`;
        throw reason;
    } finally {
        session.clear();
    }
}

/** The numbers to take out of 1 to count. */
function choose(count) {
    if (SWEEP || count <= SAMPLES) {
        return Array.from({ length: count }, (each, i) => i + 1);
    }
    const part = count / SAMPLES;
    return Array.from({ length: SAMPLES }, (each, i) => 1 + Math.floor(part * (i + 0.5)));
}

const skip = existsSync(PRELOAD) ? false : `no ${PRELOAD}: built with the tests only`;

for (const where of ['main', 'keeper']) {
    let counts;
    test(`${where}: a session without a failure`, { skip }, async () => {
        counts = (await run(where, 'none', 0, 0)).counts;
        assert.ok(counts.read > 0, 'calls are counted');
    });
    for (const [kind, names] of Object.entries(KINDS)) {
        const name = `${where}:${kind}:`;
        if (SWEEP && SWEEP !== 'all' && !SWEEP.startsWith(name) && !name.startsWith(SWEEP)) {
            continue;
        }
        test(`${where}: ${kind} fails once`, { skip }, async () => {
            if (/:\d+:\d+$/.test(SWEEP)) {
                const [, , number, error] = SWEEP.split(':');
                const session = await run(where, kind, Number(number), Number(error));
                assert.ok(session.hasFailed, 'there was no such call');
                return;
            }
            const failures = [];
            for (const error of SWEEP ? names : names.slice(0, 1)) {
                for (const number of choose(counts[kind] ?? 0)) {
                    await run(where, kind, number, error).catch((reason) => failures.push(reason));
                }
            }
            assert.equal(failures.length, 0, failures.slice(0, 5).map(({ message }) => message).join('\n\n'));
        });
    }
}
