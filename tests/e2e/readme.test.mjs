// SPDX-License-Identifier: MIT

/* What README.md shows and names: its example in a page, the options, the targets, the files. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { browser, temporaryFolder } from './harness.mjs';
import { edit, lineAfter, read, start, visit } from './steps.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const README = read(ROOT, 'README.md');

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

/** The block of code in README.md that begins with this text. */
function block(language, first) {
    const found = [...README.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
        .find(([, name, text]) => name === language && text.startsWith(first));
    assert.ok(found, `README.md has no block that begins with ${first}`);
    return found[2];
}

function example() {
    const dir = temporaryFolder();
    writeFileSync(path.join(dir, 'index.html'), '<!doctype html><script type="module" src="/counter.js"></script>');
    writeFileSync(path.join(dir, 'counter.css'), 'button { color: rgb(1, 2, 3); }');
    writeFileSync(path.join(dir, 'counter.js'), block('js', '// counter.js'));
    writeFileSync(path.join(dir, 'label.js'), block('js', '// label.js'));
    return dir;
}

test('the example of import.meta.hot does what is said of it', async () => {
    const dir = example();
    const server = await start(dir);
    const { page, isSame, close } = await visit(chrome, server,
        ['/', '/counter.js', '/label.js', '/counter.css?import']);
    const buttons = () => page.locator('body > button').allTextContents();
    await page.click('button');
    await page.click('button');
    assert.deepEqual(await buttons(), ['Count: 2']);

    await lineAfter(server, 'hot', () => edit(dir, 'label.js', "'Count'", "'Clicks'"));
    assert.deepEqual(await buttons(), ['Clicks: 2']);
    await lineAfter(server, 'hot', () => edit(dir, 'counter.js', 'state.count++', 'state.count += 10'));
    await page.click('button');
    assert.deepEqual(await buttons(), ['Clicks: 12']);
    await lineAfter(server, 'hot', () => edit(dir, 'counter.css', '(1, 2, 3)', '(4, 5, 6)'));
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('button')).color), 'rgb(4, 5, 6)');

    const failed = await lineAfter(server, 'error', () => edit(dir, 'label.js', /$/, 'throw new Error("no");\n'));
    assert.match(failed.why, /rolled back: .*no/);
    assert.deepEqual(await buttons(), ['Clicks: 12']);
    await lineAfter(server, 'hot', () => edit(dir, 'label.js', 'throw new Error("no");', '// mended'));
    assert.deepEqual(await buttons(), ['Clicks: 12']);
    assert.equal(await isSame(), true);

    await close();
    await server.stop();
});

test('the options are those of the program', () => {
    const help = spawnSync(process.env.ORBITON_BIN || path.join(ROOT, 'build', 'orbiton'), ['dev', '--help'],
        { encoding: 'utf8' }).stdout;
    assert.equal(help.trimEnd().startsWith(block('', 'Usage: orbiton dev').trimEnd()), true, help);
});

test('files and make targets that are named exist, and make help lists every target', () => {
    for (const [, name] of README.matchAll(/\b((?:tests|docs|examples|client)\/[\w./-]+\w)/g)) {
        assert.ok(existsSync(path.join(ROOT, name)), `${name} is named in README.md`);
    }
    const makefile = readFileSync(path.join(ROOT, 'Makefile'), 'utf8');
    const targets = [...makefile.matchAll(/^([a-z0-9-]+):/gm)].map(([, name]) => name);
    const help = execFileSync('make', ['-s', '--no-print-directory', 'help'], { cwd: ROOT, encoding: 'utf8' });
    for (const target of targets) {
        assert.match(help, new RegExp(`^${target} `, 'm'), `make help leaves out ${target}`);
    }
    for (const [, name] of README.matchAll(/`make ([a-z0-9-]+)/g)) {
        assert.ok(targets.includes(name), `make ${name} is named in README.md`);
    }
});
