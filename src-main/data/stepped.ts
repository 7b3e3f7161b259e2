/**
 * Solutions with a label a step, put together out of rows that hold a beginning each: its label is that of its last
 * step. This is how process labels are made (Lightman et al. 2023; Wang et al. 2024): one step after the other.
 */
import { sameness } from '../../src-shared/prompts'
import type { Prompt } from '../../src-shared/records/turn'
import { saidIn } from '../model/rendering'
import type { RatedText } from './training-data'

export interface SteppedText {
  readonly prompt: Prompt
  /** What was said, as a model writes it. */
  readonly completion: string
  /** How likely each step is right, 0 … 1; undefined where nothing is said of it. */
  readonly labels: readonly (number | undefined)[]
}

/**
 * @param stepsOf the steps of a completion; joined they are the completion
 * @returns completions that are no beginning of another, each once
 */
export function steppedTexts(
  rated: readonly RatedText[],
  stepsOf: (completion: string) => readonly string[],
): readonly SteppedText[] {
  const said = rated.map(({ prompt, completion, rating }) => ({
    prompt,
    completion: saidIn(prompt, completion),
    rating,
  }))
  const ratings = new Map<string, number[]>()
  for (const { prompt, completion, rating } of said) {
    const key = keyOf(prompt, stepsOf(completion))
    ratings.set(key, [...(ratings.get(key) ?? []), rating])
  }
  const begun = new Set<string>()
  for (const { prompt, completion } of said) {
    const steps = stepsOf(completion)
    for (let count = 1; count < steps.length; count++) begun.add(keyOf(prompt, steps.slice(0, count)))
  }
  const taken = new Set<string>()
  return said.flatMap(({ prompt, completion }) => {
    const steps = stepsOf(completion)
    const key = keyOf(prompt, steps)
    if (begun.has(key) || taken.has(key)) return []
    taken.add(key)
    const labels = steps.map((_, index) => meanOf(ratings.get(keyOf(prompt, steps.slice(0, index + 1)))))
    return [{ prompt, completion, labels }]
  })
}

/** Line ends around steps say nothing. */
const keyOf = (prompt: Prompt, steps: readonly string[]): string =>
  JSON.stringify([sameness(prompt), ...steps.map((step) => step.trim())])

const meanOf = (ratings: readonly number[] | undefined): number | undefined =>
  ratings && ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length
