// Starts something that has to be stopped: dispose() does it before the next version runs.
import { make, mount } from '../lib/mount.js'

let timer = 0

export function draw(place) {
  const time = make('time', new Date().toLocaleTimeString())
  clearInterval(timer)
  timer = setInterval(() => {
    time.textContent = new Date().toLocaleTimeString()
  }, 1000)
  window.runningClocks = (window.runningClocks ?? 0) + 1
  place.append('It is ', time)
}

if (import.meta.hot) {
  import.meta.hot.dispose(() => {
    clearInterval(timer)
    window.runningClocks--
  })
  import.meta.hot.accept(next => next && mount('clock', next.draw))
}
