// SPDX-License-Identifier: MIT
// Edits of a component in a page, from the end of the save to the frame that shows them: styles and
// templates beside a linked style sheet of the same page, code beside the bare build of the very
// sources that orbiton has generated. docs/benchmarks.md tells how to read it.
import { spawnSync } from 'node:child_process'
import {
  chmodSync, closeSync, cpSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, writeFileSync, writeSync,
} from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { saveToPainted } from './measure.mjs'
import { freePort, removeAtEnd, start, stop, untilFirst200 } from './processes.mjs'
import { color, width } from './project.mjs'
import { judge, median, table } from './report.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const top = join(here, '..')
const FIRST_BUILD_MS = 120000
const RUST_BUILD = 'cargo build --quiet --offline --lib --target wasm32-unknown-unknown'

// Each an example: where code says what `version()` is, which program builds, and what a bare build
// of the changed sources runs.
const LANGUAGES = {
  js: {
    example: 'js-counter',
    file: 'src/app.orbit',
    code: (text, n) => text.replace('class App {', `class App {\n    version() { return ${n}; }`),
  },
  c: {
    example: 'c-counter',
    file: 'src/counter.orbit',
    code: (text, n) => text.replace('void increment', `int version(Counter *self)\n{\n    return ${n};\n}\n\nvoid increment`),
    settings: 'Makefile',
    program: 'make',
    generated: 'build/orbit',
    // What make would run, without make.
    bare: (folder, env) => output('make', ['-n'], folder, env),
  },
  rust: {
    example: 'counter',
    file: 'src/counter.orbit',
    code: (text, n) => text.replace('impl Counter {', `impl Counter {\n    fn version(&self) -> i32 {\n        ${n}\n    }\n`),
    settings: 'Cargo.toml',
    program: 'cargo',
    generated: 'target/orbit',
    bare: () => RUST_BUILD,
  },
}

function output(command, args, cwd, env) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' })
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
  }
  return stdout
}

// The example with an element that shows the three numbers of an edit.
function componentText(language, { style, template, code }) {
  const text = language.code(readFileSync(join(top, 'examples', language.example, language.file), 'utf8'), code)
  return `${text.replace(/<template>\s*<\w+[^>]*>/, `$&<p class="bench" title="${template}">{{ version() }}</p>`)}
<style>
.bench { color: ${color(style)}; width: ${width(style)}; }
</style>
`
}

const sheetText = n => `body { background-color: ${color(n)}; width: ${width(n)}; }\n`.padEnd(90)

// As project.mjs: no truncation first, so that no server reads an empty file.
function save(path, text) {
  const fd = openSync(path, 'r+')
  ftruncateSync(fd, writeSync(fd, text, 0))
  closeSync(fd)
  return performance.now()
}

// A program of that name that notes each start and is then the one behind it on PATH.
function countStarts(folder, name) {
  const log = join(folder, 'starts')
  const real = output('sh', ['-c', `command -v ${name}`], folder, process.env).trim()
  writeFileSync(log, '')
  writeFileSync(join(folder, name), `#!/bin/sh\ncase " $* " in *' metadata '*) ;; *) echo >> ${log};; esac\nexec ${real} "$@"\n`)
  chmodSync(join(folder, name), 0o755)
  return {
    env: { PATH: `${folder}:${process.env.PATH}` },
    count: () => readFileSync(log).length,
  }
}

function makeProject(folder, name, language) {
  const root = join(folder, name)
  cpSync(join(top, 'examples', language.example), root, {
    recursive: true,
    filter: each => !/\/(target|build)$|\.(wasm|d)$/.test(each),
  })
  const index = join(root, 'index.html')
  writeFileSync(index, readFileSync(index, 'utf8')
    .replace(/<title>/, '<link rel="stylesheet" href="/style.css">\n<title>'))
  writeFileSync(join(root, 'style.css'), sheetText(0))
  if (language.settings) {
    const settings = join(root, language.settings)
    writeFileSync(settings, readFileSync(settings, 'utf8').replace('../../', `${top}/`))
  }
  return root
}

const rows = new Map()

function add(name, unit, samples, bars) {
  if (!rows.has(name)) {
    rows.set(name, { name, unit, bars, samples: Object.fromEntries(Object.keys(samples).map(key => [key, []])) })
  }
  for (const [peer, value] of Object.entries(samples)) {
    rows.get(name).samples[peer].push(value)
  }
}

// Milliseconds of a shell's command, in the same environment as the server's builds.
function timeOf(command, cwd, env) {
  const began = performance.now()
  const { status, stderr } = spawnSync('sh', ['-ec', command], { cwd, env, encoding: 'utf8' })
  const ms = performance.now() - began
  if (status !== 0) {
    throw new Error(`${command}: ${stderr}`)
  }
  return ms
}

function copyGenerated(from, to) {
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    const text = /\.(rs|c)$/.test(name) ? readFileSync(join(from, name)) : null
    let present = null
    try {
      present = readFileSync(join(to, name))
    } catch {
      // It is new.
    }
    if (text && !(present && text.equals(present))) {
      writeFileSync(join(to, name), text)
    }
  }
}

const SHOWN = {
  link: n => `getComputedStyle(document.body).backgroundColor === ${JSON.stringify(color(n))}`,
  style: n => `getComputedStyle(document.querySelector('.bench')).color === ${JSON.stringify(color(n))}`,
  template: n => `document.querySelector('.bench')?.title === '${n}'`,
  code: n => `document.querySelector('.bench')?.textContent === '${n}'`,
}
const SIZED = { link: 'body', style: '.bench' }

async function measureLanguage(name, folder, browser, options) {
  const language = LANGUAGES[name]
  const root = makeProject(folder, name, language)
  const numbers = { link: 0, style: 0, template: 0, code: 0 }
  const starts = language.program ? countStarts(mkdtempSync(join(folder, 'bin-')), language.program) : null
  const env = { ...process.env, ...starts?.env }
  let saved = 0
  const change = (kind, n) => {
    numbers[kind] = n
    return kind === 'link' ? save(join(root, 'style.css'), sheetText(n))
      : save(join(root, language.file), componentText(language, numbers))
  }
  change('code', 0)
  const port = await freePort()
  const proc = start(options.orbiton, ['dev', root, '--port', String(port), '--strict-port'], { env })
  const context = await browser.newContext()
  try {
    await untilFirst200(proc, port)
    const page = await context.newPage()
    const view = { page }
    await page.goto(`http://127.0.0.1:${port}/`)
    await page.waitForFunction(SHOWN.code(0), null, { timeout: FIRST_BUILD_MS }).catch(error => {
      throw new Error(`${name}: ${error.message}\n${proc.output}`)
    })
    const edit = kind => saveToPainted(view, SHOWN[kind](++saved), () => change(kind, saved), `${name}, ${kind}`,
      { sized: SIZED[kind] })
    for (const kind of ['link', 'style', 'template']) {
      await edit(kind) // the first of a kind loads what it needs
    }
    const before = starts?.count()
    for (let i = 0; i < options.paints; i++) {
      const times = {}
      const kinds = ['link', 'style', 'template']
      for (const kind of kinds.map((_, k) => kinds[(k + i) % kinds.length])) {
        times[kind] = await edit(kind)
      }
      for (const kind of ['style', 'template']) {
        add(`${kind} of a component, ${name}`, 'ms', { orbiton: times[kind], link: times.link },
          [{ peer: 'link', atMost: 2 }])
      }
    }
    if (!starts) {
      for (let i = 0; i < options.paints; i++) {
        add(`code of a component, ${name}`, 'ms', { orbiton: await edit('code') }, [])
      }
      return
    }
    add(`builds started by these edits, ${name}`, '', { orbiton: starts.count() - before }, [{ atMost: 0 }])
    await measureBuilds(name, { language, root, env, edit, bare: join(folder, `${name}-bare`) }, options)
  } finally {
    await context.close()
    await stop(proc)
  }
}

async function measureBuilds(name, { language, root, env, edit, bare }, options) {
  const row = `code of a component, ${name}`
  cpSync(root, bare, { recursive: true })
  timeOf(language.bare(bare, env) || 'true', bare, env)
  for (let i = 0; i < options.builds; i++) {
    const orbiton = await edit('code')
    copyGenerated(join(root, language.generated), join(bare, language.generated))
    add(row, 'ms', { orbiton, bare: timeOf(language.bare(bare, env), bare, env) }, [])
  }
  const { samples } = rows.get(row)
  const most = Math.round(0.15 * median(samples.bare) + 50)
  samples.orbiton.forEach((value, i) =>
    add(`orbiton's own share of it, ${name}`, 'ms', { orbiton: value - samples.bare[i] }, [{ atMost: most }]))
}

async function main() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean' },
      check: { type: 'boolean' },
      only: { type: 'string', default: Object.keys(LANGUAGES).join(',') },
      orbiton: { type: 'string', default: join(top, 'build/orbiton') },
    },
  })
  const options = { ...values, paints: values.quick ? 2 : 20, builds: values.quick ? 1 : 10 }
  const folder = mkdtempSync(join(tmpdir(), 'orbiton-bench-'))
  removeAtEnd(folder)
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: process.getuid() === 0 ? ['--no-sandbox'] : [],
  })
  try {
    for (const name of values.only.split(',')) {
      process.stderr.write(`bench: components in ${name}\n`)
      await measureLanguage(name, folder, browser, options)
    }
  } finally {
    await browser.close()
  }
  const judged = [...rows.values()].map(judge)
  mkdirSync(join(here, 'results'), { recursive: true })
  writeFileSync(join(here, 'results/edits.json'), `${JSON.stringify({ quick: Boolean(values.quick), rows: judged }, null, 2)}\n`)
  process.stdout.write(`edits of components, load ${loadavg()[0].toFixed(2)}\n\n${table(judged)}\n`)
  process.exitCode = values.check && judged.some(row => row.bars.some(bar => bar.verdict !== 'pass')) ? 1 : 0
}

main().catch(error => {
  process.stderr.write(`bench: ${error.stack}\n`)
  process.exit(1)
}).then(() => process.exit())
