/** Which completions a judge or a person is shown side by side, and what the verdicts say of each. */
import { sameness } from '../../src-shared/prompts'
import type { Prompt } from '../../src-shared/records/turn'
import { textOf } from '../../src-shared/turn-texts'
import type { References, ScoredText } from './reward'

/** A text beside another of the same prompt: by index, or a reference. */
export interface Compared {
  readonly prompt: Prompt
  readonly index: number
  readonly completion: string
  /** Undefined: it is a reference, which is not scored. */
  readonly otherIndex?: number
  readonly other: string
}

/** @throws Error in words, when a prompt has no reference */
export const besideReferences = (texts: readonly ScoredText[], references: References): readonly Compared[] =>
  texts.map(({ prompt, completion }, index) => {
    const other = references.get(sameness(prompt))?.[0]
    if (other === undefined)
      throw new Error(`there is no reference beside the prompt “${textOf(prompt).slice(0, 80)}”`)
    return { prompt, index, completion, other }
  })

/** Those of a group beside one another, or where there are none, those of a prompt. */
export function besideEachOther(texts: readonly ScoredText[]): readonly Compared[] {
  const together = new Map<string, number[]>()
  for (const [index, { prompt, group }] of texts.entries()) {
    const key = group === undefined ? sameness(prompt) : `\0${group}`
    together.set(key, [...(together.get(key) ?? []), index])
  }
  return [...together.values()].flatMap((indexes) => ring(indexes, texts))
}

/** Each beside the next, and the last beside the first; two make one comparison, one alone none. */
const ring = (indexes: readonly number[], texts: readonly ScoredText[]): readonly Compared[] =>
  indexes.slice(0, indexes.length < 3 ? indexes.length - 1 : indexes.length).map((index, at) => {
    const otherIndex = indexes[(at + 1) % indexes.length] as number
    const { prompt, completion } = texts[index] as ScoredText
    return { prompt, index, completion, otherIndex, other: (texts[otherIndex] as ScoredText).completion }
  })

/**
 * The mean lead over the comparisons of each text; 0 for one that had none.
 * @param leads by comparison, 1 where the first was better, −1 where the other was
 */
export function meanLeads(
  count: number,
  comparisons: readonly Compared[],
  leads: readonly number[],
): readonly number[] {
  const sums = new Array<number>(count).fill(0)
  const times = new Array<number>(count).fill(0)
  for (const [at, { index, otherIndex }] of comparisons.entries()) {
    const lead = leads[at] as number
    for (const [each, signed] of [[index, lead] as const, [otherIndex, 0 - lead] as const]) {
      if (each === undefined) continue
      sums[each] = (sums[each] as number) + signed
      times[each] = (times[each] as number) + 1
    }
  }
  return sums.map((sum, index) => (sum === 0 ? 0 : sum / (times[index] as number)))
}
