import { setUpCounter } from './counter.ts'
import './style.css'

const app = document.querySelector<HTMLDivElement>('#app')!
app.innerHTML = '<h1>TypeScript</h1><button class="count"></button>'
setUpCounter(app.querySelector('button')!)
