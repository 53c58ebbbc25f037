// SPDX-License-Identifier: MIT
// Writes the projects that the peers serve: N files, of which the page loads about twenty, so that
// the number of files weighs on watching and start-up and not on what a browser has to fetch.
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const PER_FOLDER = 100
const LOADED = 18

// What the page loads, in the order a browser asks for it.
export const STYLE = '/style.css'
export const TEXT = '/src/text.js'

const modulePath = i => {
  const folder = String(Math.floor(i / PER_FOLDER)).padStart(3, '0')
  return `src/d${folder}/m${String(i % PER_FOLDER).padStart(2, '0')}.js`
}

export const color = n => `rgb(${n % 251}, ${Math.floor(n / 251) % 251}, 77)`

// No two numbers have the same: Chromium lays out in 64ths of a pixel. Painted styles are seen by it.
export const width = n => `${300 + n / 64}px`

// Of one length for each number, so that a save can be one write over what was there.
const styleText = n =>
  `.card { padding: 1rem; border: 1px solid; }\nbody { color: ${color(n)}; width: ${width(n)}; }`.padEnd(119) + '\n'
const textModule = n => `export const text = 'text ${n}'`.padEnd(49) + '\n'

export function writeProject(root, count, { script = '' } = {}) {
  const modules = count - 4 // index.html, style.css, main.js, text.js
  for (let i = 0; i < modules; i++) {
    if (i % PER_FOLDER === 0) {
      mkdirSync(join(root, `src/d${String(i / PER_FOLDER).padStart(3, '0')}`), { recursive: true })
    }
    writeFileSync(
      join(root, modulePath(i)),
      `// Module ${i}.\nexport function f${i}(x) {\n  return x * ${i} + 1\n}\n`,
    )
  }
  const loaded = [...Array(Math.min(LOADED, modules)).keys()]
  writeFileSync(
    join(root, 'src/main.js'),
    [
      `import { text } from './text.js'`,
      ...loaded.map(i => `import { f${i} } from '/${modulePath(i)}'`),
      `const sum = [${loaded.map(i => `f${i}`).join(', ')}].reduce((x, f) => f(x), 1)`,
      `document.querySelector('#sum').textContent = String(sum)`,
      `document.querySelector('#text').textContent = text`,
      '',
    ].join('\n'),
  )
  writeFileSync(
    join(root, 'index.html'),
    `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>bench</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${STYLE}">
    <script type="module" src="/src/main.js"></script>${script}
  </head>
  <body>
    <p class="card" id="text"></p>
    <p id="sum"></p>
  </body>
</html>
`,
  )
  writeFileSync(join(root, 'style.css'), styleText(0))
  writeFileSync(join(root, 'src/text.js'), textModule(0))
  return ['/', STYLE, '/src/main.js', TEXT, ...loaded.map(i => `/${modulePath(i)}`)]
}

// The script that limit.c's page needs, as the other servers bring their own.
export function addLimitScript(root) {
  writeFileSync(join(root, 'limit.js'), readFileSync(new URL('limit.js', import.meta.url)))
}

// Returns the time at which the file was whole and closed. Truncating first, as many editors do,
// would let a server that acts on the first event start before the clock does, and read nothing.
function save(path, text) {
  const fd = openSync(path, 'r+')
  writeSync(fd, text, 0)
  closeSync(fd)
  return performance.now()
}

export const saveStyle = (root, n) => save(join(root, 'style.css'), styleText(n))
export const saveText = (root, n) => save(join(root, 'src/text.js'), textModule(n))

// One folder for the throughput rows, the same for both servers.
export function writeStatic(root) {
  mkdirSync(root, { recursive: true })
  writeFileSync(join(root, 'index.html'), '<!doctype html><title>static</title>\n')
  for (const [name, size] of [['1k.txt', 1024], ['100k.txt', 100 * 1024]]) {
    writeFileSync(join(root, name), 'x'.repeat(63).concat('\n').repeat(size / 64))
  }
}
