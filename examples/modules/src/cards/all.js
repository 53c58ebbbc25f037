import { draw as counter } from './counter.js'
import { draw as clock } from './clock.js'
import { draw as tree } from './tree.js'
import { draw as cities } from './cities.js'
import { draw as notes } from './notes.js'
import { draw as panel } from './panel.js'
import { draw as pages } from './pages.js'
import { draw as sum } from './sum.js'

export const cards = { counter, clock, tree, cities, notes, panel, pages, sum }
