// SPDX-License-Identifier: MIT
// `make bench`: orbiton beside Vite, beside the smallest program that could do the work (limit.c),
// and beside nginx, in one run. In each round all servers run, and a sample of one is followed by a
// sample of the next, in changing order; medians and paired ratios come out, and whether the bars
// that orbiton is built to are met. docs/benchmarks.md tells how to read it.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import {
  idle, openPage, requestsPerSecond, saveToFrame, saveToReload, saveToStyle, startStatic,
} from './measure.mjs'
import { get, makePeers } from './peers.mjs'
import { freePort, outputOf, pssOf, removeAtEnd, start, stop, untilFirst200 } from './processes.mjs'
import { writeProject, writeStatic } from './project.mjs'
import { judge, table } from './report.mjs'

const SIZES = [100, 5000]
const NAMES = ['start', 'frame', 'paint', 'memory', 'idle', 'rps']
const WITH_BROWSER = ['paint', 'memory', 'idle']
const USAGE = `usage: node bench/run.mjs [options]
  --quick         one round, few samples: shows that everything runs, not how fast
  --only=NAME     one or more of ${NAMES.join(', ')}, separated by commas
  --peers=NAME    the servers to start: orbiton, vite, limit; all
  --sizes=N       files in the project, separated by commas; ${SIZES.join(',')}
  --rounds=N      rounds per size; 3
  --orbiton=PATH  the program to measure; build/orbiton
  --tools=DIR     where limit and first200 are; build/bench, where they are built
  --check         exit 1 when a bar is missed
`

const here = fileURLToPath(new URL('.', import.meta.url))
const top = join(here, '..')

function fail(text) {
  process.stderr.write(`bench: ${text}\n`)
  process.exit(2)
}

function readOptions() {
  let values
  try {
    values = parseArgs({
      options: {
        quick: { type: 'boolean' },
        check: { type: 'boolean' },
        help: { type: 'boolean' },
        only: { type: 'string' },
        peers: { type: 'string', default: 'orbiton,vite,limit' },
        sizes: { type: 'string', default: SIZES.join(',') },
        rounds: { type: 'string' },
        orbiton: { type: 'string', default: join(top, 'build/orbiton') },
        tools: { type: 'string' },
      },
    }).values
  } catch (error) {
    fail(`${error.message}\n${USAGE}`)
  }
  if (values.help) {
    process.stdout.write(USAGE)
    process.exit(0)
  }
  const only = values.only ? values.only.split(',') : NAMES
  const peers = values.peers.split(',')
  const sizes = values.sizes.split(',').map(Number)
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3))
  if (!only.every(name => NAMES.includes(name)) || !(rounds >= 1) || !sizes.every(n => n >= 24) ||
      !peers.every(name => ['orbiton', 'vite', 'limit'].includes(name))) {
    fail(`wrong option\n${USAGE}`)
  }
  return {
    ...values,
    only,
    peers,
    sizes,
    rounds,
    starts: values.quick ? 1 : 3,
    frames: values.quick ? 3 : 15,
    paints: values.quick ? 2 : 8,
    seconds: values.quick ? 1 : 3,
  }
}

function buildTools() {
  const build = join(top, 'build')
  if (!existsSync(join(build, 'build.ninja'))) {
    fail(`no ${build}; \`make build\` makes it`)
  }
  execFileSync('ninja', ['-C', build, 'bench/limit', 'bench/first200'],
    { stdio: ['ignore', 2, 2] })
  return join(build, 'bench')
}

function findPrograms(options) {
  const vite = join(here, 'node_modules/.bin/vite')
  if (options.peers.includes('orbiton') && !existsSync(options.orbiton)) {
    fail(`no ${options.orbiton}; \`make build\` makes it`)
  }
  if (options.peers.includes('vite') && !existsSync(vite)) {
    fail('no Vite; `tools/setup bench` installs it')
  }
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (options.peers.includes('vite') && (major < 20 || (major === 20 && minor < 19))) {
    fail(`this Vite needs node 20.19, and here is ${process.versions.node}; --peers leaves it out`)
  }
  const tools = options.tools ?? buildTools()
  return {
    vite,
    orbiton: options.orbiton,
    limit: join(tools, 'limit'),
    first200: join(tools, 'first200'),
  }
}

const rows = new Map()

// Each peer's samples of a row stay in step: a lost one takes its place as NaN.
function add(name, unit, peer, value, bars) {
  if (!rows.has(name)) {
    rows.set(name, { name, unit, bars, samples: {} })
  }
  const { samples } = rows.get(name)
  samples[peer] ??= []
  samples[peer].push(value)
}

async function sample(name, unit, peer, bars, take) {
  let value = NaN
  try {
    value = await take()
  } catch (error) {
    process.stderr.write(`bench: ${name}, ${peer}: ${error.message}\n`)
  }
  add(name, unit, peer, value, bars)
}

const rotated = (list, by) => list.map((_, i) => list[(i + by) % list.length])

async function launch(peer, root) {
  const port = await freePort()
  const proc = start(...peer.command(root, port))
  await untilFirst200(proc, port)
  return { peer, root, port, proc, edits: 0 }
}

// One at a time: a server that has just answered is often still busy starting.
async function measureStarts(peers, projects, count, options) {
  for (let i = 0; i < options.starts; i++) {
    for (const peer of rotated(peers, i)) {
      const name = `spawn to first 200, ${count} files`
      await sample(name, 'ms', peer.name, [{ peer: 'vite', atMost: 0.05 }], async () => {
        const port = await freePort()
        const command = peer.command(projects[peer.name].root, port).flat()
        return Number(await outputOf(options.first200, [String(port), ...command]))
      })
    }
  }
}

const FRAME_BARS = [{ peer: 'limit', atMost: 1.5 }, { peer: 'vite', atMost: 0.25 }]

async function measureFrames(servers, urls, count, options) {
  for (const server of servers) {
    server.ws = await server.peer.join(server.port, urls)
  }
  for (const [kind, label] of [['style', 'CSS'], ['text', 'JS']]) {
    for (let i = 0; i < options.frames; i++) {
      for (const server of rotated(servers, i)) {
        const name = `save to frame, ${label}, ${count} files`
        await sample(name, 'ms', server.peer.name, FRAME_BARS, () =>
          saveToFrame(server, kind, ++server.edits))
      }
    }
  }
  for (const server of servers) {
    server.ws.terminate()
  }
}

async function measurePaints(servers, count, options) {
  for (const [take, label] of [[saveToStyle, 'CSS link'], [saveToReload, 'reload']]) {
    for (let i = 0; i < options.paints; i++) {
      for (const server of rotated(servers, i)) {
        const name = `save to painted, ${label}, ${count} files`
        await sample(name, 'ms', server.peer.name, [], () => take(server, ++server.edits))
      }
    }
  }
}

async function measureRound(round, count, peers, projects, browser, options) {
  const wants = name => options.only.includes(name)
  const servers = []
  try {
    if (wants('start')) {
      await measureStarts(rotated(peers, round), projects, count, options)
    }
    if (!options.only.some(name => ['frame', ...WITH_BROWSER].includes(name))) {
      return
    }
    for (const peer of rotated(peers, round)) {
      servers.push(await launch(peer, projects[peer.name].root))
    }
    if (wants('frame')) {
      await measureFrames(servers, projects[peers[0].name].urls, count, options)
    }
    if (browser) {
      for (const server of servers) {
        server.view = await openPage(browser, server)
        server.edits++
      }
    } else {
      for (const server of servers) {
        await Promise.all(projects[server.peer.name].urls.map(url => get(server.port, url)))
      }
    }
    if (wants('paint')) {
      await measurePaints(servers, count, options)
    }
    if (wants('memory')) {
      for (const { peer, proc } of servers) {
        add(`memory (PSS), ${count} files`, 'MiB', peer.name, pssOf(proc.child.pid) / 1024,
          [{ peer: 'vite', atMost: 0.1 }])
      }
    }
    if (wants('idle')) {
      const activities = await Promise.all(servers.map(({ proc }) =>
        idle(proc.child.pid, options.seconds)))
      for (const [i, { ticks, switches }] of activities.entries()) {
        const { name } = servers[i].peer
        add(`idle CPU, ${count} files`, '%', name, ticks / options.seconds, [{ atMost: 0 }])
        add(`idle context switches, ${count} files`, '1/s', name, switches / options.seconds, [])
      }
    }
  } finally {
    for (const server of servers) {
      await server.view?.context.close().catch(() => {})
      await stop(server.proc)
    }
  }
}

async function measureThroughput(peers, folder, options) {
  const root = join(folder, 'static')
  const names = ['nginx', ...(peers.orbiton ? ['orbiton'] : [])]
  const servers = []
  writeStatic(root)
  try {
    for (const name of names) {
      servers.push(await startStatic(name, peers, folder, root))
    }
    for (let round = 0; round < options.rounds; round++) {
      for (const file of ['1k', '100k']) {
        for (const server of rotated(servers, round)) {
          const bars = file === '1k' ? [{ peer: 'nginx', atLeast: 0.5 }] : []
          await sample(`requests per second, ${file}`, '1/s', server.name, bars, () =>
            requestsPerSecond(server.port, `/${file}.txt`, options.seconds,
              Math.min(1, cpus().length - 1)))
        }
      }
    }
  } finally {
    for (const server of servers) {
      await server.stop()
    }
  }
}

function machine(browser) {
  const { version } = JSON.parse(
    readFileSync(join(here, 'node_modules/vite/package.json'), 'utf8'))
  return {
    when: new Date().toISOString(),
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    kernel: release(),
    load: loadavg().map(value => Number(value.toFixed(2))),
    versions: { node: process.versions.node, vite: version, chromium: browser?.version() },
  }
}

async function main() {
  const options = readOptions()
  const programs = findPrograms(options)
  const all = makePeers(programs)
  options.first200 = programs.first200
  const peers = options.peers.map(name => all[name])
  const folder = mkdtempSync(join(tmpdir(), 'orbiton-bench-'))
  removeAtEnd(folder)
  const wantsBrowser = options.only.some(name => WITH_BROWSER.includes(name))
  const wantsServers = options.only.some(name => name !== 'rps')
  const browser = wantsBrowser
    ? await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: process.getuid() === 0 ? ['--no-sandbox'] : [],
    })
    : null

  try {
    for (const count of wantsServers ? options.sizes : []) {
      const projects = {}
      for (const peer of peers) {
        const root = join(folder, `${peer.name}-${count}`)
        const urls = writeProject(root, count, { script: peer.script })
        peer.prepare?.(root)
        projects[peer.name] = { root, urls }
      }
      for (let round = 0; round < options.rounds; round++) {
        process.stderr.write(`bench: ${count} files, round ${round + 1} of ${options.rounds}\n`)
        await measureRound(round, count, peers, projects, browser, options)
      }
    }
    if (options.only.includes('rps')) {
      process.stderr.write('bench: throughput\n')
      await measureThroughput(options.peers.includes('orbiton') ? all : {}, folder, options)
    }
    const about = machine(browser)
    const judged = [...rows.values()].map(judge)
    mkdirSync(join(here, 'results'), { recursive: true })
    writeFileSync(join(here, 'results/latest.json'),
      `${JSON.stringify({ ...about, quick: Boolean(options.quick), rows: judged }, null, 2)}\n`)
    process.stdout.write(`${about.cpu}, ${about.cores} cores, load ${about.load[0]}, ` +
      `vite ${about.versions.vite}, node ${about.versions.node}\n\n${table(judged)}\n`)
    const missed = judged.some(row => row.bars.some(bar => bar.verdict !== 'pass'))
    process.exitCode = options.check && missed ? 1 : 0
  } finally {
    await browser?.close()
  }
}

main().catch(error => {
  process.stderr.write(`bench: ${error.stack}\n`)
  process.exit(1)
}).then(() => process.exit())
