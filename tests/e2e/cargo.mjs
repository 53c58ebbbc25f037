// SPDX-License-Identifier: MIT

/* For tests of components in Rust: a cargo that counts, and patience with the first build. */

import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './harness.mjs';

/** The crate that components depend on; the copy of an example names it by its whole path. */
export const CRATE = fileURLToPath(new URL('../../crates/orbit', import.meta.url));

/** A cargo that notes each build before it is the real one. */
export function countingCargo() {
    const dir = temporaryFolder();
    const log = path.join(dir, 'log');
    writeFileSync(log, '');
    writeFileSync(path.join(dir, 'cargo'),
        `#!/bin/sh
case " $* " in *" build "*) echo build >> ${log};; esac
exec /usr/bin/cargo "$@"
`);
    writeFileSync(path.join(dir, 'rustc'), '#!/bin/sh\nexec /usr/bin/rustc "$@"\n');
    chmodSync(path.join(dir, 'cargo'), 0o755);
    chmodSync(path.join(dir, 'rustc'), 0o755);
    return {
        env: { PATH: `${dir}:${process.env.PATH}` },
        builds: () => readFileSync(log, 'utf8').split('\n').length - 1,
    };
}

/** The first build makes the standard library's part too: it may take several watchdogs. */
export async function firstBuild(server) {
    const isDone = (each) => each.event === 'update' && each.verb !== 'bad';
    for (let patience = 3; !server.events.items.some(isDone); patience--) {
        await server.events.until(isDone, { what: 'the first build' }).catch((error) => {
            if (patience === 0) {
                throw error;
            }
        });
    }
}
