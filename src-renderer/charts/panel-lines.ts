/** Which lines a panel has for the runs that are open. */
import { metrics, type MetricName } from '../../src-shared/metrics'
import { evidenceFrom, evidenceText, weaknessOf } from '../../src-shared/evidence'
import { formatValue } from '../../src-shared/figures'
import type { ChartLine } from './plot'
import { panels, type Panel } from './panels'
import type { Points } from './points'
import { smoother } from './smoothing'

export interface ChartedRun {
  readonly id: string
  readonly name: string
  readonly series: ReadonlyMap<MetricName, Points>
}

/** A second and third metric of the same run differ in black and white too. */
const dashes: readonly (readonly number[])[] = [[], [5, 3], [1.5, 3]]

export type RawLine = Omit<ChartLine, 'smoothed'>

/** One run: a colour a metric. Several: a colour a run, a dash a metric. */
export function linesOf(panel: Panel, runs: readonly ChartedRun[]): readonly RawLine[] {
  const present = panel.metrics.filter((metric) =>
    runs.some((run) => (run.series.get(metric)?.length ?? 0) > 0),
  )
  return runs.flatMap((run, runIndex) =>
    present.flatMap((metric) => {
      const raw = run.series.get(metric)
      if (!raw || raw.length === 0) return []
      const metricIndex = present.indexOf(metric)
      const { label } = metrics[metric]
      return [
        {
          key: `${run.id} ${metric}`,
          name: runs.length === 1 ? label : present.length === 1 ? run.name : `${run.name}, ${label}`,
          raw,
          colour: runs.length === 1 ? metricIndex : runIndex,
          dash: runs.length === 1 ? [] : (dashes[metricIndex] ?? []),
        },
      ]
    }),
  )
}

/** Whether lines are the same but for points that came to them. */
export const sameLines = (some: readonly RawLine[], others: readonly RawLine[]): boolean =>
  some.length === others.length &&
  some.every((line, index) => {
    const other = others[index]
    return (
      other !== undefined &&
      line.key === other.key &&
      line.name === other.name &&
      line.raw === other.raw &&
      line.colour === other.colour &&
      line.dash.length === other.dash.length
    )
  })

/** The panels that have anything to draw. */
export const drawnPanels = (runs: readonly ChartedRun[]): readonly Panel[] =>
  panels.filter((panel) =>
    panel.metrics.some((metric) => runs.some((run) => (run.series.get(metric)?.length ?? 0) > 0)),
  )

/** In words, what stands behind a panel's accuracy in a run; undefined where that is not kept, or none is drawn. */
export function evidenceBehind(panel: Panel, run: ChartedRun | undefined): string | undefined {
  const newest = (name: MetricName): number | undefined => {
    const points = run?.series.get(name)
    return points?.values[points.length - 1]
  }
  for (const metric of panel.metrics) {
    const evidence = evidenceFrom(metric, newest)
    const value = newest(metric)
    if (!evidence || value === undefined) continue
    const weakness = weaknessOf(evidence)
    const said = `${metrics[metric].label} ${formatValue(value)} ${evidenceText(evidence)}`
    return weakness === undefined ? said : `${said}; ${weakness}`
  }
  return undefined
}

/** Smooths each line with a smoother of its own, which goes on where it stopped. */
export function lineSmoother(): (lines: readonly RawLine[], weight: number) => readonly ChartLine[] {
  let smoothers = new Map<string, ReturnType<typeof smoother>>()
  let currentWeight = 0
  return (lines, weight) => {
    if (weight !== currentWeight) smoothers = new Map()
    currentWeight = weight
    return lines.map((line) => {
      let smooth = smoothers.get(line.key)
      if (!smooth) smoothers.set(line.key, (smooth = smoother(weight)))
      return { ...line, smoothed: smooth(line.raw) }
    })
  }
}
