import { useState } from 'react'

type Props = { step: number }

export default function Counter({ step }: Props) {
  const [count, setCount] = useState(0)

  return (
    <button className="count" onClick={() => setCount(count + step)}>
      clicked {count} times
    </button>
  )
}
