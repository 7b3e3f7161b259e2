/**
 * Two conversations whose turns stand in lists of their own, as in LMSYS' comparisons: `prompt` is what was asked, turn
 * by turn, and each response what was answered to it; as lists, or as lists in a text.
 */
import { unpacked } from './json-value'
import type { Side } from './winner'

/** undefined for what is not three lists of texts, equally long. */
export function besideTurns(
  asked: unknown,
  first: unknown,
  second: unknown,
): Readonly<Record<Side, readonly unknown[]>> | undefined {
  const [prompts, one, other] = [asked, first, second].map(textsIn)
  if (!prompts || !one || !other) return undefined
  if (prompts.length === 0 || one.length !== prompts.length || other.length !== prompts.length)
    return undefined
  const withAnswers = (answers: readonly string[]): readonly unknown[] =>
    prompts.flatMap((content, index) => [
      { role: 'user', content },
      { role: 'assistant', content: answers[index] ?? '' },
    ])
  return { first: withAnswers(one), second: withAnswers(other) }
}

/** A turn that was not answered says nothing. */
function textsIn(value: unknown): readonly string[] | undefined {
  const list = unpacked(value)
  if (!Array.isArray(list) || !list.every((each) => each === null || typeof each === 'string'))
    return undefined
  return list.map((each: string | null) => each ?? '')
}
