// SPDX-License-Identifier: MIT

/* Style sheets: Sass, then Tailwind and PostCSS if the project uses them, then the names of a CSS module. */

import { cssModules } from './css_modules.mjs';
import { postcss, usesPostcss } from './postcss.mjs';
import { sass } from './sass.mjs';
import { tailwind, usesTailwind } from './tailwind.mjs';

/** Languages of sheets that have no adapter. */
const FOREIGN = { less: 'Less', styl: 'Stylus' };

export async function style(project) {
    const made = new Map(); // what was needed so far
    const versions = new Map();

    async function step(create, file, result) {
        if (!made.has(create)) {
            made.set(create, await create(project));
        }
        const part = made.get(create);
        const done = await part.transform({ ...file, code: result.code });
        versions.set(part.name, part.version);
        return {
            code: done.code,
            map: done.map ?? null,
            type: done.type,
            deps: [...result.deps, ...(done.deps ?? [])],
            dirs: [...result.dirs, ...(done.dirs ?? [])],
            warnings: [...result.warnings, ...(done.warnings ?? [])],
        };
    }

    return {
        name: 'style',
        get version() {
            return [...versions.values()].join(' ');
        },
        changed(paths) {
            made.forEach((part) => part.changed?.(paths));
        },
        /** `lang` is that of a component's block; `part` tells its blocks apart. */
        async transform(file) {
            const lang = file.lang ?? file.path.slice(file.path.lastIndexOf('.') + 1);
            if (Object.hasOwn(FOREIGN, lang)) {
                const message = `a sheet in ${FOREIGN[lang]} needs a compiler that orbiton has no adapter for;`
                    + ` package.json can name a plugin for .${lang} (docs/plugins.md, "A plugin of your own")`;
                throw Object.assign(new Error(message), { loc: {} });
            }
            let result = { code: file.code, map: null, type: 'css', deps: [], dirs: [], warnings: [] };
            try {
                if (lang === 'scss' || lang === 'sass') {
                    result = await step(sass, { ...file, indented: lang === 'sass' }, result);
                }
                if (usesTailwind(project)) {
                    result = await step(tailwind, file, result);
                }
                if (usesPostcss(project)) {
                    result = await step(postcss, file, result);
                }
                if (/\.module\.\w+$/.test(file.path)) {
                    result = await step(cssModules, file, result);
                }
            } catch (error) {
                // What was read until here counts too: the sheet is made anew when it changes.
                error.deps = [...result.deps, ...(error.deps ?? [])];
                throw error;
            }
            return result;
        },
    };
}
