/** One chart as numbers: its axes, its strokes and what stands over them. What draws it decides nothing. */
import { downsample } from './downsample'
import type { Stroke } from './line-chart'
import { placed, type EndLabel } from './labels'
import type { Panel } from './panels'
import { extent, firstAtOrAfter, nearest, type Points } from './points'
import { logScale, place, stepScale, valueScale, type Scale } from './scale'

/** One metric of one run. */
export interface ChartLine {
  readonly key: string
  /** How it is called at its end. */
  readonly name: string
  readonly raw: Points
  readonly smoothed: Points
  /** Place among the series colours. */
  readonly colour: number
  readonly dash: readonly number[]
}

export interface Axes {
  readonly x: Scale
  readonly y: Scale
}

const lineWidth = 1.75
const rawOpacity = 0.28

/** @param lastStep of the whole planned run. `isLog` holds only where every line has a value above zero. */
export function axesOf(panel: Panel, lines: readonly ChartLine[], lastStep: number, isLog: boolean): Axes {
  const x = stepScale(lastStep)
  const raw = lines.map((line) => line.raw)
  const positive = isLog ? extent(raw, true) : undefined
  const all = extent(raw, false)
  if (positive && all && all.min > 0) return { x, y: logScale(positive.min, positive.max) }
  if (panel.range)
    return {
      x,
      y: {
        min: panel.range[0],
        max: panel.range[1],
        isLog: false,
        ticks: [panel.range[0], (panel.range[0] + panel.range[1]) / 2, panel.range[1]],
      },
    }
  return { x, y: valueScale(all?.min ?? 0, all?.max ?? 1, panel.hasZero) }
}

/** @param colours resolved, in the order of the series. @param pixels the width of the plot */
export function strokesOf(
  lines: readonly ChartLine[],
  { x }: Axes,
  colours: readonly string[],
  pixels: number,
): readonly Stroke[] {
  const buckets = Math.max(Math.round(pixels), 1)
  const stroke = (line: ChartLine, points: Points, width: number, opacity: number): Stroke => ({
    data: downsample(points, x.min, x.max, buckets),
    colour: colours[line.colour % colours.length] ?? '',
    width,
    opacity,
    dash: line.dash,
  })
  const raws = lines
    .filter((line) => line.raw !== line.smoothed)
    .map((line) => stroke({ ...line, dash: [] }, line.raw, 1, rawOpacity))
  return [...raws, ...lines.map((line) => stroke(line, line.smoothed, lineWidth, 1))]
}

/** Where each line is named: at its end, apart from the others. @param size of the plot, in pixels */
export function endLabels(
  lines: readonly ChartLine[],
  { x, y }: Axes,
  size: { readonly width: number; readonly height: number },
): readonly EndLabel[] {
  return placed(
    lines.flatMap((line) => {
      const index = lastFinite(line.smoothed)
      if (index === undefined) return []
      return [
        {
          key: line.key,
          name: line.name,
          colour: line.colour,
          left: place(x, line.smoothed.steps[index] ?? 0),
          height: place(y, line.smoothed.values[index] ?? 0),
        },
      ]
    }),
    size,
  )
}

export interface Reading {
  readonly key: string
  readonly name: string
  readonly colour: number
  readonly step: number
  readonly raw: number
  readonly smoothed: number
}

/**
 * What each line says nearest to a step; a line that has not begun there, or not come so far, says nothing.
 */
export function readingsAt(lines: readonly ChartLine[], step: number): readonly Reading[] {
  return lines.flatMap((line) => {
    const index = nearest(line.raw, step)
    if (index === undefined || isBeyond(line.raw, step)) return []
    return [
      {
        key: line.key,
        name: line.name,
        colour: line.colour,
        step: line.raw.steps[index] ?? 0,
        raw: line.raw.values[index] ?? NaN,
        smoothed: line.smoothed.values[index] ?? NaN,
      },
    ]
  })
}

/** Whether a step lies before the line begins, or further past its end than its points lie apart. */
function isBeyond({ steps, length }: Points, step: number): boolean {
  const last = steps[length - 1] ?? 0
  const apart = length > 1 ? last - (steps[length - 2] ?? 0) : 1
  return step < (steps[0] ?? 0) - 1 || step > last + Math.max(apart, 1)
}

/** The newest value that is a number. */
export function lastReading(line: ChartLine): number | undefined {
  const index = lastFinite(line.smoothed)
  return index === undefined ? undefined : line.smoothed.values[index]
}

function lastFinite({ values, length }: Points): number | undefined {
  for (let index = length - 1; index >= 0; index--) if (Number.isFinite(values[index])) return index
  return undefined
}

/** The step after or before another among all the lines' steps; undefined at either end. */
export function neighbourStep(
  lines: readonly Pick<ChartLine, 'raw'>[],
  step: number,
  direction: 1 | -1,
): number | undefined {
  const candidates = lines.flatMap(({ raw }) => {
    const index = direction === 1 ? firstAtOrAfter(raw, step + 0.5) : firstAtOrAfter(raw, step) - 1
    return index >= 0 && index < raw.length ? [raw.steps[index] ?? 0] : []
  })
  if (candidates.length === 0) return undefined
  return direction === 1 ? Math.min(...candidates) : Math.max(...candidates)
}
