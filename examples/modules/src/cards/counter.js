// Accepts itself: its new version takes over the state that hot.data carried along.
import { format } from '../lib/format'
import { make, mount } from '../lib/mount.js'

const state = import.meta.hot?.data.state ?? { count: 0 }

export function draw(place) {
  const output = make('output', format(state.count))
  const add = step => () => {
    state.count += step
    output.textContent = format(state.count)
  }
  output.id = 'count'
  const up = make('button', '+1', add(1))
  up.id = 'up'
  place.append(make('button', '-1', add(-1)), ' ', output, ' ', up)
}

if (import.meta.hot) {
  import.meta.hot.data.state = state
  import.meta.hot.accept(next => next && mount('counter', next.draw))
}
