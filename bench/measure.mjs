// SPDX-License-Identifier: MIT
// What is measured, one function each. Times are milliseconds on this process's clock; a browser's
// times are brought to it by the offset that round trips show.
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { get } from './peers.mjs'
import { activityOf, freePort, start, stop, untilFirst200 } from './processes.mjs'
import { STYLE, TEXT, color, saveStyle, saveText } from './project.mjs'

const FRAME_LIMIT_MS = 5000
const PAINT_LIMIT_MS = 60000 // a build may be in it

export const pause = ms => new Promise(resolve => setTimeout(resolve, ms))

// Between samples, of a length that falls in step with nobody's timers.
const breathe = () => pause(80 + Math.random() * 60)

function within(promise, ms, what) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${ms} ms`)), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

function nextUpdate(ws, peer) {
  let listener
  const update = new Promise(resolve => {
    listener = bytes => {
      const at = performance.now()
      const message = JSON.parse(bytes)
      if (peer.isUpdate(message)) {
        resolve({ at, message })
      }
    }
    ws.on('message', listener)
  })
  return within(update, FRAME_LIMIT_MS, peer.name).finally(() => ws.off('message', listener))
}

// From the end of the save to the frame that tells a page to change. `kind` is style or text.
export async function saveToFrame({ peer, root, port, ws }, kind, n) {
  const update = nextUpdate(ws, peer)
  const saved = kind === 'style' ? saveStyle(root, n) : saveText(root, n)
  const { at, message } = await update
  peer.answer?.(ws, message)
  // As the page would: a server may wait for the new version to be asked for.
  await get(port, `${kind === 'style' ? STYLE : TEXT}?t=${Date.now()}`)
  await breathe()
  return at - saved
}

// Runs in the page, to which it goes as text: the time of the frame of which `shown()` is true, when it has
// its layout and is about to be painted. A resize observer is called there without asking for a frame, so a
// page at rest stays so until the change itself asks for one.
// A style changes the size of `sized`, an element. Of anything else the document's mutations tell, and the
// body is observed from then on: the next layout calls the observer once, whatever the size is. That belongs
// to the frame of the change also when it is made in an animation frame; one asked for there would be the next.
// `animates`: the page asks for every frame until then.
export function painted(shown, { sized, animates } = {}) {
  return new Promise(resolve => {
    let frame = 0
    const observer = new ResizeObserver(() => {
      if (shown()) {
        observer.disconnect()
        mutations.disconnect()
        cancelAnimationFrame(frame)
        resolve(performance.timeOrigin + performance.now())
      }
    })
    const mutations = new MutationObserver(() => shown() && observer.observe(document.body))
    const animate = () => {
      frame = requestAnimationFrame(animate)
    }
    if (sized) {
      observer.observe(document.querySelector(sized))
    } else {
      mutations.observe(document, { subtree: true, childList: true, characterData: true, attributes: true })
    }
    if (animates) {
      animate()
    }
  })
}

// A page of `server` in the browser. It reports the time of the first frame that shows its text.
export async function openPage(browser, { port }) {
  const context = await browser.newContext()
  const page = await context.newPage()
  const shown = { text: '', at: 0, wake: () => {} }

  await page.exposeFunction('benchShown', (text, at) => {
    Object.assign(shown, { text, at })
    shown.wake()
  })
  await page.addInitScript(`{
    const text = () => document.querySelector('#text')?.textContent
    ;(${painted})(text).then(at => benchShown(text(), at))
  }`)
  await page.goto(`http://127.0.0.1:${port}/`)
  await page.waitForFunction(() => document.querySelector('#text').textContent !== '')
  return { context, page, shown }
}

// Both clocks are the kernel's monotonic one with a constant added. What the page says falls between the
// question and the answer, so each trip bounds that constant from both sides, for good; each sample makes some more.
async function clockOffset(view) {
  view.clock ??= { least: -Infinity, most: Infinity }
  const { clock } = view
  for (let i = 0; i < 15; i++) {
    const before = performance.now()
    const there = await view.page.evaluate(() => performance.timeOrigin + performance.now())
    clock.least = Math.max(clock.least, there - performance.now())
    clock.most = Math.min(clock.most, there - before)
  }
  return (clock.least + clock.most) / 2
}

// From the end of `save()`, which returns its time, to the frame of which `shown`, an expression, is
// true in the page. `how` is as above.
export async function saveToPainted(view, shown, save, what, how = {}) {
  const seen = view.page.evaluate(`(${painted})(() => ${shown}, ${JSON.stringify(how)})`)
  seen.catch(() => {}) // it may fail before anybody waits for it, as when the page is loaded again
  // The page answers behind the above, so it looks when the save comes. The pause is for the frame in which an
  // observer is first called.
  const offset = await clockOffset(view)
  await breathe()
  const saved = save()
  const at = await within(seen, PAINT_LIMIT_MS, what)
  await breathe()
  return at - offset - saved
}

export const saveToStyle = ({ root, view }, n) => saveToPainted(view,
  `getComputedStyle(document.body).color === ${JSON.stringify(color(n))}`,
  () => saveStyle(root, n), `style ${n}`, { sized: 'body' })

export async function saveToReload({ root, view }, n) {
  const { page, shown } = view
  const offset = await clockOffset(view)
  const want = `text ${n}`
  const seen = new Promise(resolve => {
    shown.wake = () => shown.text === want && resolve()
  })
  const saved = saveText(root, n)
  await within(seen, PAINT_LIMIT_MS, want)
  const at = shown.at
  await page.waitForLoadState('load')
  await breathe()
  return at - offset - saved
}

export async function idle(pid, seconds) {
  const before = activityOf(pid)
  await pause(seconds * 1000)
  const after = activityOf(pid)
  return { ticks: after.ticks - before.ticks, switches: after.switches - before.switches }
}

const nginxConfig = (folder, root, port) => `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 512; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  default_type text/plain;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    root ${root};
  }
}
`

// Server on one core, client on another. With one core only they share it, which the caller says.
const pinned = (core, command, args) => ['taskset', ['-c', String(core), command, ...args]]

export async function startStatic(name, peers, folder, root) {
  const port = await freePort()
  let command
  if (name === 'nginx') {
    const own = join(folder, 'nginx')
    mkdirSync(own, { recursive: true })
    const user = process.getuid() === 0 ? 'user root;' : ''
    writeFileSync(join(own, 'nginx.conf'), user + nginxConfig(own, root, port))
    command = ['nginx', ['-c', join(own, 'nginx.conf'), '-p', own, '-e', join(own, 'error.log')]]
  } else {
    command = peers[name].command(root, port)
  }
  const proc = start(...pinned(0, ...command))
  await untilFirst200(proc, port)
  return { name, proc, port, stop: () => stop(proc) }
}

export async function requestsPerSecond(port, path, seconds, core) {
  const [command, args] = pinned(core, 'wrk', [
    '-t1', '-c16', `-d${seconds}s`, `http://127.0.0.1:${port}${path}`,
  ])
  const { stdout } = await promisify(execFile)(command, args, { timeout: (seconds + 20) * 1000 })
  if (/Non-2xx/.test(stdout)) {
    throw new Error(`wrk on ${path}: ${stdout}`)
  }
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1])
}
