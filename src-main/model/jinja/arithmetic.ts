/** Sums and products, as Python has them. */
import { mostDigits, roomFor, sound, times } from './frame'
import {
  fail,
  Float,
  isDict,
  isFloat,
  isList,
  isNumber,
  numberOf,
  textOf,
  Tuple,
  typeName,
  Undefined,
  written,
  type Value,
} from './values'

export function added(a: Value, b: Value): Value {
  if (typeof a === 'string' && typeof b === 'string') return sound(a + b)
  if (isList(a) && isList(b)) return together(a, b)
  if (a instanceof Tuple && b instanceof Tuple) return new Tuple(together(a.items, b.items))
  if (typeof a === 'string')
    return fail(b instanceof Undefined ? b.said : `can only concatenate str (not "${typeName(b)}") to str`)
  return arithmetic('+', a, b)
}

const mostItems = 1_000_000

function together(a: readonly Value[], b: readonly Value[]): Value[] {
  if (a.length + b.length > mostItems) return fail('it makes lists without an end')
  return [...a, ...b]
}

const whole: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '//': (a, b) => Math.floor(a / b),
  '%': (a, b) => a - b * Math.floor(a / b),
  '**': (a, b) => a ** b,
}

export function arithmetic(sign: string, a: Value, b: Value): Value {
  for (const each of [a, b]) if (each instanceof Undefined) return fail(each.said)
  if (isNumber(a) && isNumber(b)) return ofNumbers(sign, a, b)
  if (sign === '*') {
    if (typeof b === 'number') return repeated(a, b)
    if (typeof a === 'number') return repeated(b, a)
  }
  if (sign === '%' && typeof a === 'string') return formatted(a, b)
  return fail(`unsupported operand type(s) for ${sign}: '${typeName(a)}' and '${typeName(b)}'`)
}

function ofNumbers(sign: string, a: number | Float | boolean, b: number | Float | boolean): Value {
  const [first, second] = [numberOf(a), numberOf(b)]
  if (second === 0 && ['/', '//', '%'].includes(sign)) return fail('division by zero')
  const made = whole[sign]!(first, second)
  const isFraction = isFloat(a) || isFloat(b) || sign === '/' || (sign === '**' && second < 0)
  return isFraction ? new Float(made) : made
}

function repeated(of: Value, count: number): Value {
  if (typeof of === 'string') return times(of, count)
  const copies = Math.max(0, count)
  const items = isList(of) ? of : of instanceof Tuple ? of.items : undefined
  if (!items) return fail(`can't multiply sequence by non-int of type '${typeName(of)}'`)
  if (items.length * copies > mostItems) return fail('it makes lists without an end')
  const all = Array.from({ length: copies }, () => items).flat()
  return isList(of) ? all : new Tuple(all)
}

const pattern = /%(?:\(([^)]*)\))?([-0 +#]*)(\d*)(?:\.(\d+))?([sdrifx%])/g

/** `'%s of %d' % (a, b)`. */
export function formatted(form: string, given: Value): string {
  const values = given instanceof Tuple ? given.items : [given]
  let place = 0
  return form.replace(pattern, (_, ...groups: readonly (string | undefined)[]) => {
    const [key, flags = '', width = '', digits = '', sign = ''] = groups
    if (sign === '%') return '%'
    const value = key !== undefined && isDict(given) ? given.get(key) : values[place++]
    if (value === undefined) return fail('not enough arguments for format string')
    const text = formattedOne(value, sign, digits)
    const size = roomFor(Number(width))
    if (flags.includes('-')) return text.padEnd(size)
    return text.padStart(size, flags.includes('0') && sign !== 's' ? '0' : ' ')
  })
}

function formattedOne(value: Value, sign: string, digits: string): string {
  if (sign === 's')
    return digits === '' ? textOf(value) : [...textOf(value)].slice(0, Number(digits)).join('')
  if (sign === 'r') return written(value)
  if (!isNumber(value)) return fail(`%${sign} format: a real number is required, not ${typeName(value)}`)
  if (sign === 'f') return numberOf(value).toFixed(digits === '' ? 6 : Math.min(mostDigits, Number(digits)))
  return Math.trunc(numberOf(value)).toString(sign === 'x' ? 16 : 10)
}
