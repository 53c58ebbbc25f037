import { label } from '../lib/label.js'

export const text = `About. (${label})`
