/** Parallel coordinates: one upright axis a quantity, one line a run from axis to axis. */
import { formatTick } from '../../src-shared/figures'

export type ParallelValue = number | string | undefined

export interface ParallelAxis {
  readonly label: string
  /** What its numbers count, or how they are spread. */
  readonly below: string
  /** From its foot, 0, to its head, 1; undefined for what has no value. */
  place(value: ParallelValue): number | undefined
  readonly ticks: readonly { readonly at: number; readonly text: string }[]
}

/** Largest over smallest, from which on numbers above zero are spread by powers. */
const wide = 20

export function parallelAxis(label: string, values: readonly ParallelValue[], unit = ''): ParallelAxis {
  const numbers = values.filter((value) => typeof value === 'number').filter(Number.isFinite)
  const texts = [...new Set(values.filter((value) => typeof value === 'string'))]
  if (texts.length > 0 || numbers.length === 0) return ofTexts(label, [...texts, ...numbers.map(String)])
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)]
  const isLog = low > 0 && high / low >= wide
  const read = isLog ? Math.log : (value: number) => value
  const span = read(high) - read(low)
  const place = (value: ParallelValue): number | undefined => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
    return span === 0 ? 0.5 : (read(value) - read(low)) / span
  }
  const middle = isLog ? Math.sqrt(low * high) : (low + high) / 2
  const marks = span === 0 ? [low] : [low, Number(middle.toPrecision(2)), high]
  return {
    label,
    below: [unit, isLog ? 'log scale' : ''].filter((word) => word !== '').join(', '),
    place,
    ticks: marks.map((value) => ({ at: place(value) ?? 0, text: formatTick(Number(value.toPrecision(3))) })),
  }
}

function ofTexts(label: string, all: readonly string[]): ParallelAxis {
  const known = [...new Set(all)]
  const at = (index: number): number => (known.length < 2 ? 0.5 : index / (known.length - 1))
  return {
    label,
    below: '',
    place: (value) => {
      const index = known.indexOf(String(value))
      return value === undefined || index < 0 ? undefined : at(index)
    },
    ticks: known.map((text, index) => ({ at: at(index), text })),
  }
}

/** A stretch of one axis: lines that do not cross it are out. */
export interface Brush {
  readonly axis: number
  readonly from: number
  readonly to: number
}

export const isWithin = (places: readonly (number | undefined)[], brush: Brush | undefined): boolean => {
  if (!brush) return true
  const at = places[brush.axis]
  return at !== undefined && at >= brush.from && at <= brush.to
}

const within = (value: number): number => Math.min(1, Math.max(0, value))

/** Moved along its axis, not past its ends. */
export function movedBrush({ axis, from, to }: Brush, by: number): Brush {
  const shift = Math.max(-from, Math.min(1 - to, by))
  return { axis, from: from + shift, to: to + shift }
}

export const widenedBrush = ({ axis, from, to }: Brush, by: number): Brush => {
  const [low, high] = [within(from - by), within(to + by)]
  return low <= high ? { axis, from: low, to: high } : { axis, from, to }
}

/** The points of a line where it has values: it skips an axis where it has none. */
export const polyline = (places: readonly (number | undefined)[], width: number, height: number): string =>
  places
    .flatMap((place, index) =>
      place === undefined
        ? []
        : [`${(index / Math.max(1, places.length - 1)) * width},${(1 - place) * height}`],
    )
    .join(' ')
