// SPDX-License-Identifier: MIT
// Children of the benchmark: started in groups of their own, looked at through /proc, and gone when
// the benchmark is, however it ends.
import { spawn } from 'node:child_process'
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'

const running = new Set()
const folders = new Set()

export function start(command, args, { cwd, env } = {}) {
  const began = performance.now()
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const proc = { child, began, output: '', ended: null }
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', bytes => {
      proc.output = (proc.output + bytes).slice(-4000)
    })
  }
  proc.ended = new Promise(resolve => {
    child.on('error', error => {
      proc.output += error.message
      running.delete(proc)
      resolve()
    })
    // The group goes with its leader: what stays would keep the output open, and its memory.
    child.on('exit', () => killGroup(proc, 'SIGKILL'))
    child.on('close', () => {
      running.delete(proc)
      resolve()
    })
  })
  running.add(proc)
  return proc
}

function killGroup(proc, signal) {
  try {
    process.kill(-proc.child.pid, signal)
  } catch {
    // It ended between the look and the signal.
  }
}

export async function stop(proc) {
  if (!running.has(proc)) {
    return
  }
  killGroup(proc, 'SIGTERM')
  const force = setTimeout(() => killGroup(proc, 'SIGKILL'), 3000)
  await proc.ended
  clearTimeout(force)
}

// What a program prints that ends by itself; nothing it started stays behind.
export async function outputOf(command, args) {
  const proc = start(command, args)
  await proc.ended
  if (proc.child.exitCode !== 0) {
    throw new Error(proc.output || `${command} ended with ${proc.child.exitCode}`)
  }
  return proc.output
}

export function removeAtEnd(folder) {
  folders.add(folder)
}

process.on('exit', () => {
  for (const proc of running) {
    killGroup(proc, 'SIGKILL')
  }
  for (const folder of folders) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => process.exit(130))
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

// One attempt at `GET /`: whether a 200 came back.
function attempt(port) {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    const finish = ok => {
      socket.destroy()
      resolve(ok)
    }
    socket.on('connect', () =>
      socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: text/html\r\n\r\n`))
    socket.on('data', bytes => finish(bytes.toString('latin1', 0, 12) === 'HTTP/1.1 200'))
    socket.on('error', () => finish(false))
    socket.on('close', () => resolve(false))
  })
}

// Waits until a server answers `/` with 200.
export async function untilFirst200(proc, port, limitMs = 60000) {
  while (!(await attempt(port))) {
    if (!running.has(proc)) {
      throw new Error(`${proc.child.spawnfile} ended before it answered:\n${proc.output}`)
    }
    if (performance.now() - proc.began > limitMs) {
      throw new Error(`${proc.child.spawnfile} does not answer:\n${proc.output}`)
    }
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function list(path) {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function tree(pid) {
  const below = list(`/proc/${pid}/task`).flatMap(task =>
    read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean))
  return [pid, ...below.flatMap(child => tree(Number(child)))]
}

// Proportional set size of the process and all below it, in KiB.
export function pssOf(pid) {
  return tree(pid).reduce((sum, each) => {
    const match = /^Pss:\s+(\d+)/m.exec(read(`/proc/${each}/smaps_rollup`))
    return sum + Number(match?.[1] ?? 0)
  }, 0)
}

// Processor time in clock ticks (10 ms each) and context switches so far, of all threads below pid.
export function activityOf(pid) {
  let ticks = 0
  let switches = 0
  for (const each of tree(pid)) {
    const stat = read(`/proc/${each}/stat`)
    // The name in parentheses may hold anything; the fields that count stand behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
    for (const task of list(`/proc/${each}/task`)) {
      for (const [, count] of read(`/proc/${each}/task/${task}/status`)
        .matchAll(/ctxt_switches:\s+(\d+)/g)) {
        switches += Number(count)
      }
    }
  }
  return { ticks, switches }
}

// Processor time so far, in milliseconds, of all threads below pid.
export function cpuMsOf(pid) {
  let ns = 0
  for (const each of tree(pid)) {
    for (const task of list(`/proc/${each}/task`)) {
      ns += Number(read(`/proc/${each}/task/${task}/schedstat`).split(' ')[0])
    }
  }
  return ns / 1e6
}

// How many inotify watches the process and all below it hold.
export function watchesOf(pid) {
  return tree(pid).flatMap(each => list(`/proc/${each}/fdinfo`).map(fd =>
    [...read(`/proc/${each}/fdinfo/${fd}`).matchAll(/^inotify wd:/gm)].length))
    .reduce((sum, count) => sum + count, 0)
}
