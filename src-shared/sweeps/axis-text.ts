/**
 * Values of a swept setting as a person writes them: `0.05, 0.1, 0.2`, `1e-5..1e-3 log`, `8..64 linear 4`. Texts that
 * may hold commas are told apart by a bar: `length | 0.5 * length`.
 */
import type { Field } from '../fields'
import type { SweepAxis } from './plan'

const range = /^(?<from>\S+?)\s*\.\.\s*(?<to>\S+)(?:\s+(?<scale>log|linear))?(?:\s+(?<points>\d+))?$/i

/** @returns the axis, or what is wrong with the text */
export function axisFrom(
  setting: string,
  field: Field,
  text: string,
): SweepAxis | { readonly problem: string } {
  const found =
    field.type === 'number' || field.type === 'integer' ? range.exec(text.trim())?.groups : undefined
  if (found) {
    const [from, to] = [Number(found['from']), Number(found['to'])]
    if (!Number.isFinite(from) || !Number.isFinite(to))
      return { problem: `is no range of numbers: “${text.trim()}”. Write it like 1e-5..1e-3 log` }
    return {
      setting,
      from,
      to,
      scale: found['scale']?.toLowerCase() === 'log' ? 'log' : 'linear',
      ...(found['points'] !== undefined && { points: Number(found['points']) }),
    }
  }
  const values = text
    .split(field.type === 'text' ? /\s+\|\s+/ : ',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
  if (values.length === 0) return { problem: 'has no values to try' }
  return { setting, values: values.map((each) => valueFrom(field, each)) }
}

/** What is not a number stays text: the check of the field then says what is wrong with it. */
function valueFrom(field: Field, text: string): number | string {
  if (field.type === 'choice' || field.type === 'text') return text
  const value = Number(text)
  return Number.isNaN(value) ? text : value
}

export function axisText(axis: SweepAxis, field: Field | undefined): string {
  if ('values' in axis) return axis.values.join(field?.type === 'text' ? ' | ' : ', ')
  const { from, to, scale, points } = axis
  return `${from}..${to}${scale === 'log' ? ' log' : ''}${points === undefined ? '' : ` ${points}`}`
}
