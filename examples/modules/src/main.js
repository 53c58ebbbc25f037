// The entry. It accepts nothing itself: each card below is a boundary of its own, so that an edit
// never has to come up to here. Change this file and the page reloads, with its reason.
import { cards } from './cards/index.js'
import { mount } from './lib/mount.js'

for (const [id, draw] of Object.entries(cards)) {
  mount(id, draw)
}
