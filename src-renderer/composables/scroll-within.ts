/** Brings something into sight by moving its own scroller, and nothing around it: the window never scrolls. */

/** @param marginPx kept free around it, so that a neighbour shows */
export function scrollWithin(scroller: HTMLElement, element: HTMLElement, marginPx = 0): void {
  const [outer, inner] = [scroller.getBoundingClientRect(), element.getBoundingClientRect()]
  scroller.scrollLeft += overlap(outer.left, outer.right, inner.left - marginPx, inner.right + marginPx)
  scroller.scrollTop += overlap(outer.top, outer.bottom, inner.top - marginPx, inner.bottom + marginPx)
}

/** How far to move so that a stretch lies within another; its beginning counts where it is too long. */
function overlap(from: number, to: number, start: number, end: number): number {
  if (start < from || end - start > to - from) return start - from
  return Math.max(0, end - to)
}
