/** Whom a word or a number names as the winner of two. */
import type { Columns } from './columns'

export type Side = 'first' | 'second'

/** Beginnings of names that are shared by both: "model_a", "response_1". */
const SHARED =
  /^(?:model|response|answer|assistant|conversation|completion|output|option|candidate|human_ref)[ _-]?/

const words: Readonly<Record<string, Side | 'neither'>> = {
  a: 'first',
  first: 'first',
  left: 'first',
  b: 'second',
  second: 'second',
  right: 'second',
  tie: 'neither',
  draw: 'neither',
  equal: 'neither',
  same: 'neither',
  both: 'neither',
  neither: 'neither',
  none: 'neither',
  both_bad: 'neither',
  bothbad: 'neither',
  'both bad': 'neither',
  'tie (bothbad)': 'neither',
}

/** "a>>b", "a=b", "b > a" */
const COMPARISON = /^a\s*([<>=]+)\s*b$|^b\s*([<>=]+)\s*a$/

/**
 * A number is that of a column ("response_1"), or, where columns have letters, a place from 0.
 * @returns undefined for what names no side
 */
export function winnerOf(
  value: unknown,
  { first = '', second = '' }: Columns<'first' | 'second'>,
): Side | 'neither' | undefined {
  const text = String(value ?? '')
    .trim()
    .toLowerCase()
  const word = text.replace(SHARED, '')
  if (/^-?\d+$/.test(word)) return numbered(Number(word), first, second)
  if (Object.hasOwn(words, word)) return words[word]
  if (text !== '' && text === first.toLowerCase()) return 'first'
  if (text !== '' && text === second.toLowerCase()) return 'second'
  return compared(word)
}

function numbered(number: number, first: string, second: string): Side | undefined {
  const own = [first, second].map((name) => /\d+$/.exec(name)?.[0])
  const [low, high] = own.every((each) => each !== undefined) ? own.map(Number) : [0, 1]
  if (number === low) return 'first'
  return number === high ? 'second' : undefined
}

function compared(word: string): Side | 'neither' | undefined {
  const match = COMPARISON.exec(word)
  if (!match) return undefined
  const [, ahead, behind] = match
  const sign = (ahead ?? behind ?? '')[0]
  if (sign === '=') return 'neither'
  return (sign === '>') === (ahead !== undefined) ? 'first' : 'second'
}
