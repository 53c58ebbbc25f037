import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export default function poem({ root }) {
    return {
        name: 'poem',
        version: '1',

        // A file becomes JavaScript. `path` is absolute, `url` is where the page has it.
        async transform({ path, url, code }) {
            const footer = join(root, 'footer.txt');
            const lines = [...code.trim().split('\n'), await readFile(footer, 'utf8')];
            if (lines.some((line) => line.length > 60)) {
                const line = lines.findIndex((each) => each.length > 60) + 1;
                throw Object.assign(new Error('this line is too long for a poem'), {
                    loc: { file: path, line, column: 61 },
                });
            }
            return {
                code: `export default ${JSON.stringify(lines)};\n`,
                deps: [footer],
            };
        },
    };
}
