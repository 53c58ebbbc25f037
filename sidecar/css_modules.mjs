// SPDX-License-Identifier: MIT

/*
 * CSS modules (x.module.css) by the project's lightningcss: a JavaScript module of the names, which
 * keeps its sheet in a <style>. A name says the file it is from, not what the sheet contains, so an edit
 * of a rule changes no name, and then the module takes its update itself.
 */

import { relative } from 'node:path';
import { absoluteUrls, errorAt } from './text.mjs';

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const RESERVED = new Set(('await break case catch class const continue debugger default delete do else '
    + 'enum export extends false finally for function if implements import in instanceof interface let '
    + 'new null package private protected public return static super switch this throw true try typeof '
    + 'var void while with yield arguments eval').split(' '));

export async function cssModules(project) {
    const module = await project.need('lightningcss', 'a CSS module');
    const run = module.transform ?? module.default.transform;

    return {
        name: 'css modules',
        version: `lightningcss@${project.versionOf('lightningcss')}`,
        async transform({ path, url, code }) {
            let done;
            try {
                done = run({
                    filename: relative(project.root, path),
                    code: Buffer.from(code),
                    cssModules: { pattern: '[local]_[hash]' },
                    projectRoot: project.root,
                });
            } catch (error) {
                throw errorAt(error.message, path, error.loc?.line, error.loc?.column);
            }
            const { names, imports } = namesOf(done.exports);
            return {
                code: moduleText(url, absoluteUrls(done.code.toString(), url), names, imports),
                type: 'js',
                warnings: done.warnings.map((each) => ({
                    message: each.message, loc: { file: path, ...each.loc },
                })),
            };
        },
    };
}

/** `composes` of this file are part of the name; those of other files are imported. */
function namesOf(exports) {
    const imports = new Map(); // specifier -> variable
    const names = Object.entries(exports || {}).sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, { name: local, composes }]) => {
            const parts = [JSON.stringify(local)];
            for (const each of composes) {
                if (each.type === 'dependency') {
                    const variable = imports.get(each.specifier) ?? `$${imports.size}`;
                    imports.set(each.specifier, variable);
                    parts.push(`${variable}[${JSON.stringify(each.name)}]`);
                } else {
                    parts.push(JSON.stringify(each.name));
                }
            }
            return [name, parts.join(' + " " + ')];
        });
    return { names, imports };
}

function moduleText(url, css, names, imports) {
    const lines = ['import { sheet } from "/__orbit/sheet.js";'];
    imports.forEach((variable, specifier) => {
        lines.push(`import ${variable} from ${JSON.stringify(specifier)};`);
    });
    lines.push(`sheet(${JSON.stringify(url)}, ${JSON.stringify(css)}, import.meta.hot);`);
    const values = names.map(([name, value]) => `  ${JSON.stringify(name)}: ${value},`);
    lines.push('const $names = {', ...values, '};', 'export default $names;');
    for (const [name] of names) {
        if (IDENTIFIER.test(name) && !RESERVED.has(name)) {
            lines.push(`const $_${name} = $names.${name};`, `export { $_${name} as ${name} };`);
        }
    }
    lines.push('import.meta.hot?.accept((next) => {',
        '  if (JSON.stringify(next.default) !== JSON.stringify($names)) {',
        '    import.meta.hot.invalidate("names of the CSS module have changed");',
        '  }', '});', '');
    return lines.join('\n');
}
