// SPDX-License-Identifier: MIT

/*
 * What vite.config has in css.preprocessorOptions for a language of sheets. Its `additionalData` is text in
 * front of every sheet; places in what is made of both are told as those of the sheet.
 */

import { decodeMappings, encodeMappings } from './maps.mjs';
import { errorAt } from './text.mjs';

/**
 * For the sheet of that text: { head, code, rest }, `code` being what is compiled, `head` what stands in front
 * in it, and `rest` the options that are the compiler's own. `file` is the vite.config, if one says something.
 */
export async function optionsOf(project, file, lang, code, path) {
    const own = file ? (await project.viteConfig.held(file)).css[lang] : undefined;
    const { additionalData, ...rest } = own ?? {};
    let made = code;
    if (typeof additionalData === 'function') {
        const done = await additionalData(code, path);
        made = typeof done === 'string' ? done : done.content;
    } else if (additionalData) {
        made = additionalData + code;
    }
    return { head: made.endsWith(code) ? made.slice(0, made.length - code.length) : '', code: made, rest };
}

/** Where a place behind `head`, both from 0, is in the text itself; what is below 0 is in `head`. */
function behind(head, line, column) {
    const lines = head.split('\n');
    const at = line - (lines.length - 1);
    return { line: at, column: at === 0 ? column - lines.at(-1).length : column };
}

/** The map of a sheet that was compiled behind `head`, to the sheet itself, which is the source `name`. */
export function mapBehind(map, head, name, code) {
    const source = map ? map.sources.indexOf(name) : -1;
    if (!head || source < 0) {
        return map;
    }
    const lines = decodeMappings(map.mappings).map((line) => line.flatMap((segment) => {
        if (segment[1] !== source) {
            return [segment];
        }
        const at = behind(head, segment[2], segment[3]);
        return at.line < 0 || at.column < 0 ? [] : [[segment[0], source, at.line, at.column]];
    }));
    return {
        ...map,
        mappings: encodeMappings(lines),
        sourcesContent: map.sourcesContent?.map((text, i) => (i === source ? code : text)),
    };
}

/**
 * An error with its place in the file that it is in, from 0; `path` is the sheet behind `head`, and `config` the
 * file that says what stands in that.
 */
export function errorBehind(message, { file, line, column }, { path, head, config }) {
    const at = file === path ? behind(head, line, column) : { line, column };
    return at.line < 0 || at.column < 0 ? errorAt(`in additionalData for ${path}: ${message}`, config)
        : errorAt(message, file, at.line + 1, at.column + 1);
}
