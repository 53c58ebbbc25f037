// SPDX-License-Identifier: MIT

/*
 * Requests that another server answers: the program between real servers and clients of Node, and bare sockets
 * where those would not do what a test needs.
 */

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { on, once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { hostname } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { after, before, test } from 'node:test';
import WebSocket, { WebSocketServer } from 'ws';
import { request, startOrbiton, sync, temporaryFolder } from './e2e/harness.mjs';

const MB = 1024 * 1024;
const closers = [];

async function listen(server, host = '127.0.0.1', port = 0) {
    server.listen(port, host);
    await once(server, 'listening');
    closers.push(() => {
        server.closeAllConnections?.();
        server.close();
    });
    return server.address().port;
}

/** What the target does by path; a test adds its own. */
const routes = {
    '/api/say': (incoming, answer) => {
        answer.setHeader('X-Said', 'this');
        answer.setHeader('Keep-Alive', 'timeout=5');
        answer.setHeader('Set-Cookie', ['a=1', 'b=2']);
        answer.end(JSON.stringify({ url: incoming.url, method: incoming.method, headers: incoming.headers }));
    },
    '/api/echo': (incoming, answer) => incoming.pipe(answer),
    '/api/page': (incoming, answer) => {
        answer.setHeader('Content-Type', 'text/html');
        answer.end('<!doctype html><html><head></head><body>of the target</body></html>');
    },
    '/api/nothing': (incoming, answer) => answer.writeHead(204).end(),
    '/api/same': (incoming, answer) => answer.writeHead(304, { ETag: '"x"' }).end(),
};

let target; // an http.Server
let raw; // what the bare target does with a socket
let dead; // a port on which nobody listens, at first
let orbiton;
let dir;

const rules = (more = '') => `[dev_server.proxy]
"/api" = "http://localhost:${target.address().port}"
"/kept" = { target = "http://127.0.0.1:${target.address().port}/api/", change_origin = false, strip = "/kept" }
"^/(v1|v2)/\\\\w+$" = { target = "http://127.0.0.1:${target.address().port}", headers = { Authorization = "Bearer x" } }
"/socket" = { target = "http://localhost:${target.address().port}", ws = true }
"/raw" = { target = "http://127.0.0.1:${raw.port}", ws = true }
"/named" = "http://${raw.name}:${raw.port}"
"/dead" = "http://localhost:${dead}"
"/name" = "http://no-such-name.invalid:81"
"/__orbit" = "http://localhost:${target.address().port}"
${more}`;

before(async () => {
    target = http.createServer((incoming, answer) => {
        const route = routes[incoming.url.split('?')[0]];
        if (route) {
            route(incoming, answer);
        } else {
            routes['/api/say'](incoming, answer);
        }
    });
    await listen(target);
    // A name that has to be looked up, if this machine has one.
    raw = { on: null, name: await lookup(hostname()).then(() => hostname(), () => 'localhost') };
    raw.port = await listen(net.createServer((socket) => {
        socket.on('error', () => {});
        raw.on(socket);
    }), '0.0.0.0');
    const probe = net.createServer();
    dead = await listen(probe);
    probe.close();
    dir = temporaryFolder();
    writeFileSync(path.join(dir, 'index.html'), '<!doctype html><title>ours</title>');
    writeFileSync(path.join(dir, 'orbiton.toml'), rules());
    orbiton = await startOrbiton(dir);
});

after(() => closers.forEach((close) => close()));

const host = () => ({ Host: `localhost:${orbiton.port}` });
const get = (url, { headers = {}, ...more } = {}) => request(orbiton, url, { headers: { ...host(), ...headers }, ...more });
const warnings = (from = 0) => orbiton.events.items.slice(from).filter((each) => each.verb === 'warn');
const alive = async () => assert.equal((await get('/api/say')).status, 200);

/** A request of http.request(), as it comes from there. */
function ask(url, options = {}) {
    return http.request({ host: '127.0.0.1', port: orbiton.port, path: url, agent: false, ...options,
        headers: { ...host(), ...options.headers } });
}

/** Sends bytes and gives all that comes until `enough(text)`, or the end. */
async function bare(text, enough = () => false) {
    const socket = net.connect(orbiton.port, '127.0.0.1');
    socket.write(text);
    let got = '';
    for await (const piece of socket) {
        got += piece;
        if (enough(got)) {
            break;
        }
    }
    socket.destroy();
    return got;
}

test('a request goes there and its answer comes back, without what belongs to one connection', async () => {
    const { status, headers, body } = await get('/api/say?a=%2F..&b=//c', { headers: {
        Connection: 'close, x-mine', 'X-Mine': '1', 'X-Other': '2', TE: 'trailers', Accept: 'a/b' } });
    const said = JSON.parse(body);
    assert.equal(status, 200);
    assert.equal(said.url, '/api/say?a=%2F..&b=//c');
    assert.equal(said.headers.host, `localhost:${target.address().port}`);
    assert.equal(said.headers.connection, 'close');
    assert.equal(said.headers['x-other'], '2');
    assert.equal(said.headers.accept, 'a/b');
    for (const name of ['x-mine', 'te', 'x-forwarded-for', 'x-forwarded-host', 'authorization']) {
        assert.equal(said.headers[name], undefined, name);
    }
    assert.equal(headers['x-said'], 'this');
    assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2']);
    assert.equal(headers['keep-alive'], undefined);
    assert.equal(headers['x-frame-options'], undefined);
});

test('the target\'s path, a prefix that is taken away, the Host, header fields and patterns', async () => {
    const said = JSON.parse((await get('/kept/a/b?c')).body);
    assert.equal(said.url, '/api/a/b?c');
    assert.equal(said.headers.host, `localhost:${orbiton.port}`);
    assert.equal(JSON.parse((await get('/kept')).body).url, '/api/');
    assert.equal(JSON.parse((await get('/v2/word')).body).headers.authorization, 'Bearer x');
    assert.equal((await get('/v2/word/more')).status, 404);
    assert.equal((await get('/v3/word')).status, 404);
    assert.match((await get('/', { headers: { Accept: 'text/html' } })).body, /ours/);
});

test('a request behind one whose answer cannot be had is answered', async () => {
    raw.on = (socket) => socket.once('data', (bytes) => socket.end(String(bytes).includes('/bad ') ? 'rubbish\r\n\r\n'
        : 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ntarget'));
    const line = (url) => `GET ${url} HTTP/1.1\r\nHost: localhost:${orbiton.port}\r\n\r\n`;
    for (let i = 0; i < 3; i++) {
        const got = await bare(line('/named/bad') + line('/named/good'), (text) => text.endsWith('target'));
        assert.deepEqual(got.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 502', 'HTTP/1.1 200']);
    }
});

test('a document of the target is not touched', async () => {
    const { body } = await get('/api/page', { headers: { Accept: 'text/html', 'Sec-Fetch-Dest': 'document' } });
    assert.doesNotMatch(body, /orbit/);
});

for (const [name, headers] of [['of a known length', { 'Content-Length': 50 * MB }], ['in chunks', {}]]) {
    test(`50 MB ${name} go there and back while both are under way`, async () => {
        const outgoing = ask('/api/echo', { method: 'POST', headers });
        const sent = createHash('sha256');
        const got = createHash('sha256');
        async function* pieces() {
            for (let i = 0; i < 50 * 16; i++) {
                const piece = randomBytes(MB / 16);
                sent.update(piece);
                yield piece;
            }
        }
        const answered = once(outgoing, 'response').then(async ([answer]) => {
            for await (const piece of answer) {
                got.update(piece);
            }
        });
        await Promise.all([pipeline(pieces, outgoing), answered]);
        assert.equal(got.digest('hex'), sent.digest('hex'));
    });
}

/** The most memory that the program has had. */
const peak = () => Number(readFileSync(`/proc/${orbiton.child.pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)[1]) / 1024;

test('a reader that takes nothing stops the target, and memory does not grow', async () => {
    let sent = 0;
    routes['/api/large'] = async (incoming, answer) => {
        const piece = Buffer.alloc(MB, 'x');
        for (; sent < 200 * MB; sent += MB) {
            if (!answer.write(piece)) {
                await once(answer, 'drain');
            }
        }
        answer.end();
    };
    const before = peak();
    const [answer] = await once(ask('/api/large').end(), 'response');
    answer.pause();
    for (let i = 0; i < 100; i++) {
        await sync(orbiton); // what could flow has flowed: the program has had its turn so many times
    }
    assert.ok(sent < 100 * MB, `${sent / MB} MB`); // the kernel's own buffers take some
    let length = 0;
    for await (const piece of answer) {
        length += piece.length;
    }
    assert.equal(length, 200 * MB);
    assert.ok(peak() - before < 60, `${peak()} MB, before ${before} MB`);
});

test('events come one by one, and the target hears that their reader is gone', async () => {
    let next;
    let gone;
    const left = new Promise((resolve) => {
        gone = resolve;
    });
    routes['/api/events'] = (incoming, answer) => {
        answer.writeHead(200, { 'Content-Type': 'text/event-stream' });
        answer.write('data: 1\n\n');
        next = () => answer.write('data: 2\n\n');
        answer.on('close', gone);
    };
    const outgoing = ask('/api/events').end();
    const [answer] = await once(outgoing, 'response');
    assert.equal(answer.headers['transfer-encoding'], 'chunked');
    assert.equal(String((await once(answer, 'data'))[0]), 'data: 1\n\n');
    next();
    assert.equal(String((await once(answer, 'data'))[0]), 'data: 2\n\n');
    answer.on('error', () => {});
    outgoing.destroy();
    await left;
});

test('a client that goes before the answer takes the target\'s connection along', async () => {
    const asked = new Promise((resolve) => {
        routes['/api/slow'] = (incoming) => resolve(once(incoming.socket, 'close'));
    });
    const outgoing = ask('/api/slow').end();
    outgoing.on('error', () => {});
    const closed = asked.then((promise) => promise);
    target.once('request', () => outgoing.destroy());
    await closed;
});

test('100 (Continue) comes from the target, and 103 is passed on', async () => {
    target.once('checkContinue', (incoming, answer) => {
        answer.writeEarlyHints({ link: '</a.css>; rel=preload' });
        answer.writeContinue();
        incoming.pipe(answer);
    });
    const outgoing = ask('/api/echo', { method: 'PUT', headers: { Expect: '100-continue', 'Content-Length': 5 } });
    const seen = [];
    outgoing.on('information', ({ statusCode }) => seen.push(statusCode));
    outgoing.flushHeaders();
    await once(outgoing, 'continue');
    outgoing.end('hello');
    const [answer] = await once(outgoing, 'response');
    assert.equal(String((await answer.toArray())[0]), 'hello');
    assert.deepEqual(seen, [103, 100]);
});

test('requests behind each other on one connection are answered in order, ours between those of the target', async () => {
    const line = (method, url, more = '') => `${method} ${url} HTTP/1.1\r\nHost: localhost:${orbiton.port}\r\n${more}\r\n`;
    const got = await bare(line('GET', '/api/nothing') + line('HEAD', '/api/say') + line('GET', '/index.html')
        + `${line('POST', '/api/echo', 'Content-Length: 3\r\n')}one` + line('GET', '/api/same')
        + `${line('POST', '/api/echo', 'Transfer-Encoding: chunked\r\n')}2;x=y\r\ntw\r\n1\r\no\r\n0\r\nT: x\r\n\r\n`
        + line('GET', '/dead/x') + line('GET', '/none.txt', 'Connection: close\r\n'));
    const heads = got.match(/HTTP\/1.1 \d+/g).map((each) => each.slice(9));
    assert.deepEqual(heads, ['204', '200', '200', '200', '304', '200', '502', '404']);
    assert.match(got, /\r\n3\r\none\r\n0\r\n\r\nHTTP/);
    assert.match(got, /\r\n2\r\ntw\r\n1\r\no\r\n0\r\n\r\nHTTP|\r\n3\r\ntwo\r\n0\r\n\r\nHTTP/);
});

test('an old client gets a chunked answer until the end, and a new one in chunks what ends with the connection', async () => {
    routes['/api/pieces'] = (incoming, answer) => {
        answer.write('one ');
        answer.end('two');
    };
    const old = await bare(`GET /api/pieces HTTP/1.0\r\nHost: localhost:${orbiton.port}\r\n\r\n`);
    assert.match(old, /^HTTP\/1.1 200/);
    assert.doesNotMatch(old, /chunked/i);
    assert.match(old, /Connection: close\r\n\r\none two$/);
    raw.on = (socket) => socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\nX: y\r\n\r\nuntil the end'));
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < 2; i++) {
        const [answer] = await once(ask('/raw/x', { agent }).end(), 'response');
        assert.equal(answer.headers['transfer-encoding'], 'chunked');
        assert.equal(answer.headers.connection, 'keep-alive');
        assert.equal(String(Buffer.concat(await answer.toArray())), 'until the end');
    }
    agent.destroy();
});

test('what is not there, or no HTTP, is 502 with the reason; half an answer is cut', async () => {
    const dies = [
        ['', /closed the connection without an answer/],
        ['HTTP/1.1 200', /in the midst of an answer's head/],
        ['SSH-2.0-OpenSSH\r\n', /is no HTTP\/1.1/],
        ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', /is no HTTP\/1.1/],
        ['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n', /is no HTTP\/1.1/],
        [`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(17000)}\r\n\r\n`, /is no HTTP\/1.1/],
        ['HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n', /101 to what was no upgrade/],
    ];
    for (const [text, why] of dies) {
        raw.on = (socket) => socket.once('data', () => socket.end(text));
        const { status, body } = await get('/raw/x');
        assert.equal(status, 502);
        assert.match(body, why);
        assert.match(body, new RegExp(`^http://127.0.0.1:${raw.port}: .*'/raw' in \\[dev_server.proxy\\] of orbiton.toml\n$`));
    }
    assert.match((await get('/name/x')).body, /cannot find its address: /);
    const halves = ['Content-Length: 100\r\n\r\nhalf', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhal',
        'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', 'Transfer-Encoding: chunked\r\n\r\nnot one\r\n'];
    for (const half of halves) {
        raw.on = (socket) => socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n${half}`));
        const [answer] = await once(ask('/raw/x').end(), 'response');
        await assert.rejects(answer.toArray(), /aborted/);
    }
    await alive();
});

test('an outage is told once, and again when it is another one', async () => {
    const from = orbiton.events.items.length;
    const told = () => warnings(from).filter((each) => JSON.stringify(each).includes(`:${dead}`));
    const down = async () => {
        for (let i = 0; i < 3; i++) {
            const { status, body } = await get('/dead/x');
            assert.equal(status, 502);
            assert.match(body, /cannot connect: connection refused; it is the target of '\/dead'/);
        }
    };
    const up = async () => {
        const server = http.createServer((incoming, answer) => answer.end('up'));
        await listen(server, '127.0.0.1', dead);
        assert.equal((await get('/dead/x')).body, 'up');
        server.closeAllConnections();
        await new Promise((resolve) => {
            server.close(resolve);
        });
    };
    await up(); // another test may have been refused before
    await down();
    assert.equal(told().length, 1);
    await up();
    await down();
    assert.equal(told().length, 2);
});

test('a target by the name localhost is found by either address', async () => {
    const server = http.createServer((incoming, answer) => answer.end('by ::1'));
    await listen(server, '::1', dead);
    assert.equal((await get('/dead/x')).body, 'by ::1');
    server.closeAllConnections();
    server.close();
});

test('an answer before the end of the request is passed on, and then the connection ends', async () => {
    routes['/api/refuse'] = (incoming, answer) => {
        answer.writeHead(413, { Connection: 'close' }).end('too much');
    };
    const socket = net.connect(orbiton.port, '127.0.0.1');
    socket.write(`POST /api/refuse HTTP/1.1\r\nHost: localhost:${orbiton.port}\r\nContent-Length: 100000000\r\n\r\n${'x'.repeat(1000)}`);
    let got = '';
    for await (const piece of socket) {
        got += piece;
        if (got.endsWith('too much') || got.endsWith('too much\r\n0\r\n\r\n')) {
            // It is the body that was announced, and no request.
            socket.write(`GET /api/nothing HTTP/1.1\r\nHost: localhost:${orbiton.port}\r\n\r\n`);
        }
    }
    assert.match(got, /^HTTP\/1.1 413 [^]*\r\n\r\n(8\r\ntoo much\r\n0\r\n\r\n|too much)$/);
    await alive();
});

test('a malformed body ends both connections', async () => {
    const closed = new Promise((resolve) => {
        raw.on = (socket) => socket.on('data', () => {}).once('close', resolve);
    });
    assert.equal(await bare(`POST /raw/x HTTP/1.1\r\nHost: localhost:${orbiton.port}\r\n`
        + 'Transfer-Encoding: chunked\r\n\r\nzz\r\n'), '');
    await closed;
    await alive();
});

test('a WebSocket goes both ways, and ends for both', async () => {
    const sockets = new WebSocketServer({ server: target });
    const upgraded = once(sockets, 'connection');
    const client = new WebSocket(`ws://localhost:${orbiton.port}/socket/x?y`, { origin: `http://localhost:${orbiton.port}` });
    const [[socket, incoming]] = await Promise.all([upgraded, once(client, 'open')]);
    assert.equal(incoming.url, '/socket/x?y');
    assert.equal(incoming.headers.host, `localhost:${target.address().port}`);
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    const large = randomBytes(20 * MB);
    const messages = on(client, 'message');
    client.send(large);
    client.send('small');
    assert.equal(Buffer.compare((await messages.next()).value[0], large), 0);
    assert.equal(String((await messages.next()).value[0]), 'small');
    client.close(4001, 'enough');
    assert.equal((await once(socket, 'close'))[0], 4001);

    const again = new WebSocket(`ws://localhost:${orbiton.port}/socket/z`);
    const [other] = await once(sockets, 'connection');
    await once(again, 'open');
    other.terminate();
    assert.equal((await once(again, 'close'))[0], 1006);
    const third = new WebSocket(`ws://localhost:${orbiton.port}/socket/z`);
    const [last] = await once(sockets, 'connection');
    await once(third, 'open');
    third.terminate();
    await once(last, 'close');
    sockets.close();
});

test('bytes behind an upgrade are the tunnel\'s, in both directions', async () => {
    raw.on = (socket) => {
        let got = '';
        socket.on('data', (piece) => {
            got += piece;
            if (got.endsWith('\r\n\r\n')) {
                socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nfirst ');
            } else if (got.endsWith('early')) {
                socket.end('last');
            }
        });
    };
    const socket = net.connect(orbiton.port, '127.0.0.1');
    socket.write(`GET /raw/x HTTP/1.1\r\nHost: localhost:${orbiton.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly`);
    const got = String(Buffer.concat(await socket.toArray()));
    assert.match(got, /^HTTP\/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nfirst last$/);
});

test('a WebSocket where none are handed on is refused and told', async () => {
    const from = orbiton.events.items.length;
    for (let i = 0; i < 2; i++) {
        const client = new WebSocket(`ws://localhost:${orbiton.port}/api/x`);
        const [error] = await once(client, 'error');
        assert.match(error.message, /502/);
    }
    assert.equal(warnings(from).filter((each) => /ws = true/.test(JSON.stringify(each))).length, 1);
});

test('a target that refuses an upgrade is heard', async () => {
    raw.on = (socket) => socket.once('data', () => socket.end('HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno'));
    const client = new WebSocket(`ws://localhost:${orbiton.port}/raw/x`);
    const [error] = await once(client, 'error');
    assert.match(error.message, /401/);
});

test('foreign hosts and origins reach no target, and orbiton\'s own paths neither', async () => {
    let reached = 0;
    const count = () => {
        reached++;
    };
    target.on('request', count).on('upgrade', count);
    assert.equal((await get('/api/say', { headers: { Host: 'evil.example' } })).status, 403);
    assert.equal((await get('/api/say', { headers: { Origin: 'http://evil.example' } })).status, 403);
    assert.equal((await get('/api/say', { headers: { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' } })).status, 403);
    const client = new WebSocket(`ws://localhost:${orbiton.port}/socket/x`, { origin: 'http://evil.example' });
    assert.match((await once(client, 'error'))[0].message, /403/);
    const form = { method: 'POST', body: 'a=b' };
    const led = { 'Content-Length': '3', Origin: 'https://login.example', 'Sec-Fetch-Site': 'cross-site',
        'Sec-Fetch-Mode': 'navigate' };
    assert.equal((await get('/api/say', { ...form, headers: { ...led, 'Sec-Fetch-Dest': 'iframe' } })).status, 403);
    assert.equal((await get('/v1/say', { ...form, headers: { ...led, 'Sec-Fetch-Dest': 'document' } })).status, 403);
    for (const url of ['/__orbit//token', '/__orbit/%zz']) {
        await get(url);
    }
    for (const url of ['/__orbit/token', '/%5F_orbit/token', '/__orbit/../__orbit/token', '/__orbit/./token']) {
        assert.match((await get(url)).body, /"token"/, url);
    }
    target.off('request', count).off('upgrade', count);
    assert.equal(reached, 0);
    assert.equal((await get('/api/say', { headers: { Origin: `http://localhost:${orbiton.port}` } })).status, 200);
    const { status } = await get('/api/say', { ...form, headers: { ...led, 'Sec-Fetch-Dest': 'document' } });
    assert.equal(status, 200);
});

test('a saved orbiton.toml changes the rules, and what is under way goes on', async () => {
    let finish;
    routes['/api/long'] = (incoming, answer) => {
        answer.write('begin ');
        finish = () => answer.end('end');
    };
    const [answer] = await once(ask('/api/long').end(), 'response');
    writeFileSync(path.join(dir, 'orbiton.toml'), rules(`"/new" = "http://127.0.0.1:${target.address().port}"\n`)
        .replace('"/api" =', '"/apis" ='));
    await sync(orbiton);
    await orbiton.events.until((each) => JSON.stringify(each).includes('applied dev_server.proxy'));
    assert.equal((await get('/new')).status, 200);
    assert.equal((await get('/api/say')).status, 404);
    finish();
    assert.equal(String(Buffer.concat(await answer.toArray())), 'begin end');
    writeFileSync(path.join(dir, 'orbiton.toml'), rules());
    await sync(orbiton);
    await alive();
});

test('it ends in the midst of all that', async () => {
    const asked = new Promise((resolve) => {
        routes['/api/slow'] = (incoming, answer) => resolve(once(answer, 'close'));
    });
    const outgoing = ask('/api/slow').end();
    outgoing.on('error', () => {});
    ask('/name/x').on('error', () => {}).end();
    const closed = asked.then(([each]) => each);
    target.once('request', () => orbiton.child.kill());
    await closed;
    assert.equal(await orbiton.exited, 0, orbiton.log.join('\n'));
});
