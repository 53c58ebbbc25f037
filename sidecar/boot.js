// SPDX-License-Identifier: MIT

/*
 * What `node --input-type=module --eval` is given. The first line on standard input has the other
 * files of this folder, in the order in which they import each other; nothing is written to disk.
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
    const urls = new Map();
    for (const [name, text] of JSON.parse(Buffer.concat(head).toString()).files) {
        const source = text.replace(/from '\.\/([\w.]+)'/g, (all, file) => `from '${urls.get(file)}'`);
        const bytes = Buffer.from(`${source}\n//# sourceURL=orbiton:${name}\n`);
        urls.set(name, `data:text/javascript;base64,${bytes.toString('base64')}`);
    }
    import(urls.get('main.mjs')).then((main) => main.start((specifier) => import(specifier)));
}

process.stdin.on('data', boot);
