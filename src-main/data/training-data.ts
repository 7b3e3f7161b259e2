/** Examples as trainers take them. Pure mappings: which rows go in is all that is decided here. */
import type { Example } from '../../src-shared/records/example'
import type { Margin } from '../../src-shared/records/judgment'
import { sameness } from '../../src-shared/prompts'
import type { Completion, Prompt } from '../../src-shared/records/turn'
import { plainText, saidIn } from '../model/rendering'

export interface Demonstration {
  /** May be empty: the completion then starts from nothing. */
  readonly prompt: Prompt
  readonly completion: Completion
}

export interface PreferencePair {
  readonly prompt: Prompt
  readonly chosen: Completion
  readonly rejected: Completion
  /** By how much the chosen score should lead, in units of the setting `margin`. */
  readonly margin: number
}

export interface RatedText {
  readonly prompt: Prompt
  readonly completion: Completion
  readonly rating: number
}

type Parts = Pick<Example, 'prompt' | 'completion' | 'rejected' | 'label' | 'margin' | 'candidates' | 'steps'>

/**
 * Whole texts for pretraining; of a demonstration, the prompt and what follows it. Rows without a completion
 * are no text.
 */
export function texts(examples: Iterable<Parts>): string[] {
  return mapped(examples, ({ prompt = '', completion }) =>
    completion === undefined ? undefined : plainText(prompt, completion),
  )
}

/**
 * What to imitate. A text is the completion of an empty prompt.
 * @param label of a labelled row: only rows with this label; rows without a label always go in
 */
export function demonstrations(examples: Iterable<Parts>, label: 'all' | '0' | '1' = 'all'): Demonstration[] {
  const isWanted = (of: number | undefined): boolean =>
    label === 'all' || of === undefined || of === Number(label)
  return mapped(examples, ({ prompt = '', completion, label: of }) =>
    completion === undefined || !isWanted(of) ? undefined : { prompt, completion },
  )
}

/** How far apart the scores of a pair should be, by what was said of it: the smaller steps of Llama 2. */
const margins: Readonly<Record<Margin, number>> = { better: 1, slightly: 1 / 3 }

/** A file may say it as a number; where nothing more was said it is that of better. */
export const marginOf = (margin: Margin | number = 'better'): number =>
  typeof margin === 'number' ? margin : margins[margin]

/** `margin` is that of the verdict or of the file. */
export function preferencePairs(examples: Iterable<Parts>): PreferencePair[] {
  return mapped(examples, ({ prompt = '', completion, rejected, margin }) =>
    completion === undefined || rejected === undefined
      ? undefined
      : { prompt, chosen: completion, rejected, margin: marginOf(margin) },
  )
}

/**
 * Texts with a number each: of a ranking its candidates, of labelled steps the beginning that each ends, a line a step.
 * Rows without a label are left out.
 */
export function ratedTexts(examples: Iterable<Parts>): RatedText[] {
  return mapped(examples, (texts) => texts).flatMap(ratedIn)
}

function ratedIn({ prompt = '', completion, label, candidates, steps }: Parts): readonly RatedText[] {
  if (candidates)
    return candidates.map((each) => ({
      prompt,
      completion: each.completion,
      rating: each.score,
    }))
  if (steps)
    return steps.map((step, index) => ({
      prompt,
      completion: steps
        .slice(0, index + 1)
        .map(({ text }) => text)
        .join('\n'),
      rating: step.label,
    }))
  return completion === undefined || label === undefined ? [] : [{ prompt, completion, rating: label }]
}

/** The prompts as often as they stand in the examples: what is asked more often is drawn more often. */
export function prompts(examples: Iterable<Parts>): Prompt[] {
  return mapped(examples, ({ prompt }) => prompt)
}

/** By the sameness of a prompt: what is said beside it; none for a prompt that stands alone. */
export function references(examples: Iterable<Parts>): Map<string, string[]> {
  const byPrompt = new Map<string, string[]>()
  for (const { prompt, completion } of examples) {
    if (prompt === undefined) continue
    const found = byPrompt.get(sameness(prompt)) ?? []
    const said = completion === undefined ? undefined : saidIn(prompt, completion)
    if (said !== undefined && !found.includes(said)) found.push(said)
    byPrompt.set(sameness(prompt), found)
  }
  return byPrompt
}

function mapped<T>(examples: Iterable<Parts>, to: (example: Parts) => T | undefined): T[] {
  const made: T[] = []
  for (const example of examples) {
    const each = to(example)
    if (each !== undefined) made.push(each)
  }
  return made
}
