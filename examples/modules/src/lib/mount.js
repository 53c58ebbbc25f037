/** The place of a card in the page. */
export const placeOf = id => document.querySelector(`#${id} .card`)

/** Draws a card; what it had drawn before goes. */
export function mount(id, draw) {
  const place = placeOf(id)
  place.replaceChildren()
  draw(place)
}

/** An element with text and, if it is a button, with what a click does. */
export function make(tag, text, onclick) {
  const element = document.createElement(tag)
  element.textContent = text
  element.onclick = onclick ?? null
  return element
}
