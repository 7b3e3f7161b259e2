/** What a function of a template is given, by place or by name. */
import { fail, isTrue, textOf, typeName, Undefined, type Given, type Value } from './values'

/** The argument at a place or of a name; undefined when it is not given. */
export const argument = ({ args, named }: Given, place: number, name: string): Value | undefined =>
  args[place] ?? named.get(name)

export const textArgument = (given: Given, place: number, name: string, usual: string): string => {
  const value = argument(given, place, name)
  return value === undefined ? usual : textOf(value)
}

export function wholeArgument(given: Given, place: number, name: string, usual: number): number {
  const value = argument(given, place, name)
  if (value === undefined || value === null) return usual
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value)
  return fail(`'${typeName(value)}' object cannot be interpreted as an integer`)
}

export const truthArgument = (given: Given, place: number, name: string, usual = false): boolean => {
  const value = argument(given, place, name)
  return value === undefined ? usual : isTrue(value)
}

/** @throws TemplateError where it is missing or no text */
export function neededText(value: Value | undefined, what: string): string {
  if (typeof value === 'string') return value
  if (value === undefined || value instanceof Undefined) return fail(`${what} is missing`)
  return fail(`${what} must be str, not ${typeName(value)}`)
}

/** Filters and tests by their names, for filters that apply others to each item. */
export interface ByName {
  filter(name: string, value: Value, given: Given): Value
  test(name: string, value: Value, given: Given): boolean
}
