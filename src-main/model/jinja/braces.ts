/** `'{} of {name}'.format(…)`, as far as templates use it. */
import { mostDigits, roomFor, times } from './frame'
import { fail, isNumber, numberOf, textOf, written, type Given, type Value } from './values'

const pattern = /\{\{|\}\}|\{(\w*)(?:!([rs]))?(?::([^{}]*))?\}/g

export function formattedBraces(form: string, { args, named }: Given): string {
  let next = 0
  return form.replace(pattern, (whole, name = '', conversion?: string, layout = '') => {
    if (whole === '{{' || whole === '}}') return whole[0]!
    const value = /^\d*$/.test(name as string)
      ? args[name === '' ? next++ : Number(name)]
      : named.get(name as string)
    if (value === undefined) return fail('Replacement index out of range for positional args tuple')
    return laidOut(conversion === 'r' ? written(value) : value, layout as string)
  })
}

function laidOut(value: Value, layout: string): string {
  const [, fill = ' ', side = '', zero = '', width = '', digits, kind = ''] =
    /^(?:(.)?([<>^]))?(0?)(\d*)(?:\.(\d+))?([dsfx]?)$/u.exec(layout) ?? []
  const text =
    isNumber(value) && kind === 'f'
      ? numberOf(value).toFixed(Math.min(mostDigits, Number(digits ?? 6)))
      : textOf(value)
  const size = roomFor(Number(width))
  if (zero !== '') return text.padStart(size, '0')
  if (side === '>' || (side === '' && isNumber(value))) return text.padStart(size, fill)
  if (side !== '^') return text.padEnd(size, fill)
  const missing = Math.max(0, size - text.length)
  return times(fill, Math.floor(missing / 2)) + text + times(fill, Math.ceil(missing / 2))
}
