/** Numbers as charts and tables write them. */
import { countText } from './sizes'

/** Three digits that matter: 0.672, 0.11, 1.44, 52.1, 1,204, 3.00e-4. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return 'not a number'
  const size = Math.abs(value)
  if (size >= 100) return countText(Math.round(value))
  if (size >= 10) return withMinus(value.toFixed(1))
  if (size >= 1) return withMinus(value.toFixed(2))
  if (size >= 0.001 || size === 0) return size === 0 ? '0' : withMinus(value.toFixed(3))
  return withMinus(value.toExponential(2))
}

/** A round number of an axis: no digit more than it has. */
export function formatTick(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size < 0.001 || size >= 1e6) return withMinus(value.toExponential())
  return withMinus(size >= 1000 ? countText(value) : String(value))
}

const withMinus = (text: string): string => text.replace(/^-/, '−')
