/**
 * Which two contenders of an arena meet on which prompt next. Prompts that were shown least come first, and of their
 * pairs the one that has met least; the same two never meet on the same prompt again.
 */
import { seeded, shuffled } from '../maths/random'

export interface Match {
  /** Index in the list of prompts. */
  readonly prompt: number
  /** Contenders by index, the lower first. */
  readonly pair: readonly [number, number]
}

export interface DrawnSoFar {
  readonly prompts: number
  /** Contenders that new pairs are drawn of, by index. */
  readonly contenders: readonly number[]
  /** All that has met, and what cannot: order does not matter. */
  readonly met: readonly Match[]
  readonly seed: number
}

/** @returns at most `count`, fewer when every pair has met on every prompt */
export function nextMatches({ prompts, contenders, met, seed }: DrawnSoFar, count: number): readonly Match[] {
  const pairs = shuffledBy(pairsOf(contenders), seed, 'pairs')
  const order = shuffled(prompts, seeded(seed, 'prompt order'))
  const shown = new Float64Array(prompts)
  const gone = new Map<number, Set<string>>()
  const meetings = new Map(pairs.map((pair) => [keyOf(pair), 0]))
  for (const match of met) count1(match)

  function count1({ prompt, pair }: Match): void {
    const key = keyOf(pair)
    shown[prompt] = (shown[prompt] ?? 0) + 1
    meetings.set(key, (meetings.get(key) ?? 0) + 1)
    gone.set(prompt, (gone.get(prompt) ?? new Set()).add(key))
  }
  const openPairs = (prompt: number) => pairs.filter((pair) => !gone.get(prompt)?.has(keyOf(pair)))
  const isOpen = (prompt: number) =>
    (gone.get(prompt)?.size ?? 0) < pairs.length || openPairs(prompt).length > 0

  const found: Match[] = []
  while (found.length < count) {
    const prompt = leastOf([...order].filter(isOpen), (each) => shown[each] as number)
    if (prompt === undefined) break
    const pair = leastOf(openPairs(prompt), (each) => meetings.get(keyOf(each)) ?? 0)
    if (!pair) break
    found.push({ prompt, pair })
    count1({ prompt, pair })
  }
  return found
}

/** Every two of them. */
export const pairsOf = (contenders: readonly number[]): readonly (readonly [number, number])[] =>
  contenders.flatMap((one, index) => contenders.slice(index + 1).map((other) => [one, other] as const))

const keyOf = ([one, other]: Match['pair']): string => `${Math.min(one, other)} ${Math.max(one, other)}`

/** The first of those with the least. */
function leastOf<T>(all: readonly T[], sizeOf: (one: T) => number): T | undefined {
  let least: T | undefined
  for (const one of all) if (least === undefined || sizeOf(one) < sizeOf(least)) least = one
  return least
}

const shuffledBy = <T>(all: readonly T[], seed: number, what: string): readonly T[] =>
  [...shuffled(all.length, seeded(seed, what))].map((index) => all[index] as T)
