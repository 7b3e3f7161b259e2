/** Statements of a template: one row for each word that may stand behind {%. */
import { Cursor } from './cursor'
import { expression, expressions, filter, parts, primary } from './expressions'
import { tokensOf } from './lexer'
import type { Block, Expression, Parameter, Statement, Target } from './nodes'

/** @throws SyntaxError when it is none */
export function parsed(source: string): Block {
  const at = new Cursor(tokensOf(source))
  const body = blockUntil(at, [])
  if (!at.isDone) at.fail('a statement')
  return body
}

/** Up to the statement that begins with one of these words, which is not read. */
function blockUntil(at: Cursor, ends: readonly string[]): Block {
  const body: Statement[] = []
  while (!at.isDone) {
    if (at.is('text')) body.push({ type: 'text', text: at.next().value })
    else if (at.skip('open', '{{')) {
      body.push({ type: 'output', of: expressions(at, () => at.is('close')) })
      at.expect('close')
    } else {
      if (ends.includes(at.peek(1).value)) return body
      at.expect('open', '{%')
      body.push(statement(at))
    }
  }
  if (ends.length > 0) at.fail(ends.join(' or '))
  return body
}

function statement(at: Cursor): Statement {
  const word = at.expect('name')
  const read = Object.hasOwn(readers, word) ? readers[word] : undefined
  if (!read) throw new SyntaxError(`there is no statement “${word}”`)
  return read(at)
}

/** A block with its end, whose word is read. */
function bodyOf(at: Cursor, end: string): Block {
  at.expect('close')
  const body = blockUntil(at, [end])
  closing(at, end)
  return body
}

function closing(at: Cursor, word: string): void {
  at.expect('open', '{%')
  at.expect('name', word)
  if (word === 'endblock') at.skip('name')
  at.expect('close')
}

/** A statement that is done where its words end. */
const alone = <T extends Statement>(at: Cursor, made: T): T => {
  at.expect('close')
  return made
}

const readers: Readonly<Record<string, (at: Cursor) => Statement>> = {
  if: branches,
  for: loop,
  set,
  macro: (at) => ({
    type: 'macro',
    name: at.expect('name'),
    parameters: parameters(at),
    body: bodyOf(at, 'endmacro'),
  }),
  call: (at) => {
    const taken = at.is('sign', '(') ? parameters(at) : []
    const call = parts(at, primary(at))
    return { type: 'call-block', name: 'caller', parameters: taken, call, body: bodyOf(at, 'endcall') }
  },
  filter: (at) => ({ type: 'filter-block', filter: filter(at), body: bodyOf(at, 'endfilter') }),
  with: (at) => {
    const values: (readonly [Target, Expression])[] = []
    while (!at.is('close')) {
      const to: Target = { type: 'name', name: at.expect('name') }
      at.expect('sign', '=')
      values.push([to, expression(at)])
      if (!at.skip('sign', ',')) break
    }
    return { type: 'with', values, body: bodyOf(at, 'endwith') }
  },
  // nothing can be laid over a template that stands alone: a block is what it holds
  block: (at) => {
    at.expect('name')
    return { type: 'with', values: [], body: bodyOf(at, 'endblock') }
  },
  generation: (at) => ({ type: 'generation', body: bodyOf(at, 'endgeneration') }),
  print: (at) => alone(at, { type: 'output', of: expressions(at, () => at.is('close')) }),
  break: (at) => alone(at, { type: 'break' }),
  continue: (at) => alone(at, { type: 'continue' }),
}

function branches(at: Cursor): Statement {
  const test = expressions(at, () => at.is('close'))
  at.expect('close')
  const yes = blockUntil(at, ['elif', 'else', 'endif'])
  at.expect('open', '{%')
  const word = at.expect('name')
  if (word === 'elif') return { type: 'if', test, yes, no: [branches(at)] }
  if (word === 'endif') return alone(at, { type: 'if', test, yes, no: [] })
  return { type: 'if', test, yes, no: bodyOf(at, 'endif') }
}

function loop(at: Cursor): Statement {
  const to = target(at)
  at.expect('name', 'in')
  const items: Expression[] = []
  let isTuple = false
  do {
    if (at.is('close') || at.is('name', 'if')) break
    // an `if` behind it is the loop's, not a choice
    items.push(expression(at, false))
    isTuple ||= at.is('sign', ',')
  } while (at.skip('sign', ','))
  const test = at.skip('name', 'if') ? expression(at) : undefined
  if (at.is('name', 'recursive')) throw new SyntaxError('recursive loops are not known here')
  at.expect('close')
  const body = blockUntil(at, ['else', 'endfor'])
  at.expect('open', '{%')
  const hasElse = at.expect('name') === 'else'
  const none = hasElse ? bodyOf(at, 'endfor') : (at.expect('close'), [])
  const of: Expression = isTuple ? { type: 'tuple', items } : (items[0] ?? at.fail('an expression'))
  return { type: 'for', target: to, of, body, none, ...(test && { test }) }
}

function set(at: Cursor): Statement {
  const to = target(at)
  if (at.skip('sign', '='))
    return alone(at, { type: 'set', target: to, value: expressions(at, () => at.is('close')) })
  const filtered = at.skip('sign', '|') ? filter(at) : undefined
  return { type: 'set-block', target: to, body: bodyOf(at, 'endset'), ...(filtered && { filter: filtered }) }
}

function target(at: Cursor): Target {
  const items: Target[] = []
  let isList = false
  do {
    if (!at.is('name') && !at.is('sign', '(')) break
    items.push(at.skip('sign', '(') ? inBrackets(at) : named(at))
    isList ||= at.is('sign', ',')
  } while (at.skip('sign', ','))
  return isList ? { type: 'targets', items } : (items[0] ?? at.fail('a name'))
}

function inBrackets(at: Cursor): Target {
  const inside = target(at)
  at.expect('sign', ')')
  return inside
}

function named(at: Cursor): Target {
  const name = at.expect('name')
  return at.skip('sign', '.') ? { type: 'part', of: name, name: at.expect('name') } : { type: 'name', name }
}

function parameters(at: Cursor): readonly Parameter[] {
  const all: Parameter[] = []
  at.expect('sign', '(')
  while (!at.is('sign', ')')) {
    const name = at.expect('name')
    all.push(at.skip('sign', '=') ? { name, usual: expression(at) } : { name })
    if (!at.skip('sign', ',')) break
  }
  at.expect('sign', ')')
  return all
}
