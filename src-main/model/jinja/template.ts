/**
 * Jinja templates as Hugging Face transformers sets them up for chats: `trim_blocks` and `lstrip_blocks`, loop
 * controls, `{% generation %}`, a sandbox in which nothing is changed. Source: Jinja 3.1, and
 * `_compile_jinja_template` of chat_template_utils.py.
 *
 * A stranger's template is a program: one that goes on and on is ended.
 */
import { argument, wholeArgument } from './given'
import { Frame, Output, Work } from './frame'
import { run } from './run'
import { parsed } from './statements'
import { strftime } from './day'
import {
  Attributes,
  Callable,
  fail,
  isDict,
  itemsOf,
  Namespace,
  ownName,
  textOf,
  valueOf,
  type Given,
  type Value,
} from './values'

export interface RenderedText {
  readonly text: string
  /** Places in the text that stand in `{% generation %}`. */
  readonly generated: readonly { readonly from: number; readonly to: number }[]
}

export interface Template {
  /** @throws TemplateError, what is wrong with these values in the template's own words or in Python's */
  render(values: Readonly<Record<string, unknown>>): RenderedText
}

/** @throws SyntaxError when the source is no template */
export function compiled(source: string): Template {
  const body = parsed(source)
  return {
    render(values) {
      const work = new Work()
      const output = new Output()
      const frame = new Frame(work, output)
      for (const [name, value] of Object.entries(globals)) frame.set(name, value)
      const own = frame.inner()
      for (const [name, value] of Object.entries(values)) own.set(name, valueOf(value))
      ended(() => run(body, own))
      return { text: output.text(), generated: work.generated }
    },
  }
}

/** What calls itself on and on comes to the end of the stack. */
function ended(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    fail('it does not come to an end')
  }
}

const mostOfRange = 100_000

function range(given: Given): Value {
  const [start, stop, step] =
    given.args.length < 2
      ? [0, wholeArgument(given, 0, 'stop', 0), 1]
      : [0, 1, 2].map((place) => wholeArgument(given, place, '', place === 2 ? 1 : 0))
  if (step === 0) return fail('range() arg 3 must not be zero')
  const count = Math.max(0, Math.ceil((stop! - start!) / step!))
  if (count > mostOfRange) return fail(`Range too big. The sandbox blocks ranges larger than ${mostOfRange}.`)
  return Array.from({ length: count }, (_, place) => start! + place * step!)
}

function dict(given: Given): Map<Value, Value> {
  const [first] = given.args
  const entries =
    first === undefined ? [] : isDict(first) ? [...first] : itemsOf(first).map((pair) => itemsOf(pair))
  return new Map([...entries.map(([key, value]) => [key!, value!] as const), ...given.named])
}

function namespace(given: Given): Namespace {
  const made = new Namespace()
  for (const [name, value] of dict(given)) made.values.set(ownName(textOf(name)), value)
  return made
}

function cycler({ args }: Given): Value {
  let place = 0
  const at = (): Value => args[place % args.length] ?? null
  const parts: Readonly<Record<string, () => Value>> = {
    current: at,
    next: () =>
      new Callable('next', () => {
        const now = at()
        place++
        return now
      }),
    reset: () =>
      new Callable('reset', () => {
        place = 0
        return null
      }),
  }
  return new Attributes((name) => (Object.hasOwn(parts, name) ? parts[name]!() : undefined))
}

function joiner(given: Given): Value {
  let isUsed = false
  return new Callable('joiner', () => {
    const text = isUsed ? textOf(argument(given, 0, 'sep') ?? ', ') : ''
    isUsed = true
    return text
  })
}

const globals: Readonly<Record<string, Value>> = {
  range: new Callable('range', range),
  dict: new Callable('dict', dict),
  namespace: new Callable('namespace', namespace),
  cycler: new Callable('cycler', cycler),
  joiner: new Callable('joiner', joiner),
  raise_exception: new Callable('raise_exception', (given) =>
    fail(textOf(argument(given, 0, 'message') ?? '')),
  ),
  strftime_now: new Callable('strftime_now', (given) => strftime(textOf(argument(given, 0, 'format') ?? ''))),
}
