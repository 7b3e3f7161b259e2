/** A setting as it stands in a form: the text of a value, and the value of a text. */
import type { Field } from '../../src-shared/fields'

/** A setting as a person would type it: 3e-4 rather than 0.0003. */
export const textOf = (value: number | string): string =>
  typeof value === 'number' && value !== 0 && Math.abs(value) < 0.001 ? value.toExponential() : String(value)

/** The value a text stands for. A text that is no number becomes one that the field refuses. */
export const valueOf = (field: Field, text: string): number | string => {
  if (field.type === 'choice') return text
  if (field.type === 'text') return field.isCode ? text : text.trim()
  return text.trim() === '' ? Number.NaN : Number(text)
}

export const isChanged = (field: Field, text: string): boolean => valueOf(field, text) !== field.default
