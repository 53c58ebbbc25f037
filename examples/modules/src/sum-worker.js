import { sumTo } from './lib/sum.js'

onmessage = event => postMessage(sumTo(event.data))
