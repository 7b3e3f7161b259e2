/** What ↑ and ↓ do to a number in a form. */
import type { NumberField } from '../../src-shared/fields'

/**
 * A whole number goes by one, another number by one of its second digit: 0.05 → 0.051, 3e-4 → 3.1e-4.
 * `isLarge` goes ten times as far. Stays within the field's bounds.
 */
export function stepNumber(field: NumberField, value: number, direction: 1 | -1, isLarge: boolean): number {
  const from = Number.isFinite(value) ? value : field.default
  const size = field.type === 'integer' ? 1 : 10 ** (magnitudeOf(field, from) - 1)
  const next = from + direction * size * (isLarge ? 10 : 1)
  return Number(Math.min(Math.max(next, field.min), field.max).toPrecision(10))
}

/** Power of ten of the first digit; of a zero, that of the default, or of a hundredth. */
function magnitudeOf(field: NumberField, value: number): number {
  const size = Math.abs(value) || Math.abs(field.default) || 0.1
  return Math.floor(Math.log10(size) + 1e-9)
}
