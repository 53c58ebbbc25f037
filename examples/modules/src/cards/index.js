// A barrel: a change passes through it, it is never a boundary.
export { cards } from './all.js'
