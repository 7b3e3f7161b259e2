/** A sweep as parallel coordinates: its runs, the best first, and the axes that they go across. */
import { computed } from 'vue'
import { labelOf, unitOf } from '../../src-shared/fields'
import { metrics } from '../../src-shared/metrics'
import { recipeOf } from '../../src-shared/recipes/recipes'
import type { Sweep } from '../../src-shared/records/sweep'
import { bestFirst, bestOf, measuredBy, metricTitle, type Ranked } from '../../src-shared/sweeps/ranking'
import { parallelAxis, type ParallelValue } from '../charts/parallel'
import { useSweeps } from '../stores/sweeps'

/** What is drawn of a sweep: an axis for each setting that is tried, the updates done, and what is measured. */
export function useSweepPicture(sweep: () => Sweep | undefined) {
  const sweeps = useSweeps()
  const rows = computed(() => {
    const now = sweep()
    return now ? bestFirst(sweeps.rankedOf(now), measuredBy(now)) : []
  })
  const metric = computed(() => {
    const now = sweep()
    return now && measuredBy(now)
  })
  const settings = computed(() => sweep()?.plan.axes.map(({ setting }) => setting) ?? [])
  const best = computed(() => metric.value && bestOf(rows.value, metric.value))

  const valuesOf = ({ run, value }: Ranked): readonly ParallelValue[] => [
    ...settings.value.map((name) => run.settings[name]),
    run.step,
    value,
  ]
  const axes = computed(() => {
    const now = sweep()
    if (!now || !metric.value) return []
    const { fields } = recipeOf(now.recipe)
    const { unit } = metrics[metric.value]
    const column = (index: number): readonly ParallelValue[] => rows.value.map((row) => valuesOf(row)[index])
    return [
      ...settings.value.map((name, index) => {
        const field = fields[name]
        return parallelAxis(labelOf(name), column(index), field && unitOf(field))
      }),
      parallelAxis('Updates done', [0, ...column(settings.value.length)]),
      parallelAxis(metricTitle(metric.value), column(settings.value.length + 1), unit),
    ]
  })
  const placesOf = (row: Ranked): readonly (number | undefined)[] =>
    axes.value.map((axis, index) => axis.place(valuesOf(row)[index]))
  return { rows, metric, settings, best, axes, placesOf }
}
