// No boundary: a change of it goes to the counter, which is one.
import { label } from './label.js'

export const format = count => `${label} ${count}`
