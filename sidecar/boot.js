// SPDX-License-Identifier: MIT

/*
 * What `node --input-type=module --eval` is given. The first line on standard input has the other
 * files of this folder, in the order in which they import each other; nothing is written to disk. Each is a
 * module of its own, a data: URL. What it imports of the others it gets from those that are there: a URL
 * within a URL would be as long as all that it leads to, and as often.
 * Packages are loaded by import() of this text, which Node resolves from the working directory:
 * the project's.
 */
const head = [];

function boot(chunk) {
    const end = chunk.indexOf(10);
    head.push(end < 0 ? chunk : chunk.subarray(0, end));
    if (end < 0) {
        return;
    }
    process.stdin.off('data', boot);
    process.stdin.pause();
    process.stdin.unshift(chunk.subarray(end + 1));
    load(JSON.parse(Buffer.concat(head).toString()).files);
}

async function load(files) {
    const modules = globalThis.__orbiton_sidecar = {};
    for (const [name, text] of files) {
        const source = text.replace(/^import \{([^}]*)\} from '\.\/([\w.]+)';$/gm, (all, names, file) =>
            `const {${names.replaceAll(' as ', ': ')}} = globalThis.__orbiton_sidecar['${file}'];`);
        const bytes = Buffer.from(`${source}\n//# sourceURL=orbiton:${name}\n`);
        modules[name] = await import(`data:text/javascript;base64,${bytes.toString('base64')}`);
    }
    delete globalThis.__orbiton_sidecar;
    modules['main.mjs'].start((specifier) => import(specifier));
}

process.stdin.on('data', boot);
