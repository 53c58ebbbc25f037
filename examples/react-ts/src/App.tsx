import Counter from './Counter.tsx'

export default function App() {
  return (
    <main>
      <h1>React</h1>
      <Counter step={1} />
    </main>
  )
}
