// SPDX-License-Identifier: MIT

/* Packages of this repository's node_modules, for projects that tests write. */

import { cpSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeProject } from './project.mjs';
import { start } from './steps.mjs';

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** Copies packages, and all that they depend on and that is there, into a project's node_modules. */
export function install(dir, ...names) {
    for (const name of names) {
        const from = path.join(MODULES, name);
        const to = path.join(dir, 'node_modules', name);
        if (existsSync(to) || !existsSync(from)) {
            continue;
        }
        cpSync(from, to, { recursive: true });
        const manifest = JSON.parse(readFileSync(path.join(to, 'package.json')));
        install(dir, ...Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }));
    }
}

/** Runs `run` with the program on a project of these files that has the packages. It is stopped after it. */
export async function withPackages(files, packages, run, args = []) {
    const dir = await writeProject(files);
    install(dir, ...packages);
    const server = await start(dir, args);
    try {
        await run({ dir, server });
    } finally {
        await server.stop();
    }
}
