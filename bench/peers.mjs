// SPDX-License-Identifier: MIT
// What differs between the servers: how each is started, how a client that is no browser joins its
// WebSocket, and which of its messages is the one that tells a page to change.
import { request } from 'node:http'
import WebSocket from 'ws'
import { addLimitScript } from './project.mjs'

// Each client has a page's part to play, so it asks for a thing as a page would.
export function get(port, path) {
  const accept = path.endsWith('.css') ? 'text/css,*/*;q=0.1' : path === '/' ? 'text/html' : '*/*'
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path, headers: { accept } }, res => {
      let body = ''
      res.setEncoding('utf8')
      res.on('data', text => (body += text))
      res.on('end', () => {
        if (res.statusCode === 200) {
          resolve({ body, headers: res.headers })
        } else {
          reject(new Error(`GET ${path} on port ${port}: ${res.statusCode}`))
        }
      })
    })
    req.on('error', reject)
    req.end()
  })
}

function open(url, protocol, origin) {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url, protocol, { origin, perMessageDeflate: false })
    // Listened for from the start: the first message may come with the handshake's own packet.
    ws.greeted = new Promise(greet => ws.once('message', greet))
    ws.once('open', () => resolve(ws))
    ws.once('error', reject)
  })
}

const unescapeHtml = text =>
  text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>').replaceAll('&amp;', '&')

async function joinOrbiton(port, urls) {
  const loaded = {}
  let page = null
  for (const url of urls) {
    const { body, headers } = await get(port, url)
    const hash = /\borbit;desc="?([0-9a-f]+|missing)/.exec(headers['server-timing'] ?? '')
    if (hash) {
      loaded[url] = hash[1]
    }
    if (url === '/') {
      const tag = /data-orbit=(?:'([^']*)'|"([^"]*)")/.exec(body)
      if (!tag) {
        throw new Error('orbiton: no data-orbit in the page')
      }
      page = JSON.parse(unescapeHtml(tag[1] ?? tag[2]))
    }
  }
  const ws = await open(
    `ws://127.0.0.1:${port}/__orbit/ws?token=${encodeURIComponent(page.token)}`,
    [],
    `http://127.0.0.1:${port}`,
  )
  const register = {
    type: 'register', url: `http://127.0.0.1:${port}/`, epoch: page.epoch, seq: page.seq, loaded,
  }
  ws.send(JSON.stringify(register))
  await ws.greeted
  return ws
}

async function joinVite(port, urls) {
  for (const url of urls) {
    await get(port, url)
  }
  const token = /const wsToken = "([^"]*)"/.exec((await get(port, '/@vite/client')).body)
  return open(`ws://127.0.0.1:${port}/?token=${token[1]}`, 'vite-hmr')
}

const appliedMessage = seq =>
  JSON.stringify({ type: 'applied', seq, ok: true, mode: 'hot', ms: { apply: 0, paint: 0 } })

export const makePeers = ({ orbiton, vite, limit }) => ({
  orbiton: {
    name: 'orbiton',
    command: (root, port) => [orbiton, ['dev', root, '--port', String(port), '--strict-port']],
    join: joinOrbiton,
    isUpdate: message => message.type === 'hmr' || message.type === 'reload',
    answer: (ws, message) => ws.send(appliedMessage(message.seq)),
  },
  vite: {
    name: 'vite',
    command: (root, port) =>
      [vite, [root, '--port', String(port), '--strictPort', '--host', '127.0.0.1']],
    join: joinVite,
    isUpdate: message => message.type === 'update' || message.type === 'full-reload',
  },
  limit: {
    name: 'limit',
    script: '\n    <script type="module" src="/limit.js"></script>',
    prepare: addLimitScript,
    command: (root, port) => [limit, [root, String(port)]],
    join: async (port, urls) => {
      for (const url of urls) {
        await get(port, url)
      }
      return open(`ws://127.0.0.1:${port}/__limit`)
    },
    isUpdate: message => 'path' in message,
  },
})
