/** One redraw a frame: what is asked for twice is drawn once, and no frame is filled with drawing alone. */

/** The part of a frame that drawing may take; what does not fit waits for the next one. */
const budgetMs = 8

const waiting = new Set<() => void>()
let isScheduled = false

/** Draws with the next frame that has room. */
export function redrawSoon(draw: () => void): void {
  waiting.add(draw)
  if (isScheduled) return
  isScheduled = true
  requestAnimationFrame(drawWaiting)
}

/** Takes a wish back, when the chart is gone before its turn. */
export const forgetRedraw = (draw: () => void): void => {
  waiting.delete(draw)
}

function drawWaiting(): void {
  const start = performance.now()
  isScheduled = false
  for (const draw of waiting) {
    waiting.delete(draw)
    draw()
    if (performance.now() - start > budgetMs) break
  }
  if (waiting.size > 0 && !isScheduled) {
    isScheduled = true
    requestAnimationFrame(drawWaiting)
  }
}
