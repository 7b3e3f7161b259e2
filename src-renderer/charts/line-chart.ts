/**
 * Lines on a canvas by chart.js. It draws lines and nothing else: axes, names and marks are HTML over it,
 * crisp at any size.
 */
import { Chart, LinearScale, LineController, LineElement, LogarithmicScale, PointElement } from 'chart.js'
import type { XY } from './downsample'
import { marksOf } from './marks'
import type { Scale } from './scale'

Chart.register(LineController, LineElement, PointElement, LinearScale, LogarithmicScale)

export interface Stroke {
  readonly data: XY[]
  /** A resolved colour, not a token. */
  readonly colour: string
  /** CSS pixels. */
  readonly width: number
  /** 0 … 1. */
  readonly opacity: number
  /** Lengths of dash and gap in CSS pixels; empty is solid. */
  readonly dash: readonly number[]
}

export interface LineChart {
  /** Draws at once, in place of what was there. */
  draw(strokes: readonly Stroke[], x: Scale, y: Scale): void
  /** CSS pixels, as laid out last. */
  width(): number
  /** Gives the canvas back. */
  dispose(): void
}

/** @param onResize called after the canvas has got a new size, before anything is drawn on it */
export function lineChart(canvas: HTMLCanvasElement, onResize: () => void): LineChart {
  const chart = new Chart<'line', XY[]>(canvas, {
    type: 'line',
    data: { datasets: [] },
    options: {
      animation: false,
      parsing: false,
      normalized: true,
      spanGaps: false,
      responsive: true,
      maintainAspectRatio: false,
      events: [],
      layout: { padding: 0, autoPadding: false },
      scales: {
        x: { type: 'linear', display: false, afterBuildTicks: withoutTicks },
        y: { type: 'linear', display: false, afterBuildTicks: withoutTicks },
      },
      elements: {
        point: { radius: 0, hitRadius: 0 },
        line: { tension: 0, borderJoinStyle: 'round', borderCapStyle: 'round' },
      },
      onResize,
    },
  })
  return {
    draw(strokes, xScale, yScale) {
      const scales = chart.options.scales
      Object.assign(scales?.['x'] ?? {}, ends(xScale))
      Object.assign(scales?.['y'] ?? {}, ends(yScale))
      const { datasets } = chart.data
      datasets.length = Math.min(datasets.length, strokes.length)
      // The same objects again: chart.js keeps what it has worked out for them.
      strokes.forEach((stroke, index) => {
        datasets[index] = Object.assign(datasets[index] ?? { data: [] }, look(stroke))
      })
      chart.update('none')
    },
    width: () => chart.width,
    dispose: () => chart.destroy(),
  }
}

/** Axes are HTML here: chart.js need not measure labels that it never draws. */
const withoutTicks = (axis: { ticks: unknown[] }): void => {
  axis.ticks = []
}

const ends = ({ isLog, min, max }: Scale) => ({ type: isLog ? 'logarithmic' : 'linear', min, max })

/**
 * `_decimated` is what chart.js’s own thinning sets: points are drawn where they are, not averaged within a
 * pixel once more.
 */
const look = ({ data, colour, width, opacity, dash }: Stroke) => ({
  data,
  _decimated: true,
  borderColor: withOpacity(colour, opacity),
  borderWidth: width,
  borderDash: [...dash],
  pointRadius: marksOf(data),
  pointBackgroundColor: colour,
  pointBorderWidth: 0,
  clip: 4,
})

/** `rgb(0, 114, 178)` → `rgba(0, 114, 178, 0.28)`. */
function withOpacity(colour: string, opacity: number): string {
  const channels = /^rgb\((.+)\)$/.exec(colour)?.[1]
  return opacity < 1 && channels ? `rgba(${channels}, ${opacity})` : colour
}
