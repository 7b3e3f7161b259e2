/** Moves the focus to an element, or to the first thing in it that can be operated. */
export function focusOn(id: string): void {
  const element = document.getElementById(id)
  const target = element?.matches('input, select, button')
    ? element
    : element?.querySelector<HTMLElement>('input, select, button')
  target?.focus()
}
