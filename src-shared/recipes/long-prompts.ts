/** What becomes of a prompt that leaves a model no room to answer: one choice for every recipe that has prompts. */
import { choice, type SettingsValues } from '../fields'
import type { Prompt } from '../records/turn'
import type { DatasetInput } from './recipe'

export const longPromptChoices = ['leave-out', 'cut', 'refuse'] as const

/** Of the prompts of a label queue or an arena: what cannot be answered is not asked, or its end is. */
export const longPromptsInQueues = ['leave-out', 'cut'] as const

export const longPromptsField = {
  longPrompts: choice(longPromptChoices, {
    group: 'Data',
    default: 'leave-out',
    doc:
      'Of prompts that leave the model no room for a completion: left out, and counted in the log; cut at their ' +
      'beginning, the oldest turns first, to half of what it reads (where completions are written, to what they ' +
      'leave); or the run is refused.',
  }),
} as const

/** How many tokens a prompt of an input may have, and to how many it is cut. */
export interface PromptRoom {
  readonly most: number
  readonly cutTo: number
}

/** @param contextTokens tokens that the model of the input reads, prompt and completion */
export function promptRoom(
  { reads }: Pick<DatasetInput, 'reads'>,
  { maxTokens }: SettingsValues,
  contextTokens: number,
): PromptRoom {
  const left = contextTokens - Number(maxTokens)
  const isWritten = reads.length === 1 && left > 0
  return isWritten
    ? { most: left, cutTo: left }
    : { most: contextTokens - 1, cutTo: Math.ceil(contextTokens / 2) }
}

/**
 * Of a label queue or an arena: whatever leaves room for a token can be asked, its completion then ends with the
 * context; what does not is cut so that all of a completion fits.
 */
export const askedRoom = (maxTokens: number, contextTokens: number): PromptRoom => ({
  ...promptRoom({ reads: ['prompt'] }, { maxTokens }, contextTokens),
  most: contextTokens - 1,
})

/**
 * What of a prompt must leave room: all of it; where every turn of the assistant is learned, what stands before the
 * first of them.
 */
export function mustFit(prompt: Prompt, { turns: learned }: SettingsValues): Prompt {
  if (typeof prompt === 'string' || learned !== 'all') return prompt
  const first = prompt.turns.findIndex(({ role }) => role === 'assistant')
  if (first === 0) return ''
  return first < 0 ? prompt : { ...prompt, turns: prompt.turns.slice(0, first) }
}

/** Whether a run goes on without a prompt that is too long, or with its end. */
export const takesLongPrompts = ({ longPrompts }: SettingsValues): boolean =>
  longPrompts === 'leave-out' || longPrompts === 'cut'
