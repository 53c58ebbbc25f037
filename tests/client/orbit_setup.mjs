// SPDX-License-Identifier: MIT

/*
 * Components in a real browser without the dev loop: .orbit texts are compiled by orbit_modules (of
 * the build folder that ORBITON_BUILD names), served with the runtime as it lies in client/, and
 * replaced by importing newer modules, as a transaction would.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { browser as launch, temporaryFolder } from '../e2e/harness.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TOOL = path.join(path.resolve(process.env.ORBITON_BUILD ?? path.join(ROOT, 'build')),
    'tests/orbit_modules');

/** "src/todo-item.orbit" -> "TodoItem". */
const nameOf = (file) => path.basename(file, '.orbit').split(/[-_]/)
    .map((word) => word[0].toUpperCase() + word.slice(1)).join('');

let folder = null;

/** What an .orbit text is served as. `previous` is the text before; `all` the project's files. */
export function compile(file, text, previous = null, all = [file]) {
    folder ??= temporaryFolder();
    const write = (name, content) => {
        writeFileSync(path.join(folder, name), content);
        return path.join(folder, name);
    };
    const args = [file, write('it.orbit', text)];
    if (previous !== null) {
        args.push('--previous', write('old.orbit', previous));
    }
    args.push(...all.map((each) => `${nameOf(each)}=${each}`));
    return JSON.parse(execFileSync(TOOL, args, { encoding: 'utf8', maxBuffer: 1 << 26 }));
}

let browser = null;
before(async () => {
    browser = await launch();
});
after(() => browser?.close());

const PAGE = `<!doctype html><html><head><title>t</title></head><body><div id="app"></div></body></html>`;

/** Serves the runtime and a table of modules. */
class Server {
    modules = new Map();

    async start() {
        this.http = http.createServer((request, response) => {
            const url = new URL(request.url, 'http://x');
            const text = this.read(url);
            response.writeHead(text === undefined ? 404 : 200, {
                'Content-Type': url.pathname === '/' ? 'text/html' : 'text/javascript',
            });
            response.end(text);
        });
        await new Promise((resolve) => this.http.listen(0, '127.0.0.1', resolve));
        this.url = `http://127.0.0.1:${this.http.address().port}/`;
        return this;
    }

    read(url) {
        if (url.pathname === '/') {
            return PAGE;
        }
        if (url.pathname.startsWith('/__orbit/')) {
            const name = url.pathname.slice('/__orbit/'.length);
            return readFileSync(path.join(ROOT, 'client', name), 'utf8');
        }
        return this.modules.get(url.pathname + url.search);
    }
}

class Project {
    texts = new Map();
    parts = new Map();
    edition = 0;

    constructor(server, page) {
        this.server = server;
        this.page = page;
    }

    /** Compiles one file and lets its modules be served; the URLs of those that changed. */
    put(file, text, all) {
        const modules = compile(file, text, this.texts.get(file) ?? null, all);
        if (modules.errors.length > 0 || !modules.code) {
            throw new Error(modules.errors.join('\n'));
        }
        const old = this.parts.get(file) ?? {};
        const changed = [];
        for (const part of ['code', 'template']) {
            const text = modules[part];
            if (text !== old[part]) {
                const url = `/${file}?orbit=${part}`;
                this.server.modules.set(url, text);
                this.server.modules.set(`${url}&t=${++this.edition}`, text);
                changed.push(`${url}&t=${this.edition}`);
            }
        }
        modules.styles.forEach((_, i) =>
            this.server.modules.set(`/${file}?orbit=style&n=${i}`, 'export {};'));
        this.server.modules.set(`/${file}`, modules.facade);
        this.texts.set(file, text);
        this.parts.set(file, modules);
        return changed;
    }

    /** Opens the page with the first of these files mounted as `window.app`, `window.root`. */
    async open(files, props = {}, more = {}) {
        const names = Object.keys(files);
        names.forEach((file) => this.put(file, files[file], names));
        Object.entries(more).forEach(([url, text]) => this.server.modules.set(url, text));
        await this.page.goto(this.server.url);
        await this.page.evaluate(async ([file, props]) => {
            const runtime = await import('/__orbit/runtime.js');
            const { default: component } = await import(`/${file}`);
            window.notes = [];
            window.__ORBIT_COMPONENT_NOTE = (path, lost) => window.notes.push(...lost);
            window.runtime = runtime;
            window.app = runtime.mount(component, document.querySelector('#app'), props);
            Object.defineProperty(window, 'root', { get: () => window.app.instance.exposed });
        }, [names[0], props]);
        return this;
    }

    /** Saves files, as a transaction; the parts that were replaced. */
    async save(files) {
        const names = [...new Set([...this.texts.keys(), ...Object.keys(files)])];
        const urls = Object.entries(files).flatMap(([file, text]) => this.put(file, text, names));
        await this.page.evaluate(async (all) => {
            for (const url of all) {
                await import(url);
            }
        }, urls);
        await this.settle();
        return urls.map((url) => new URL(url, 'http://x').searchParams.get('orbit'));
    }

    /** Renders what waits for a frame. */
    settle() {
        return this.page.evaluate(() => window.runtime.flushUpdates());
    }

    /** The HTML of what is shown, without scope attributes. */
    async html(selector = '#app') {
        await this.settle();
        const text = await this.page.evaluate((s) => document.querySelector(s).innerHTML, selector);
        return text.replace(/ data-o-[0-9a-f]{8}=""/g, '');
    }

    async click(selector) {
        await this.page.evaluate((s) => document.querySelector(s).click(), selector);
        await this.settle();
    }

    /** Evaluates in the page, then renders. */
    async run(act, argument) {
        const result = await this.page.evaluate(act, argument);
        await this.settle();
        return result;
    }
}

/** A test with a Project and the errors of its page. */
export function orbitTest(name, run) {
    test(name, { timeout: 180000 }, async () => {
        const server = await new Server().start();
        const context = await browser.newContext();
        const page = await context.newPage();
        const project = new Project(server, page);
        project.errors = [];
        project.logs = [];
        page.on('pageerror', (error) => project.errors.push(String(error)));
        page.on('console', (message) => project.logs.push(message.text()));
        try {
            await run(project);
        } finally {
            await context.close();
            server.http.closeAllConnections?.();
            server.http.close();
        }
    });
}

/** A component of these parts. */
export const component = (template, code = '') =>
    `<template>${template}</template>\n${code ? `<code lang="js">\n${code}\n</code>\n` : ''}`;
