/** Small pictures for the report: plain SVG text, no script. Colours are the page's CSS variables. */

export interface Series {
  readonly label: string
  /** In the order of x. */
  readonly points: readonly (readonly [x: number, y: number])[]
  /** Only dots: single measurements, each with its name. */
  readonly isScatter?: boolean
  readonly isDashed?: boolean
}

export interface Picture {
  readonly title: string
  readonly xLabel: string
  readonly series: readonly Series[]
  readonly width?: number
  readonly height?: number
}

const margin = { left: 44, right: 110, top: 30, bottom: 34 }
const colours = 6

/** A line chart with its axes, names at the ends of the lines, and a sentence for those who cannot see it. */
export function lineChart({ title, xLabel, series, width = 460, height = 240 }: Picture): string {
  const points = series.flatMap((each) => each.points)
  if (points.length === 0) return ''
  const x = scaleOf(
    points.map(([value]) => value),
    margin.left,
    width - margin.right,
  )
  const y = scaleOf(
    points.map(([, value]) => value),
    height - margin.bottom,
    margin.top,
  )
  const said = series
    .map(({ label, points: own }) => `${label}: ${rounded(own.at(-1)?.[1] ?? 0)} at the end`)
    .join('; ')
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(`${title}. ${said}`)}">
<text class="title" x="${margin.left}" y="16">${escaped(title)}</text>
${y.ticks.map((tick) => gridLine(y.at(tick), width - margin.right, rounded(tick))).join('')}
${x.ticks.map((tick) => tickText(x.at(tick), height - margin.bottom + 16, rounded(tick))).join('')}
<text class="tick" x="${width - margin.right}" y="${height - 4}" text-anchor="end">${escaped(xLabel)}</text>
${series.map((each, index) => drawn(each, index % colours, x, y)).join('\n')}
${endLabels(series, x, y)}
</svg>`
}

const gridLine = (y: number, right: number, text: string): string =>
  `<path class="grid" d="M${margin.left} ${y}H${right}"/>` +
  `<text class="tick" x="${margin.left - 6}" y="${y + 4}" text-anchor="end">${text}</text>`

const tickText = (x: number, y: number, text: string): string =>
  `<text class="tick" x="${x}" y="${y}" text-anchor="middle">${text}</text>`

interface Scale {
  readonly at: (value: number) => number
  readonly ticks: readonly number[]
}

function drawn({ points, isScatter, isDashed }: Series, colour: number, x: Scale, y: Scale): string {
  if (isScatter)
    return points
      .map(([px, py]) => `<circle class="c${colour}" cx="${x.at(px)}" cy="${y.at(py)}" r="4.5"/>`)
      .join('')
  const way = points.map(([px, py], index) => `${index === 0 ? 'M' : 'L'}${x.at(px)} ${y.at(py)}`).join('')
  return `<path class="line s${colour}${isDashed ? ' dashed' : ''}" d="${way}"/>`
}

/** Names stand right of the last points, pushed apart where they would lie on each other. */
function endLabels(series: readonly Series[], x: Scale, y: Scale): string {
  const lineHeight = 14
  const labels = series
    .flatMap(({ label, points }, index) => {
      const last = points.at(-1)
      return last ? [{ label, colour: index % colours, x: x.at(last[0]) + 8, y: y.at(last[1]) + 4 }] : []
    })
    .sort((a, b) => a.y - b.y)
  let lowest = -Infinity
  return labels
    .map((each) => {
      lowest = Math.max(each.y, lowest + lineHeight)
      return `<text class="label t${each.colour}" x="${each.x}" y="${lowest}">${escaped(each.label)}</text>`
    })
    .join('')
}

function scaleOf(values: readonly number[], from: number, to: number): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const step = niceStep((high - low || 1) / 4)
  const [first, last] = [
    Math.floor(low / step) * step,
    Math.max(Math.ceil(high / step) * step, Math.floor(low / step) * step + step),
  ]
  const at = (value: number): number =>
    Number((from + ((value - first) / (last - first)) * (to - from)).toFixed(1))
  return {
    at,
    ticks: Array.from({ length: Math.round((last - first) / step) + 1 }, (_, index) => first + index * step),
  }
}

/** 1, 2 or 5 times a power of ten, at least `rough`. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10)
}

const rounded = (value: number): string => String(Number(value.toPrecision(3)))

export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
