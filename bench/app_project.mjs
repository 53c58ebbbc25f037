// SPDX-License-Identifier: MIT
// Writes the application of app.mjs: about 500 modules in TypeScript and JSX, in folders by feature as
// people write them, and the packages of app/package.json in its node_modules. Everything that it
// shows follows from the numbers below, so two servers show the same page.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { color, width } from './project.mjs'

const packages = fileURLToPath(new URL('app/', import.meta.url))
const FEATURES = 24
const PARTS = 12

export const leafText = n => `import { useState } from 'react'
import { word } from './lib/word'

export function Leaf({ title }: { title: string }) {
  const [count, setCount] = useState<number>(0)
  return (
    <section className="leaf">
      <h2 id="leaf">{title} leaf ${n}</h2>
      <p id="word">{word('it')}</p>
      <button id="count" onClick={() => setCount(before => before + 1)}>{count}</button>
    </section>
  )
}
`

export const wordText = n => `export function word(name: string): string {
  return \`\${name} is word ${n}\`
}
`

export const styleText = n => `body { margin: 1rem; font-family: sans-serif; }
.feature { display: inline-block; padding: 0.5rem; border: 1px solid #ccc; }
#leaf { color: ${color(n)}; width: ${width(n)}; }
`

const index = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>application</title>
    <link rel="icon" href="data:,">
  </head>
  <body>
    <div id="root"></div>
    <script type="module" src="/src/main.tsx"></script>
  </body>
</html>
`

const viteConfig = `import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({ plugins: [react()] })
`

const tsconfig = `{
  "compilerOptions": {
    "target": "ES2022",
    "module": "ESNext",
    "moduleResolution": "bundler",
    "jsx": "react-jsx",
    "strict": true
  }
}
`

// The mark is set when the page has rendered: effects of the root run behind those of all below it.
const main = `import { ThemeProvider, createTheme } from '@mui/material'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, useEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { Provider } from 'react-redux'
import { MemoryRouter } from 'react-router'
import { App } from './App'
import { store } from './store'
import './app.css'

const queries = new QueryClient()
const theme = createTheme({ palette: { primary: { main: '#225588' } } })

export function Root() {
  useEffect(() => {
    performance.mark('rendered')
  }, [])
  return (
    <Provider store={store}>
      <QueryClientProvider client={queries}>
        <ThemeProvider theme={theme}>
          <MemoryRouter>
            <App />
          </MemoryRouter>
        </ThemeProvider>
      </QueryClientProvider>
    </Provider>
  )
}

createRoot(document.getElementById('root')!).render(<StrictMode><Root /></StrictMode>)
`

const name = i => `feature${String(i).padStart(2, '0')}`
const all = [...Array(FEATURES).keys()]
const lines = (...each) => `${each.flat().join('\n')}\n`

const app = lines(
  `import { Route, Routes } from 'react-router'`,
  `import { Leaf } from './Leaf'`,
  all.map(i => `import { Page${i} } from './features/${name(i)}'`),
  '',
  'export function App() {',
  '  return (',
  '    <main>',
  '      <Routes>',
  '        <Route path="/" element={<Leaf title="the" />} />',
  '      </Routes>',
  all.map(i => `      <Page${i} />`),
  '    </main>',
  '  )',
  '}',
)

const store = lines(
  `import { configureStore } from '@reduxjs/toolkit'`,
  all.map(i => `import { slice${i} } from './features/${name(i)}/slice'`),
  '',
  'export const store = configureStore({',
  '  reducer: {',
  all.map(i => `    ${name(i)}: slice${i}.reducer,`),
  '  },',
  '})',
  'export type State = ReturnType<typeof store.getState>',
)

// What a part stands on besides React: each package is used by some of them.
const PART_KINDS = [
  () => ({ imports: [`import { Button } from '@mui/material'`], body: i => `<Button size="small">button ${i}</Button>` }),
  () => ({ imports: [`import clsx from 'clsx'`], body: i => `<b className={clsx('part', { even: ${i % 2 === 0} })}>bold ${i}</b>` }),
  () => ({ imports: [`import { Chip, Stack } from '@mui/material'`], body: i => `<Stack><Chip label="chip ${i}" /></Stack>` }),
  () => ({ imports: [`import styled from '@emotion/styled'`, '', `const Frame = styled.span({ padding: 2 })`], body: i => `<Frame>frame ${i}</Frame>` }),
  () => ({ imports: [`import { useForm } from 'react-hook-form'`], before: `  const { register } = useForm({ defaultValues: { name: 'field' } })`, body: () => `<input {...register('name')} />` }),
  () => ({ imports: [`import { create } from 'zustand'`, '', `const useSize = create<{ size: number }>(() => ({ size: 3 }))`], before: `  const size = useSize(state => state.size)`, body: () => `<i>{size}</i>` }),
]

function part(i, p) {
  const kind = PART_KINDS[(i + p) % PART_KINDS.length]()
  return lines(
    kind.imports,
    `import { total } from '../hooks/total'`,
    `import { label } from '../format'`,
    `import type { Item } from '../model'`,
    '',
    'interface Props {',
    '  items: Item[]',
    '}',
    '',
    `export function Part${p}({ items }: Props) {`,
    kind.before ?? [],
    `  // ${'What this part is for is told in some words. '.repeat(4)}`,
    `  const sum: number = total(items, ${p})`,
    '  return (',
    '    <div>',
    `      {label('part ${p}')} {sum} ${kind.body(i * PARTS + p)}`,
    '    </div>',
    '  )',
    '}',
  )
}

function feature(i) {
  const parts = [...Array(PARTS).keys()]
  return {
    'index.ts': `export { Page${i} } from './Page'\n`,
    'Page.tsx': lines(
      `import { useMemo } from 'react'`,
      `import { useSelector } from 'react-redux'`,
      `import { data } from './data'`,
      `import { useFirst } from './hooks/useFirst'`,
      `import { points } from './series'`,
      parts.map(p => `import { Part${p} } from './parts/Part${p}'`),
      `import type { State } from '../../store'`,
      '',
      `export function Page${i}() {`,
      '  const items = useMemo(() => data(), [])',
      `  const visits = useSelector((state: State) => state.${name(i)}.visits)`,
      '  const first = useFirst(items)',
      '  return (',
      `    <div className="feature">`,
      `      <h3>${name(i)}, {visits} visits, first {first}, {points(items)}</h3>`,
      parts.map(p => `      <Part${p} items={items} />`),
      '    </div>',
      '  )',
      '}',
    ),
    'model.ts': lines(
      `import { z } from 'zod'`,
      '',
      'export const item = z.object({ id: z.number(), name: z.string(), day: z.string() })',
      'export type Item = z.infer<typeof item>',
    ),
    'data.ts': lines(
      `import { addDays } from 'date-fns'`,
      `import { range } from 'lodash-es'`,
      `import { dayOf } from './format'`,
      `import { item, type Item } from './model'`,
      '',
      'export function data(): Item[] {',
      `  return range(5).map(id => item.parse({ id, name: \`item \${id}\`, day: dayOf(addDays(new Date(2026, 0, 1), id + ${i})) }))`,
      '}',
    ),
    'format.ts': lines(
      i % 2 ? `import { format } from 'date-fns'` : `import dayjs from 'dayjs'`,
      `import { upperFirst } from 'lodash-es'`,
      '',
      'export const label = (text: string): string => upperFirst(text)',
      i % 2 ? `export const dayOf = (day: Date): string => format(day, 'yyyy-MM-dd')`
        : `export const dayOf = (day: Date): string => dayjs(day).format('YYYY-MM-DD')`,
    ),
    'series.ts': lines(
      `import { sum } from 'd3-array'`,
      `import { scaleLinear } from 'd3-scale'`,
      `import { line } from 'd3-shape'`,
      `import type { Item } from './model'`,
      '',
      'const scale = scaleLinear().domain([0, 10]).range([0, 100])',
      '',
      'export function points(items: Item[]): string {',
      '  const path = line<Item>(each => scale(each.id), each => each.id)(items) ?? \'\'',
      '  return `${sum(items, each => each.id)} in ${path.length}`',
      '}',
    ),
    'slice.ts': lines(
      `import { createSlice } from '@reduxjs/toolkit'`,
      `import { produce } from 'immer'`,
      '',
      `const initialState = produce({ visits: ${i} }, draft => {`,
      '  draft.visits += 1',
      '})',
      `export const slice${i} = createSlice({ name: '${name(i)}', initialState, reducers: {} })`,
    ),
    'hooks/useFirst.ts': lines(
      `import { useEffect, useState } from 'react'`,
      `import { from, map, take } from 'rxjs'`,
      `import type { Item } from '../model'`,
      '',
      'export function useFirst(items: Item[]): string {',
      `  const [first, setFirst] = useState<string>('none')`,
      '  useEffect(() => {',
      '    const found = from(items).pipe(take(1), map(each => each.day)).subscribe(setFirst)',
      '    return () => found.unsubscribe()',
      '  }, [items])',
      '  return first',
      '}',
    ),
    'hooks/total.ts': lines(
      `import type { Item } from '../model'`,
      '',
      'export function total(items: Item[], plus: number): number {',
      '  return items.reduce((sum, each) => sum + each.id, plus)',
      '}',
    ),
    ...Object.fromEntries(parts.map(p => [`parts/Part${p}.tsx`, part(i, p)])),
  }
}

// Packages that a page uses in one place.
const lib = {
  'word.ts': wordText(0),
  'id.ts': lines(
    `import { nanoid } from 'nanoid'`,
    `import { validate } from 'uuid'`,
    '',
    `export const isId = (text: string): boolean => validate(text) || text.length === nanoid().length`,
  ),
  'client.ts': lines(
    `import axios from 'axios'`,
    '',
    `export const client = axios.create({ baseURL: '/api', timeout: 1000 })`,
  ),
}

/** Writes the sources; returns how many modules of its own the page loads. */
export function writeSources(root) {
  const files = {
    'index.html': index,
    'tsconfig.json': tsconfig,
    'vite.config.ts': viteConfig,
    'src/main.tsx': main,
    'src/App.tsx': app.replace('import { Leaf }', `import './lib/client'\nimport './lib/id'\nimport { Leaf }`),
    'src/Leaf.tsx': leafText(0),
    'src/store.ts': store,
    'src/app.css': styleText(0),
  }
  for (const [file, text] of Object.entries(lib)) {
    files[`src/lib/${file}`] = text
  }
  for (const i of all) {
    for (const [file, text] of Object.entries(feature(i))) {
      files[`src/features/${name(i)}/${file}`] = text
    }
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return Object.keys(files).filter(file => file.startsWith('src/')).length
}

/** Puts the packages beside them, as links to the same bytes where the file system can. */
export function installPackages(root) {
  for (const file of ['package.json', 'package-lock.json']) {
    copyFileSync(join(packages, file), join(root, file))
  }
  const from = join(packages, 'node_modules')
  try {
    execFileSync('cp', ['-a', '--link', from, root], { stdio: 'ignore' })
  } catch {
    execFileSync('cp', ['-a', from, root])
  }
}
