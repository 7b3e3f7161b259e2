/**
 * Expressions of a template, from what binds least to what binds most. Source: the documentation of Jinja 3.1,
 * "Expressions", and the order in which its parser reads them.
 */
import type { Cursor } from './cursor'
import type { Arguments, Expression } from './nodes'
import { Float } from './values'

/** @param hasChoices whether an `if` behind it is part of it: behind what a loop goes through it is not */
export function expression(at: Cursor, hasChoices = true): Expression {
  let yes = disjunction(at)
  while (hasChoices && at.skip('name', 'if')) {
    const test = disjunction(at)
    const no = at.skip('name', 'else') ? expression(at) : undefined
    yes = { type: 'choice', test, yes, ...(no && { no }) }
  }
  return yes
}

/** Expressions between commas: one alone is itself. */
export function expressions(at: Cursor, isEnd: () => boolean, isEmptyKnown = false): Expression {
  const items: Expression[] = []
  let isTuple = isEmptyKnown && isEnd()
  while (!isEnd()) {
    items.push(expression(at))
    if (!at.skip('sign', ',')) break
    isTuple = true
  }
  if (isTuple) return { type: 'tuple', items }
  return items[0] ?? at.fail('an expression')
}

function disjunction(at: Cursor): Expression {
  let left = conjunction(at)
  while (at.skip('name', 'or')) left = { type: 'or', left, right: conjunction(at) }
  return left
}

function conjunction(at: Cursor): Expression {
  let left = negation(at)
  while (at.skip('name', 'and')) left = { type: 'and', left, right: negation(at) }
  return left
}

const negation = (at: Cursor): Expression =>
  at.skip('name', 'not') ? { type: 'not', of: negation(at) } : comparison(at)

const orders: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>='])

function comparison(at: Cursor): Expression {
  const first = sum(at)
  const others: (readonly [string, Expression])[] = []
  for (;;) {
    const { kind, value } = at.peek()
    if (kind === 'sign' && orders.has(value)) others.push([at.next().value, sum(at)])
    else if (at.skip('name', 'in')) others.push(['in', sum(at)])
    else if (at.is('name', 'not') && at.is('name', 'in', 1)) {
      at.next()
      at.next()
      others.push(['not in', sum(at)])
    } else return others.length === 0 ? first : { type: 'compared', first, others }
  }
}

/** Operators of one strength, from left to right. */
const leftToRight =
  (signs: ReadonlySet<string>, operand: (at: Cursor) => Expression) =>
  (at: Cursor): Expression => {
    let left = operand(at)
    while (at.peek().kind === 'sign' && signs.has(at.peek().value))
      left = { type: 'arithmetic', sign: at.next().value, left, right: operand(at) }
    return left
  }

const power = leftToRight(new Set(['**']), (at) => unary(at))
const product = leftToRight(new Set(['*', '/', '//', '%']), power)
const sum = leftToRight(new Set(['+', '-']), joined)

function joined(at: Cursor): Expression {
  const items = [product(at)]
  while (at.skip('sign', '~')) items.push(product(at))
  return items.length === 1 ? items[0]! : { type: 'joined', items }
}

function unary(at: Cursor, isFiltered = true): Expression {
  const sign = at.is('sign', '-') || at.is('sign', '+') ? at.next().value : undefined
  const first: Expression =
    sign === undefined ? primary(at) : { type: sign === '-' ? 'negative' : 'positive', of: unary(at, false) }
  const parted = parts(at, first)
  return isFiltered ? filtered(at, parted) : parted
}

const words: Readonly<Record<string, boolean | null>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
}

export function primary(at: Cursor): Expression {
  const { kind, value } = at.next()
  if (kind === 'name')
    return Object.hasOwn(words, value)
      ? { type: 'constant', value: words[value]! }
      : { type: 'name', name: value }
  if (kind === 'string') {
    let text = value
    while (at.is('string')) text += at.next().value
    return { type: 'constant', value: text }
  }
  if (kind === 'integer') return { type: 'constant', value: Number(value.replaceAll('_', '')) }
  if (kind === 'float') return { type: 'constant', value: new Float(Number(value.replaceAll('_', ''))) }
  return bracketed(at, kind === 'sign' ? value : '')
}

function bracketed(at: Cursor, sign: string): Expression {
  if (sign === '(') {
    const inside = expressions(at, () => at.is('sign', ')'), true)
    at.expect('sign', ')')
    return inside
  }
  if (sign === '[') return { type: 'list', items: listed(at, ']', () => expression(at)) }
  if (sign === '{')
    return {
      type: 'dict',
      entries: listed(at, '}', () => {
        const key = expression(at)
        at.expect('sign', ':')
        return [key, expression(at)] as const
      }),
    }
  throw new SyntaxError(`“${sign || at.peek().value}” is no expression`)
}

/** With commas between them, and one behind the last where somebody likes it. */
function listed<T>(at: Cursor, close: string, each: () => T): readonly T[] {
  const items: T[] = []
  while (!at.is('sign', close)) {
    if (items.length > 0) at.expect('sign', ',')
    if (at.is('sign', close)) break
    items.push(each())
  }
  at.expect('sign', close)
  return items
}

export function parts(at: Cursor, whole: Expression): Expression {
  let of = whole
  for (;;) {
    if (at.is('sign', '.') || at.is('sign', '[')) of = part(at, of)
    else if (at.is('sign', '(')) of = { type: 'call', of, given: argumentsOf(at) }
    else return of
  }
}

function part(at: Cursor, of: Expression): Expression {
  if (at.skip('sign', '.')) {
    if (at.is('name')) return { type: 'attribute', of, name: at.next().value }
    return { type: 'item', of, key: { type: 'constant', value: Number(at.expect('integer')) } }
  }
  at.expect('sign', '[')
  const bounds: (Expression | undefined)[] = []
  while (!at.is('sign', ']')) {
    bounds.push(at.is('sign', ':') ? undefined : expression(at))
    if (!at.skip('sign', ':')) break
    if (at.is('sign', ']')) bounds.push(undefined)
  }
  at.expect('sign', ']')
  const [only] = bounds
  if (bounds.length === 0 || bounds.length > 3) return at.fail('an expression')
  return bounds.length === 1 && only ? { type: 'item', of, key: only } : { type: 'slice', of, bounds }
}

function filtered(at: Cursor, whole: Expression): Expression {
  let of = whole
  for (;;) {
    if (at.skip('sign', '|')) of = filter(at, of)
    else if (at.skip('name', 'is')) of = test(at, of)
    else if (at.is('sign', '(')) of = { type: 'call', of, given: argumentsOf(at) }
    else return of
  }
}

const nothing: Arguments = { args: [], named: [] }

/** @param of absent where a block is filtered */
export function filter(at: Cursor, of?: Expression): Expression {
  const name = at.expect('name')
  const given = at.is('sign', '(') ? argumentsOf(at) : nothing
  const made: Expression = { type: 'filter', name, given, ...(of && { of }) }
  return of === undefined && at.skip('sign', '|') ? chained(at, made) : made
}

function chained(at: Cursor, first: Expression): Expression {
  let of = filter(at, first)
  while (at.skip('sign', '|')) of = filter(at, of)
  return of
}

const afterTests: ReadonlySet<string> = new Set(['else', 'or', 'and', 'is', 'if'])

function test(at: Cursor, of: Expression): Expression {
  const isNegated = at.skip('name', 'not')
  const name = at.expect('name')
  const { kind, value } = at.peek()
  const isOperand =
    ['string', 'integer', 'float'].includes(kind) ||
    (kind === 'sign' && '[{'.includes(value)) ||
    (kind === 'name' && !afterTests.has(value) && value !== 'not' && value !== 'in')
  const given = at.is('sign', '(')
    ? argumentsOf(at)
    : isOperand
      ? { args: [parts(at, primary(at))], named: [] }
      : nothing
  const made: Expression = { type: 'test', of, name, given }
  return isNegated ? { type: 'not', of: made } : made
}

export function argumentsOf(at: Cursor): Arguments {
  at.expect('sign', '(')
  const args: Expression[] = []
  const named: (readonly [string, Expression])[] = []
  let rest: Expression | undefined
  let namedRest: Expression | undefined
  while (!at.is('sign', ')')) {
    if (at.skip('sign', '*')) rest = expression(at)
    else if (at.skip('sign', '**')) namedRest = expression(at)
    else if (at.is('name') && at.is('sign', '=', 1)) {
      const name = at.next().value
      at.next()
      named.push([name, expression(at)])
    } else args.push(expression(at))
    if (!at.skip('sign', ',')) break
  }
  at.expect('sign', ')')
  return { args, named, ...(rest && { rest }), ...(namedRest && { namedRest }) }
}
