/** Axes: which values they run over, and where their few labels stand. */
import { formatTick } from '../../src-shared/figures'

export interface Scale {
  readonly min: number
  readonly max: number
  readonly isLog: boolean
  /** At most three for values, at most five for steps; the ends are among them. */
  readonly ticks: readonly number[]
}

const steps = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]

/**
 * A linear axis of two equal intervals between round numbers. `hasZero` takes zero in, where it means
 * something.
 */
export function valueScale(min: number, max: number, hasZero: boolean): Scale {
  const [low, high] = widened(hasZero ? Math.min(min, 0) : min, hasZero ? Math.max(max, 0) : max)
  for (let exponent = Math.floor(Math.log10((high - low) / 2)); ; exponent++) {
    for (const digit of steps) {
      const step = digit * 10 ** exponent
      const start = Math.floor(low / step + 1e-9) * step
      if (start + 2 * step >= high - step * 1e-9) return linear(start, step)
    }
  }
}

/** Gives a line that hardly moves some room, so that rounding cannot leave an axis without length. */
function widened(low: number, high: number): readonly [number, number] {
  const size = Math.max(Math.abs(low), Math.abs(high))
  if (size < 1e-200) return [0, 1]
  if (high - low > size * 1e-6) return [low, high]
  return [low - size / 4, high + size / 4]
}

const linear = (start: number, step: number): Scale => {
  const ticks = [start, start + step, start + 2 * step].map(round)
  return { min: ticks[0] ?? 0, max: ticks[2] ?? 1, isLog: false, ticks }
}

/** A logarithmic axis between numbers that begin with 1, 2 or 5. Both bounds above zero. */
export function logScale(min: number, max: number): Scale {
  const candidates: number[] = []
  for (let exponent = Math.floor(Math.log10(min)); exponent <= Math.ceil(Math.log10(max)) + 1; exponent++) {
    for (const digit of [1, 2, 5]) candidates.push(round(digit * 10 ** exponent))
  }
  const low = candidates.findLast((value) => value <= min) ?? min
  const high = candidates.find((value) => value >= max && value > low) ?? max
  const middle = Math.sqrt(low * high)
  const between = candidates.filter((value) => value > low && value < high)
  const nearMiddle = between.sort(
    (a, b) => Math.abs(Math.log(a / middle)) - Math.abs(Math.log(b / middle)),
  )[0]
  return {
    min: low,
    max: high,
    isLog: true,
    ticks: nearMiddle === undefined ? [low, high] : [low, nearMiddle, high],
  }
}

/** What a character of a label takes of an axis of steps, reckoned for a chart of 366 pixels. */
const characterPart = 0.0165
/** Letters of the unit that the last label carries, with the space before it: “ updates”. */
const unitLetters = 8

/**
 * The axis of steps from 0 to the end of the planned run. Labels keep clear of the last one, which carries
 * the unit.
 */
export function stepScale(last: number): Scale {
  const end = Math.max(last, 1)
  const step =
    [1, 2, 5]
      .flatMap((digit) => Array.from({ length: 10 }, (_, exponent) => digit * 10 ** exponent))
      .sort((a, b) => a - b)
      .find((candidate) => end / candidate <= 4.5) ?? end
  const lastLabel = (formatTick(end).length + unitLetters) * characterPart
  const ticks: number[] = []
  for (let tick = 0; tick < end; tick += step) {
    const halfLabel = (formatTick(tick).length / 2) * characterPart
    if (tick / end + halfLabel < 1 - lastLabel) ticks.push(tick)
  }
  return { min: 0, max: end, isLog: false, ticks: [...ticks, end] }
}

/** Where a value stands between the ends of an axis: 0 … 1. */
export function place(scale: Scale, value: number): number {
  if (scale.isLog) return Math.log(value / scale.min) / Math.log(scale.max / scale.min)
  return (value - scale.min) / (scale.max - scale.min)
}

/** The value at a place between the ends of a linear axis. */
export const valueAt = (scale: Scale, fraction: number): number =>
  scale.min + fraction * (scale.max - scale.min)

/** Without the last digits that binary fractions add: 0.30000000000000004 → 0.3. */
const round = (value: number): number => Number(value.toPrecision(12))
