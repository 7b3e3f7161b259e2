/** F6: the focus goes from pane to pane, as in other programs with panes. */

/** Rail, lists, work and inspectors, in the order in which they stand. */
const panes = 'nav[aria-label], aside[aria-label], section.work, footer[aria-label]'

/** Moves the focus to the next pane, or with −1 to the one before; around at the ends. */
export function focusPane(direction: 1 | -1): void {
  const all = [...document.querySelectorAll<HTMLElement>(panes)].filter(
    (pane) => !pane.parentElement?.closest(panes),
  )
  const at = all.findIndex((pane) => pane.contains(document.activeElement))
  const next = all.at(at < 0 ? (direction === 1 ? 0 : -1) : (at + direction) % all.length)
  if (!next) return
  next.tabIndex = -1
  next.focus()
}
