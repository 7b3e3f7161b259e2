/**
 * Sine and cosine out of sums and products, for devices whose own are good to three digits only: WebGPU
 * allows an error of 2⁻¹¹.
 */
import type { Emitter } from './emitter'

/** π in three parts; a whole number below 2¹⁵ times the first has no rounding (Cody & Waite 1980, §8). */
const PI_PARTS = [3.140625, 0.0009675025939941406, 1.509957990978376e-7]
/** Coefficients of r³, r⁵, … of the sine: Taylor's, whose rest for |r| ≤ π/2 is below 6e-8. */
const SINE = [-1 / 6, 1 / 120, -1 / 5040, 1 / 362_880, -1 / 39_916_800]

/** With n = ⌊x/π + ½⌋ and r = x − n·π: (−1)ⁿ·sin r. */
export function sine(emit: Emitter, x: string): string {
  const n = emit.node('Floor', [sum(emit, scaled(emit, x, 1 / Math.PI), 0.5)])
  return emit.node('Mul', [alternating(emit, n), sineOfRest(emit, x, n)])
}

/** With k = ⌊x/π⌋ and r = x − (k + ½)·π: −(−1)ᵏ·sin r. */
export function cosine(emit: Emitter, x: string): string {
  const k = emit.node('Floor', [scaled(emit, x, 1 / Math.PI)])
  return emit.node('Mul', [scaled(emit, alternating(emit, k), -1), sineOfRest(emit, x, sum(emit, k, 0.5))])
}

/** sin(x − turns·π) */
function sineOfRest(emit: Emitter, x: string, turns: string): string {
  const r = PI_PARTS.reduce((rest, part) => emit.node('Sub', [rest, scaled(emit, turns, part)]), x)
  const square = emit.node('Mul', [r, r])
  const [highest = 0, ...lower] = [...SINE].reverse()
  const series = lower.reduce(
    (value, coefficient) => sum(emit, emit.node('Mul', [value, square]), coefficient),
    emit.scalar('float32', highest),
  )
  return emit.node('Add', [r, emit.node('Mul', [emit.node('Mul', [series, square]), r])])
}

/** (−1)ⁿ = 1 − 2·(n − 2·⌊n/2⌋) */
function alternating(emit: Emitter, n: string): string {
  const parity = emit.node('Sub', [n, scaled(emit, emit.node('Floor', [scaled(emit, n, 0.5)]), 2)])
  return emit.node('Sub', [emit.scalar('float32', 1), scaled(emit, parity, 2)])
}

const scaled = (emit: Emitter, x: string, factor: number) =>
  emit.node('Mul', [x, emit.scalar('float32', factor)])
const sum = (emit: Emitter, x: string, term: number) => emit.node('Add', [x, emit.scalar('float32', term)])
