// SPDX-License-Identifier: MIT
// `orbiton new`: what it writes, what it refuses, and that nothing of a person's is ever overwritten.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const top = fileURLToPath(new URL('..', import.meta.url))
const program = process.env.ORBITON_BIN || join(top, 'build', 'orbiton')
const dir = mkdtempSync(join(tmpdir(), 'orbiton-new-'))
after(() => rmSync(dir, { recursive: true, force: true }))

function orbiton(...words) {
  const { status, stdout, stderr } = spawnSync(program, words, { cwd: dir, encoding: 'utf8' })
  return { status, stdout, stderr }
}

function filesBelow(folder, prefix = '') {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const name = join(prefix, entry.name)
    return entry.isDirectory() ? filesBelow(folder, name) : [name]
  }).sort()
}

const templates = [...orbiton('new', '--help').stdout.matchAll(/^ {24}(\S+) /gm)].map((match) => match[1])

test('the templates are listed', () => {
  assert.ok(templates.includes('plain'))
})

for (const template of templates) {
  test(`a project of the template ${template} has all it needs`, () => {
    const name = `my-${template}`
    const made = orbiton('new', name, '--template', template)
    assert.deepEqual([made.status, made.stderr], [0, ''])
    assert.match(made.stdout, new RegExp(`cd ${name}\n( +npm install\n)? +orbiton dev`))
    const files = filesBelow(join(dir, name))
    assert.ok(files.includes('index.html') && files.includes('README.md'), files.join(' '))
    for (const file of files) {
      const text = readFileSync(join(dir, name, file), 'utf8')
      assert.doesNotMatch(text, /\.\.\/\.\.\/(crates|include)|examples\//, `${file} points out of the project`)
    }
  })
}

test('the files are those of the example', () => {
  assert.equal(orbiton('new', 'same', '-t', 'plain').status, 0)
  for (const file of filesBelow(join(dir, 'same')).filter((name) => name !== 'README.md')) {
    assert.deepEqual(readFileSync(join(dir, 'same', file)), readFileSync(join(top, 'examples/plain', file)))
  }
})

test('a folder with something in it is left alone; an empty one and a fresh repository are taken', () => {
  mkdirSync(join(dir, 'full'))
  writeFileSync(join(dir, 'full', 'mine.txt'), 'mine')
  const refused = orbiton('new', 'full', '-t', 'plain')
  assert.equal(refused.status, 1)
  assert.match(refused.stderr, /full is there and not empty/)
  assert.deepEqual(readdirSync(join(dir, 'full')), ['mine.txt'])
  mkdirSync(join(dir, 'repository', '.git'), { recursive: true })
  assert.equal(orbiton('new', 'repository/', '-t', 'plain').status, 0)
  assert.ok(existsSync(join(dir, 'repository', 'index.html')))
})

test('wrong use exits 2 and names what is near', () => {
  assert.match(orbiton('new', 'x', '--template', 'plian').stderr, /did you mean plain\?/)
  assert.match(orbiton('new', 'x', '--templat', 'plain').stderr, /did you mean --template\?/)
  for (const words of [[], ['9x'], ['a b'], ['a', 'b'], ['x', '--template'], ['x', '-t', 'none']]) {
    const { status, stderr } = orbiton('new', ...words)
    assert.equal(status, 2, words.join(' '))
    assert.match(stderr, /^orbiton: /)
  }
  assert.ok(!existsSync(join(dir, 'x')))
})

test('a folder is made in one that is there', () => {
  const { status, stderr } = orbiton('new', 'none/app', '-t', 'plain')
  assert.equal(status, 1)
  assert.match(stderr, /^orbiton: cannot make none\/app: there is no folder none to make it in\n$/)
})

test('a place that cannot be written is named', () => {
  writeFileSync(join(dir, 'file'), '')
  const { status, stderr } = orbiton('new', 'file/app', '-t', 'plain')
  assert.equal(status, 1)
  assert.match(stderr, /cannot make file\/app: not a directory/)
})
