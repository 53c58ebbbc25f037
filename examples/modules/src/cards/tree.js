// Imports two modules that import one another: they are replaced together.
import { branch } from '../tree/branch.js'
import { make, mount } from '../lib/mount.js'

export function draw(place) {
  place.append(make('code', branch(2)))
}

import.meta.hot?.accept(next => next && mount('tree', next.draw))
