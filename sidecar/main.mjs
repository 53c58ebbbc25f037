// SPDX-License-Identifier: MIT

/*
 * The sidecar: one Node process that keeps the project's compilers warm. It reads one JSON object a
 * line from standard input and writes one a line to standard output (docs/plugins.md has them all).
 *
 * Invariants: standard output belongs to the protocol, so whatever a compiler prints goes to
 * standard error; every request is answered once unless it was cancelled; what a compiler throws is an
 * answer and never the end of this process; the end of standard input is.
 */

import { MissingPackage, Project } from './project.mjs';
import { refresh } from './refresh.mjs';
import { script } from './script.mjs';
import { style } from './style.mjs';
import { svelte } from './svelte.mjs';
import { aliasOf, config as viteConfig } from './vite_config.mjs';
import { VitePlugins, plugged } from './vite_plugins.mjs';
import { vue } from './vue.mjs';

const PROTOCOL = 1;

/** JSX that only a compiler of its own can read, and for which there is no adapter here. */
const foreign = (framework) => () => {
    const message = `the JSX of ${framework} needs a compiler of its own: a plugin in vite.config,`
        + ' or one that package.json names for .tsx and .jsx (docs/plugins.md)';
    throw Object.assign(new Error(message), { loc: {} }); // where this was thrown tells nobody anything
};

const BUILT_IN = {
    react: refresh('react'),
    preact: refresh('preact'),
    vue,
    svelte,
    style,
    script,
    config: viteConfig,
    solid: foreign('Solid'),
    qwik: foreign('Qwik'),
};

/** A message of the protocol from what a plugin has thrown. */
function errorOf(error, plugin, path) {
    const missing = error instanceof MissingPackage;
    const text = String((error && error.message) || error);
    return {
        message: text.split('\n')[0],
        plugin,
        loc: { file: path, ...(error && error.loc) },
        install: missing ? error.install : undefined,
        notes: missing || (error && error.loc) ? [] : stackOf(error),
    };
}

/** Where in its own code a plugin failed, for an error that has no place in the source. */
function stackOf(error) {
    const lines = String((error && error.stack) || '').split('\n').slice(1, 4);
    return lines.map((line) => line.trim()).filter((line) => !line.includes('data:text/javascript'));
}

class Sidecar {
    constructor(send, load) {
        this.send = send;
        this.load = load;
        this.project = null;
        this.plugins = new Map(); // name -> promise of a plugin
        this.made = new Set(); // those that are there
        this.cancelled = new Set();
        this.running = new Set();
    }

    hello({ protocol, root, workspace }) {
        if (protocol !== PROTOCOL) {
            throw new Error(`protocol ${protocol} is not known`);
        }
        this.project = new Project(root, this.load, workspace);
        this.vitePlugins = new VitePlugins(this.project, (deps) => this.send({ stale: true, deps }));
        this.send({ ready: { protocol: PROTOCOL, node: process.version } });
    }

    /** The plugin, made when it is first asked for; one that could not be made is tried again. */
    plugin(name) {
        if (!this.plugins.has(name)) {
            const made = this.make(name);
            this.plugins.set(name, made);
            made.then((plugin) => this.made.add(plugin), () => this.plugins.delete(name));
        }
        return this.plugins.get(name);
    }

    async make(name) {
        const [outer, inner] = name.split(':');
        if (outer === 'plugins') {
            return plugged(this.vitePlugins, inner ? await this.plugin(inner) : null);
        }
        if (Object.hasOwn(BUILT_IN, name)) {
            return BUILT_IN[name](this.project);
        }
        const module = await this.project.loadFile(name);
        if (typeof module.default !== 'function') {
            throw new Error(`${name} has no function as its default export`);
        }
        const made = await module.default({ root: this.project.root, mode: 'development' });
        if (typeof made?.transform !== 'function') {
            throw new Error(`what ${name} returns has no transform()`);
        }
        return made;
    }

    async transform({ id, plugin: name, path, url, query = '', paths = [], config, tsconfig, code }) {
        const began = performance.now();
        let answer;
        this.running.add(id);
        try {
            const plugin = await this.plugin(name);
            const done = this.cancelled.has(id) ? { code: '' }
                : await plugin.transform({ path, url, query, places: this.places(paths, config), tsconfig, code });
            if (typeof done?.code !== 'string') {
                throw new Error(`${name} gave no code`);
            }
            answer = {
                id,
                code: done.code,
                map: done.map ?? null,
                type: done.type ?? 'js',
                deps: [...new Set(done.deps)],
                dirs: [...new Set(done.dirs)],
                warnings: done.warnings ?? [],
                version: plugin.version ?? '',
                ms: Math.round((performance.now() - began) * 100) / 100,
            };
        } catch (error) {
            answer = {
                id,
                error: errorOf(error, name, path),
                deps: [...new Set((error && error.deps) || [])],
            };
        }
        this.running.delete(id);
        if (!this.cancelled.delete(id)) {
            this.send(answer);
        }
    }

    /** Where names lead in a file: by a vite.config, which may say more, and `paths` of a tsconfig.json. */
    places(paths, { alias = [], css = '', react, plugins = '' } = {}) {
        return { paths, alias: alias.map(aliasOf), config: css, react, plugins, project: this.project };
    }

    changed({ paths }) {
        this.project.viteConfig.changed(paths);
        this.vitePlugins.changed(paths);
        for (const plugin of this.made) {
            try {
                plugin.changed?.(paths);
            } catch (error) {
                console.error(error);
            }
        }
    }

    take(message) {
        if (message.hello) {
            this.hello(message.hello);
        } else if (message.op === 'transform') {
            this.transform(message);
        } else if (message.op === 'changed') {
            this.changed(message);
        } else if (message.op === 'cancel' && this.running.has(message.id)) {
            this.cancelled.add(message.id);
        }
    }
}

/** `load` is import() as the project's own code has it. */
export function start(load) {
    const write = process.stdout.write.bind(process.stdout);
    const sidecar = new Sidecar((message) => write(`${JSON.stringify(message)}\n`), load);
    const parts = [];

    process.stdout.write = process.stderr.write.bind(process.stderr);
    for (const name of ['log', 'info', 'debug']) {
        console[name] = console.error;
    }
    // A plugin's forgotten promise or timer fails alone.
    process.on('unhandledRejection', (error) => console.error(error));
    process.on('uncaughtException', (error) => console.error(error));
    process.stdin.on('data', (chunk) => {
        let begin = 0;
        for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, begin)) {
            parts.push(chunk.subarray(begin, end));
            const line = Buffer.concat(parts.splice(0)).toString();
            begin = end + 1;
            try {
                sidecar.take(JSON.parse(line));
            } catch (error) {
                console.error(error); // a line fails alone
            }
        }
        parts.push(chunk.subarray(begin));
    });
    process.stdin.on('end', () => process.exit(0));
    process.stdin.resume();
}
