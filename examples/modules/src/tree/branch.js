import { leaf } from './leaf.js'

export const branch = depth => (depth > 0 ? `(${leaf(depth)} ${leaf(depth)})` : '.')
