/** Input as its handler takes it, checked where it arrives; what is wrong is said in words. */
import type { z } from 'zod'
import { StudioFailure } from '../../src-shared/result'

/** Checked input: a part that was left out is not there, even where the page sent `undefined`. */
export type Parsed<T> = T extends readonly (infer Item)[]
  ? readonly Parsed<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Parsed<Exclude<T[Key], undefined>> }
    : T

/** @throws StudioFailure invalid-input, with the first thing that is wrong */
export function readInput(schema: z.ZodType, input: unknown): unknown {
  const result = schema.safeParse(input, { error: sentenceOf })
  if (result.success) return withoutUndefined(result.data)
  const issue = result.error.issues[0]
  throw new StudioFailure({
    kind: 'invalid-input',
    field: issue?.path.join('.') || 'input',
    problem: issue?.message ?? 'is not valid',
  })
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([name, part]) => [name, withoutUndefined(part)]),
  )
}

/**
 * What is wrong, as the end of a sentence that begins with the field. A sentence the contract itself gives
 * goes first.
 */
const sentenceOf: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${withArticle(issue.expected)}`
    case 'too_small':
      return (
        `must be ${issue.inclusive === false ? 'more than' : 'at least'} ` +
        `${issue.minimum}${unitOf(issue.origin, issue.minimum)}`
      )
    case 'too_big':
      return (
        `must be ${issue.inclusive === false ? 'less than' : 'at most'} ` +
        `${issue.maximum}${unitOf(issue.origin, issue.maximum)}`
      )
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`
    case 'unrecognized_keys':
      return `has an unknown part: ${issue.keys.join(', ')}`
    default:
      return 'is not valid'
  }
}

const withArticle = (type: string) =>
  ({
    int: 'a whole number',
    number: 'a number',
    string: 'text',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
    record: 'an object',
  })[type] ?? type
const unitOf = (origin: string, count: unknown) =>
  ({ string: count === 1 ? ' character long' : ' characters long', array: ' long' })[origin] ?? ''
