/** What may stand behind `is`. */
import {
  Callable,
  contains,
  fail,
  isDict,
  isEqual,
  isFloat,
  isIterable,
  isList,
  isNumber,
  numberOf,
  order,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values'

type Test = (value: Value, args: readonly Value[]) => boolean

function whole(value: Value): number {
  return isNumber(value)
    ? numberOf(value)
    : fail(`unsupported operand type(s) for %: '${typeName(value)}' and 'int'`)
}

const beside =
  (holds: (value: Value, other: Value) => boolean): Test =>
  (value, [other = null]) =>
    holds(value, other)

const equal = beside(isEqual)
const unequal = beside((a, b) => !isEqual(a, b))
const less = beside((a, b) => order(a, b) < 0)
const atMost = beside((a, b) => order(a, b) <= 0)
const more = beside((a, b) => order(b, a) < 0)
const atLeast = beside((a, b) => order(b, a) <= 0)

export const tests: Readonly<Record<string, Test>> = {
  defined: (value) => !(value instanceof Undefined),
  undefined: (value) => value instanceof Undefined,
  none: (value) => value === null,
  true: (value) => value === true,
  false: (value) => value === false,
  boolean: (value) => typeof value === 'boolean',
  string: (value) => typeof value === 'string',
  number: isNumber,
  integer: (value) => typeof value === 'number' && !isFloat(value),
  float: isFloat,
  mapping: isDict,
  // what is not there has a length and items there, and can be called up to the call
  sequence: (value) =>
    isList(value) ||
    [Tuple, Undefined].some((kind) => value instanceof kind) ||
    typeof value === 'string' ||
    isDict(value),
  iterable: isIterable,
  callable: (value) => value instanceof Callable || value instanceof Undefined,
  escaped: () => false,
  even: (value) => whole(value) % 2 === 0,
  odd: (value) => Math.abs(whole(value) % 2) === 1,
  divisibleby: (value, [by = null]) => whole(value) % whole(by) === 0,
  lower: (value) =>
    typeof value === 'string' && value === value.toLowerCase() && value !== value.toUpperCase(),
  upper: (value) =>
    typeof value === 'string' && value === value.toUpperCase() && value !== value.toLowerCase(),
  in: beside((value, all) => contains(all, value)),
  sameas: beside((a, b) => a === b),
  eq: equal,
  equalto: equal,
  '==': equal,
  ne: unequal,
  '!=': unequal,
  lt: less,
  lessthan: less,
  '<': less,
  le: atMost,
  '<=': atMost,
  gt: more,
  greaterthan: more,
  '>': more,
  ge: atLeast,
  '>=': atLeast,
}
