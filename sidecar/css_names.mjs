// SPDX-License-Identifier: MIT

/*
 * Names of a CSS module without lightningcss: by PostCSS alone, which Vite and Vue bring along. Classes,
 * ids and keyframes are the file's own, `:global` is not; `composes` and `:export` go to the exports.
 */

import { shortHash } from './text.mjs';

const NAME = /(?:\\[\da-fA-F]{1,6}\s?|\\[^]|[\w-]|[^\x00-\x7f])+/; // eslint-disable-line no-control-regex
const STRING = /"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'/;
const WORD = new RegExp(`${STRING.source}|${NAME.source}`, 'g');
const PIECE = new RegExp([
    /\\[^]/, STRING, /\/\*[^]*?\*\//, // nothing in these is a name
    /\[(?:"[^"]*"|'[^']*'|[^\]"'])*\]/,
    /:(?<open>local|global)\(/, /:(?<word>local|global)(?![\w-])\s*/,
    new RegExp(`(?<mark>[.#])(?<name>${NAME.source})`),
    /(?<bracket>[(),])/,
].map((each) => each.source).join('|'), 'g');

const ESCAPE = /\\(?:([\da-f]{1,6})\s?|([^]))/gi;
const unescaped = (name) => name.replace(ESCAPE, (_, hex, plain) =>
    (hex ? String.fromCodePoint(Math.min(parseInt(hex, 16) || 0xfffd, 0x10ffff)) : plain));

/** The name in a word or a string: keyframes are called x or "x", which is the same name. */
const bare = (word) => (/^["']/.test(word) ? word.slice(1, -1) : word);

/** A selector with `rename(name)` for each name that is the file's own; `:local` and `:global` are gone. */
function renamed(selector, rename) {
    // One for each open parenthesis: whether names are local in it, now and where a comma begins another.
    const levels = [{ now: true, first: true, close: '' }];
    return selector.replace(PIECE, (all, ...rest) => {
        const { open, word, mark, name, bracket } = rest.at(-1);
        const level = levels.at(-1);
        if (open) {
            levels.push({ now: open === 'local', first: open === 'local', close: '' });
            return '';
        }
        if (word) {
            level.now = word === 'local';
            return '';
        }
        if (name) {
            return level.now ? mark + rename(name) : all;
        }
        if (bracket === '(') {
            levels.push({ now: level.now, first: level.now, close: ')' });
        } else if (bracket === ')' && levels.length > 1) {
            return levels.pop().close;
        } else if (bracket === ',') {
            level.now = level.first;
        }
        return all;
    });
}

/** What a `composes` says: names of this file, of another one (`specifier`), or of none. */
function composed(value) {
    return value.split(',').flatMap((part) => {
        const [, names, from] = part.trim().match(/^([^]*?)(?:\s+from\s+([^]+))?$/);
        return names.split(/\s+/).filter(Boolean).map((name) => (from === undefined ? { type: 'local', name }
            : from.trim() === 'global' ? { type: 'global', name }
                : { type: 'dependency', name, specifier: from.trim().slice(1, -1) }));
    });
}

/**
 * The sheet with its own names, and `exports` as lightningcss gives them: name -> { name, composes }.
 * `file` is the path that the names are told apart by.
 */
export function withOwnNames(postcss, code, file) {
    const exported = Object.create(null);
    const hash = shortHash(file);
    const rename = (name) => {
        const own = `${name}_${hash}`;
        exported[unescaped(name)] ??= { name: unescaped(own), composes: [] };
        return own;
    };
    const root = postcss.parse(code);
    const frames = new Set();
    const renameWord = (word) => word.replace(bare(word), rename);
    root.walkAtRules(/^(?:-\w+-)?keyframes$/i, (rule) => {
        const global = rule.params.match(/^:global\((.*)\)$/);
        if (!global) {
            frames.add(unescaped(bare(rule.params)));
        }
        rule.params = global ? global[1] : renameWord(rule.params);
    });
    root.walkRules((rule) => {
        if (rule.selector === ':export') {
            rule.walkDecls(({ prop, value }) => {
                exported[prop] = { name: value, composes: [] };
            });
            rule.remove();
            return;
        }
        if (/keyframes$/i.test(rule.parent.name ?? '')) {
            return;
        }
        const names = [];
        rule.selector = renamed(rule.selector, (name) => {
            names.push(unescaped(name));
            return rename(name);
        });
        rule.each((each) => {
            if (each.type === 'decl' && each.prop === 'composes') {
                names.forEach((name) => exported[name].composes.push(...composed(each.value)));
                each.remove();
            }
        });
    });
    root.walkDecls(/^(?:-\w+-)?animation(?:-name)?$/i, (decl) => {
        decl.value = decl.value.replace(WORD, (word) =>
            (frames.has(unescaped(bare(word))) ? renameWord(word) : word));
    });
    for (const { composes } of Object.values(exported)) {
        composes.forEach((each) => {
            each.name = each.type === 'local' ? exported[each.name]?.name ?? each.name : each.name;
        });
    }
    return { code: root.toString(), exports: exported };
}
