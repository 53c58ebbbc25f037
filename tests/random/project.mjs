// SPDX-License-Identifier: MIT

/*
 * Projects that are made up from a seed, and changes of them, for edits.mjs.
 *
 * The state is plain data and all texts follow from it, so that it can be copied, brought back, and
 * written out at any time. Everything that a page shows is a function of the files: a module that
 * draws does so whenever it runs, takes what it accepts, and clears up when it is pruned. So a page
 * that stays open must come to look like a new one.
 */

const CARDS = 4;
const SHEETS = 3;
const DATA = 2;

/** Numbers that follow from a seed (mulberry32). */
export function random(seed) {
    let state = seed * 2654435761;
    const next = () => {
        state = (state + 0x6d2b79f5) | 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    const below = (n) => Math.floor(next() * n);
    return { next, below, pick: (list) => list[below(list.length)], chance: (p) => next() < p };
}

const isCard = (name) => name.startsWith('card');

export class Project {
    constructor(rnd) {
        this.rnd = rnd;
        this.hadFailingAccept = false;
        this.value = 0; // never goes back: what it counts is new in each use
        this.snapshots = [];
        this.state = {
            modules: {}, // name -> see make()
            css: { value: 1, childValue: 1 },
            sheets: Array(SHEETS).fill(1),
            data: Array.from({ length: DATA }, () => ({ value: 1, isBad: false })),
            title: 'start',
            lines: [],
            extra: { isThere: false, value: 1 },
            inline: { name: '', accepts: false },
            main: { accepts: 'none', throws: false },
            cards: [],
        };
        const { modules } = this.state;
        const plain = 4 + rnd.below(6);
        for (let i = 0; i < plain; i++) {
            modules[`m${i}`] = this.make(rnd.pick(['none', 'none', 'give']), rnd.pick(['', 'lib']));
        }
        for (let i = 0; i < CARDS; i++) {
            modules[`card${i}`] = this.make(rnd.pick(['self', 'deps', 'exports', 'none']), '');
            this.state.cards.push(`card${i}`);
        }
        for (const name of Object.keys(modules)) {
            const count = isCard(name) ? 1 + rnd.below(3) : rnd.below(3);
            for (let i = 0; i < count; i++) {
                this.addImport(name);
            }
        }
        this.state.main.accepts = rnd.pick(['none', 'self', 'deps']);
    }

    make(accepts, folder) {
        return {
            value: ++this.value,
            imports: [], // { name, kind }
            sheets: [],
            data: [],
            accepts,
            folder,
            fault: '',
            throwsInDispose: false,
        };
    }

    names() {
        return Object.keys(this.state.modules);
    }

    plainNames() {
        return this.names().filter((name) => !isCard(name));
    }

    addImport(name) {
        const module = this.state.modules[name];
        const has = (each) => module.imports.some((one) => one.name === each);
        const free = this.plainNames().filter((each) => each !== name && !has(each));
        if (free.length) {
            const kind = isCard(name) ? this.rnd.pick(['static', 'static', 'dynamic', 'expr']) : 'static';
            module.imports.push({ name: this.rnd.pick(free), kind });
        }
    }

    keepSnapshot() {
        this.snapshots.push(structuredClone(this.state));
    }

    pathOf(name) {
        const folder = this.state.modules[name]?.folder;
        return folder ? `${folder}/${name}.js` : `${name}.js`;
    }

    specifier(from, target) {
        const up = this.state.modules[from]?.folder ? '../' : './';
        return up + target;
    }

    imports(name, kinds) {
        return this.state.modules[name].imports.filter((each) => kinds.includes(each.kind))
            .map((each) => each.name);
    }

    text(name) {
        const module = this.state.modules[name];
        const to = (each) => this.specifier(name, this.pathOf(each));
        const data = module.data.map((i) => ({ name: `data${i}`, url: this.specifier(name, `d${i}.json`) }));
        const lines = [
            ...this.imports(name, ['static']).map((each) => `import { ${each} } from '${to(each)}'`),
            ...data.map((each) => `import ${each.name} from '${each.url}'`),
            ...module.sheets.map((i) => `import '${this.specifier(name, `s${i}.css`)}'`),
        ];
        const [first] = module.imports;
        const faults = {
            throw: `throw new Error('${name} throws')`,
            syntax: 'const = 1',
            bracket: 'const broken = [1, (2',
            name: `import { nobody } from '${to(first ? first.name : name)}'`,
            file: "import './nothing.js'",
        };
        if (faults[module.fault]) {
            lines.push(faults[module.fault]);
        }
        return [...lines, ...(isCard(name) ? this.card(name, data) : this.plain(name, data))].join('\n') + '\n';
    }

    plain(name, data) {
        const module = this.state.modules[name];
        const parts = [
            ...this.imports(name, ['static']).map((each) => `${each}(d - 1)`),
            ...data.map((each) => `${each.name}.value`),
        ];
        const lines = [`export const ${name} = d => '${name}.${module.value}'`
            + ` + (d > 0 ? '(' + [${parts.join(', ')}].join(' ') + ')' : '')`];
        if (module.accepts === 'give') {
            lines.push("import.meta.hot?.accept(() => import.meta.hot.invalidate('given away'))");
        }
        return lines;
    }

    /* A card draws into its slot when it runs, and again when what it accepts has come. */
    card(name, data) {
        const module = this.state.modules[name];
        const fixed = this.imports(name, ['static']);
        const late = this.imports(name, ['dynamic', 'expr']);
        const to = (each) => this.specifier(name, this.pathOf(each));
        const parts = [
            ...[...fixed, ...late].map((each) => `parts.${each}?.(d - 1)`),
            ...data.map((each) => `parts.${each.name}.value`),
        ];
        const lines = [
            `const parts = { ${[...fixed, ...data.map((each) => each.name)].join(', ')} }`,
            'let isGone = false',
            `const text = d => '${name}.${module.value}' + '(' + [${parts.join(', ')}].join(' ') + ')'`,
            `const slot = document.querySelector('#${name}')`,
            'const draw = () => { if (!isGone) slot.textContent = text(3) }',
            'draw()',
            'export const note = 1',
        ];
        for (const { name: each, kind } of module.imports.filter((one) => one.kind !== 'static')) {
            const folder = to(each).replace(/[^/]*$/, '');
            const what = kind === 'dynamic' ? `'${to(each)}'` : `'${folder}' + '${each}' + '.js'`;
            lines.push(`later(import(${what}), it => { parts.${each} ??= it.${each}; draw() })`);
        }
        const dispose = module.throwsInDispose ? "; throw new Error('dispose throws')" : '';
        lines.push(`import.meta.hot?.dispose(() => { isGone = true${dispose} })`);
        lines.push("import.meta.hot?.prune(() => { slot.textContent = '' })");
        const fail = module.fault === 'accept' ? `throw new Error('${name} does not accept')` : '';
        if (module.accepts === 'self') {
            lines.push(`import.meta.hot?.accept(() => { ${fail} })`);
        }
        if (module.accepts === 'exports') {
            lines.push(`import.meta.hot?.acceptExports(['note'], () => { ${fail} })`);
        }
        const names = [...fixed.map((each) => [each, to(each), each]),
            ...late.map((each) => [each, to(each), each]),
            ...data.map((each) => [each.name, each.url, 'default'])];
        if (module.accepts === 'deps' && names.length) {
            const list = names.map(([, url]) => `'${url}'`).join(', ');
            const take = names.map(([each, , key], i) => `if (now[${i}]) parts.${each} = now[${i}].${key}`);
            lines.push(`import.meta.hot?.accept([${list}], now => { ${[fail, ...take].filter(Boolean).join('; ')}; draw() })`);
        }
        return lines;
    }

    document() {
        const { state } = this;
        const slots = Array.from({ length: CARDS }, (_, i) => `<p id="card${i}"></p>`).join('\n');
        const boxes = state.sheets.map((_, i) => `<i class="box" id="box${i}"></i>`).join('');
        const url = `./${this.pathOf(state.inline.name)}`;
        const { name } = state.inline;
        const draw = 'document.querySelector(\'#inline\').textContent = ';
        const accept = state.inline.accepts
            ? `\nimport.meta.hot?.accept('${url}', now => { ${draw}now.${name}(2) })` : '';
        const inline = name
            ? `<script type="module">import { ${name} } from '${url}'\n${draw}${name}(2)${accept}</script>\n` : '';
        const extra = state.extra.isThere ? '<script type="module" src="extra.js"></script>\n' : '';
        return `<!doctype html>
<html><head><title>random</title>
<script>
window.pending = 0
const fails = () => { window.failed = true }
addEventListener('error', fails, true)
addEventListener('unhandledrejection', fails)
window.later = (promise, then) => {
    window.pending++
    promise.then(then).catch(fails).finally(() => { window.pending-- })
}
</script>
<link rel="stylesheet" href="a.css">
${extra}<script type="module" src="main.js"></script></head>
<body><h1>${state.title}</h1>
${slots}
<p id="extra"></p><p id="inline"></p>
<div>${boxes}</div>
${state.lines.map((each) => `<div class="line">${each}</div>\n`).join('')}${inline}</body></html>
`;
    }

    main() {
        const { cards, main } = this.state;
        const lines = cards.map((each) => `import './${each}.js'`);
        if (main.throws) {
            lines.push("throw new Error('main throws')");
        }
        if (main.accepts === 'self') {
            lines.push('import.meta.hot?.accept()');
        }
        if (main.accepts === 'deps' && cards.length) {
            lines.push(`import.meta.hot?.accept([${cards.map((each) => `'./${each}.js'`).join(', ')}])`);
        }
        return [...lines, 'window.ran = true'].join('\n') + '\n';
    }

    /** All files: path from the root -> text. */
    files() {
        const { state } = this;
        const files = new Map([
            ['index.html', this.document()],
            ['main.js', this.main()],
            ['extra.js', `document.querySelector('#extra').textContent = 'extra.${state.extra.value}'\n`],
            ['a.css', `@import "b.css";\nh1 { width: ${state.css.value}px }\n.box { display: block }\n`],
            ['b.css', `h1 { height: ${state.css.childValue}px }\n`],
        ]);
        state.sheets.forEach((value, i) => files.set(`s${i}.css`, `#box${i} { width: ${value}px }\n`));
        state.data.forEach(({ value, isBad }, i) =>
            files.set(`d${i}.json`, isBad ? '{ "value": \n' : `{ "value": "json.${value}" }\n`));
        this.names().forEach((name) => files.set(this.pathOf(name), this.text(name)));
        return files;
    }

    /** Nothing is wrong any more. */
    mend() {
        const { state } = this;
        for (const module of Object.values(state.modules)) {
            module.fault = '';
            module.imports = module.imports.filter((each) => state.modules[each.name]);
        }
        state.data.forEach((each) => {
            each.isBad = false;
        });
        state.main.throws = false;
        if (!state.modules[state.inline.name]) {
            state.inline.name = '';
        }
    }

    /**
     * Whether a callback of some module may refuse what a new page would show: that of the version
     * which runs, whatever has been written since. Then the page says so.
     */
    hasFailingAccept() {
        this.hadFailingAccept ||= Object.values(this.state.modules).some((each) => each.fault === 'accept');
        return this.hadFailingAccept;
    }
}

function toggle(list, item) {
    const at = list.indexOf(item);
    if (at < 0) {
        list.push(item);
    } else {
        list.splice(at, 1);
    }
}

function renameModule(project, rnd) {
    const { state } = project;
    const old = rnd.pick(project.plainNames());
    const fresh = `r${++project.value}`;
    state.modules[fresh] = state.modules[old];
    delete state.modules[old];
    // Sometimes the importers are forgotten.
    if (rnd.chance(0.8)) {
        Object.values(state.modules).flatMap((each) => each.imports).forEach((each) => {
            each.name = each.name === old ? fresh : each.name;
        });
        state.inline.name = state.inline.name === old ? fresh : state.inline.name;
    }
    return `rename ${old} ${fresh}`;
}

function deleteModule(project, rnd) {
    const { state } = project;
    const gone = rnd.pick(project.plainNames());
    if (project.plainNames().length > 2) {
        delete state.modules[gone];
        if (rnd.chance(0.7)) {
            Object.values(state.modules).forEach((each) => {
                each.imports = each.imports.filter((one) => one.name !== gone);
            });
            state.inline.name = state.inline.name === gone ? '' : state.inline.name;
        }
    }
    return `delete ${gone}`;
}

const PLAIN_ACCEPTS = ['none', 'give'];
const CARD_ACCEPTS = ['self', 'deps', 'exports', 'none'];

/** What can be changed, with how often. Each takes (project, rnd, name, module). */
const KINDS = [
    [5, 'value', (project, rnd, name, module) => { module.value = ++project.value; }],
    [2, 'import', (project, rnd, name) => project.addImport(name)],
    [2, 'unimport', (project, rnd, name, module) => {
        module.imports.splice(rnd.below(module.imports.length + 1), 1);
    }],
    [1, 'sheet', (project, rnd, name, module) => toggle(module.sheets, rnd.below(SHEETS))],
    [1, 'json', (project, rnd, name, module) => toggle(module.data, rnd.below(DATA))],
    [1, 'throw', (project, rnd, name, module) => { module.fault = 'throw'; }],
    [1, 'syntax', (project, rnd, name, module) => { module.fault = 'syntax'; }],
    [1, 'bracket', (project, rnd, name, module) => { module.fault = 'bracket'; }],
    [1, 'name', (project, rnd, name, module) => { module.fault = 'name'; }],
    [1, 'file', (project, rnd, name, module) => { module.fault = 'file'; }],
    [1, 'accept', (project, rnd, name, module) => { module.fault = 'accept'; }],
    [1, 'dispose', (project, rnd, name, module) => { module.throwsInDispose = !module.throwsInDispose; }],
    [3, 'mend', (project) => project.mend()],
    [1, 'css', (project) => { project.state.css.value++; }],
    [1, 'child', (project) => { project.state.css.childValue++; }],
    [1, 'script-css', (project, rnd) => { project.state.sheets[rnd.below(SHEETS)]++; }],
    [1, 'data', (project, rnd) => { rnd.pick(project.state.data).value++; }],
    [0.4, 'bad-data', (project, rnd) => { rnd.pick(project.state.data).isBad = true; }],
    [1, 'title', (project) => { project.state.title = `title ${++project.value}`; }],
    [1, 'line', (project, rnd) => {
        const { lines } = project.state;
        lines.splice(rnd.below(lines.length + 1), rnd.below(2), `line ${++project.value}`);
    }],
    [0.5, 'extra', (project) => { project.state.extra.isThere = !project.state.extra.isThere; }],
    [0.5, 'extra-value', (project) => { project.state.extra.value++; }],
    [1, 'inline', (project, rnd) => {
        const name = project.state.inline.name ? '' : rnd.pick(project.plainNames());
        project.state.inline = { name, accepts: rnd.chance(0.5) };
    }],
    [1, 'accepts', (project, rnd, name, module) => {
        module.accepts = rnd.pick(isCard(name) ? CARD_ACCEPTS : PLAIN_ACCEPTS);
    }],
    [0.5, 'main-accepts', (project, rnd) => {
        project.state.main.accepts = rnd.pick(['none', 'self', 'deps']);
    }],
    [0.4, 'main-throws', (project) => { project.state.main.throws = true; }],
    [2, 'cards', (project, rnd) => {
        project.state.cards = project.names().filter((each) => isCard(each) && rnd.chance(0.75));
    }],
    [1, 'rename', renameModule],
    [1, 'delete', deleteModule],
    [0.7, 'folder', (project, rnd) => {
        const folders = [...new Set(Object.values(project.state.modules).map((each) => each.folder))];
        const old = rnd.pick(folders.filter(Boolean));
        const fresh = `lib${++project.value}`;
        for (const each of Object.values(project.state.modules)) {
            each.folder = old && each.folder === old ? fresh : each.folder;
        }
        return `folder ${old} ${fresh}`;
    }],
];
const WEIGHT = KINDS.reduce((sum, [weight]) => sum + weight, 0);

/** One random change; returns what it was. */
export function mutate(project, rnd) {
    let at = rnd.next() * WEIGHT;
    const [, kind, change] = KINDS.find(([weight]) => (at -= weight) < 0);
    const name = rnd.pick(project.names());
    return change(project, rnd, name, project.state.modules[name]) || `${kind} ${name}`;
}
