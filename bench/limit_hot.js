// SPDX-License-Identifier: MIT
// The page's half of limit.c for hot updates: a module is imported anew, a text that came with the
// message is set where it is shown. Nothing is checked, kept, or put back.
const ws = new WebSocket(`ws://${location.host}/__limit`)
ws.onmessage = ({ data }) => {
  const { path, text } = JSON.parse(data)
  if (path.endsWith('.js')) {
    import(`/${path}?t=${Date.now()}`)
  } else if (path.endsWith('.css')) {
    let style = document.querySelector('#pushed')
    if (!style) {
      style = document.createElement('style')
      style.id = 'pushed'
      document.querySelector('link[rel=stylesheet]').replaceWith(style)
    }
    style.textContent = text
  } else if (path.endsWith('.html')) {
    document.querySelector('#html').textContent = /id="html">([^<]*)</.exec(text)[1]
  }
}
