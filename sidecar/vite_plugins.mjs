// SPDX-License-Identifier: MIT

/*
 * The plugins of a vite.config that orbiton has no adapter of its own for. They run in the plugin container
 * of the project's own Vite, whose own plugins are taken out of it but for those that resolve names; where
 * Vite compiles stands the adapter of that file:
 *
 *     load -> plugins "pre" -> the adapter -> other plugins -> plugins "post"
 *
 * A name that nothing resolves is theirs too: what they load for it is a module like another, and CSS is
 * put into the page by a few lines around it.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, isAbsolute, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { nameSource, plainMap } from './maps.mjs';
import { packageOf } from './project.mjs';
import { hookOf } from './react_options.mjs';
import { langOf, scriptCompiler } from './script.mjs';
import { errorAt, placeOf } from './text.mjs';
import { HOOKS } from './vite_config.mjs';

/** Of Vite's own: those that a plugin's this.resolve() needs. */
const RESOLVES = /(?:^alias$|:alias$|[:-]resolve)/;

/** With these a plugin may give another module without another text of its file. */
const LIVE = ['configureServer', 'watchChange'];
const LIVE_MAX = 1000; // names
const IMPORTS_MAX = 20000; // modules

/** Hooks that may fail, and the plugin does what it can without. */
const STARTING = ['configureServer', 'buildStart'];

const STYLE = /\.(?:css|less|sass|scss|styl|stylus|pcss|postcss)(?:$|\?)|[?&]lang\.css/;
const SCRIPT = /\.[cm]?[jt]sx?$/;

/** What Vite itself takes for a URL, so that a plugin is given a module of it. */
const ASSET = /\.(?:apng|bmp|png|jpe?g|jfif|pjpeg|pjp|gif|svg|ico|webp|avif|cur|jxl|mp4|webm|ogg|mp3|wav|flac|aac|opus|mov|m4a|vtt|woff2?|eot|ttf|otf|webmanifest|pdf|txt)$/i;

const cleanOf = (id) => id.replace(/[?#].*$/s, '');

/** Which scripts Vite's own compiler is for: plugins that compile JSX themselves take it away from that. */
function compiledBy(vite, { esbuild, oxc }) {
    const options = oxc ?? esbuild;
    return options === false ? () => false
        : vite.createFilter(options?.include || /\.(?:m?ts|[jt]sx)$/, options?.exclude || /\.js$/);
}

/** A module that keeps a sheet in the page; the next one of the same id takes its place. */
const styleModule = (id, css) => `const id = ${JSON.stringify(id)};
const css = ${JSON.stringify(css)};
let style = [...document.querySelectorAll('style[data-vite-dev-id]')].find((each) => each.dataset.viteDevId === id);
if (!style) {
    style = document.createElement('style');
    style.dataset.viteDevId = id;
    document.head.append(style);
}
style.textContent = css;
import.meta.hot?.accept();
import.meta.hot?.prune(() => style.remove());
export default css;
`;

const NEW_MS = 1000; // between a file's birth and the end of its first writing
const WATCHED = { add: 'create', change: 'update', unlink: 'delete' };

/** What has happened to a file. Many editors write a new one and give it the name of the old. */
function eventOf(path, isKnown) {
    const stat = statSync(path, { throwIfNoEntry: false });
    return !stat ? 'unlink' : !isKnown && stat.mtimeMs - stat.birthtimeMs < NEW_MS ? 'add' : 'change';
}

/** Puts make(handler) in the place of a hook's handler, once. */
function wrapHook(plugin, hook, make) {
    const handler = hookOf(plugin, hook);
    if (typeof handler === 'function' && !handler.isOrbitons) {
        const wrapped = Object.assign(make(handler), { isOrbitons: true });
        plugin[hook] = plugin[hook].handler ? { ...plugin[hook], handler: wrapped } : wrapped;
    }
}

export class VitePlugins {
    /** `say` is told names of which a plugin has something else to say now. */
    constructor(project, say) {
        this.project = project;
        this.say = say;
        this.scope = new AsyncLocalStorage(); // of one module: { id, compile, deps, isLive }
        this.imports = new Map(); // path of a module -> the names in it that are no paths
        this.busy = new Set(); // transforms of files that are under way
        this.live = new Map(); // names that may be something else later -> { code, told }
        this.started = null; // { settings, container: a promise }
        this.isOld = false; // what it was started with has changed
        this.warnings = []; // for the next answer
    }

    /** The container of that configuration, started when it is first asked for. */
    container(settings) {
        if (!this.started || this.isOld || settings.number > this.started.settings.number) {
            const before = this.started;
            this.isOld = false;
            const container = before ? before.container.then(({ server }) => server.close(), () => {})
                .then(() => this.start(settings)) : this.start(settings);
            this.started = { settings, container };
            this.live.clear();
            container.catch((error) => {
                Object.assign(error, { loc: { file: settings.deps[0] } });
                this.started = this.started?.container === container ? null : this.started;
            });
        }
        return this.started.container;
    }

    async start({ config, plugins, foreign }) {
        const vite = await this.project.need('vite', 'vite.config');
        const scope = this.scope;
        const compile = {
            name: 'orbiton:compile',
            transform(code, id) {
                const { compile: run, id: own } = scope.getStore() ?? {};
                return run && id === own ? run(code, id) : null;
            },
        };
        const first = {
            name: 'orbiton:first',
            enforce: 'pre',
            configureServer: (server) => {
                server.watcher.removeAllListeners(); // what a save means to the page is orbiton's
                server.httpServer ??= createServer();
                for (const channel of [server.ws, server.hot, server.environments?.client?.hot]) {
                    if (channel) {
                        channel.send = () => this.look();
                    }
                }
            },
        };
        const settle = {
            name: 'orbiton:settle',
            enforce: 'post',
            config(all) {
                all.optimizeDeps = { noDiscovery: true, include: [] };
            },
            configResolved(resolved) {
                const list = resolved.plugins;
                const own = list.filter((plugin) => RESOLVES.test(plugin.name) && !foreign.includes(plugin));
                const kept = list.filter((plugin) => foreign.includes(plugin));
                const late = kept.filter(({ enforce }) => enforce !== 'pre');
                list.splice(0, list.length, first, ...own.filter(({ name }) => /alias$/.test(name)),
                    ...kept.filter(({ enforce }) => enforce === 'pre'),
                    ...own.filter(({ name }) => !/alias$/.test(name)), compile, ...late);
            },
        };
        foreign.forEach((plugin) => this.wrap(plugin));
        const major = Number(this.project.versionOf('vite').split('.')[0]);
        const server = await vite.createServer({
            ...config,
            root: this.project.root,
            configFile: false,
            mode: 'development',
            appType: 'custom',
            logLevel: 'silent',
            clearScreen: false,
            cacheDir: join(this.project.root, 'node_modules/.cache/orbiton/vite'),
            plugins: [first, ...foreign, ...plugins.filter((plugin) => !foreign.includes(plugin))
                .map(({ name, api }) => ({ name, api })), settle],
            server: {
                ...config.server,
                middlewareMode: true,
                hmr: { server: createServer() },
                watch: major >= 5 ? null : { ignored: () => true },
                open: false,
                https: false,
                proxy: undefined,
                warmup: undefined,
                preTransformRequests: false,
            },
        });
        return { server, isCompiled: compiledBy(vite, server.config), container: server.environments?.client?.pluginContainer ?? server.pluginContainer };
    }

    /** So that what a hook reads for a module is known, and whether its plugin may say something else later. */
    wrap(plugin) {
        const { scope, warnings } = this;
        const isLive = LIVE.some((hook) => plugin[hook]);
        for (const hook of STARTING) {
            wrapHook(plugin, hook, (handler) => async function started(...args) {
                try {
                    return await handler.apply(this, args);
                } catch (error) {
                    warnings.push({ message: `${hook} of ${plugin.name} failed: ${error?.message ?? error}` });
                    return undefined;
                }
            });
        }
        for (const hook of HOOKS) {
            wrapHook(plugin, hook, (handler) => async function watched(...args) {
                const store = scope.getStore();
                const add = this.addWatchFile;
                this.addWatchFile = (file) => {
                    store?.deps.add(file);
                    add?.call(this, file);
                };
                const result = await handler.apply(this, args);
                if (store && result && hook !== 'transform') {
                    store.isLive ||= isLive;
                }
                return result;
            });
        }
    }

    /** Behind what was compiled or saved. */
    look() {
        clearImmediate(this.looking);
        this.looking = setImmediate(async () => {
            const { settings } = this.started ?? {};
            const stale = [];
            for (const [name, known] of settings && this.busy.size === 0 ? this.live : []) {
                if (known.told !== null) {
                    this.live.delete(name); // nobody has asked since: no page has it any more
                    continue;
                }
                const { code } = await this.give(settings, name).catch(() => known);
                if (code !== known.code) {
                    known.told = code;
                    stale.push(name);
                }
            }
            if (stale.length > 0) {
                this.say(stale.map((name) => this.markOf(name)));
            }
        });
    }

    /** A path in the project that no file has: what is made of a live name depends on it. */
    markOf(name) {
        return join(this.project.root, name);
    }

    changed(all) {
        const marks = new Set([...this.live.keys()].map((name) => this.markOf(name)));
        const paths = all.filter((path) => !marks.has(path)); // look() has told of these
        this.isOld ||= paths.some((path) => basename(path).startsWith('.env'));
        if (paths.length === 0 || !this.started) {
            return;
        }
        this.started.container.then(({ server, container }) => {
            for (const path of paths) {
                const event = eventOf(path, this.imports.has(path));
                Promise.resolve(container.watchChange?.(path, { event: WATCHED[event] })).catch(console.error);
                server.watcher.emit(event, path);
                server.watcher.emit('all', event, path);
            }
            this.look();
        }).catch((error) => console.error(error));
    }

    /** Runs `work` with what is to be known of one module; gives what it gave and what it read. */
    async within(id, compile, work) {
        const store = { id, compile, deps: new Set(), isLive: false };
        try {
            const done = await this.scope.run(store, work);
            return { ...done, deps: [...store.deps, ...(done.deps ?? [])].filter(isAbsolute), isLive: store.isLive };
        } catch (error) {
            const told = error?.isTold ? error : this.told(error);
            told.deps = [...store.deps, ...(error?.deps ?? [])].filter(isAbsolute);
            throw told;
        }
    }

    /** What a plugin has thrown, as the adapters throw it: lines and columns from 1, and no place in the words. */
    told(error) {
        const { loc, id } = error ?? {};
        const file = loc?.file ?? id;
        const words = stripVTControlCharacters(String(error?.message ?? error)).split('\n')[0]
            .replace(/^\[plugin:? [^\]]*\] /, '').replace(/ \(\d+:\d+\)$/, '');
        const text = file && words.startsWith(`${file}: `) ? words.slice(file.length + 2) : words;
        const told = errorAt(error?.plugin ? `${error.plugin}: ${text}` : text, file && cleanOf(file), loc?.line,
            loc ? loc.column + 1 : undefined);
        told.loc = loc?.line ? told.loc : file ? { file: told.loc.file } : {};
        return told;
    }

    /** A file of the project, which `inner` compiles; without it there is nothing to compile. */
    async file(settings, request, inner) {
        const { path, code } = request;
        const { container, isCompiled } = await this.container(settings);
        const clean = cleanOf(path);
        if (!inner && clean === path && SCRIPT.test(path) && !/\b(?:import|export)\b/.test(code)) {
            return { code, deps: [] }; // a script of old, which no module is made of
        }
        let own = null;
        const compile = inner && (inner.name !== 'script' || isCompiled(clean)) && (async (text) => {
            own = await inner.transform({ ...request, path: clean, code: text }).catch((error) => {
                throw Object.assign(error, { isTold: true });
            });
            return { code: own.code, map: own.map ?? { mappings: '' } };
        });
        const work = this.within(path, compile, async () => {
            const loaded = await container.load(path);
            const text = loaded?.code ?? loaded ?? (ASSET.test(clean) ? urlModule(clean) : code);
            const done = await container.transform(text, path);
            if (!inner && !loaded && !SCRIPT.test(clean) && done.code === code) {
                return { code: this.untaken(path, clean), map: null };
            }
            const map = loaded ? null : nameSource(plainMap(done.map), basename(clean), code);
            return { code: done.code, map: done.code === code ? null : map, deps: own?.deps };
        });
        this.busy.add(work);
        try {
            const done = await work;
            this.imports.delete(path);
            this.imports.set(path, namesIn(done.code));
            if (this.imports.size > IMPORTS_MAX) {
                this.imports.delete(this.imports.keys().next().value);
            }
            return { ...own, ...done, dirs: own?.dirs ?? [], type: 'js',
                warnings: [...(own?.warnings ?? []), ...this.warnings.splice(0)] };
        } finally {
            this.busy.delete(work);
            if (this.live.size > 0) {
                this.look();
            }
        }
    }

    /** What is of a file that no plugin has taken: its URL, as without plugins. */
    untaken(path, clean) {
        if (/\.(?:mdx?|astro|elm|coffee|marko)$/.test(clean)) {
            throw Object.assign(errorAt(`no plugin of vite.config takes ${basename(clean)}`, clean), { isTold: true });
        }
        return urlModule(clean);
    }

    /** A name that only a plugin knows. */
    async name(settings, name) {
        await Promise.allSettled([...this.busy]); // it may be about what they have
        const { code, deps, isLive } = await this.give(settings, name);
        if (isLive) {
            this.live.delete(name);
            this.live.set(name, { code, told: null });
            if (this.live.size > LIVE_MAX) {
                this.live.delete(this.live.keys().next().value);
            }
        }
        return { code, deps: isLive ? [...deps, this.markOf(name)] : deps, map: null };
    }

    async give(settings, name) {
        const { container } = await this.container(settings);
        return this.within(null, null, async () => {
            const found = await container.resolveId(name);
            if (!found) {
                throw this.unknown(name);
            }
            const store = this.scope.getStore();
            store.id = found.id;
            const clean = cleanOf(found.id);
            if (isAbsolute(clean) && existsSync(clean)) {
                return this.fileBehind(name, clean); // by its own URL, so that it is served as any file is, or not
            }
            if (/\.(?:[cm]?tsx?|jsx)$/.test(clean)) {
                store.compile = await this.script(clean);
            }
            const loaded = await container.load(found.id);
            if (loaded === null || loaded === undefined) {
                throw this.unknown(name);
            }
            const { code } = await container.transform(loaded.code ?? loaded, found.id);
            return { code: STYLE.test(found.id) ? styleModule(found.id, code) : code };
        });
    }

    /** A name that leads to a file. */
    fileBehind(name, path) {
        const url = this.project.urlOf(path);
        if (!url || /\/\./.test(url)) {
            throw this.unknown(name);
        }
        const text = JSON.stringify(url);
        const isDefault = /\bexport default\b|\bas default\b/.test(readFileSync(path, 'utf8'));
        return { code: `export * from ${text};${isDefault ? `export { default } from ${text};` : ''}` };
    }

    async script(path) {
        this.compiler ??= scriptCompiler(this.project, { what: path });
        const compiler = await this.compiler;
        const importSource = ['react', 'preact', 'solid-js'].find((each) => this.project.dependsOn(each));
        return async (code, id) => {
            const lang = langOf(cleanOf(id));
            const { code: made, map } = await compiler.compile(code, id, { lang, jsx: lang.endsWith('x'), importSource });
            return { code: made, map };
        };
    }

    /** The error of a name that nobody knows, at the place where it is imported. */
    unknown(name) {
        const importer = [...this.imports].find(([, names]) => names.has(name))?.[0];
        const bare = packageOf(name);
        const message = `"${name}": there is no such package, and no plugin of vite.config knows it`;
        const isPackage = /^(?:@[\w.-]+\/)?[\w.-]+$/.test(bare);
        const error = new Error(isPackage ? `${message}; run: npm install ${bare}` : message);
        Object.assign(error, { loc: {}, isTold: true });
        if (importer && existsSync(cleanOf(importer))) {
            const text = readFileSync(cleanOf(importer), 'utf8');
            const at = text.search(new RegExp(`['"]${name.replace(/[.*+?^$()|{}[\]\\]/g, '\\$&')}['"]`));
            error.loc = { file: cleanOf(importer), ...(at >= 0 ? placeOf(text, at) : {}) };
        }
        return error;
    }
}

/** As an adapter: around `inner`, the one that the file would have; null if it would have none. */
export function plugged(all, inner) {
    return {
        name: 'plugins',
        get version() {
            return inner?.version ?? '';
        },
        async transform(request) {
            const settings = await all.project.viteConfig.held(request.places.plugins);
            const [, name] = request.path.slice(all.project.root.length).match(/^\/vite\.config\.\w+\?plugin=(.*)$/) ?? [];
            return name === undefined ? all.file(settings, request, inner)
                : all.name(settings, decodeURIComponent(name));
        },
    };
}

const urlModule = (path) => `export { default } from ${JSON.stringify(`./${basename(path)}?url`)};\n`;

/** Names that a module imports and that are no paths. */
function namesIn(code) {
    return new Set([...code.matchAll(/\b(?:from|import)\s*\(?\s*(['"])([^'".][^'"]*)\1/g)].map((match) => match[2]));
}
