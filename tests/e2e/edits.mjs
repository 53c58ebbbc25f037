// SPDX-License-Identifier: MIT

/*
 * A table of edits on a project with components, one after another on one page that is never
 * loaded again. An edit is
 *
 *     { what, file, change: [from, to, from, to...], write: { path: text },
 *       builds: number (0), line: pattern of the update line, verb ('hot'), why: pattern,
 *       also: pattern of a line before it, heals: true (the overlay goes),
 *       meanwhile: as `shows`, before the build may begin,
 *       shows: [expression, value, expression, value...], state: (before) => what the page has now,
 *       place: pattern of the text at the place of the first message,
 *       after: async (page), may change the state }
 *
 * After each: the page is the same document, nothing but what `why` names was lost, as many builds
 * have run as were said, and the state is the one of before unless the edit says another.
 */

import assert from 'node:assert/strict';
import { sync } from './harness.mjs';
import { edit as replace, linesSince, read } from './steps.mjs';
import { put, shows } from './project.mjs';

/** What a handler did is shown by the next frame. */
const FRAMES = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))';

/* What a page says of itself: expressions. */
export const textOf = (selector) => `document.querySelector('${selector}').textContent`;
export const styleOf = (selector, name) => `getComputedStyle(document.querySelector('${selector}')).${name}`;

async function apply(dir, file, edit) {
    for (const [name, text] of Object.entries(edit.write ?? {})) {
        await put(dir, name, text);
    }
    const pairs = edit.change ?? [];
    if (pairs.length > 0) {
        let text = read(dir, edit.file ?? file);
        for (let i = 0; i < pairs.length; i += 2) {
            assert.ok(text.includes(pairs[i]), `${pairs[i]} is not in ${edit.file ?? file}`);
            text = text.replace(pairs[i], () => pairs[i + 1]);
        }
        await replace(dir, edit.file ?? file, /[^]*/, () => text);
    }
}

/** The place of the first error: a build's are an event, others stand in the line itself. */
function firstError(server, from, line) {
    const [, name, row, col] = /^(.*):(\d+):(\d+)$/.exec(line.what) ?? [];
    if (name) {
        return { path: name, line: Number(row), col: Number(col) };
    }
    const found = server.events.items.slice(from).findLast((each) => each.event === 'diagnostics');
    assert.ok(found, 'a message with a place');
    return found.diagnostics.find((each) => each.severity === 'error');
}

/**
 * `builds` counts the builds so far; `state` is an expression in the page; `gate`, if there is one,
 * holds builds back: gate.close(), gate.open().
 */
export async function runEdits(t, project, edits) {
    const { dir, server, page, isSame, file, state, builds = () => 0, gate } = project;
    let expected = await page.evaluate(state);

    for (const edit of edits) {
        let failed = true;
        await t.test(edit.what, async () => {
            await sync(server);
            const from = server.events.items.length;
            const before = builds();
            const wanted = edit.builds ?? 0;
            const verb = edit.verb ?? 'hot';

            if (edit.meanwhile) {
                gate.close();
            }
            await apply(dir, edit.file ?? file, edit);
            if (edit.meanwhile) {
                for (let i = 0; i < edit.meanwhile.length; i += 2) {
                    await shows(page, edit.meanwhile[i], edit.meanwhile[i + 1]);
                }
                gate.open();
            }
            const line = await server.events.until((each) => each.event === 'update' &&
                each.verb === verb && (edit.line ?? /./).test(each.what) &&
                (edit.why ?? /^/).test(each.why ?? '') &&
                (wanted === 0 || each.timing?.build > 0 || verb !== 'hot'),
            { from, what: `${verb} ${edit.line} ${edit.why} for "${edit.what}"` });
            const list = edit.shows ?? [];
            for (let i = 0; i < list.length; i += 2) {
                await shows(page, list[i], list[i + 1]);
            }
            await sync(server);
            expected = edit.state ? JSON.parse(JSON.stringify(edit.state(expected))) : expected;
            await shows(page, state, expected);
            assert.equal(builds() - before, wanted, 'builds');
            if (!edit.why && verb === 'hot') {
                linesSince(server, from).forEach((each) =>
                    assert.doesNotMatch(each.why ?? '', /\blost\b/));
            }
            if (edit.also) {
                await server.events.until((each) => each.event === 'update'
                    && edit.also.test(each.what), { from, what: `a line ${edit.also}` });
            }
            if (edit.place) {
                const place = firstError(server, from, line);
                const at = `${place.path}:${place.line}:${place.col}`;
                assert.equal(place.path, edit.file ?? file);
                assert.match(read(dir, place.path).split('\n')[place.line - 1]
                    .slice(place.col - 1), edit.place, at);
                await page.waitForFunction((text) => document.querySelector('orbiton-overlay')
                    ?.shadowRoot?.textContent.includes(text), at);
            } else if (edit.heals) {
                await page.waitForFunction(() => !document.querySelector('orbiton-overlay')
                    ?.shadowRoot?.textContent);
            }
            await edit.after?.(page);
            if (edit.after) {
                await page.evaluate(FRAMES);
                expected = await page.evaluate(state);
            }
            assert.equal(await isSame(), true, 'the same document');
            failed = false;
        });
        if (failed && !process.env.EDITS_GO_ON) {
            return;
        }
    }
}

/** Edits of sections that every example can have; `h1` is one of its elements. */
export const STYLE_SECTIONS = [
    { what: 'a style section more',
        change: ['<code', '<style global>\nbody { background: rgb(9, 9, 9); }\n</style>\n\n<code'],
        line: /\(style\)$/, shows: [styleOf('body', 'backgroundColor'), 'rgb(9, 9, 9)'] },
    { what: 'a style section less',
        change: ['<style global>\nbody { background: rgb(9, 9, 9); }\n</style>\n\n', ''],
        line: /\(style\)$/, shows: [styleOf('body', 'backgroundColor'), 'rgba(0, 0, 0, 0)'] },
];

/** A rule for the h1 before the one that begins with `before`, and without it again. */
export const styleRules = (before) => [
    { what: 'a rule more', change: [before, `h1 { color: rgb(1, 2, 3); }\n${before}`],
        line: /\(style\)$/, shows: [styleOf('h1', 'color'), 'rgb(1, 2, 3)'] },
    { what: 'a rule less', change: ['h1 { color: rgb(1, 2, 3); }\n', ''],
        line: /\(style\)$/, shows: [styleOf('h1', 'color'), 'rgb(0, 0, 0)'] },
];

/** Edits of one file: change(from, to, fits) resolves to the next line that fits, since that of an
 * earlier edit's build may still come. And what may be asked of a line. */
export function changesOf(server, dir, file) {
    return {
        change: async (from, to, fits) => {
            const at = server.events.items.length;
            await replace(dir, file, from, to);
            return server.events.until((each) => each.event === 'update' && fits(each), { from: at });
        },
        isBuilt: (each) => each.timing.build > 0 && each.verb === 'hot',
        isError: (each) => each.verb === 'error',
        says: (what) => (each) => what.test(each.what),
    };
}
