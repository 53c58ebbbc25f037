import { shared } from './shared.js'

export const text = () => `left of ${shared}`
