// Work in a worker, which imports a module of its own.
import { make, mount } from '../lib/mount.js'

const worker = new Worker(new URL('../sum-worker.js', import.meta.url), { type: 'module' })

export function draw(place) {
  const result = make('output', '…')
  worker.onmessage = event => {
    result.textContent = event.data
  }
  worker.postMessage(100)
  place.append('1 + 2 + … + 100 = ', result)
}

if (import.meta.hot) {
  import.meta.hot.dispose(() => worker.terminate())
  import.meta.hot.accept(next => next && mount('sum', next.draw))
}
