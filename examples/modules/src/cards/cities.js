// JSON as a module, with a named import.
import { cities } from '../../data/cities.json'
import { make, mount } from '../lib/mount.js'

export function draw(place) {
  const list = document.createElement('ul')
  list.append(...cities.map(city => make('li', city)))
  place.append(list)
}

import.meta.hot?.accept(next => next && mount('cities', next.draw))
