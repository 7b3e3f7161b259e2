/**
 * Conversations as prompt and completion: the one place where turns become text. All end up in the transcript
 * form of hh-rlhf (Bai et al. 2022): turns begin with "\n\nHuman:" and "\n\nAssistant:", a prompt ends with
 * "\n\nAssistant:", and a completion begins with the space after it.
 */
import { RowProblem } from '../refuse'
import type { Turn } from './turns'

const ASSISTANT = '\n\nAssistant:'

export interface Preference {
  readonly prompt: string
  readonly chosen: string
  readonly rejected: string
}

/** The last assistant turn and all that comes before it. @throws RowProblem, when no assistant speaks */
export function demonstrationOf(
  turns: readonly Turn[],
  name: string,
): { readonly prompt: string; readonly completion: string } {
  const last = turns.findLastIndex((turn) => turn.role === 'assistant')
  if (last < 0) throw new RowProblem(`"${name}" has no assistant turn to learn from`)
  return {
    prompt: promptOf(turns.slice(0, last)),
    completion: completionOf(turns.slice(last, last + 1)),
  }
}

/**
 * Two conversations that begin alike: split before the assistant turn in which they part.
 * @throws RowProblem, when they part elsewhere
 */
export function preferenceOf(chosen: readonly Turn[], rejected: readonly Turn[]): Preference {
  let common = 0
  while (common < Math.min(chosen.length, rejected.length) && isSame(chosen[common], rejected[common]))
    common++
  while (common > 0 && !(chosen[common]?.role === 'assistant' && rejected[common]?.role === 'assistant'))
    common--
  if (chosen[common]?.role !== 'assistant' || rejected[common]?.role !== 'assistant')
    throw new RowProblem(
      '"chosen" and "rejected" part before an assistant turn: they do not continue the same prompt',
    )
  return {
    prompt: common === 0 ? '' : promptOf(chosen.slice(0, common)),
    chosen: completionOf(chosen.slice(common)),
    rejected: completionOf(rejected.slice(common)),
  }
}

/**
 * Two hh-rlhf transcripts: split at the last "\n\nAssistant:" that both have before they part.
 * @throws RowProblem
 */
export function splitTranscripts(chosen: string, rejected: string): Preference {
  let common = 0
  while (common < chosen.length && common < rejected.length && chosen[common] === rejected[common]) common++
  const turn = chosen.slice(0, common).lastIndexOf(ASSISTANT)
  if (turn < 0)
    throw new RowProblem(
      '"chosen" and "rejected" part before the first "Assistant:": they do not continue the same prompt',
    )
  const end = turn + ASSISTANT.length
  return { prompt: chosen.slice(0, end), chosen: chosen.slice(end), rejected: rejected.slice(end) }
}

export const isTranscript = (text: string): boolean => text.includes('\n\nHuman:') && text.includes(ASSISTANT)

export const promptOf = (turns: readonly Turn[]): string => `${turns.map(turnText).join('')}${ASSISTANT}`

/** The turns after a prompt: the first, an assistant's, as it is; any later ones as turns. */
export const completionOf = ([first, ...later]: readonly Turn[]): string =>
  ` ${first?.content ?? ''}${later.map(turnText).join('')}`

const turnText = ({ role, content }: Turn): string =>
  role === 'system' ? content : `\n\n${role === 'user' ? 'Human' : 'Assistant'}: ${content}`

const isSame = (a: Turn | undefined, b: Turn | undefined): boolean =>
  a?.role === b?.role && a?.content === b?.content
