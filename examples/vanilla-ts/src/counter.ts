// A new version of this module goes on with the count of the one before.
let count: number = import.meta.hot?.data.count ?? 0
let button: HTMLButtonElement | undefined = import.meta.hot?.data.button

function show(): void {
  button!.textContent = `clicked ${count} times`
}

export function setUpCounter(element: HTMLButtonElement): void {
  button = element
  button.onclick = () => {
    count++
    show()
  }
  show()
}

if (import.meta.hot) {
  if (button) {
    setUpCounter(button)
  }
  import.meta.hot.accept()
  import.meta.hot.dispose((data) => {
    data.count = count
    data.button = button
  })
}
