// SPDX-License-Identifier: MIT

/* An edited document in the running page: what the source changed changes, and nothing else. */

import assert from 'node:assert/strict';
import { badgeText, clientTest, isSamePage } from './setup.mjs';
import { hashOf } from './fake_server.mjs';

const page = (body, head = '<title>t</title>') =>
    `<!doctype html><html><head>${head}</head><body>${body}<script src="/app.js"></script></body></html>`;

/** Opens the page `before`, lets `act` happen in it, and edits it to `after`. */
async function edit(t, before, after, act = null, isSent = true) {
    t.server.set('/index.html', before);
    await t.open((vector) => '/' in vector && '/app.js' in vector);
    if (act) {
        await t.page.evaluate(act);
    }
    const texts = isSent ? { base: before, text: after } : {};
    const update = { ...t.server.update('html', '/index.html', after), ...texts };
    return t.server.apply([{ ...update, url: '/' }]);
}

/** The body's HTML without the script and the client's own elements. */
const bodyOf = (t) => t.page.evaluate(() => {
    const body = document.body.cloneNode(true);
    body.querySelectorAll('script').forEach((each) => each.remove());
    return body.innerHTML.replace(/\s+/g, ' ').trim();
});

for (const [name, before, after, result = after] of [
    ['a text', '<p>one</p>', '<p>two</p>'],
    ['an attribute', '<p class="a" title="x">t</p>', '<p class="b" lang="en">t</p>'],
    ['an element more', '<ul><li>1</li><li>3</li></ul>', '<ul><li>1</li><li>2</li><li>3</li></ul>'],
    ['an element less', '<ul><li>1</li><li>2</li><li>3</li></ul>', '<ul><li>1</li><li>3</li></ul>'],
    ['an element at the start', '<ul><li>2</li></ul>', '<ul><li>1</li><li>2</li></ul>'],
    ['the first element of an empty one', '<div></div>', '<div><b>1</b></div>'],
    ['other elements', '<p>1</p><div>2</div>', '<h1>1</h1><div>3</div><p>4</p>'],
    ['order', '<i id="a">1</i><i id="b">2</i><i id="c">3</i>',
        '<i id="c">3</i><i id="a">1</i><i id="b">2 </i>'],
    ['mixed content', '<p>a <b>b</b> c</p>', '<p>a <b>b</b> d <i>e</i></p>'],
    ['a word space', '<p><b>a</b><b>b</b></p>', '<p><b>a</b> <b>b</b></p>'],
    ['an inline style', '<p style="color: red; margin: 1px">a</p>',
        '<p style="color: blue;">a</p>'],
    ['an SVG', '<svg><circle r="1"></circle></svg>', '<svg><circle r="2"></circle><g></g></svg>'],
    ['a table', '<table><tbody><tr><td>1</td></tr></tbody></table>',
        '<table><tbody><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></tbody></table>'],
    ['everything', '<main><p>1</p></main>', '<footer><h2>x</h2></footer><nav>y</nav>'],
]) {
    clientTest(`morph: ${name}`, async (t) => {
        const answer = await edit(t, page(before), page(after));

        assert.equal(answer.mode, 'hot', JSON.stringify(answer));
        assert.ok(await isSamePage(t.page));
        assert.equal(await bodyOf(t), result);
    });
}

clientTest('what people and scripts did to the page stays', async (t) => {
    const body = (word, extra = '') => `<input id="i" value="x"><details><summary>s</summary>
        ${word}</details><p class="a">${word}</p>${extra}<div id="root"></div>
        <div id="s" style="height: 50px; overflow: auto"><p style="height: 500px">long</p></div>`;
    const answer = await edit(t, page(body('one')), page(body('two', '<hr>')
        .replace('class="a"', 'class="b"')), () => {
        const get = (selector) => document.querySelector(selector);
        get('#i').value = 'typed';
        get('#i').focus();
        get('#i').setSelectionRange(1, 3);
        get('details').open = true;
        get('#s').scrollTop = 100;
        get('#root').innerHTML = '<b>rendered</b>';
        get('p').classList.add('active');
        document.body.prepend(document.createElement('aside'));
        window.input = get('#i');
    });

    assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    const state = await t.page.evaluate(() => {
        const get = (selector) => document.querySelector(selector);
        const input = get('#i');
        return [input.value, input === document.activeElement, input.selectionStart,
            get('details').open, get('#s').scrollTop, get('#root').textContent, get('p').className,
            Boolean(get('aside')), Boolean(get('hr')), get('p').textContent, input === window.input];
    });
    assert.deepEqual(state, ['typed', true, 1, true, 100, 'rendered', 'active b', true, true, 'two',
        true]);
});

clientTest('the texts are fetched where the message has none', async (t) => {
    const answer = await edit(t, page('<p>one</p>'), page('<p>two</p>'), null, false);
    assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    assert.equal(await bodyOf(t), '<p>two</p>');
    // The page now runs the new text: the next edit starts there.
    const next = t.server.update('html', '/index.html', page('<p>three</p>'));
    assert.equal((await t.server.apply([{ ...next, url: '/' }])).mode, 'hot');
    assert.equal(await bodyOf(t), '<p>three</p>');
    assert.ok(await isSamePage(t.page));
});

clientTest('a page that has fetched the new text of its document does not run that', async (t) => {
    t.server.set('/index.html', page('<p>one</p>'));
    t.server.set('/mark.js', '');
    await t.open();
    const old = t.server.vector['/'];
    const update = { ...t.server.update('html', '/index.html', page('<p>two</p>')), url: '/' };
    // What was loaded behind it has been noted, and so it has been.
    await t.page.evaluate(async () => {
        await (await fetch(location.href)).text();
        await (await fetch('/mark.js')).text();
    });
    const vector = await t.server.untilVector((each) => '/mark.js' in each);
    assert.equal(vector['/'], old);

    assert.equal((await t.server.apply([update])).mode, 'hot');
    assert.equal(await bodyOf(t), '<p>two</p>');
    assert.ok(await isSamePage(t.page));
});

clientTest('the title and stylesheet links come and go', async (t) => {
    t.server.set('/a.css', 'p { color: rgb(1, 0, 0); }');
    t.server.set('/b.css', 'p { background: rgb(2, 0, 0); }');
    const link = (name) => `<link rel="stylesheet" href="/${name}.css">`;
    const answer = await edit(t, page('<p>x</p>', `<title>one</title>${link('a')}`),
        page('<p>x</p>', `<title>two</title>${link('b')}`));

    assert.equal(answer.mode, 'hot', JSON.stringify(answer));
    await t.page.waitForFunction(() =>
        getComputedStyle(document.querySelector('p')).backgroundColor === 'rgb(2, 0, 0)');
    assert.equal(await t.page.title(), 'two');
    assert.equal(await t.page.evaluate(() => getComputedStyle(document.querySelector('p')).color),
        'rgb(0, 0, 0)');
});

for (const [name, before, after, reason, act] of [
    ['a script', page('<script>1</script>'), page('<script>2</script>'), /a <script> changed/],
    ['a script more', page(''), page('<script src="/b.js"></script>'), /a <script> changed/],
    ['an import map', page('', '<script type="importmap">{}</script>'),
        page('', '<script type="importmap">{"imports":{}}</script>'), /import map changed/],
    ['the base', page('', '<base href="/">'), page('', '<base href="/x/">'), /a <base> changed/],
    ['a template', page('<template><p>1</p></template>'), page('<template><p>2</p></template>'),
        /a <template> changed/],
    ['what a script has removed', page('<p>1</p>'), page('<p>2</p>'), /is not where it was/,
        () => document.querySelector('p').remove()],
    ['a text that a script has changed', page('<p>1</p>'), page('<p>2</p>'),
        /a script has changed the text/, () => {
            document.querySelector('p').textContent = '5';
        }],
    ['one of many alike', page('<p>1</p><p>1</p>'), page('<p>1</p><p>2</p>'), /is not where it was/,
        () => document.querySelector('p').remove()],
]) {
    clientTest(`${name} that differs reloads and says so`, async (t) => {
        const answer = await edit(t, before, after, act);

        assert.equal(answer.mode, 'reload', JSON.stringify(answer));
        assert.match(answer.reason, reason);
        assert.match(await badgeText(t.page, 'reloaded'), /index\.html changed: /);
        assert.equal(await isSamePage(t.page), false);
    });
}

// In all of these stands "word", and in some of them nowhere that its `>word<` is a text.
const SOURCES = [
    page('<p>word</p>'),
    page('<p class="a > b" title=x>\n  word and more\n</p><p>another</p><!-- <p>word</p> -->'),
    page('<!-- <p>word</p> --><p>&#119;ord</p>'),
    page('<p title="<p>word</p>">w<!---->ord</p>'),
    page('<textarea><p>word</p></textarea><p>&#119;ord</p>'),
    page('<svg><style><!-- </style><p>word</p> --></style></svg><p>&#119;ord</p>'),
    page('<svg><text>word</text></svg><svg><title>a</title></svg>'),
    page('<select><title><!-- </title><p>word</p> --></select><b>&#119;ord</b>'),
    page('<select><option>word</option><option>other</option></select>'),
    page('<template><p>word</p></template><p>word</p>'),
    page('<script>"<!--<script>"</script><p>word</p>"</script>--></script><p>&#119;ord</p>'),
    page('<script>"<p>word</p>"</script><p>&#119;ord</p><style>p{}</style>'),
    page('<noscript><p>word</p></noscript><p>w&#111;rd</p>'),
    page('<table>word<tr>word<td>word</td></tr></table>'),
    page('<table><colgroup> word<col></colgroup></table>'),
    page('<pre>\nword</pre><pre>\n\nword</pre>'),
    page('word</x>word<p>word</p>'),
    page('<p>wo</q>rd<p>word'),
    page('<!--><p>word</p>--><p>x</p>'),
    page('<!-- --!><p>word</p>--><p>x</p>'),
    page('<p/a="x"b>word</p><p =a>word</p>'),
    page('<plaintext><p>word</p>'),
    page('<title>word</title><math><mi>word</mi></math>', '<title>word</title>word'),
    '<!doctype html><html><frameset>word<frame></frameset>word',
    'word<p>word</p></body>word</html>word',
    '<p>a &amp; word</p><p>one\r\nword</p>',
];

clientTest('a text that differs gives the page that the parser gives', async (t) => {
    await t.open();
    const tried = await t.page.evaluate(async (sources) => {
        const { parse, planMorph, Unmorphable } = await import('/__orbit/morph.js');
        const { prototype } = DOMParser;
        const parseFully = prototype.parseFromString;
        let parses = 0;
        prototype.parseFromString = function (...args) {
            parses++;
            return parseFully.apply(this, args);
        };
        const fresh = (text) => parseFully.call(new DOMParser(), text, 'text/html');
        const inserts = ['w', 'x y', ' ', '\n', '<', '>', '&', '&amp;', '"', '-->', '<b>', '\r', ''];
        const result = { fast: 0, parsed: 0, refused: 0, wrong: [] };
        for (const base of sources) {
            for (let at = base.indexOf('word'); at >= 0; at = base.indexOf('word', at + 1)) {
                for (const insert of inserts) {
                    for (const [from, to] of [[0, 0], [1, 3], [0, 4], [4, 4]]) {
                        const text = base.slice(0, at + from) + insert + base.slice(at + to);
                        const root = document.importNode(fresh(base).documentElement, true);
                        document.replaceChild(root, document.documentElement);
                        // It is there, as after an edit before this one.
                        planMorph(base, base);
                        parses = 0;
                        try {
                            planMorph(base, text).commit();
                        } catch (error) {
                            if (!(error instanceof Unmorphable)) {
                                result.wrong.push([text, String(error)]);
                            }
                            result.refused++;
                            continue;
                        }
                        result[parses ? 'parsed' : 'fast']++;
                        const isRight = parse(text).isEqualNode(fresh(text))
                            && (parses > 0
                                || document.documentElement.isEqualNode(fresh(text).documentElement));
                        if (!isRight) {
                            result.wrong.push([base, text]);
                        }
                    }
                }
            }
        }
        return result;
    }, SOURCES);

    assert.deepEqual(tried.wrong.slice(0, 3), []);
    assert.ok(tried.fast > 100 && tried.parsed > 100, JSON.stringify({ ...tried, wrong: 0 }));
});

clientTest('edit after edit of one text, and back', async (t) => {
    const texts = ['one', 'two', 'twos', 'ones', 'one'].map((word) =>
        page(`<p>${word} <i>x</i></p><p title="${word}">y</p>`.replace(/ title="t[^"]*"/, '')));
    let [last] = texts;
    await edit(t, last, last);
    for (const text of [...texts, ...texts]) {
        if (text === last) {
            continue;
        }
        const update = { ...t.server.update('html', '/index.html', text), base: last, text };
        assert.equal((await t.server.apply([{ ...update, url: '/' }])).mode, 'hot');
        assert.equal(await bodyOf(t), /<body>(.*)<script/.exec(text)[1]);
        last = text;
    }
    assert.ok(await isSamePage(t.page));
});

clientTest('edits of several texts by turns, some of which come to say the same', async (t) => {
    await t.open();
    const wrong = await t.page.evaluate(async () => {
        const { planMorph } = await import('/__orbit/morph.js');
        const fresh = (text) => new DOMParser().parseFromString(text, 'text/html');
        const source = ([a, b, c]) => `<!doctype html><html lang="en"><head><title>t</title></head>`
            + `<body><p>${a}</p><div>${b}<i>x</i></div><p id="c">${c}</p></body></html>`;
        const words = ['one', 'one', 'two'];
        let last = source(words);
        document.replaceChild(document.importNode(fresh(last).documentElement, true),
            document.documentElement);
        const found = [];
        for (let i = 0; i < 60; i++) {
            words[(i * 7 + (i >> 2)) % 3] = ['one', 'two', 'a longer one', 'o', 'one two'][(i * 3) % 5];
            const text = source(words);
            planMorph(last, text).commit();
            if (!document.documentElement.isEqualNode(fresh(text).documentElement)) {
                found.push(text);
            }
            last = text;
        }
        return found;
    });

    assert.deepEqual(wrong, []);
});

clientTest('what a script does to a text between two edits of it counts', async (t) => {
    const text = (word) => page(`<p id="p">${word}</p><p>x</p>`);
    await edit(t, text('one'), text('two'));
    const next = async (from, to, act) => {
        await t.page.evaluate(act);
        const update = t.server.update('html', '/index.html', text(to));
        return t.server.apply([{ ...update, url: '/', base: text(from), text: text(to) }]);
    };

    const moved = await next('two', 'three', () => {
        const p = document.querySelector('#p');
        p.replaceChildren('two');
    });
    assert.equal(moved.mode, 'hot');
    assert.equal(await t.page.textContent('#p'), 'three');

    const changed = await next('three', 'four', () => {
        document.querySelector('#p').firstChild.data = 'mine';
    });
    assert.equal(changed.mode, 'reload');
    assert.match(changed.reason ?? '', /a script has changed the text "three"/);
});

/** An update of the document by what makes `text` of the source `base`, which the page has. */
function editOf(t, base, text) {
    let at = 0;
    let end = 0;
    while (at < Math.min(base.length, text.length) && base[at] === text[at]) {
        at++;
    }
    while (end < Math.min(base.length, text.length) - at
        && base[base.length - end - 1] === text[text.length - end - 1]) {
        end++;
    }
    const edit = { from: hashOf(base), at, removed: base.length - end - at,
        text: text.slice(at, text.length - end) };
    return { ...t.server.update('html', '/index.html', text), url: '/', edit };
}

const fetches = (t) => t.server.requests.filter((each) => each.includes('/__orbit/text/')).length;

clientTest('edits of the source that the page has', async (t) => {
    const texts = ['<p>one</p>', '<p>two</p>', '<p>two \u{1f642}</p>', '<p>two \u{1f642} and</p>',
        '<p>two \u{1f642} and <b>x</b></p>', '<p title="y">two \u{1f642} and <b>x</b></p>',
        '<p title="y">three <b>x</b></p>', '<p title="y">three <b>z</b></p>', '<p>one</p>'];
    await edit(t, page(texts[0]), page(texts[1]));
    for (let i = 2; i < texts.length; i++) {
        const update = editOf(t, page(texts[i - 1]), page(texts[i]));
        const answer = await t.server.apply([update]);

        assert.equal(answer.mode, 'hot', JSON.stringify(answer));
        assert.equal(await bodyOf(t), texts[i]);
    }
    assert.equal(fetches(t), 0);
    assert.ok(await isSamePage(t.page));
});

clientTest('an edit of a source that the page has not got', async (t) => {
    const [one, two, three, four] = ['one', 'two', 'three', 'four'].map((word) => page(`<p>${word}</p>`));
    t.server.set('/index.html', one);
    await t.open((vector) => '/' in vector && '/app.js' in vector);

    assert.equal((await t.server.apply([editOf(t, one, two)])).mode, 'hot');
    assert.equal(await bodyOf(t), '<p>two</p>');
    assert.equal(fetches(t), 2);

    assert.equal((await t.server.apply([editOf(t, two, three)])).mode, 'hot');
    assert.equal(fetches(t), 2, 'now it has one');

    assert.equal((await t.server.apply([editOf(t, one, four)])).mode, 'hot');
    assert.equal(await bodyOf(t), '<p>four</p>', 'it is another than that which the page runs');
    assert.equal(fetches(t), 4);
    assert.ok(await isSamePage(t.page));
});

/** A page that has had its <p> edited to "two", with `app` as its module. */
async function openEdited(t, app) {
    const source = (word) => page(`<p>${word}</p>`).replace('<script', '<script type="module"');
    t.server.set('/app.js', app);
    await edit(t, source('one'), source('two'));
    return source;
}

const textOf = (t) => t.page.textContent('p');

clientTest('a text that was edited before changes between the events of its update', async (t) => {
    const source = await openEdited(t, 'window.app = 1;');
    await t.page.evaluate(() => {
        window.log = [];
        for (const name of ['orbit:beforeUpdate', 'vite:beforeUpdate', 'orbit:afterUpdate']) {
            window.addEventListener(name, () =>
                window.log.push(`${name} ${document.querySelector('p').textContent}`));
        }
    });
    const answer = await t.server.apply([editOf(t, source('two'), source('three'))]);

    assert.equal(answer.mode, 'hot');
    assert.deepEqual(await t.page.evaluate(() => window.log), ['orbit:beforeUpdate two',
        'vite:beforeUpdate two', 'orbit:afterUpdate three']);
    assert.match(await badgeText(t.page, 'updated'), /index\.html/);
});

clientTest('what a module does before an update comes before an edited text', async (t) => {
    const source = await openEdited(t, `import.meta.hot.on('vite:beforeUpdate', () =>
        window.isSlow && new Promise((resolve) => { window.go = resolve; }));`);
    await t.page.evaluate(() => {
        window.isSlow = true;
    });
    const answered = t.server.apply([editOf(t, source('two'), source('three'))]);
    await t.page.waitForFunction(() => window.go);

    assert.equal(await textOf(t), 'two');
    await t.page.evaluate(() => window.go());
    assert.equal((await answered).mode, 'hot');
    assert.equal(await textOf(t), 'three');
});

clientTest('edits that come at once are done in their order', async (t) => {
    const source = await openEdited(t, 'window.app = 1;');
    const words = ['two', 'three', 'four', 'five'];
    const answers = words.slice(1).map((word, i) =>
        t.server.apply([editOf(t, source(words[i]), source(word))]));

    for (const answer of answers) {
        assert.equal((await answer).mode, 'hot');
    }
    assert.equal(await textOf(t), 'five');
    assert.ok(await isSamePage(t.page));
});

clientTest('the server hears of an edit before what a module says of it', async (t) => {
    const source = await openEdited(t, `new MutationObserver(() =>
        window.mayRefuse && import.meta.hot.invalidate('no'))
        .observe(document.body, { subtree: true, characterData: true });`);
    await t.page.evaluate(() => {
        window.mayRefuse = true;
    });
    const { seq } = await t.server.apply([editOf(t, source('two'), source('three'))]);
    await t.server.until((each) => each.type === 'invalidate');

    const place = (test) => t.server.messages.findIndex(test);
    assert.ok(place((each) => each.type === 'applied' && each.seq === seq)
        < place((each) => each.type === 'invalidate'));
    assert.equal(await textOf(t), 'three');
});
