/**
 * Prompts that leave their model no room for a completion, left out or cut at their beginning, and counted. What runs
 * and label queues say of them is said here.
 */
import type { PromptRoom } from '../../../src-shared/recipes/long-prompts'
import type { Prompt } from '../../../src-shared/records/turn'
import { promptIdsOf } from '../rendering'
import type { Tokenizer } from '../tokenizers/tokenizer'
import { cutPrompt } from './cut-prompt'

export interface PromptReader {
  /** Infinity for a prompt that the model cannot read at all. */
  readonly tokensOf: (prompt: Prompt) => number
  readonly room: PromptRoom
  readonly isCut: boolean
}

export interface PromptFitter {
  /** The prompt, or its end; undefined where it is left out. What cannot be read at all stays: its reader says why. */
  fit(prompt: Prompt, row: number): Prompt | undefined
  /** What became of those that are too long, in a sentence; undefined where all fit. */
  said(): string | undefined
  /** Why none is left; undefined where one is. */
  whyNone(): string | undefined
}

export function promptFitter({ tokensOf, room, isCut }: PromptReader): PromptFitter {
  let all = 0
  let cut = 0
  const long: { readonly row: number; readonly tokens: number }[] = []
  const why = (): string => {
    const [first] = long
    return first === undefined
      ? ''
      : `more than ${room.most} tokens leave no room for a completion (the first is row ${first.row}, with ` +
          `${first.tokens})`
  }
  return {
    fit: (prompt, row) => {
      all++
      const tokens = tokensOf(prompt)
      if (!(tokens > room.most) || tokens === Infinity) return prompt
      long.push({ row, tokens })
      const end = isCut ? cutPrompt(prompt, room.cutTo, tokensOf) : undefined
      if (end !== undefined) cut++
      return end
    },
    said: () =>
      long.length === 0 ? undefined : saidOf({ all, cut, leftOut: long.length - cut }, why(), room),
    whyNone: () => (all > 0 && long.length - cut === all ? `has no prompt that fits: ${why()}` : undefined),
  }
}

interface Counts {
  readonly all: number
  readonly cut: number
  readonly leftOut: number
}

/** Of a prompt that is to be cut not even one character may fit, beside its template and its system turn. */
function saidOf({ all, cut, leftOut }: Counts, why: string, { cutTo }: PromptRoom): string {
  if (cut === 0) return `Left out: ${leftOut} of ${all} prompts; ${why}.`
  const others = leftOut > 0 ? ` Left out, for no end of them fits: ${leftOut} of ${all}.` : ''
  return `Cut at their beginning to ${cutTo} tokens: ${cut} of ${all} prompts; ${why}.${others}`
}

/** What trains on a prompt that cannot be read says why. */
export function tokensIn(tokenizer: Tokenizer, prompt: Prompt): number {
  try {
    return promptIdsOf(tokenizer, prompt).length - 1
  } catch {
    return Infinity
  }
}
