/**
 * Examples that are never trained on: drawn once by the run's seed, so that a resumed run holds out the same
 * ones. What is the same stands on one side: examples of one prompt, and equal ones, or else what is held out
 * measures what was learned by heart.
 */
import { seeded, shuffled } from '../maths/random'

export interface Split<T> {
  readonly trained: readonly T[]
  readonly heldOut: readonly T[]
  /** What one must know of it, in sentences. */
  readonly notes: readonly string[]
}

/** When two examples are the same. */
export interface Sameness<T> {
  /** Equal for examples of one prompt; undefined for one that has none. */
  readonly prompt: (example: T) => string | undefined
  /** Equal for equal examples. */
  readonly whole: (example: T) => string
}

/**
 * Splits examples at random, those of a prompt together; where a prompt has so many that more than twice the share
 * would be held out, equal ones together. At least one example is trained on; a positive share of two or more
 * different examples holds out at least one.
 *
 * @param fraction share that is held out, 0 … 0.5
 */
export function splitHeldOut<T>(
  examples: readonly T[],
  fraction: number,
  seed: number,
  same: Sameness<T>,
): Split<T> {
  const wanted = heldOutCount(examples.length, fraction)
  if (wanted < 1) return { trained: examples, heldOut: [], notes: [] }
  const byPrompt = grouped(examples, (each) => same.prompt(each) ?? same.whole(each))
  const ofPrompts = drawnGroups(byPrompt, wanted, seed)
  if (ofPrompts.size > 0) return split(examples, ofPrompts)
  const equal = grouped(examples, same.whole)
  const held = drawnGroups(equal, wanted, seed)
  return { ...split(examples, held), notes: [noteOf(held.size, byPrompt.length)] }
}

const noteOf = (held: number, prompts: number): string =>
  held > 0
    ? `There are ${prompts} different prompts: what is held out answers prompts that are trained on, too.`
    : 'Nothing is held out: the examples are too much alike for some to be kept apart from the others.'

const split = <T>(examples: readonly T[], held: ReadonlySet<number>): Split<T> => ({
  trained: examples.filter((_, index) => !held.has(index)),
  heldOut: examples.filter((_, index) => held.has(index)),
  notes: [],
})

/** The examples of each key, by index, in the order of their first. */
function grouped<T>(examples: readonly T[], keyOf: (example: T) => string): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>()
  for (const [index, each] of examples.entries()) {
    const key = keyOf(each)
    const group = groups.get(key)
    if (group) group.push(index)
    else groups.set(key, [index])
  }
  return [...groups.values()]
}

/** Whole groups at random until so many examples are drawn; none that would make them more than twice as many. */
function drawnGroups(groups: readonly (readonly number[])[], wanted: number, seed: number): Set<number> {
  const drawn = new Set<number>()
  for (const index of shuffled(groups.length, seeded(seed, 'held-out')).subarray(0, groups.length - 1)) {
    if (drawn.size >= wanted) break
    const group = groups[index] as readonly number[]
    if (drawn.size + group.length <= 2 * wanted) for (const each of group) drawn.add(each)
  }
  return drawn
}

/** How many of so many different examples are held out; of prompts with several, up to twice as many. */
export function heldOutCount(examples: number, fraction: number): number {
  const wanted = fraction === 0 ? 0 : Math.max(1, Math.round(examples * fraction))
  return Math.max(0, Math.min(wanted, examples - 1))
}
