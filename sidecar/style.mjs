// SPDX-License-Identifier: MIT

/* Style sheets: Sass, Less or Stylus, then Tailwind and PostCSS if the project uses them, then the names of a CSS module. */

import { cssModules } from './css_modules.mjs';
import { less } from './less.mjs';
import { postcss, usesPostcss } from './postcss.mjs';
import { sass } from './sass.mjs';
import { stylus } from './stylus.mjs';
import { tailwind, usesTailwind } from './tailwind.mjs';

/** What makes CSS of a sheet, by its language: that of a component's block, or a file's ending. */
const COMPILERS = { scss: sass, sass, less, styl: stylus, stylus };

/** Whether a component's block of that language is a sheet that is made here. */
export const isSheetLang = (lang) => lang === 'css' || Object.hasOwn(COMPILERS, lang);

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
            let result = { code: file.code, map: null, type: 'css', deps: [], dirs: [], warnings: [] };
            try {
                if (Object.hasOwn(COMPILERS, lang)) {
                    result = await step(COMPILERS[lang], { ...file, indented: lang === 'sass' }, result);
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
