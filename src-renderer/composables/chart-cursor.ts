/**
 * The step under the pointer, in whichever chart it is: one for all charts of a grid. It is handed past the charts to
 * what is drawn over them, so that a pointer that moves draws no chart anew.
 */
import { inject, onScopeDispose, provide, shallowRef, type InjectionKey, type ShallowRef } from 'vue'

type Cursor = ShallowRef<number | undefined>

const key: InjectionKey<Cursor> = Symbol('chart cursor')

/** For the grid. @returns the cursor, and a way to move it once a frame however fast the pointer is */
export function provideChartCursor(): {
  readonly cursor: Cursor
  readonly moveSoon: (step: number | undefined) => void
} {
  const cursor: Cursor = shallowRef()
  let wanted: number | undefined
  let frame: number | undefined
  function moveSoon(step: number | undefined): void {
    wanted = step
    frame ??= requestAnimationFrame(() => {
      frame = undefined
      cursor.value = wanted
    })
  }
  onScopeDispose(() => {
    if (frame !== undefined) cancelAnimationFrame(frame)
  })
  provide(key, cursor)
  return { cursor, moveSoon }
}

/** For what stands over a chart; a chart of its own has none. */
export const useChartCursor = (): Cursor => inject(key, () => shallowRef(), true)
