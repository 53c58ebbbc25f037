// SPDX-License-Identifier: MIT

/*
 * What the end-to-end tests share: the real program on a copy of an example, the real browser, and
 * saving a file in each manner that editors use. Waiting is on events and has a watchdog. All that
 * was started is ended, also when a test dies.
 */

import { spawn } from 'node:child_process';
import {
    closeSync, cpSync, ftruncateSync, mkdtempSync, openSync, realpathSync, renameSync, rmSync,
    writeFileSync, writeSync,
} from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium, firefox } from 'playwright-core';

/** What has not come by then never comes, also on a machine that does ten other things. */
export const WATCHDOG_MS = 60000;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = process.env.ORBITON_BIN || path.join(ROOT, 'build', 'orbiton');
const CHROMIUM = process.env.ORBITON_CHROMIUM || '/usr/bin/chromium';
/** `make firefox`: the program that takes Chromium's place. */
export const FIREFOX = process.env.ORBITON_FIREFOX || '';

const children = new Set();
const folders = new Set();

process.on('exit', () => {
    children.forEach((child) => child.kill('SIGKILL'));
    folders.forEach((folder) => rmSync(folder, { recursive: true, force: true }));
});
// A test that failed half-way leaves its program running, which would keep this process alive.
after(() => children.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => process.exit(1));
}

/** An empty folder that goes when the tests end. */
export function temporaryFolder() {
    const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'orbiton-')));
    folders.add(folder);
    return folder;
}

/** A copy of examples/NAME, which may be changed at will. */
export function copyExample(name) {
    const folder = temporaryFolder();
    cpSync(path.join(ROOT, 'examples', name), folder, { recursive: true });
    return folder;
}

/** A list that can be waited on: `until(test)` gives the first item that passes. */
class EventList {
    items = [];
    #waiting = new Set();
    #ended = '';

    push(item) {
        this.items.push(item);
        [...this.#waiting].forEach((entry) => entry());
    }

    end(reason) {
        this.#ended = reason;
        [...this.#waiting].forEach((entry) => entry());
    }

    until(test, { from = 0, what = test.toString() } = {}) {
        return new Promise((resolve, reject) => {
            const settle = (step) => {
                clearTimeout(watchdog);
                this.#waiting.delete(entry);
                step();
            };
            const describe = () => JSON.stringify(this.items.slice(-10), null, 1);
            const entry = () => {
                const found = this.items.slice(from).find(test);
                if (found !== undefined) {
                    settle(() => resolve(found));
                } else if (this.#ended) {
                    const text = `${what}: ${this.#ended}\nbefore: ${describe()}`;
                    settle(() => reject(new Error(text)));
                }
            };
            const watchdog = setTimeout(() => {
                settle(() => reject(new Error(`never came: ${what}\nbefore: ${describe()}`)));
            }, WATCHDOG_MS);
            this.#waiting.add(entry);
            entry();
        });
    }
}

/**
 * Starts `orbiton dev --json` on a folder and waits until it is ready. The result has `url`,
 * `port`, `events` (the parsed lines; `events.until(test)`), `log` (all other output), and
 * `stop()`, which resolves to the exit code.
 */
export async function startOrbiton(dir, args = [], { env = {}, command = 'dev' } = {}) {
    const child = spawn(PROGRAM, [command, '--dir', dir, '--json', ...args], {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
    });
    const events = new EventList();
    const log = [];
    children.add(child);
    const exited = new Promise((resolve) => {
        child.once('error', (error) => {
            events.end(`cannot start ${PROGRAM}: ${error.message}`);
            resolve(-1);
        });
        child.once('close', (code, signal) => {
            children.delete(child);
            events.end(`orbiton ended with ${signal || code}\n${log.join('\n')}`);
            resolve(code ?? signal);
        });
    });
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
        try {
            events.push(JSON.parse(line));
        } catch {
            log.push(line);
        }
    });
    readline.createInterface({ input: child.stderr }).on('line', (line) => log.push(line));

    const ready = await events.until((each) => each.event === 'ready', { what: 'ready' });
    return {
        child,
        events,
        log,
        exited,
        dir,
        port: ready.port,
        url: ready.url || `http://localhost:${ready.port}/`,
        stop(signal = 'SIGTERM') {
            child.kill(signal);
            return exited;
        },
    };
}

/**
 * The four manners of saving. Each leaves exactly `text` in the file, and takes no longer than an
 * editor would: a file that is cut or gone for some time is a change of its own.
 */
export const MANNERS = ['in-place', 'rename', 'truncate-write', 'delete-create'];

export async function save(file, text, how = 'in-place') {
    if (how === 'in-place') {
        const fd = openSync(file, 'r+');
        try {
            writeSync(fd, text, 0);
            ftruncateSync(fd, Buffer.byteLength(text));
        } finally {
            closeSync(fd);
        }
    } else if (how === 'rename') {
        const beside = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.tmp`);
        writeFileSync(beside, text);
        renameSync(beside, file);
    } else if (how === 'truncate-write') {
        writeFileSync(file, text);
    } else if (how === 'delete-create') {
        rmSync(file, { force: true });
        writeFileSync(file, text);
    } else {
        throw new Error(`no such manner of saving: ${how}`);
    }
}

/** Waits until a process has ended: tail --pid is told by the kernel's process table, not by us. */
export async function gone(pid) {
    const waiter = spawn('tail', ['--pid', String(pid), '-f', '/dev/null'], { stdio: 'ignore' });
    const watchdog = setTimeout(() => waiter.kill(), WATCHDOG_MS);
    const code = await new Promise((resolve) => waiter.once('exit', resolve));
    clearTimeout(watchdog);
    if (code !== 0) {
        throw new Error(`process ${pid} is still there`);
    }
}

/** A plain request, for what a browser would not do. Resolves to { status, headers, body }. */
export function request(server, urlPath, { method = 'GET', headers = {}, body = '' } = {}) {
    return new Promise((resolve, reject) => {
        const options = { host: '127.0.0.1', port: server.port, path: urlPath, method, headers };
        const outgoing = http.request({ ...options, agent: false }, (response) => {
            const parts = [];
            response.on('data', (part) => parts.push(part));
            response.on('end', () => resolve({
                status: response.statusCode,
                headers: response.headers,
                body: Buffer.concat(parts).toString(),
            }));
            response.on('error', reject);
        });
        const giveUp = () => outgoing.destroy(new Error(`no answer: ${urlPath}`));
        outgoing.setTimeout(WATCHDOG_MS, giveUp);
        outgoing.on('error', reject);
        outgoing.end(body);
    });
}

/** Resolves when all earlier changes on disk have been announced. */
export async function sync(server) {
    const { status, body } = await request(server, '/__orbit/sync', {
        headers: { Host: `localhost:${server.port}` },
    });
    if (status !== 200) {
        throw new Error(`/__orbit/sync answered ${status}: ${body}`);
    }
    return body ? JSON.parse(body) : {};
}

export function browser(moreFlags = []) {
    if (FIREFOX) {
        // As it is, by WebDriver BiDi. The flags are Chromium's; of what they do, a name for this
        // machine is all that tests need.
        return firefox.launch({
            channel: 'moz-firefox',
            executablePath: FIREFOX,
            timeout: WATCHDOG_MS,
            firefoxUserPrefs: { 'network.dns.localDomains': 'orbit.test' },
        });
    }
    return chromium.launch({
        executablePath: CHROMIUM,
        timeout: WATCHDOG_MS,
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
            '--disable-background-networking', '--disable-component-update', '--disable-sync',
            ...moreFlags],
    });
}

/**
 * Opens a page in a context of its own. `isSame()` tells whether it is still the document that was
 * opened (or last marked); `console` and `errors` collect what it said.
 */
export async function openPage(chrome, url, options = {}) {
    const context = await chrome.newContext(options);
    context.setDefaultTimeout(WATCHDOG_MS);
    const page = await context.newPage();
    const lines = new EventList();
    const errors = [];
    page.on('console', (message) => lines.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => errors.push(error));
    const mark = () => page.evaluate(() => {
        window.__marker = true;
    });
    await page.goto(url, { waitUntil: 'load' });
    await mark();
    return {
        page,
        context,
        console: lines,
        errors,
        mark,
        isSame: () => page.evaluate(() => window.__marker === true),
        untilReloaded: () => page.waitForFunction(() => window.__marker !== true
            && document.readyState === 'complete', null, { timeout: WATCHDOG_MS }),
        close: () => context.close(),
    };
}
