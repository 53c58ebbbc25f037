// SPDX-License-Identifier: MIT

/*
 * Tailwind 4 in projects that have it as a plugin of Vite: by the two packages that the plugin itself
 * consists of, its compiler and its scanner. A sheet that uses nothing of it stays as it is.
 */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { MissingPackage } from './project.mjs';
import { errorAt, placeOf } from './text.mjs';

const PLUGIN = '@tailwindcss/vite';

/** Whether the project's sheets go through Tailwind, without PostCSS. */
export function usesTailwind(project) {
    return project.dependsOn(PLUGIN);
}

/** The error with its place: what the compiler says of it, or where the name stands that it complains of. */
function placed(error, path, code) {
    const [source, start] = Array.isArray(error.loc) ? error.loc : [];
    const file = source?.file ?? path;
    const message = error.message.replace(`${file}:`, '').replace(/^\d+:\d+: /, '');
    if (source?.code !== undefined) {
        const { line, column } = placeOf(source.code, start);
        return errorAt(message, file, line, column);
    }
    const name = message.match(/[`']([^`']+)[`']/)?.[1];
    const at = name ? code.indexOf(name) : -1;
    const { line, column } = at < 0 ? {} : placeOf(code, at);
    return errorAt(message, path, line, column);
}

/** Tailwind of the project: compile() is the compiler's own, Scanner finds the names of classes. */
async function load(project) {
    const folder = project.folderOf(PLUGIN);
    if (!folder) {
        throw new MissingPackage(PLUGIN, 'Tailwind');
    }
    // They are packages of the plugin, which need not be the project's own.
    const require = createRequire(join(folder, 'package.json'));
    const part = async (name) => {
        const module = await project.loadFile(require.resolve(name));
        return { ...module.default, ...module };
    };
    const [{ compile, Features }, { Scanner }, { clearRequireCache }] = await Promise.all(
        ['@tailwindcss/node', '@tailwindcss/oxide', '@tailwindcss/node/require-cache'].map(part));
    return { compile, Features, Scanner, clearRequireCache };
}

export async function tailwind(project) {
    const { compile, Features, Scanner, clearRequireCache } = await load(project);
    const makesSomething = Features.AtApply | Features.JsPluginCompat | Features.ThemeFunction
        | Features.Utilities | Features.Variants;
    const sheets = new Map(); // path and block -> what is kept of it, until it or what it imports changes
    let changes = 0; // so often something was saved: what was begun before may be made of old files

    async function begin(path, code) {
        const sheet = { code, deps: [], compiler: null, scanner: null, names: new Set() };
        try {
            sheet.compiler = await compile(code, {
                base: dirname(path),
                from: path,
                shouldRewriteUrls: true,
                onDependency: (file) => sheet.deps.push(file),
            });
        } catch (error) {
            throw Object.assign(placed(error, path, code), { deps: sheet.deps });
        }
        const { root, sources } = sheet.compiler;
        const everything = { base: project.root, pattern: '**/*', negated: false };
        const own = root === 'none' ? [] : [root ? { ...root, negated: false } : everything];
        sheet.scanner = new Scanner({ sources: [...own, ...sources] });
        return sheet;
    }

    return {
        name: 'tailwind',
        version: `tailwindcss@${project.versionOf('tailwindcss')}`,
        changed(paths) {
            changes++;
            clearRequireCache(paths); // configurations and plugins in JavaScript
            for (const [key, { deps }] of sheets) {
                if (deps.some((each) => paths.includes(each))) {
                    sheets.delete(key);
                }
            }
        },
        async transform({ path, part = 0, code }) {
            const key = `${part} ${path}`;
            let sheet = sheets.get(key);
            if (sheet?.code !== code) {
                const before = changes;
                sheet = await begin(path, code);
                if (changes === before) {
                    sheets.set(key, sheet);
                }
            }
            const { compiler, scanner, names, deps } = sheet;
            if (!(compiler.features & makesSomething)) {
                return { code, type: 'css' };
            }
            if (!(compiler.features & Features.Utilities)) {
                return { code: compiler.build([]), type: 'css', deps };
            }
            scanner.scan().forEach((name) => names.add(name));
            // A new file in one of these folders may have new names.
            const dirs = [...new Set(scanner.globs.map(({ base }) => base))];
            const isInside = (file) => dirs.some((dir) => file.startsWith(`${dir}/`));
            const read = scanner.files.filter((file) => !isInside(file));
            return { code: compiler.build([...names]), type: 'css', deps: [...deps, ...read], dirs };
        },
    };
}
