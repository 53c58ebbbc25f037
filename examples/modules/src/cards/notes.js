// A stylesheet, a text and a picture, imported.
import './notes.css'
import poem from '../../data/poem.txt?raw'
import star from '../../images/star.svg?url'
import { make, mount } from '../lib/mount.js'

export function draw(place) {
  const picture = new Image(20, 20)
  picture.src = star
  place.append(picture, make('p', poem))
}

import.meta.hot?.accept(next => next && mount('notes', next.draw))
