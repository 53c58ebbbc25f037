// SPDX-License-Identifier: MIT
// The command line as a person meets it: exit codes, ports, signals, nothing left behind.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { copyExample, gone, request, startOrbiton, temporaryFolder } from './harness.mjs';
import { start } from './steps.mjs';

const BIN = process.env.ORBITON_BIN;

function orbiton(...args) {
  const env = { ...process.env, NO_COLOR: '1' };
  return spawnSync(BIN, args, { encoding: 'utf8', env, timeout: 60000 });
}

test('--version and --help answer on stdout with exit 0', () => {
  const version = orbiton('--version');
  assert.equal(version.status, 0);
  assert.match(version.stdout, /^orbiton \d+\.\d+\.\d+\n$/);
  for (const args of [['--help'], ['dev', '--help'], ['help', 'dev']]) {
    const help = orbiton(...args);
    assert.equal(help.status, 0, args.join(' '));
    assert.match(help.stdout, /orbiton dev/);
  }
  const help = orbiton('dev', '--help').stdout;
  for (const flag of ['--dir', '--port', '--strict-port', '--host', '--open', '--beta', '--no-hmr',
    '--hot-only', '--config', '--quiet', '--verbose', '--json']) {
    assert.ok(help.includes(flag), flag);
  }
});

test('wrong use exits 2 and names the nearest valid name', () => {
  const flag = orbiton('dev', '--prot', '3000');
  assert.equal(flag.status, 2);
  assert.match(flag.stderr, /--port/);
  const command = orbiton('dve');
  assert.equal(command.status, 2);
  assert.match(command.stderr, /dev/);
  assert.equal(orbiton('dev', '/does/not/exist').status, 2);
  assert.equal(orbiton('dev', '--port', 'x').status, 2);
});

test('an unknown key in orbiton.toml is an error with its line and the nearest name', () => {
  const dir = temporaryFolder();
  fs.writeFileSync(path.join(dir, 'orbiton.toml'), '[dev_server]\n\nprot = 3000\n');
  const run = orbiton('dev', dir);
  assert.equal(run.status, 2);
  assert.match(run.stderr, /orbiton\.toml:3:1/);
  assert.match(run.stderr, /port/);
});

test('a busy port is passed over and named; with --strict-port it is an error', async () => {
  const dir = copyExample('plain');
  const busy = net.createServer().listen(0, '127.0.0.1');
  await once(busy, 'listening');
  const port = busy.address().port;
  const server = await startOrbiton(dir, ['--port', String(port)]);
  assert.notEqual(server.port, port);
  assert.equal((await fetch(server.url)).status, 200);
  await server.stop();

  const strict = orbiton('dev', dir, '--port', String(port), '--strict-port');
  assert.equal(strict.status, 1);
  assert.match(strict.stderr + strict.stdout, new RegExp(`port ${port} is in use`));
  busy.close();
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  test(`${signal} ends it with exit 0 and no child left, also during a build`, async () => {
    const dir = temporaryFolder();
    const mark = `orbiton-e2e-${process.pid}-${signal}`;
    fs.writeFileSync(path.join(dir, 'index.html'), '<p>hi');
    fs.writeFileSync(path.join(dir, 'build.sh'), `echo $$ > pid.txt\nexec tail -f /dev/null # ${mark}\n`);
    fs.writeFileSync(path.join(dir, 'orbiton.toml'), '[build]\ncommand = "sh build.sh"\noutputs = ["pid.txt"]\n');
    const watcher = fs.watch(dir, () => {});
    const server = await start(dir);
    while (!fs.existsSync(path.join(dir, 'pid.txt')) || !fs.readFileSync(path.join(dir, 'pid.txt'), 'utf8')) {
      await once(watcher, 'change');
    }
    watcher.close();
    const pid = Number(fs.readFileSync(path.join(dir, 'pid.txt'), 'utf8'));
    assert.ok(fs.existsSync(`/proc/${pid}`));
    assert.equal(await server.stop(signal), 0);
    await gone(pid);
  });
}

test('a child does not outlive a server that was killed with -9', async () => {
  const dir = temporaryFolder();
  fs.writeFileSync(path.join(dir, 'index.html'), '<p>hi');
  fs.writeFileSync(path.join(dir, 'build.sh'), 'echo $$ > pid.txt\nexec tail -f /dev/null\n');
  fs.writeFileSync(path.join(dir, 'orbiton.toml'), '[build]\ncommand = "sh build.sh"\noutputs = ["pid.txt"]\n');
  const watcher = fs.watch(dir, () => {});
  const server = await start(dir);
  while (!fs.existsSync(path.join(dir, 'pid.txt')) || !fs.readFileSync(path.join(dir, 'pid.txt'), 'utf8')) {
    await once(watcher, 'change');
  }
  watcher.close();
  const pid = Number(fs.readFileSync(path.join(dir, 'pid.txt'), 'utf8'));
  await server.stop('SIGKILL');
  await gone(pid);
});

/** Asks the server to open a place, as the overlay's link does. */
async function openPlace(server, place) {
  const { body } = await request(server, '/', {
    headers: { Host: `localhost:${server.port}`, Accept: 'text/html' } });
  const [, token] = body.match(/"token":"(\w+)"/);
  const headers = { Host: `localhost:${server.port}`, Origin: `http://localhost:${server.port}`,
    'X-Orbit-Token': token };
  return request(server, `/__orbit/open?file=${place}`, { method: 'POST', headers });
}

test('a place is opened in the editor that is set, and one that cannot start is named', async () => {
  const dir = copyExample('plain');
  const editor = path.join(temporaryFolder(), 'code');
  fs.writeFileSync(editor, '#!/bin/sh\nprintf "%s\\n" "$@" > opened.tmp && mv opened.tmp opened.txt\n',
    { mode: 0o755 });
  const server = await start(dir, [], { env: { ORBITON_EDITOR: editor } });
  assert.equal((await openPlace(server, 'main.js:3:4')).status, 204);
  await server.events.until((each) => each.event === 'update' && /^opened\.txt/.test(each.what));
  assert.equal(fs.readFileSync(path.join(dir, 'opened.txt'), 'utf8'), `-g\n${dir}/main.js:3:4\n`);
  await server.stop();

  const other = await start(dir, [], { env: { ORBITON_EDITOR: '/no/such/editor' } });
  assert.equal((await openPlace(other, 'main.js:3:4')).status, 204);
  const error = await other.events.until((each) => /editor/.test(JSON.stringify(each)));
  assert.match(JSON.stringify(error), /cannot start the editor \(of ORBITON_EDITOR.*no such file/i);
  await other.stop();
});
