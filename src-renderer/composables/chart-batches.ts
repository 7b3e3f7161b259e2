/**
 * That points have come to the lines of a grid. It is handed past the charts' properties: a line grows in place, so
 * that a chart is drawn with each batch and rendered anew only when something else about it has changed.
 */
import { inject, provide, shallowRef, watch, type InjectionKey, type ShallowRef } from 'vue'

/** How often points have come. */
type Batches = Readonly<ShallowRef<number>>

const key: InjectionKey<Batches> = Symbol('batches of points')

/** For the grid. @param runs what is another whenever points have come */
export function provideChartBatches(runs: () => unknown): void {
  const batches = shallowRef(0)
  watch(runs, () => batches.value++)
  provide(key, batches)
}

/** For a chart; one of its own has all its points from the start. */
export const useChartBatches = (): Batches => inject(key, () => shallowRef(0), true)
