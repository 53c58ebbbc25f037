// SPDX-License-Identifier: MIT

/*
 * CSS through the project's PostCSS configuration: postcss.config.js (.mjs, .cjs, .json),
 * .postcssrc(.json), or "postcss" in package.json; and Tailwind 4 without any, where its PostCSS
 * plugin is installed. The plugins say which files and folders the sheet is made of.
 */

import { readFile } from 'node:fs/promises';
import { MissingPackage } from './project.mjs';
import { errorAt } from './text.mjs';

const CONFIG_FILES = ['postcss.config.js', 'postcss.config.mjs', 'postcss.config.cjs',
    'postcss.config.json', '.postcssrc', '.postcssrc.json', '.postcssrc.js', '.postcssrc.mjs',
    '.postcssrc.cjs'];

/** Whether the project's sheets go through PostCSS at all. */
export function usesPostcss(project) {
    return project.find(CONFIG_FILES) !== null || project.manifest().postcss !== undefined
        || project.dependsOn('@tailwindcss/postcss');
}

export async function postcss(project) {
    if (!project.has('postcss')) {
        throw new MissingPackage('postcss', 'the PostCSS configuration');
    }
    const module = await project.load('postcss');
    const run = module.default ?? module;
    let state = null;
    let version = 0;

    async function pluginOf(name, options) {
        const loaded = await project.need(name, 'the PostCSS configuration');
        const create = loaded.default ?? loaded;
        return options === undefined || options === true ? create() : create(options);
    }

    async function pluginsOf(list) {
        if (Array.isArray(list)) {
            return Promise.all(list.filter(Boolean).map((each) => {
                const [plugin, options] = Array.isArray(each) ? each : [each];
                return typeof plugin === 'string' ? pluginOf(plugin, options)
                    : options ? plugin(options) : plugin;
            }));
        }
        return Promise.all(Object.entries(list || {}).filter(([, options]) => options !== false)
            .map(([name, options]) => pluginOf(name, options)));
    }

    async function readConfig() {
        const path = project.find(CONFIG_FILES);
        let config = project.manifest().postcss;
        if (path && /\.json$|rc$/.test(path)) {
            config = JSON.parse(await readFile(path, 'utf8'));
        } else if (path) {
            config = (await project.loadFile(path, version)).default;
        }
        if (typeof config === 'function') {
            config = await config({ env: 'development', mode: 'development', cwd: project.root });
        }
        if (!config && project.dependsOn('@tailwindcss/postcss')) {
            config = { plugins: { '@tailwindcss/postcss': true } };
        }
        const { plugins = [], ...options } = config || {};
        return { path, options, plugins: await pluginsOf(plugins) };
    }

    return {
        name: 'postcss',
        version: `postcss@${project.versionOf('postcss')}`,
        changed(paths) {
            if (paths.some((path) => CONFIG_FILES.some((name) => path.endsWith(`/${name}`)))) {
                state = null;
                version++;
            }
        },
        async transform({ path, code }) {
            state ??= await readConfig();
            const deps = state.path ? [state.path] : [];
            const dirs = [];
            try {
                const done = await run(state.plugins).process(code, {
                    ...state.options, from: path, to: path, map: false,
                });
                for (const message of done.messages) {
                    if (message.type === 'dependency') {
                        deps.push(message.file);
                    } else if (message.type === 'dir-dependency') {
                        dirs.push(message.dir);
                    }
                }
                const warnings = done.warnings().map((each) => ({
                    message: each.text, loc: { file: path, line: each.line, column: each.column },
                }));
                return { code: done.css, type: 'css', deps, dirs, warnings };
            } catch (error) {
                const placed = errorAt(error.reason || error.message, error.file || path, error.line,
                    error.column);
                placed.deps = deps;
                throw placed;
            }
        },
    };
}
