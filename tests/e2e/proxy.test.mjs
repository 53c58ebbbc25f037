// SPDX-License-Identifier: MIT

/*
 * A page with a backend of its own, as its vite.config or orbiton.toml says: what it fetches, and its WebSocket,
 * from the first load on.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { VITE } from '../vite.mjs';
import { browser, request, sync } from './harness.mjs';
import { documentOf, shows, withProject } from './project.mjs';
import { edit, lineAfter } from './steps.mjs';

let chrome;
let backend;
let port;

before(async () => {
    chrome = await browser();
    backend = http.createServer((incoming, answer) => {
        answer.setHeader('Set-Cookie', 'session=1; Path=/');
        answer.setHeader('Content-Type', 'text/plain');
        incoming.pipe(answer).write(`${incoming.method} ${incoming.url} ${incoming.headers.host} `);
    });
    new WebSocketServer({ server: backend }).on('connection', (socket, { url }) => {
        socket.on('message', (text) => socket.send(`${url} ${text}`));
    });
    backend.listen(0, '127.0.0.1');
    await once(backend, 'listening');
    ({ port } = backend.address());
});
after(async () => {
    await chrome?.close();
    backend.closeAllConnections();
    backend.close();
});

const PAGE = {
    'package.json': '{"type": "module", "devDependencies": {"vite": "7"}}',
    'index.html': documentOf('/src/main.js'),
    'src/main.js': `const answer = await fetch('/api/users?a=b', { method: 'POST', body: 'body' });
globalThis.shown = await answer.text();
globalThis.cookie = document.cookie;
const socket = new WebSocket(\`ws://\${location.host}/live/x\`);
socket.onopen = () => socket.send('hello');
socket.onmessage = ({ data }) => { globalThis.heard = data; };
globalThis.mine = await (await fetch('/src/none.txt')).status;
`,
};

test('server.proxy of vite.config: a page fetches and has its WebSocket, also at once', () =>
    withProject(chrome, {
        ...VITE,
        ...PAGE,
        'vite.config.js': `export default { server: { proxy: {
            '/api': { target: 'http://localhost:${port}/base', changeOrigin: true, rewrite: (path) => path.replace(/^\\/api/, '') },
            '^/live/.*': { target: 'ws://localhost:${port}' },
        } } };\n`,
    }, null, async ({ server, dir }) => {
        // It comes before vite.config was evaluated, and is no file: it waits.
        const early = await request(server, '/api/early', { headers: { Host: `localhost:${server.port}` } });
        assert.equal(early.body, `GET /base/early localhost:${port} `);
        const page = await chrome.newPage();
        await page.goto(server.url);
        await shows(page, 'shown', `POST /base/users?a=b localhost:${port} body`);
        await shows(page, 'cookie', 'session=1');
        await shows(page, 'heard', '/live/x hello');
        await shows(page, 'mine', 404);
        await page.evaluate(() => { window.same = true; });
        // A rule that is saved holds from then on, and the page stays.
        await edit(dir, 'vite.config.js', "'/api':", "'/other': 'http://localhost:" + port + "', '/api':");
        await sync(server);
        assert.match(await page.evaluate(async () => (await fetch('/other')).text()), /^GET \/other /);
        assert.equal(await page.evaluate(() => window.same), true);
        await page.close();
    }));

test('[dev_server.proxy] of orbiton.toml: the same, and a backend that is down is told once', () =>
    withProject(chrome, {
        ...PAGE,
        'orbiton.toml': `[dev_server.proxy]
"/api" = { target = "http://localhost:${port}", change_origin = false, strip = "/api" }
"/live" = { target = "http://localhost:${port}", ws = true }
"/down" = "http://localhost:1"
`,
    }, ['/src/main.js'], async ({ server, page }) => {
        await shows(page, 'shown', `POST /users?a=b localhost:${server.port} body`);
        await shows(page, 'heard', '/live/x hello');
        const { why } = await lineAfter(server, 'warn', () => page.evaluate(async () => {
            globalThis.down = [(await fetch('/down')).status, (await fetch('/down')).status];
        }));
        assert.match(why, /^http:\/\/localhost:1: cannot connect: connection refused; .*\[dev_server.proxy\] of orbiton.toml$/);
        await shows(page, 'down', [502, 502]);
        assert.equal(server.events.items.filter((each) => each.verb === 'warn').length, 1);
    }));
