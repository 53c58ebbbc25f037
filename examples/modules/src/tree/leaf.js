import { branch } from './branch.js'

export const leaf = depth => `leaf ${branch(depth - 1)}`
