// SPDX-License-Identifier: MIT
// The page's half of limit.c: a style sheet is swapped, for all else the page is loaded again.
const ws = new WebSocket(`ws://${location.host}/__limit`)
ws.onmessage = ({ data }) => {
  const { path } = JSON.parse(data)
  const links = [...document.querySelectorAll('link[rel=stylesheet]')]
  const old = links.find(link => new URL(link.href).pathname === `/${path}`)
  if (!old) {
    location.reload()
    return
  }
  const link = old.cloneNode()
  link.href = `/${path}?t=${Date.now()}`
  link.onload = () => old.remove()
  old.after(link)
}
