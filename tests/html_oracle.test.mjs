// SPDX-License-Identifier: MIT
/*
 * The HTML scanner against parse5's tree: what html5lib's tree-construction documents, the HTML
 * files of the npm packages that the tests install, the golden ones and some hard cases load. The
 * oracle walks the tree, so it knows what was moved or dropped. The scanner runs in scan_dump of
 * the build folder that ORBITON_BUILD names.
 *
 * Each URL counts once: the tree clones formatting elements. What tree construction drops (around
 * framesets, in a select, of a second body) the scanner reports: there it may find more, never less.
 *
 * The documents of html5lib hold few URLs, so each gets some: of every start tag that may have one.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import * as csstree from 'css-tree';
import { parse } from 'parse5';

const require = createRequire(import.meta.url);
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const scanDump = join(resolve(process.env.ORBITON_BUILD ?? join(root, 'build')), 'tests/scan_dump');
const html5lib = join(dirname(require.resolve('html5/package.json')), 'test/data/tree-construction');
const SHOWN = 8;

const HARD = [
    '<svg><title><img src=a></title><style>b{c:url(d)}</style><desc><img src=e></desc></svg><img src=f>',
    '<math><mi><img src=a></mi><annotation-xml encoding=text/html><img src=b></annotation-xml></math>',
    '<template><script src=a></script><template><img src=b></template></template><script src=c></script>',
    '<script><!--<script></script><img src=a>--></script><img src=b>',
    '<script><!--<script src=x></script>--></script><script src=a></script>',
    '<style><!-- a{b:url(c)} --></style><style></style ><link rel=stylesheet href=d>',
    '<textarea></textarea ><img src=a></textarea>', '<title></title/><img src=a>', '<xmp><img src=a></xmp>',
    '<noscript><style>a{b:url(c)}</style></noscript><noembed><img src=d></noembed><img src=e>',
    '<img src="a" src="b"><img SRC=c><img src = \'d\' ><img/src=e/><img src=f/>',
    '<img src="&amp;a&lt;b&#x26;c&#38d&ampe&amp=f&quot;&apos;">', '<img srcset=" a, b 1x,c 2x , d(1,2) 3x,, ">',
    '<svg><script>a</script><script href=b></script><script xlink:href=c /></svg>',
    '<svg><style><![CDATA[a{b:url(c)}]]>d{e:url(&quot;f&quot;)}</style></svg>',
    '<base><base href=a><base href=b>', '<head><base href=a></head><body><base href=b>', '<plaintext><img src=a>',
    '<link rel="a stylesheet b" href=c><link rel=STYLESHEET href=d><link rel=stylesheet href>',
    '<p style="a:url(b)">c<svg style="d:url(&quot;e&quot;)"></svg>', '<iframe src=a><img src=b></iframe>',
    '<!-- a --!><img src=b><!--><img src=c><!-- d <!-- e --><img src=f>', '<?a ><img src=b></ c><img src=d>',
    '<script type=module src=a></script><script type=" module" src=b></script><script type=text/x src=c></script>',
    '<script src=a', '<script src=a>', '<script src=a></script', '<style>a{b:url(c)}', '<img src="a', '<img src="a"',
];

function read(folder, pattern) {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? read(path, pattern) : pattern.test(entry.name) ? [path] : [];
    });
}

// The documents of a .dat file; those of fragments are left out.
function documents(path) {
    return readFileSync(path, 'utf8').split(/(?:^|\n\n)#data\n/).slice(1)
        .filter((one) => !/\n#(document-fragment|script-off)\n/.test(one))
        .map((one) => one.slice(0, one.search(/\n#errors(\n|$)/)));
}

const LOADS = {
    img: 'src', image: 'src', input: 'type=image src', script: 'src', link: 'rel=stylesheet href', source: 'src',
    video: 'poster', object: 'data', embed: 'src', body: 'background', table: 'background', td: 'background',
    base: 'href', track: 'src', audio: 'src', use: 'href', p: 'style=a:url(p)', div: 'style=a:url(d)',
    b: 'style=a:url(b)', a: 'style=a:url(a)',
};

function withUrls(text) {
    return text.replace(/<([a-z]+)(?=[\s>])/gi, (whole, name, at) => {
        const load = Object.hasOwn(LOADS, name.toLowerCase()) ? LOADS[name.toLowerCase()] : null;
        return load ? `${whole} ${load.includes('style') ? load : `${load}="u&amp;${at}"`}` : whole;
    });
}

const isFetched = (url) => url !== '' && !/^(#|data:|blob:|about:|javascript:)/i.test(url);
const trim = (url) => url.replace(/^[\0- ]+|[\0- ]+$/g, '');

const MEDIA = {
    img: ['src'], source: ['src'], video: ['src', 'poster'], audio: ['src'], track: ['src'], embed: ['src'],
    object: ['data'], body: ['background'], table: ['background'], thead: ['background'], tbody: ['background'],
    tfoot: ['background'], tr: ['background'], td: ['background'], th: ['background'],
};
const ICONS = new Set(['icon', 'apple-touch-icon', 'apple-touch-icon-precomposed', 'apple-touch-startup-image',
    'mask-icon', 'preload', 'prefetch', 'manifest']);
const words = (text) => (text ?? '').toLowerCase().split(/[ \t\n\f\r]+/);

function cssUrls(text, context) {
    const urls = [];
    csstree.walk(csstree.parse(text, { context, parseCustomProperty: true, onParseError: () => {} }),
        function (node) {
            if (node.type === 'Url') {
                const isImport = this.atrule?.name === 'import' && this.atrulePrelude;
                urls.push([isImport ? 'css-import' : 'css-url', node.value]);
            }
        });
    return urls;
}

// By the standard's text, step by step.
function srcset(text) {
    const urls = [];
    for (let rest = text; (rest = rest.replace(/^[\s,]+/, '')) !== '';) {
        const url = /^\S+/.exec(rest)[0];
        rest = rest.slice(url.length);
        urls.push(url.replace(/,+$/, ''));
        if (!url.endsWith(',')) {
            const end = /^(?:\([^)]*\)?|[^,(])*/.exec(rest)[0].length;
            rest = rest.slice(end);
        }
    }
    return urls;
}

function oracle(text) {
    const loads = [];
    let base = null;
    const add = (kind, url) => url !== undefined && isFetched(trim(url)) && loads.push(`${kind} ${trim(url)}`);
    const visit = (node) => {
        if (node.tagName) {
            element(node, Object.fromEntries(node.attrs.map(
                (a) => [a.prefix ? `${a.prefix}:${a.name}` : a.name, a.value])));
        }
        node.childNodes?.forEach(visit);
    };
    const element = (node, a) => {
        const name = node.tagName;
        const isHtml = node.namespaceURI.endsWith('xhtml');
        const content = () => node.childNodes.filter((n) => n.nodeName === '#text').map((n) => n.value).join('');
        const css = (value, context) => cssUrls(value, context).forEach(([kind, url]) => add(kind, url));
        if (a.style) {
            css(a.style, 'declarationList');
        }
        if (name === 'style' && /^(text\/css)?$/i.test(a.type ?? '')) {
            css(content(), 'stylesheet');
        } else if (name === 'script' && node.sourceCodeLocation && (node.sourceCodeLocation.endTag || !isHtml)) {
            const isModule = /^\s*module\s*$/i.test(a.type ?? '');
            const isClassic = /^(|\s*(text|application)\/(x-)?(java|ecma)script\s*)$/i.test(a.type ?? '') &&
                a.nomodule === undefined;
            if (isModule || isClassic) {
                add(isModule ? 'module' : 'script', isHtml ? a.src : a.href ?? a['xlink:href']);
            }
        } else if (!isHtml && /^(use|image|feImage)$/.test(name)) {
            add('picture', a.href ?? a['xlink:href']);
        } else if (isHtml && name === 'link') {
            if (words(a.rel).includes('stylesheet')) {
                /^\s*(text\/css\s*(;.*)?)?$/i.test(a.type ?? '') && add('stylesheet', a.href);
            } else if (words(a.rel).includes('modulepreload')) {
                add('module', a.href);
            } else if (words(a.rel).some((word) => ICONS.has(word))) {
                add('picture', a.href);
                srcset(a.imagesrcset ?? '').forEach((url) => add('picture', url));
            }
        } else if (isHtml && name === 'base') {
            base ??= a.href === undefined ? null : trim(a.href);
        } else if (isHtml) {
            (MEDIA[name] ?? []).forEach((key) => add('picture', a[key]));
            if (name === 'img' || name === 'source') {
                srcset(a.srcset ?? '').forEach((url) => add('picture', url));
            }
            if (name === 'input' && a.type?.toLowerCase() === 'image') {
                add('picture', a.src);
            }
        }
    };
    visit(parse(text, { sourceCodeLocationInfo: true, scriptingEnabled: true }));
    return { loads: [...new Set(loads)].sort(), base: base ?? '' };
}

function scanAll(texts) {
    const folder = mkdtempSync(join(tmpdir(), 'orbiton-html-'));
    try {
        const files = texts.map((text, i) => {
            writeFileSync(join(folder, `${i}.html`), text);
            return join(folder, `${i}.html`);
        });
        const run = spawnSync(scanDump, ['html', '--list'],
            { input: `${files.join('\n')}\n`, encoding: 'utf8', maxBuffer: 1 << 30 });
        assert.equal(run.status, 0, run.stderr);
        return run.stdout.trimEnd().split('\n').map((line) => {
            const facts = JSON.parse(line);
            const loads = facts.deps.filter((dep) => !dep.inlineHtml).map((dep) => `${dep.kind} ${dep.text}`);
            return { loads: [...new Set(loads)].sort(), base: facts.base ?? '' };
        });
    } finally {
        rmSync(folder, { recursive: true });
    }
}

const DROPS = /<frameset|<select|<body[^]*<body/i;

function isSame(text, ours, theirs) {
    return isDeepStrictEqual(ours, theirs) ||
        (DROPS.test(text) && theirs.loads.every((load) => ours.loads.includes(load)));
}

function differences(texts) {
    const ours = scanAll(texts);
    return texts.map((text, i) => {
        const theirs = oracle(text);
        return isSame(text, ours[i], theirs) ? undefined
            : `${JSON.stringify(text.slice(0, 300))}: ${JSON.stringify(ours[i])}, ` +
            `the tree says ${JSON.stringify(theirs)}`;
    }).filter(Boolean);
}

function compare(texts) {
    const found = differences(texts);
    assert.equal(found.length, 0, `${found.length} differ:\n${found.slice(0, SHOWN).join('\n')}`);
}

test('hard cases', () => compare(HARD));

test('documents of packages', () => {
    const paths = [...read(join(root, 'node_modules'), /\.html?$/), ...read(join(root, 'examples'), /\.html$/)];
    assert.ok(paths.length >= 10);
    compare(paths.map((path) => readFileSync(path, 'utf8')));
});

test("html5lib's documents", () => {
    compare(read(html5lib, /\.dat$/).flatMap(documents).map(withUrls));
});
