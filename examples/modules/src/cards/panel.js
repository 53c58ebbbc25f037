// Two modules that share a third: however an edit comes up, it is evaluated once. The panel does
// not run anew: it takes the new instance of what it accepts.
import * as left from '../lib/left.js'
import * as right from '../lib/right.js'
import { make, placeOf } from '../lib/mount.js'

let parts = [left, right]

export function draw(place) {
  place.replaceChildren(...parts.map(part => make('p', part.text())))
}

import.meta.hot?.accept(['../lib/left.js', '../lib/right.js'], changed => {
  parts = parts.map((part, i) => changed[i] ?? part)
  draw(placeOf('panel'))
})
