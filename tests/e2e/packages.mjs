// SPDX-License-Identifier: MIT

/* Packages of this repository's node_modules, for projects that tests write. */

import { cpSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

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
