// SPDX-License-Identifier: MIT
/*
 * The tokenizer against html5lib's cases, which the npm package html5 carries. Every case
 * runs in every initial state it names, through html5lib_driver of the build folder that
 * ORBITON_BUILD names.
 *
 * The tokenizer gives raw spans. What the standard's input stream and its tree would make of them
 * is done here: newlines, NUL, lower case, and the character references that are simple. Where
 * references need the whole table of names or the legacy rules, kinds and names are compared but
 * not texts.
 * Of a doctype only the name is compared: the tokenizer gives nothing else.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

const require = createRequire(import.meta.url);
const build = resolve(process.env.ORBITON_BUILD ?? 'build');
const driver = join(build, 'tests', 'html5lib_driver');
const folder = join(dirname(require.resolve('html5/package.json')), 'test/data/tokenizer');

const MODES = {
    'Data state': 'data',
    'RCDATA state': 'rcdata',
    'RAWTEXT state': 'rawtext',
    'PLAINTEXT state': 'plaintext',
    'Script data state': 'script',
    'CDATA section state': 'foreign',
};

// xmlViolation.test asks for a coercion to XML that is not the tokenizer's.
const FILES = readdirSync(folder)
    .filter((name) => name.endsWith('.test') && name !== 'xmlViolation.test');

const SIMPLE = { amp: '&', lt: '<', gt: '>', quot: '"' };

// Decodes "&name;" for the four names, and "&#38;" for ordinary characters. Another '&' is text
// where no name and no number can follow. null: not simple.
function decode(text) {
    let ok = true;
    const decoded = text.replace(/&(?:(amp|lt|gt|quot);|#(\d+);|#[xX]([0-9a-fA-F]+);)?/g,
        (whole, name, decimal, hex, offset) => {
            if (name) {
                return SIMPLE[name];
            }
            if (decimal || hex) {
                const code = decimal ? parseInt(decimal, 10) : parseInt(hex, 16);
                ok &&= (code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code < 0xd800);
                return ok ? String.fromCodePoint(code) : whole;
            }
            ok &&= !/[A-Za-z0-9#]/.test(text.charAt(offset + 1));
            return whole;
        });
    return ok ? decoded : null;
}

const newlines = (text) => text.replace(/\r\n?/g, '\n');
const noNul = (text) => text.replaceAll('\0', '\uFFFD');
const lower = (text) => noNul(text).replace(/[A-Z]/g, (c) => c.toLowerCase());

// The driver's tokens as html5lib writes them, and whether all references were simple.
function finish(tokens, mode) {
    const result = [];
    let simple = true;
    let textMode = mode; // of the first text only: each tag leads to the data state
    for (const [kind, first, attributes, selfClosing] of tokens) {
        const value = newlines(first);
        switch (kind) {
        case 'Text': {
            const isData = textMode === 'data' || textMode === 'foreign';
            const raw = isData ? value : noNul(value);
            const text = isData || textMode === 'rcdata' ? decode(raw) : raw;
            simple &&= text !== null;
            result.push(['Character', text ?? '']);
            break;
        }
        case 'Cdata':
            result.push(['Character', value]);
            break;
        case 'StartTag': {
            const map = {};
            for (const [name, raw] of attributes) {
                const text = decode(noNul(newlines(raw)));
                simple &&= text !== null;
                map[lower(newlines(name))] = text ?? '';
            }
            result.push(['StartTag', lower(value), map, ...(selfClosing ? [true] : [])]);
            textMode = 'data';
            break;
        }
        case 'EndTag':
            result.push(['EndTag', lower(value)]);
            textMode = 'data';
            break;
        case 'Comment':
            result.push(['Comment', noNul(value)]);
            break;
        case 'DOCTYPE':
            result.push(['DOCTYPE', value === '' ? null : lower(value)]);
            break;
        default:
            assert.fail(kind);
        }
    }
    return { tokens: result, simple };
}

// Tokens without the texts in which references may stand.
function shape(tokens) {
    return tokens.map((token) => {
        switch (token[0]) {
        case 'Character':
            return ['Character'];
        case 'StartTag':
            return ['StartTag', token[1], Object.keys(token[2]).sort(), token[3]];
        default:
            return token;
        }
    });
}

// Joins neighbouring texts, and drops what is not compared.
function normalize(tokens) {
    const result = [];
    for (const token of tokens) {
        if (token === 'ParseError') {
            continue;
        }
        if (token[0] === 'Character' && result.at(-1)?.[0] === 'Character') {
            result.at(-1)[1] += token[1];
        } else if (token[0] === 'DOCTYPE') {
            // Old cases write a missing name as the empty string, new ones as null.
            result.push(['DOCTYPE', token[1] || null]);
        } else {
            result.push([...token]);
        }
    }
    return result;
}

function unescape(value) {
    if (typeof value === 'string') {
        return value.replace(/\\u([0-9a-fA-F]{4})/g,
            (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    }
    if (Array.isArray(value)) {
        return value.map(unescape);
    }
    if (value && typeof value === 'object') {
        return Object.fromEntries(
            Object.entries(value).map(([k, v]) => [unescape(k), unescape(v)]));
    }
    return value;
}

function load() {
    const runs = [];
    for (const file of FILES) {
        for (const item of JSON.parse(readFileSync(join(folder, file), 'utf8')).tests ?? []) {
            const { input, output } = item.doubleEscaped ? unescape(item) : item;
            for (const state of item.initialStates ?? ['Data state']) {
                const last = item.lastStartTag ?? '-';
                runs.push({ file, state, input, output, last, description: item.description });
            }
        }
    }
    return runs;
}

function drive(runs) {
    const lines = runs.map((run) => {
        const hex = Buffer.from(run.input, 'utf8').toString('hex');
        return `${MODES[run.state]} ${run.last} ${hex}\n`;
    });
    const child = spawnSync(driver,
        { input: lines.join(''), encoding: 'utf8', maxBuffer: 1 << 28 });
    assert.equal(child.status, 0, child.error?.message ?? child.stderr);
    return child.stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
}

test('the tokenizer agrees with html5lib', () => {
    const all = load();
    for (const run of all) {
        assert.ok(MODES[run.state], `unknown state: ${run.state}`);
    }
    // A lone surrogate cannot be written in UTF-8.
    const runs = all.filter((run) => Buffer.from(run.input, 'utf8').toString('utf8') === run.input);
    const surrogates = all.length - runs.length;
    const answers = drive(runs);
    assert.equal(answers.length, runs.length);

    const failures = [];
    let passed = 0;
    let shapes = 0;
    runs.forEach((run, i) => {
        const { tokens, simple } = finish(answers[i], MODES[run.state]);
        const view = simple ? normalize : (list) => shape(normalize(list));
        if (!isDeepStrictEqual(view(tokens), view(run.output))) {
            failures.push({ ...run, actual: normalize(tokens) });
        } else if (simple) {
            passed++;
        } else {
            shapes++;
        }
    });
    console.log(`html5lib: ${passed} passed, ${failures.length} failed, ` +
        `${shapes} passed without their texts (references), ` +
        `${surrogates} skipped (lone surrogates)`);
    for (const failure of failures.slice(0, 20)) {
        console.log(JSON.stringify(failure));
    }
    assert.equal(failures.length, 0);
    // A suite that is not there, or is skipped whole, must not look like success.
    assert.ok(passed > 1500, `only ${passed} cases ran`);
});
