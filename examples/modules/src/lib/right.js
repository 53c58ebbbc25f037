import { shared } from './shared.js'

export const text = () => `right of ${shared}`
