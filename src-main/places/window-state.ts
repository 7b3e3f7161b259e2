/** Where the window stood and how large it was, from one start to the next. */
import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface WindowState {
  /** Without a place the system finds one. */
  readonly bounds: Rectangle | { readonly width: number; readonly height: number }
  readonly isMaximized: boolean
}

export const leastSize = { width: 800, height: 560 }
const firstState: WindowState = { bounds: { width: 1280, height: 800 }, isMaximized: false }

const pixels = z.number().int()
const stored = z.object({
  bounds: z.object({ x: pixels, y: pixels, width: pixels, height: pixels }),
  isMaximized: z.boolean(),
})

/** The last state, moved to nowhere in particular when none of the screens shows it any more. */
export function readWindowState(file: string, screens: readonly Rectangle[]): WindowState {
  const state = stored.safeParse(jsonIn(file)).data
  if (!state) return firstState
  const bounds = {
    ...state.bounds,
    width: Math.max(leastSize.width, state.bounds.width),
    height: Math.max(leastSize.height, state.bounds.height),
  }
  const isShown = screens.some((screen) => overlap(bounds, screen) >= reachable)
  return {
    isMaximized: state.isMaximized,
    bounds: isShown ? bounds : { width: bounds.width, height: bounds.height },
  }
}

export function writeWindowState(file: string, bounds: Rectangle, isMaximized: boolean): void {
  writeFileSync(file, JSON.stringify({ bounds, isMaximized }))
}

/** Square pixels of a window that must be on some screen: enough of its title bar to take hold of. */
const reachable = 200 * 36

function overlap(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  return Math.max(0, width) * Math.max(0, height)
}

/** A file that is not there, or was cut short by a power loss, says nothing. */
function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
