// SPDX-License-Identifier: MIT
// An application in React and TypeScript, of about 500 modules and 24 packages, served by orbiton and by
// Vite with its plugin for React: start to rendered, saves to painted, processor time and memory. Both have
// the same sources and the same packages; the page of one has to show what the page of the other shows,
// with its state kept, or there are no figures. docs/benchmarks.md tells how to read it.
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { installPackages, leafText, styleText, wordText, writeSources } from './app_project.mjs'
import { pause, saveToPainted } from './measure.mjs'
import { cpuMsOf, freePort, pssOf, removeAtEnd, start, stop, untilFirst200 } from './processes.mjs'
import { color } from './project.mjs'
import { judge, table } from './report.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const top = join(here, '..')
const LOAD_MS = 120000
const CLICKS = 5

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    edits: { type: 'string', default: '16' },
    peers: { type: 'string', default: 'orbiton,vite' },
    orbiton: { type: 'string', default: join(top, 'build/orbiton') },
    check: { type: 'boolean' },
  },
})

const PEERS = {
  orbiton: (root, port) => [options.orbiton, ['dev', root, '--port', String(port), '--strict-port']],
  vite: (root, port) =>
    [join(root, 'node_modules/.bin/vite'), [root, '--port', String(port), '--strictPort', '--host', '127.0.0.1']],
}

// What servers keep between two runs. Both keep it beside the packages.
const CACHES = ['node_modules/.vite', 'node_modules/.cache']

const changeStyle = n => ['src/app.css', styleText(n),
  `getComputedStyle(document.querySelector('#leaf')).color === ${JSON.stringify(color(n))}`]

// A change is a file, its text, and an expression that is true in the page then. How that is seen is told in measure.mjs.
const EDITS = {
  'leaf component': {
    change: n => ['src/Leaf.tsx', leafText(n), `document.querySelector('#leaf')?.textContent === 'the leaf ${n}'`],
  },
  'TypeScript module': {
    change: n => ['src/lib/word.ts', wordText(n), `document.querySelector('#word')?.textContent === 'it is word ${n}'`],
  },
  style: { change: changeStyle, how: { sized: '#leaf' } },
  'style, page that animates': { change: changeStyle, how: { sized: '#leaf', animates: true }, bars: [] },
}

const BARS = {
  start: [{ peer: 'vite', atMost: 1 }],
  save: [{ peer: 'vite', atMost: 0.5 }],
  memory: [{ peer: 'vite', atMost: 1 }],
}

const rows = new Map()

function add(name, unit, peer, value, bars = []) {
  if (!rows.has(name)) {
    rows.set(name, { name, unit, bars, samples: {} })
  }
  const { samples } = rows.get(name)
  samples[peer] ??= []
  samples[peer].push(value)
}

// Written in one call and not cut before it: no server can read a half.
function save(path, text) {
  const fd = openSync(path, 'r+')
  writeSync(fd, text.padEnd(900), 0)
  closeSync(fd)
  return performance.now()
}

async function open(server) {
  const page = await server.context.newPage()
  const errors = []
  page.on('pageerror', error => errors.push(error.message))
  await page.addInitScript(() => performance.setResourceTimingBufferSize(20000))
  await page.goto(`http://127.0.0.1:${server.port}/`, { waitUntil: 'commit' })
  await page.waitForFunction(() => performance.getEntriesByName('rendered').length > 0, null, { timeout: LOAD_MS })
  const at = performance.now()
  if (errors.length > 0) {
    throw new Error(`${server.name}: ${errors.join('\n')}`)
  }
  return { page, at }
}

async function run(server) {
  const proc = start(...PEERS[server.name](server.root, server.port), { cwd: server.root })
  server.proc = proc
  await untilFirst200(proc, server.port)
}

// From the start of the server to the page that has rendered. A server may do something behind the
// first answer that the next start has the use of, so it has a moment before it ends.
async function measureStart(server, row) {
  await run(server)
  const { page, at } = await open(server)
  add(row, 'ms', server.name, at - server.proc.began, BARS.start)
  const requests = await page.evaluate(() => performance.getEntriesByType('resource').length)
  add(`requests, ${row.replace('start to rendered, ', '')}`, '', server.name, requests)
  server.shown = await page.evaluate(() => document.querySelector('#root').innerText)
  for (const what of ['reload', 'next reload']) {
    await pause(1000)
    const began = performance.now()
    await page.reload({ waitUntil: 'commit' })
    await page.waitForFunction(() => performance.getEntriesByName('rendered').length > 0, null, { timeout: LOAD_MS })
    add(row.replace('start', what), 'ms', server.name, performance.now() - began, BARS.start)
  }
  await page.close()
  await stop(server.proc)
}

function compare(servers, what) {
  const [first, ...others] = servers
  for (const other of others) {
    if (first.shown !== other.shown) {
      throw new Error(`${what}: ${first.name} shows\n${first.shown}\n\n${other.name} shows\n${other.shown}`)
    }
  }
}

async function edit(server, kind, n) {
  const { change, how, bars = BARS.save } = EDITS[kind]
  const [file, text, shown] = change(n)
  const { pid } = server.proc.child
  const cpu = cpuMsOf(pid)
  const ms = await saveToPainted(server.view, shown, () => save(join(server.root, file), text),
    `${server.name}, ${kind} ${n}`, how)
  add(`save to painted, ${kind}`, 'ms', server.name, ms, bars)
  add(`server CPU, ${kind}`, 'ms', server.name, cpuMsOf(pid) - cpu)
}

async function measureEdits(servers, round) {
  for (const server of servers) {
    await run(server)
    const { page } = await open(server)
    server.view = { page }
    for (let i = 1; i <= CLICKS; i++) {
      await page.click('#count')
    }
  }
  const count = Number(options.edits)
  let n = 1 + round * 1000
  for (const kind of Object.keys(EDITS)) {
    for (let i = 0; i < count; i++, n++) {
      for (let k = 0; k < servers.length; k++) {
        await edit(servers[(k + i) % servers.length], kind, n)
      }
    }
  }
  for (const server of servers) {
    add('memory (PSS)', 'MiB', server.name, pssOf(server.proc.child.pid) / 1024, BARS.memory)
    const { page } = server.view
    server.shown = await page.evaluate(() => document.querySelector('#root').innerText)
    const clicked = await page.textContent('#count')
    if (clicked !== String(CLICKS)) {
      throw new Error(`${server.name}: the state was lost, ${clicked} instead of ${CLICKS}`)
    }
  }
  compare(servers, 'after the edits')
}

// In a round each server starts with nothing kept, then with what it and the browser have kept, one at
// a time; then both run, and a save of one is followed by the save of the other.
async function measureRound(browser, servers, round) {
  for (const server of servers) {
    writeSources(server.root)
    for (const cache of CACHES) {
      rmSync(join(server.root, cache), { recursive: true, force: true })
    }
    server.context = await browser.newContext()
    server.port = await freePort()
  }
  try {
    for (const row of ['start to rendered, cold', 'start to rendered, warm']) {
      for (const server of servers) {
        await measureStart(server, row)
      }
      compare(servers, row)
    }
    await measureEdits(servers, round)
  } finally {
    for (const server of servers) {
      await server.context.close().catch(() => {})
      await stop(server.proc)
    }
  }
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'orbiton-bench-'))
  removeAtEnd(folder)
  if (!existsSync(join(here, 'app/node_modules'))) {
    throw new Error('no packages for the application; `tools/setup bench` brings them')
  }
  const servers = options.peers.split(',').map(name => ({ name, root: join(folder, name) }))
  for (const server of servers) {
    mkdirSync(server.root)
    installPackages(server.root)
  }
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: process.getuid() === 0 ? ['--no-sandbox'] : [],
  })
  try {
    for (let round = 0; round < Number(options.rounds); round++) {
      process.stderr.write(`bench: application, round ${round + 1} of ${options.rounds}\n`)
      await measureRound(browser, round % 2 ? servers.toReversed() : servers, round)
    }
  } finally {
    await browser.close()
  }
  const judged = [...rows.values()].map(judge)
  mkdirSync(join(here, 'results'), { recursive: true })
  writeFileSync(join(here, 'results/app.json'), `${JSON.stringify(judged, null, 2)}\n`)
  process.stdout.write(`${cpus()[0]?.model}, ${cpus().length} cores, load ${loadavg()[0]}\n\n${table(judged)}\n`)
  process.exitCode = options.check && judged.some(row => row.bars.some(bar => bar.verdict !== 'pass')) ? 1 : 0
}

main().catch(error => {
  process.stderr.write(`bench: ${error.stack}\n`)
  process.exit(1)
}).then(() => process.exit())
