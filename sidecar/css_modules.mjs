// SPDX-License-Identifier: MIT

/*
 * CSS modules (x.module.css) by the project's lightningcss, or else its postcss: a module of the names, which
 * keeps its sheet in a <style>. A name says the file it is from, not what the sheet contains, so an edit
 * of a rule changes no name, and then the module takes its update itself.
 */

import { relative } from 'node:path';
import { withOwnNames } from './css_names.mjs';
import { urlOf } from './paths.mjs';
import { MissingPackage } from './project.mjs';
import { absoluteUrls, errorAt } from './text.mjs';

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const RESERVED = new Set(('await break case catch class const continue debugger default delete do else '
    + 'enum export extends false finally for function if implements import in instanceof interface let '
    + 'new null package private protected public return static super switch this throw true try typeof '
    + 'var void while with yield arguments eval').split(' '));

/** By lightningcss: { version, run(code, file) }, file being the path from the root. */
async function byLightningcss(project) {
    const module = await project.load('lightningcss');
    const { transform } = module.transform ? module : module.default;
    return {
        version: `lightningcss@${project.versionOf('lightningcss')}`,
        run: (code, file) => {
            const done = transform({
                filename: file,
                code: Buffer.from(code),
                cssModules: { pattern: '[local]_[hash]' },
                projectRoot: project.root,
            });
            return { ...done, code: done.code.toString() };
        },
    };
}

async function byPostcss(project) {
    const module = await project.load('postcss');
    return {
        version: `postcss@${project.versionOf('postcss')}`,
        run: (code, file) => ({ ...withOwnNames(module.default ?? module, code, file), warnings: [] }),
    };
}

export async function cssModules(project) {
    if (!project.has('lightningcss') && !project.has('postcss')) {
        throw new MissingPackage('lightningcss', 'a CSS module');
    }
    const { version, run } = await (project.has('lightningcss') ? byLightningcss : byPostcss)(project);

    return {
        name: 'css modules',
        version,
        async transform({ path, url, places, code }) {
            let done;
            try {
                done = run(code, relative(project.root, path));
            } catch (error) {
                throw errorAt(error.reason ?? error.message, path, error.loc?.line ?? error.line,
                    error.loc?.column ?? error.column);
            }
            const { names, imports } = namesOf(done.exports);
            const css = absoluteUrls(done.code, url, (name) => urlOf(places, name));
            return {
                code: moduleText(url, css, names, imports),
                type: 'js',
                warnings: done.warnings.map((each) => ({
                    message: each.message, loc: { file: path, ...each.loc },
                })),
            };
        },
    };
}

/** `composes` of this file are part of the name, with what they compose; those of other files are imported. */
function namesOf(exports) {
    const imports = new Map(); // specifier -> variable
    const own = new Map(Object.values(exports || {}).map((each) => [each.name, each]));
    const names = Object.entries(exports || {}).sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, entry]) => {
            const parts = new Set([JSON.stringify(entry.name)]);
            const reached = new Set([entry]); // grows while it is gone through
            for (const { composes } of reached) {
                for (const each of composes) {
                    if (each.type === 'dependency') {
                        const variable = imports.get(each.specifier) ?? `$${imports.size}`;
                        imports.set(each.specifier, variable);
                        parts.add(`${variable}[${JSON.stringify(each.name)}]`);
                        continue;
                    }
                    parts.add(JSON.stringify(each.name));
                    if (each.type === 'local' && own.has(each.name)) {
                        reached.add(own.get(each.name));
                    }
                }
            }
            return [name, [...parts].join(' + " " + ')];
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
