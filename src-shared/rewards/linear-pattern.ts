/**
 * Regular expressions that cannot hang. A pattern is read into an automaton whose states are all followed at once
 * (Thompson 1968, "Regular Expression Search Algorithm"): no text makes it go back, so that the time is bounded by
 * length² · states whatever the pattern. Characters themselves are tested by the language's own expressions.
 *
 * Departures from JavaScript: no back references, no looking around, no lazy quantifiers; of several matches that
 * begin at one place the longest counts.
 */

/** The spans that fit, one after the other, none over another. */
export type CountMatches = (text: string) => number

interface State {
  /** Which character leads on; without it the state is passed without reading one. */
  readonly reads?: (character: string) => boolean
  /** Whether it may be passed between two characters, undefined at an end of the text. */
  readonly holds?: (before: string | undefined, after: string | undefined) => boolean
  next: readonly number[]
}

const mostStates = 2000
/** The first state of an automaton: here a match ends. */
const end = 0

/** @throws Error in words, when the text is no regular expression or asks for what is not read here */
export function readPattern(source: string, ignoresCase: boolean): CountMatches {
  const { states, first } = automatonOf({ source, flags: ignoresCase ? 'iu' : 'u', at: 0 })
  if (longestFrom(states, first, [], 0) !== undefined)
    throw new Error('fits the empty text, and so every completion: ask for at least one character')
  return (text) => countIn(states, first, [...text])
}

/**
 * Whether a text as a whole fits. A dot is any character, and a lazy quantifier is as good as a greedy one.
 * @throws Error in words, as `readPattern` does
 */
export function readWhole(source: string, ignoresCase: boolean): (text: string) => boolean {
  const flags = ignoresCase ? 'isu' : 'su'
  const { states, first } = automatonOf({ source, flags, at: 0, isWhole: true })
  return (text) => {
    const characters = [...text]
    return longestFrom(states, first, characters, 0) === characters.length
  }
}

function automatonOf(reader: Reader): { readonly states: readonly State[]; readonly first: number } {
  try {
    new RegExp(reader.source, reader.flags)
  } catch (error) {
    throw new Error(`is no regular expression: ${(error as Error).message}`)
  }
  const states: State[] = [{ next: [] }]
  return { first: compile(states, readChoice(reader), end), states }
}

function countIn(states: readonly State[], first: number, characters: readonly string[]): number {
  let count = 0
  for (let start = 0; start < characters.length;) {
    const stop = longestFrom(states, first, characters, start)
    if (stop !== undefined) count++
    start = stop ?? start + 1
  }
  return count
}

/** Where the longest match that begins here ends; undefined when none does. */
function longestFrom(
  states: readonly State[],
  first: number,
  characters: readonly string[],
  start: number,
): number | undefined {
  let found: number | undefined
  let live = reached(states, [first], characters, start)
  for (let at = start; live.size > 0; at++) {
    if (live.has(end)) found = at
    const character = characters[at]
    if (character === undefined) break
    const read = [...live].flatMap((index) => (states[index]?.reads?.(character) ? states[index].next : []))
    live = reached(states, read, characters, at + 1)
  }
  return found
}

/** These states, and all that are reached from them without reading a character. */
function reached(
  states: readonly State[],
  from: readonly number[],
  characters: readonly string[],
  at: number,
): ReadonlySet<number> {
  const found = new Set<number>(from)
  for (const index of found) {
    const state = states[index]
    if (!state || state.reads) continue
    if (state.holds && !state.holds(characters[at - 1], characters[at])) continue
    for (const next of state.next) found.add(next)
  }
  return found
}

type Part =
  | { readonly kind: 'reads'; readonly reads: NonNullable<State['reads']> }
  | { readonly kind: 'holds'; readonly holds: NonNullable<State['holds']> }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Part[] }
  | { readonly kind: 'repeat'; readonly part: Part; readonly least: number; readonly most: number }

/** Adds the states of a part. @returns the first of them, from which `next` is reached */
function compile(states: State[], part: Part, next: number): number {
  const add = (state: State): number => {
    if (states.push(state) > mostStates) throw new Error('repeats too much: it needs more than 2,000 states')
    return states.length - 1
  }
  switch (part.kind) {
    case 'reads':
      return add({ reads: part.reads, next: [next] })
    case 'holds':
      return add({ holds: part.holds, next: [next] })
    case 'sequence':
      return part.parts.reduceRight((after, each) => compile(states, each, after), next)
    case 'choice':
      return add({ next: part.parts.map((each) => compile(states, each, next)) })
    case 'repeat':
      return compileRepeat(states, part, next, add)
  }
}

function compileRepeat(
  states: State[],
  { part, least, most }: Extract<Part, { readonly kind: 'repeat' }>,
  next: number,
  add: (state: State) => number,
): number {
  let first = next
  if (most === Infinity) {
    first = add({ next: [] })
    const again = compile(states, part, first)
    states[first] = { next: [again, next] }
  } else {
    for (let copy = least; copy < most; copy++) first = add({ next: [compile(states, part, first), next] })
  }
  for (let copy = 0; copy < least; copy++) first = compile(states, part, first)
  return first
}

interface Reader {
  readonly source: string
  readonly flags: string
  /** The whole text is to fit, so that it does not matter which match comes first. */
  readonly isWhole?: true
  at: number
}

function readChoice(reader: Reader): Part {
  const parts = [readSequence(reader)]
  while (reader.source[reader.at] === '|') {
    reader.at++
    parts.push(readSequence(reader))
  }
  return parts.length === 1 ? (parts[0] as Part) : { kind: 'choice', parts }
}

function readSequence(reader: Reader): Part {
  const parts: Part[] = []
  while (reader.at < reader.source.length && !'|)'.includes(reader.source[reader.at] as string))
    parts.push(readRepeat(reader, readAtom(reader)))
  return { kind: 'sequence', parts }
}

function readRepeat(reader: Reader, part: Part): Part {
  const found = taken(reader, /[*+?]|\{(\d+)(,?)(\d*)\}/y)
  if (!found) return part
  if (taken(reader, /\?/y) && !reader.isWhole)
    throw new Error('has a lazy quantifier, and those are not read here')
  const [sign, least, comma, most] = found
  if (least === undefined)
    return { kind: 'repeat', part, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity }
  const highest = comma ? (most ? Number(most) : Infinity) : Number(least)
  return { kind: 'repeat', part, least: Number(least), most: highest }
}

const wordCharacter = /^\w$/
const isWord = (character: string | undefined): boolean =>
  character !== undefined && wordCharacter.test(character)

/** What stands between two characters. */
const between: Readonly<Record<string, NonNullable<State['holds']>>> = {
  '^': (before) => before === undefined,
  $: (_, after) => after === undefined,
  '\\b': (before, after) => isWord(before) !== isWord(after),
  '\\B': (before, after) => isWord(before) === isWord(after),
}

function readAtom(reader: Reader): Part {
  if (taken(reader, /\(\?(?!:)/y)) throw new Error('looks around or names a group, and that is not read here')
  if (taken(reader, /\((\?:)?/y)) {
    const inner = readChoice(reader)
    reader.at++ // the closing bracket: the language has seen that it is there
    return inner
  }
  const place = taken(reader, /[\^$]|\\[bB]/y)
  if (place) return { kind: 'holds', holds: between[place[0]] as NonNullable<State['holds']> }
  if (taken(reader, /\\[1-9k]/y)) throw new Error('refers back to a group, and that is not read here')
  const atom = taken(
    reader,
    /\[(?:[^\]\\]|\\.)*\]|\\u\{\w+\}|\\u\w{4}|\\x\w\w|\\c\w|\\[pP]\{[^}]*\}|\\.|[^]/uy,
  )
  const one = new RegExp(`^(?:${atom?.[0] ?? ''})$`, reader.flags)
  return { kind: 'reads', reads: (character) => one.test(character) }
}

/** What stands at the reader's place, which moves on behind it. @param expected sticky */
function taken(reader: Reader, expected: RegExp): RegExpExecArray | undefined {
  expected.lastIndex = reader.at
  const found = expected.exec(reader.source) ?? undefined
  if (found) reader.at = expected.lastIndex
  return found
}
