// Modules that are loaded when they are asked for; new ones in the folder appear by themselves.
import { make, mount } from '../lib/mount.js'

const pages = import.meta.glob('../pages/*.js')

export function draw(place) {
  const shown = make('p', 'no page is open')
  for (const [path, load] of Object.entries(pages)) {
    const name = path.slice(path.lastIndexOf('/') + 1, -3)
    const open = async () => {
      shown.textContent = (await load()).text
    }
    const button = make('button', name, open)
    button.id = `open-${name}`
    place.append(button, ' ')
  }
  shown.id = 'page'
  place.append(shown)
}

import.meta.hot?.accept(next => next && mount('pages', next.draw))
