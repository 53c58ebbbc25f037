// SPDX-License-Identifier: MIT
// `node bench/checkout.mjs`: what a `git checkout` costs that changes half of the modules of a page.
// The page is a WebSocket that registers all modules and answers for them, so that no browser's
// time is in it. Each size is ten times the one before: so should be the server's CPU time.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { get, makePeers } from './peers.mjs'
import { cpuMsOf, freePort, removeAtEnd, start, stop, untilFirst200 } from './processes.mjs'

const top = fileURLToPath(new URL('..', import.meta.url))
const FOLDER = 100

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000' },
    orbiton: { type: 'string', default: join(top, 'build/orbiton') },
  },
})

// A folder is a chain that its index accepts, or modules that accept themselves.
function textOf(i, edit) {
  const isChain = Math.floor(i / FOLDER) % 2 === 0
  const below = isChain && i % FOLDER > 0 ? `import './m${i - 1}.js'\n` : ''
  return `${below}export const v${i} = ${i}${edit}\n${isChain ? '' : 'import.meta.hot?.accept()\n'}`
}

function indexOf(folder) {
  const names = Array.from({ length: FOLDER }, (_, i) => `./m${folder * FOLDER + i}.js`)
  return names.map(name => `import '${name}'`).join('\n') + '\nimport.meta.hot?.accept()\n'
}

const urlOf = i => `/src/d${Math.floor(i / FOLDER)}/m${i}.js`

function write(root, count, edit) {
  const urls = []
  for (let i = 0; i < count; i++) {
    const url = urlOf(i)
    if (i % FOLDER === 0) {
      mkdirSync(join(root, url, '..'), { recursive: true })
    }
    writeFileSync(join(root, url), textOf(i, i % 2 === 0 ? edit : ''))
    urls.push(url)
  }
  return urls
}

function makeProject(count) {
  const root = mkdtempSync(join(tmpdir(), 'orbiton-bench-'))
  removeAtEnd(root)
  const git = (...args) => execFileSync('git', ['-c', 'user.name=b', '-c', 'user.email=b@b', ...args],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const urls = write(root, count, '')
  const folders = count / FOLDER
  for (let i = 0; i < folders; i++) {
    const url = `/src/d${i}/index.js`
    writeFileSync(join(root, url), indexOf(i))
    urls.push(url)
  }
  writeFileSync(join(root, 'src/main.js'),
    Array.from({ length: folders }, (_, i) => `import './d${i}/index.js'`).join('\n') + '\n')
  writeFileSync(join(root, 'index.html'), '<!doctype html><script type="module" src="/src/main.js"></script>\n')
  git('init', '-q', '-b', 'main')
  git('add', '.')
  git('commit', '-qm', 'a')
  git('checkout', '-qb', 'other')
  write(root, count, ' + 1')
  git('commit', '-qam', 'b')
  git('checkout', '-q', 'main')
  return { root, urls: ['/src/main.js', ...urls], git }
}

function next(ws, isIt) {
  return new Promise(resolve => {
    const listener = bytes => {
      const message = JSON.parse(bytes)
      if (isIt(message)) {
        ws.off('message', listener)
        resolve(message)
      }
    }
    ws.on('message', listener)
  })
}

// Registers in parts, as a page does.
function register(ws, loaded) {
  for (let i = 0; i < loaded.length; i += 500) {
    ws.send(JSON.stringify({
      type: 'register', loaded: Object.fromEntries(loaded.slice(i, i + 500)),
      more: i + 500 < loaded.length,
    }))
  }
}

async function measure(count) {
  const { orbiton } = makePeers({ orbiton: options.orbiton })
  const { root, urls, git } = makeProject(count)
  const port = await freePort()
  const server = start(...orbiton.command(root, port))
  await untilFirst200(server, port)
  const pid = server.child.pid
  const sync = () => get(port, '/__orbit/sync')
  const spent = {}
  let mark = cpuMsOf(pid)
  const note = name => {
    const now = cpuMsOf(pid)
    spent[name] = now - mark
    mark = now
  }

  const loaded = []
  for (const url of urls) {
    const { headers } = await get(port, url)
    loaded.push([url, /\borbit;desc="?([0-9a-f]+)/.exec(headers['server-timing'])[1]])
  }
  note('serve')
  const ws = await orbiton.join(port, ['/'])
  register(ws, loaded)
  await sync()
  note('register')

  const answer = (message, more) =>
    ws.send(JSON.stringify({ type: 'applied', seq: message.seq, ms: { apply: 1, paint: 1 }, ...more }))
  const checkout = async (name, branch, more) => {
    const update = next(ws, orbiton.isUpdate)
    git('checkout', '-q', branch)
    const message = await update
    await sync()
    answer(message, more)
    await sync()
    note(name)
    return message
  }
  const good = { ok: true, mode: 'hot' }
  const message = await checkout('checkout', 'other', good)
  if (message.type !== 'hmr' || message.js.replaced.length < count / 2) {
    throw new Error(`not what was to be measured: ${JSON.stringify(message).slice(0, 200)}`)
  }
  await checkout('taken back', 'main', { ok: false, mode: 'failed', rolledBack: true, error: 'x' })
  git('checkout', '-q', 'other') // what the page runs again: nothing is sent
  await sync()
  note('undone')
  ws.close()
  await stop(server)
  return { replaced: message.js.replaced.length, spent }
}

const rows = []
for (const size of options.sizes.split(',').map(Number)) {
  const { replaced, spent } = await measure(size)
  rows.push({ size, replaced, ...spent })
}
const names = Object.keys(rows[0])
console.log(names.map(name => name.padStart(11)).join(''))
for (const row of rows) {
  console.log(names.map(name => String(Math.round(row[name])).padStart(11)).join(''))
}
console.log('CPU ms of the server; replaced: modules that got a new instance')
