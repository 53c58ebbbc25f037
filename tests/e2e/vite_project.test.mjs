// SPDX-License-Identifier: MIT

/*
 * A project that was made for Vite and uses plain ES modules: in the shape of create-vite's
 * "vanilla" template, with what Vite's guide shows of assets, env files, globs, workers and
 * import.meta.hot. Nothing in it knows of orbiton, and nothing is configured.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser } from './harness.mjs';
import { lineAfter, linesSince } from './steps.mjs';
import { shows, withProject } from './project.mjs';

let chrome;
before(async () => {
    chrome = await browser();
});
after(() => chrome.close());

const picture = (width) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="10"></svg>\n`;

const INDEX = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="UTF-8" />
    <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
    <meta name="viewport" content="width=device-width, initial-scale=1.0" />
    <title>my-app</title>
  </head>
  <body>
    <div id="app"></div>
    <script type="module" src="/src/main.js"></script>
  </body>
</html>
`;

const MAIN = `import './style.css'
import javascriptLogo from './assets/javascript.svg'
import viteLogo from '/vite.svg'
import { setupCounter } from './counter.js'
import { version } from '../package.json'
import notes from './notes.md?raw'
import plainUrl from './assets/javascript.svg?url'
import DoubleWorker from './double.js?worker'
import inlined from './inlined.css?inline'

const modules = import.meta.glob('./pages/*.js', { eager: true, import: 'title' })
const lazy = import.meta.glob('./pages/*.js')
const imgUrl = new URL('./assets/javascript.svg', import.meta.url).href

document.querySelector('#app').innerHTML = \`
  <div>
    <a href="https://vite.dev" target="_blank"><img src="\${viteLogo}" class="logo" /></a>
    <a href="https://developer.mozilla.org"><img src="\${javascriptLogo}" class="logo vanilla" /></a>
    <img id="by-url" src="\${imgUrl}" />
    <svg class="icon"><use href="/icons.svg#icon"></use></svg>
    <h1>Hello Vite!</h1>
    <div class="card"><button id="counter" type="button"></button></div>
    <p class="read-the-docs">\${notes}</p>
  </div>
\`

setupCounter(document.querySelector('#counter'))

globalThis.facts = {
  version, plainUrl, modules, inlined,
  lazy: Object.keys(lazy),
  env: { ...import.meta.env },
  title: import.meta.env.VITE_TITLE,
  secret: import.meta.env.DB_PASSWORD,
}
const one = 'one'
import(\`./pages/\${one}.js\`).then((page) => { globalThis.facts.dynamic = page.title })

const worker = new DoubleWorker()
worker.onmessage = (event) => { globalThis.facts.doubled = event.data }
worker.postMessage(21)
const other = new Worker(new URL('./double.js', import.meta.url), { type: 'module' })
other.onmessage = (event) => { globalThis.facts.doubledAgain = event.data }
other.postMessage(4)
`;

const COUNTER = `import { label } from './label.js'

export function setupCounter(element) {
  let counter = import.meta.hot?.data.counter ?? 0
  const setCounter = (count) => {
    counter = count
    element.innerHTML = \`\${label} \${counter}\`
    if (import.meta.hot) import.meta.hot.data.counter = counter
  }
  const onClick = () => setCounter(counter + 1)
  element.addEventListener('click', onClick)
  setCounter(counter)
  stop = () => element.removeEventListener('click', onClick)
}

let stop = () => {}

if (import.meta.hot) {
  import.meta.hot.accept((newModule) => {
    if (newModule) {
      newModule.setupCounter(document.querySelector('#counter'))
    }
  })
  import.meta.hot.dispose(() => stop())
}
`;

// What plugins and the guide's examples do with the events.
const EVENTS = `globalThis.events = []
if (import.meta.hot) {
  for (const name of ['beforeUpdate', 'afterUpdate', 'beforeFullReload', 'beforePrune', 'error']) {
    import.meta.hot.on(\`vite:\${name}\`, (payload) => {
      events.push([name, payload.type, payload.updates?.map((each) => [each.type, each.path])])
    })
  }
}
`;

const FILES = {
    'index.html': INDEX.replace('<script', '<script type="module" src="/src/events.js"></script>\n    <script'),
    'package.json': '{ "name": "my-app", "private": true, "version": "0.0.7", "type": "module",'
        + ' "scripts": { "dev": "vite" }, "devDependencies": { "vite": "^7.0.0" } }\n',
    'vite.config.js': "import { defineConfig } from 'vite'\nexport default defineConfig({})\n",
    '.gitignore': 'node_modules\ndist\n*.local\n',
    '.env': 'VITE_TITLE=from env\nDB_PASSWORD=secret\n',
    '.env.development': 'VITE_MODE_TITLE="only in $VITE_TITLE"\n',
    'public/favicon.svg': picture(1),
    'public/vite.svg': picture(31),
    'public/icons.svg': '<svg xmlns="http://www.w3.org/2000/svg"><symbol id="icon"></symbol></svg>\n',
    'src/main.js': MAIN,
    'src/counter.js': COUNTER,
    'src/label.js': "export const label = 'count is'\n",
    'src/events.js': EVENTS,
    'src/style.css': '@import "./base.css";\n#app { margin-top: 7px; background: url(./assets/javascript.svg) }\n',
    'src/base.css': ':root { color: rgb(1, 2, 3) }\n',
    'src/inlined.css': '.never { color: red }\n',
    'src/notes.md': 'Click on the Vite logo',
    'src/double.js': "import { times } from './times.js'\nself.onmessage = (e) => self.postMessage(times * e.data)\n",
    'src/times.js': 'export const times = 2\n',
    'src/pages/one.js': "export const title = 'first page'\n",
    'src/pages/two.js': "export const title = 'next page'\n",
    'src/assets/javascript.svg': picture(32),
};

const LOADED = ['/', '/src/main.js', '/src/counter.js', '/src/label.js', '/src/style.css', '/src/times.js'];

const project = (run, more = {}) => withProject(chrome, { ...FILES, ...more }, LOADED, run);

test("a project of Vite's shape runs as it is", () => project(async ({ page, errors, server }) => {
    const facts = () => page.evaluate('facts');
    await shows(page, '[facts.doubled, facts.doubledAgain, facts.dynamic]', [42, 8, 'first page']);
    const { env, ...rest } = await facts();

    assert.equal(env.MODE, 'development');
    assert.deepEqual([env.DEV, env.PROD, env.SSR, env.BASE_URL], [true, false, false, '/']);
    assert.equal(env.VITE_MODE_TITLE, 'only in from env');
    assert.equal(rest.title, 'from env');
    assert.equal(rest.secret, undefined);
    assert.equal(env.DB_PASSWORD, undefined);
    assert.equal(rest.version, '0.0.7');
    assert.match(rest.plainUrl, /^\/src\/assets\/javascript\.svg/);
    assert.deepEqual(rest.modules, { './pages/one.js': 'first page', './pages/two.js': 'next page' });
    assert.deepEqual(rest.lazy, ['./pages/one.js', './pages/two.js']);
    assert.match(rest.inlined, /\.never/);
    assert.equal(await page.textContent('.read-the-docs'), 'Click on the Vite logo');
    const widths = await page.evaluate(() => Promise.all([...document.images].map(async (each) => {
        await each.decode();
        return each.naturalWidth;
    })));
    assert.deepEqual(widths, [31, 32, 32]);
    const style = (name) => page.evaluate((each) =>
        getComputedStyle(document.querySelector('#app'))[each], name);
    assert.equal(await style('marginTop'), '7px');
    assert.equal(await style('color'), 'rgb(1, 2, 3)');
    assert.match(await style('backgroundImage'), /src\/assets\/javascript\.svg/);
    assert.equal(await page.evaluate(async () => (await fetch('/icons.svg')).status), 200);
    assert.deepEqual(errors, []);
    assert.deepEqual(server.events.items.filter((each) => /warn|error|bad/.test(each.verb)), []);
}));

test("Vite's import.meta.hot does what its guide says", () => project(async (t) => {
    const { server, page, write, isSame } = t;
    await page.click('#counter');
    await page.click('#counter');
    await lineAfter(server, 'hot', () => write('src/label.js', "export const label = 'Clicks:'\n"));
    await shows(page, "document.querySelector('#counter').textContent", 'Clicks: 2');
    await page.click('#counter');
    await shows(page, "document.querySelector('#counter').textContent", 'Clicks: 3');

    await lineAfter(server, 'hot', () => write('src/counter.js', COUNTER.replace('${label} ', '${label}=')));
    await shows(page, "document.querySelector('#counter').textContent", 'Clicks:=3');
    await lineAfter(server, 'hot', () => write('src/style.css', '#app { margin-top: 33px }\n'));
    await shows(page, "getComputedStyle(document.querySelector('#app')).marginTop", '33px');

    await shows(page, 'events', [
        ['beforeUpdate', 'update', [['js-update', '/src/counter.js']]],
        ['afterUpdate', 'update', [['js-update', '/src/counter.js']]],
        ['beforeUpdate', 'update', [['js-update', '/src/counter.js']]],
        ['afterUpdate', 'update', [['js-update', '/src/counter.js']]],
        ['beforeUpdate', 'update', [['css-update', '/src/style.css']]],
        ['afterUpdate', 'update', [['css-update', '/src/style.css']]],
    ]);
    assert.equal(await isSame(), true);
}));

test('what a project of Vite does not accept reloads the page, and says so', () => project(async (t) => {
    const { server, page, write, untilReloaded } = t;
    const line = await lineAfter(server, 'reload', () => write('src/main.js', MAIN.replace('Hello Vite!', 'Hello all!')));
    assert.match(line.why, /main\.js/);
    await untilReloaded();
    await shows(page, "document.querySelector('h1').textContent", 'Hello all!');
}));

test('env files, globs and public files change as the page is open', () => project(async (t) => {
    const { server, page, write } = t;
    await lineAfter(server, 'reload', () => write('.env', 'VITE_TITLE=of another day\n'));
    await shows(page, 'facts?.title', 'of another day');
    await lineAfter(server, 'reload', () => write('src/pages/three.js', "export const title = 'a third'\n"));
    await shows(page, "facts?.modules['./pages/three.js']", 'a third');
    await lineAfter(server, ['hot', 'reload'], () => write('public/vite.svg', picture(50)));
    await shows(page, 'document.images[0]?.naturalWidth', 50);
    await lineAfter(server, 'reload', () => write('src/times.js', 'export const times = 30\n'));
    await shows(page, 'facts?.doubled', 630);
    assert.deepEqual(linesSince(server, 0).filter((each) => /error|bad/.test(each.verb)), []);
}));

test('%NAME% in index.html is what the env files say, and an edit of either is put into the page', () => project(
    async ({ server, page, write, isSame }) => {
        const filled = (title, text) => [title, text, 'development 100%'];
        const now = "[document.title, ...['#named', '#mode'].map((id) => document.querySelector(id).textContent)]";
        const html = (text) => FILES['index.html'].replace('my-app', '%VITE_TITLE%').replace('<div id="app">',
            `<p id="named">${text}</p><p id="mode">%MODE% 100%</p>\n    <div id="app">`);
        await lineAfter(server, 'hot', () => write('index.html', html('of %VITE_TITLE%')));
        await shows(page, now, filled('from env', 'of from env'));
        await page.evaluate("document.querySelector('#counter').click()");
        await lineAfter(server, 'hot', () => write('index.html', html('it is of %VITE_TITLE%')));
        await shows(page, now, filled('from env', 'it is of from env'));
        await shows(page, "document.querySelector('#counter').textContent", 'count is 1');
        assert.equal(await isSame(), true);
        await lineAfter(server, 'reload', () => write('.env', 'VITE_TITLE=of another day\n'));
        await shows(page, now, filled('of another day', 'it is of of another day'));
    }));

test('%BASE_URL% alone in index.html: an edit of the document is put into the page', () => project(
    async ({ server, page, write, isSame }) => {
        const html = (text) => INDEX.replace('href="/favicon', 'href="%BASE_URL%favicon')
            .replace('<div id="app">', `<p id="named">${text}</p>\n    <div id="app">`);
        await page.evaluate("document.querySelector('#counter').click()");
        for (const text of ['is there', 'is there too']) {
            await lineAfter(server, 'hot', () => write('index.html', html(text)));
            await shows(page, "document.querySelector('#named').textContent", text);
        }
        await shows(page, "document.querySelector('link').getAttribute('href')", '/favicon.svg');
        await shows(page, "document.querySelector('#counter').textContent", 'count is 1');
        assert.equal(await isSame(), true);
        assert.deepEqual(linesSince(server, 0).filter((each) => /error|bad|reload/.test(each.verb)), []);
    }, { 'index.html': INDEX.replace('href="/favicon', 'href="%BASE_URL%favicon') }));
