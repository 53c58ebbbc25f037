// SPDX-License-Identifier: MIT

/* A project of each template of `orbiton new` runs at once, and its page says what the template is. */

import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { browser, temporaryFolder } from './harness.mjs';
import { countingCargo, firstBuild } from './cargo.mjs';
import { edit, start, visit } from './steps.mjs';
import { shows } from './project.mjs';

const PROGRAM = process.env.ORBITON_BIN || fileURLToPath(new URL('../../build/orbiton', import.meta.url));

/* One thing of a person's, before and after an edit that needs no build. */
const TEMPLATES = {
    counter: {
        file: 'src/counter.orbit', click: '.counter-controls button:last-of-type', counts: ['0', '1'],
        count: 'document.querySelector(".counter-display").textContent', change: ['<h2>', '<h2>My '],
        shows: ['document.querySelector("h2").textContent.slice(0, 3)', 'My '],
    },
    'c-counter': {
        file: 'src/counter.orbit', click: 'main > button:nth-of-type(2)', counts: ['0', '1'],
        count: 'document.querySelector(".count").textContent', change: ['<h1>', '<h1>My '],
        shows: ['document.querySelector("h1").textContent.slice(0, 3)', 'My '],
    },
    'js-counter': {
        file: 'src/app.orbit', click: '.row button:nth-of-type(2)', counts: ['3', '4'], isBuilt: false,
        count: 'document.querySelector(".row b").textContent', change: ['<h1>', '<h1>My '],
        shows: ['document.querySelector("h1").textContent.slice(0, 3)', 'My '],
    },
};

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

for (const [name, template] of Object.entries(TEMPLATES)) {
    test(`a new project of the template ${name}`, async () => {
        const dir = path.join(temporaryFolder(), 'my-app');
        execFileSync(PROGRAM, ['new', dir, '--template', name]);
        const server = await start(dir, [], { env: countingCargo().env });
        const { page, close } = await visit(chrome, server, [`/${template.file}?orbit=template`]);

        if (template.isBuilt ?? true) {
            await firstBuild(server);
        }
        await shows(page, template.count, template.counts[0]);
        await page.click(template.click);
        await shows(page, template.count, template.counts[1]);
        await edit(dir, template.file, ...template.change);
        await shows(page, ...template.shows);
        await shows(page, template.count, template.counts[1]);
        await close();
        await server.stop();
    });
}
