// SPDX-License-Identifier: MIT
// `make bench-hot`: what a save costs in a page of many modules. Orbiton, Vite, Bun and the two floors
// of limit.c serve one application each, all pages stay open, and a sample of one is followed by a
// sample of the next. From save to DOM: the time at which the page's own DOM has the new text, or
// its computed style the new colour. docs/benchmarks.md tells how to read it.
import { existsSync, closeSync, copyFileSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { cpuMsOf, freePort, pssOf, removeAtEnd, start, stop, untilFirst200, watchesOf } from './processes.mjs'
import { judge, table } from './report.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const top = join(here, '..')
const PER_FOLDER = 50
const EDIT_MS = 20000

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    edits: { type: 'string', default: '15' },
    peers: { type: 'string', default: 'orbiton,vite,bun,import,push' },
    orbiton: { type: 'string', default: join(top, 'build/orbiton') },
    limit: { type: 'string', default: join(top, 'build/bench/limit') },
    vite: { type: 'string', default: join(here, 'node_modules/.bin/vite') },
    bun: { type: 'string', default: join(here, 'node_modules/@oven/bun-linux-x64/bin/bun') },
    nginx: { type: 'string', default: '/usr/sbin/nginx' },
    loads: { type: 'string', default: '5' },
  },
})

const color = n => `rgb(${n % 251}, ${Math.floor(n / 251) % 251}, 77)`
const leafText = n =>
  `document.querySelector('#leaf').textContent = 'leaf ${n}'\nif (import.meta.hot) import.meta.hot.accept()\n`
const styleText = n =>
  `.card { padding: 1rem; border: 1px solid; }\nbody { color: ${color(n)}; }\n`
const pageText = (n, script) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>bench</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/style.css">
    <script type="module" src="/src/main.js"></script>${script}
  </head>
  <body>
    <p class="card" id="leaf"></p>
    <p id="html">html ${n}</p>
    <p id="sum"></p>
  </body>
</html>
`

// main.js imports one index a folder, which imports the folder's modules; one of them is the leaf.
function writeApplication(root, count, script) {
  const folders = Math.ceil(count / PER_FOLDER)
  const indexes = []
  for (let folder = 0; folder < folders; folder++) {
    const dir = `src/d${String(folder).padStart(3, '0')}`
    const names = []
    mkdirSync(join(root, dir), { recursive: true })
    for (let i = folder * PER_FOLDER; i < Math.min(count, (folder + 1) * PER_FOLDER); i++) {
      const before = names.at(-1)
      const lines = before ? [`import { f${before} } from './m${before}.js'`] : []
      lines.push(`// Module ${i}, with some text to carry: ${'lorem ipsum '.repeat(60)}`)
      lines.push(`export function f${i}(x) {`, `  return ${before ? `f${before}(x)` : 'x'} + ${i}`, '}', '')
      writeFileSync(join(root, dir, `m${i}.js`), lines.join('\n'))
      names.push(String(i))
    }
    writeFileSync(join(root, dir, 'index.js'),
      names.map(i => `export { f${i} } from './m${i}.js'`).join('\n') + '\n')
    indexes.push([dir, names.at(-1)])
  }
  writeFileSync(join(root, 'src/main.js'), [
    `import './leaf.js'`,
    ...indexes.map(([dir, last]) => `import { f${last} } from './${dir.slice('src/'.length)}/index.js'`),
    `document.querySelector('#sum').textContent = String(${indexes.map(([, last]) => `f${last}(1)`).join(' + ')})`,
    'window.ready = true',
    `performance.mark('ready')`,
    '',
  ].join('\n'))
  writeFileSync(join(root, 'src/leaf.js'), leafText(0))
  writeFileSync(join(root, 'style.css'), styleText(0))
  writeFileSync(join(root, 'index.html'), pageText(0, script))
}

// `small` stands beside a larger page: the same server with a page of 1,000 modules.
const SMALL = 1000

const PEERS = {
  small: { script: '', command: (root, port) => PEERS.orbiton.command(root, port) },
  orbiton: { script: '', command: (root, port) => [options.orbiton, ['dev', root, '--port', String(port), '--strict-port']] },
  vite: { script: '', command: (root, port) => [options.vite, [root, '--port', String(port), '--strictPort', '--host', '127.0.0.1']] },
  bun: { script: '', command: (root, port) => [options.bun, ['index.html', '--port', String(port)]] },
  import: { script: '\n    <script type="module" src="/limit_hot.js"></script>', command: (root, port) => [options.limit, [root, String(port)]] },
  push: { script: '\n    <script type="module" src="/limit_hot.js"></script>', command: (root, port) => [options.limit, [root, String(port), 'push']] },
}

function save(path, text) {
  const fd = openSync(path, 'w')
  writeSync(fd, text, 0)
  closeSync(fd)
  return performance.now()
}

const rows = new Map()
function add(name, unit, peer, value, bars) {
  if (!rows.has(name)) {
    rows.set(name, { name, unit, bars, samples: {} })
  }
  const { samples } = rows.get(name)
  samples[peer] ??= []
  samples[peer].push(value)
}

// The page tells each text of #leaf and #html as it appears; the colour is asked for while it is
// waited for, in a loop that lets everything else run between two looks.
function watchInPage() {
  const seen = {}
  const look = () => {
    for (const id of ['leaf', 'html']) {
      const text = document.getElementById(id)?.textContent
      if (text && seen[id] !== text) {
        seen[id] = text
        window.benchShown(text, performance.timeOrigin + performance.now())
      }
    }
  }
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true })
  // A new colour is there when the document was changed for it, or a sheet has come; a frame finds the rest.
  // A loop that asks all the time would be the page's main work, and what messages wait for.
  window.benchColor = wanted => {
    let frame = 0
    const look = () => {
      if (getComputedStyle(document.body).color === wanted) {
        observer.disconnect()
        document.removeEventListener('load', look, true)
        cancelAnimationFrame(frame)
        window.benchShown(wanted, performance.timeOrigin + performance.now())
      }
    }
    const lookEachFrame = () => {
      frame = requestAnimationFrame(lookEachFrame)
      look()
    }
    const observer = new MutationObserver(look)
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true })
    document.addEventListener('load', look, true)
    lookEachFrame()
  }
}

/* ---- cold load beside nginx ---- */

const nginxText = (root, prefix, port) => `
worker_processes 1;
daemon off;
master_process off;
pid ${prefix}/pid;
error_log /dev/null;
events { worker_connections 512; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000;
  types { text/html html; text/css css; text/javascript js; }
  client_body_temp_path ${prefix}/t1; proxy_temp_path ${prefix}/t2; fastcgi_temp_path ${prefix}/t3;
  uwsgi_temp_path ${prefix}/t4; scgi_temp_path ${prefix}/t5;
  server {
    listen 127.0.0.1:${port};
    root ${root};
    add_header Cache-Control no-cache;
  }
}
`

// What orbiton serves, byte for byte, but for the tag of its client in the document.
async function copyServed(root, port, to) {
  const text = async url => (await fetch(`http://127.0.0.1:${port}${url}`)).text()
  const put = (url, body) => {
    mkdirSync(dirname(join(to, url)), { recursive: true })
    writeFileSync(join(to, url), body)
  }
  const page = await text('/')
  put('/index.html', page.replace(/<script src="\/__orbit\/client\.js"[^>]*><\/script>/, ''))
  copyFileSync(join(root, 'style.css'), join(to, 'style.css'))
  for (const entry of readdirSync(join(root, 'src'), { recursive: true })) {
    if (entry.endsWith('.js')) {
      put(`/src/${entry}`, await text(`/src/${entry}`))
    }
  }
}

async function loadOnce(browser, port) {
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    await page.goto(`http://127.0.0.1:${port}/`, { waitUntil: 'commit' })
    await page.waitForFunction(() => window.ready === true, null, { timeout: 120000 })
    // By the page's own clock, from the navigation on: nothing of the asking is in it.
    return await page.evaluate(() => performance.getEntriesByName('ready')[0].startTime)
  } finally {
    await context.close()
  }
}

// Each load has a context of its own, so no browser has anything in a cache. `first load` is the one
// of a server that has read no file yet; `load` is beside nginx, which has all files as they go out.
async function measureLoads(browser, folder, count, round) {
  const root = join(folder, `loads-${count}-${round}`)
  const served = join(folder, `served-${count}-${round}`)
  const procs = []
  try {
    writeApplication(root, count, '')
    const port = await freePort()
    const orbiton = start(...PEERS.orbiton.command(root, port))
    procs.push(orbiton)
    await untilFirst200(orbiton, port)
    add(`first load, ${count} modules`, 'ms', 'orbiton', await loadOnce(browser, port), [])
    await copyServed(root, port, served)
    const nginxPort = await freePort()
    const prefix = `${served}-nginx`
    mkdirSync(prefix)
    writeFileSync(join(prefix, 'nginx.conf'), nginxText(served, prefix, nginxPort))
    const nginx = start(options.nginx, ['-p', prefix, '-c', join(prefix, 'nginx.conf')])
    procs.push(nginx)
    await untilFirst200(nginx, nginxPort)
    for (let i = 0; i < Number(options.loads); i++) {
      const pair = [['orbiton', port], ['nginx', nginxPort]]
      for (const [name, at] of i % 2 ? pair.reverse() : pair) {
        add(`load, ${count} modules`, 'ms', name, await loadOnce(browser, at),
          count <= 1000 ? [{ peer: 'nginx', atMost: 1.1 }] : [])
      }
    }
  } finally {
    for (const proc of procs) {
      await stop(proc)
    }
  }
}

async function openPage(browser, server) {
  const context = await browser.newContext()
  const page = await context.newPage()
  const view = { context, page, waiting: new Map(), clock: { trip: Infinity, offset: 0 } }
  await page.exposeFunction('benchShown', (text, at) => {
    view.waiting.get(text)?.(at)
    view.waiting.delete(text)
  })
  await page.addInitScript(watchInPage)
  const began = performance.now()
  await page.goto(`http://127.0.0.1:${server.port}/`, { waitUntil: 'commit' })
  await page.waitForFunction(() => window.ready === true, null, { timeout: 120000 })
  add(`cold load, ${server.count} modules`, 'ms', server.name, performance.now() - began, [])
  return view
}

async function clockOffset(view) {
  for (let i = 0; i < 10; i++) {
    const before = performance.now()
    const there = await view.page.evaluate(() => performance.timeOrigin + performance.now())
    const after = performance.now()
    if (after - before < view.clock.trip) {
      view.clock = { trip: after - before, offset: there - (before + after) / 2 }
    }
  }
  return view.clock.offset
}

async function edit(server, kind, n) {
  const { view, root } = server
  const offset = await clockOffset(view)
  const [file, text, wanted] = {
    leaf: ['src/leaf.js', leafText(n), `leaf ${n}`],
    style: ['style.css', styleText(n), color(n)],
    html: ['index.html', pageText(n, PEERS[server.name].script), `html ${n}`],
  }[kind]
  let timer
  const shown = new Promise((resolve, reject) => {
    view.waiting.set(wanted, resolve)
    timer = setTimeout(() => reject(new Error(`${server.name}: ${wanted} never came`)), EDIT_MS)
  })
  if (kind === 'style') {
    await view.page.evaluate(rgb => window.benchColor(rgb), color(n))
  }
  const cpu = cpuMsOf(server.proc.child.pid)
  const saved = save(join(root, file), text)
  let ms = NaN
  try {
    ms = (await shown) - offset - saved
  } catch (error) {
    process.stderr.write(`bench: ${error.message}\n`)
  }
  clearTimeout(timer)
  if (kind === 'html') {
    await view.page.waitForFunction(() => window.ready === true)
  }
  await new Promise(resolve => setTimeout(resolve, 60 + Math.random() * 60))
  return { ms, cpu: cpuMsOf(server.proc.child.pid) - cpu }
}

const BARS = {
  leaf: [{ peer: 'import', atMost: 1.3 }, { peer: 'vite', atMost: 1 }, { peer: 'bun', atMost: 1 }],
  style: [{ peer: 'push', atMost: 1.5 }, { peer: 'vite', atMost: 0.34 }],
  html: [{ peer: 'push', atMost: 1.5 }, { peer: 'vite', atMost: 0.34 }],
}

async function measureRound(browser, folder, count, round, peers) {
  const names = count > SMALL && peers.includes('orbiton') ? [...peers, 'small'] : peers
  const servers = []
  try {
    for (const name of names) {
      const root = join(folder, `${name}-${count}-${round}`)
      writeApplication(root, name === 'small' ? SMALL : count, PEERS[name].script)
      writeFileSync(join(root, 'limit_hot.js'), readFileSync(join(here, 'limit_hot.js')))
      const port = await freePort()
      const proc = start(...PEERS[name].command(root, port), { cwd: root })
      await untilFirst200(proc, port)
      servers.push({ name, root, port, proc, count })
    }
    for (const server of servers) {
      server.view = await openPage(browser, server)
    }
    let n = 1
    for (const kind of ['leaf', 'style', 'html']) {
      for (let i = 0; i < Number(options.edits); i++, n++) {
        for (let k = 0; k < servers.length; k++) {
          const server = servers[(k + i) % servers.length]
          if (server.name === 'import' && kind !== 'leaf') {
            continue // it knows modules only
          }
          const { ms, cpu } = await edit(server, kind, n)
          add(`save to DOM, ${kind}, ${count} modules`, 'ms', server.name, ms,
            count > SMALL ? [{ peer: 'small', atMost: 1.1 }] : BARS[kind])
          add(`server CPU, ${kind}, ${count} modules`, 'ms', server.name, cpu,
            [{ peer: 'vite', atMost: 0.1 }])
        }
      }
    }
    for (const server of servers) {
      const { pid } = server.proc.child
      add(`memory (PSS), ${count} modules`, 'MiB', server.name, pssOf(pid) / 1024,
        count >= 10000 ? [{ atMost: 40 }] : [])
      add(`inotify watches, ${count} modules`, '', server.name, watchesOf(pid), [])
    }
  } finally {
    for (const server of servers) {
      await server.view?.context.close().catch(() => {})
      await stop(server.proc)
    }
  }
}

async function main() {
  const names = options.peers.split(',').filter(Boolean)
    .filter(name => name !== 'bun' || existsSync(options.bun)) // not built for every machine
  for (const name of names) {
    const [program] = PEERS[name].command('', 0)
    if (!existsSync(program)) {
      throw new Error(`no ${program}; \`make build\` and \`tools/setup bench\` make it`)
    }
  }
  const folder = mkdtempSync(join(tmpdir(), 'orbiton-bench-'))
  removeAtEnd(folder)
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: process.getuid() === 0 ? ['--no-sandbox'] : [],
  })
  try {
    for (const count of options.sizes.split(',').map(Number)) {
      for (let round = 0; round < Number(options.rounds); round++) {
        process.stderr.write(`bench: ${count} modules, round ${round + 1} of ${options.rounds}\n`)
        if (names.length > 0) {
          await measureRound(browser, folder, count, round, names)
        }
        if (Number(options.loads) > 0 && existsSync(options.nginx)) {
          await measureLoads(browser, folder, count, round)
        }
      }
    }
  } finally {
    await browser.close()
  }
  const judged = [...rows.values()].map(judge)
  mkdirSync(join(here, 'results'), { recursive: true })
  writeFileSync(join(here, 'results/hot.json'), `${JSON.stringify(judged, null, 2)}\n`)
  process.stdout.write(`${cpus()[0]?.model}, ${cpus().length} cores, load ${loadavg()[0]}\n\n${table(judged)}\n`)
}

main().catch(error => {
  process.stderr.write(`bench: ${error.stack}\n`)
  process.exit(1)
}).then(() => process.exit())
