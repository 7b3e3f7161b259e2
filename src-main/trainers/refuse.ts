/**
 * What a trainer says no to before any work: data it cannot learn from. The same sentences stand beside the
 * input in the launch form.
 */
import { StudioFailure, type FieldProblem } from '../../src-shared/result'
import type { Tokenizer } from '../model/model'

/** @throws StudioFailure naming the recipe's input or setting */
export function refuse(field: string, problem: string): never {
  throw new StudioFailure({ kind: 'refused-settings', problems: [{ field, problem }] })
}

/** What a check refuses of settings and inputs; anything else it throws is a bug and goes on. */
export function problemsOf(check: () => void): readonly FieldProblem[] {
  try {
    check()
    return []
  } catch (error) {
    if (!(error instanceof StudioFailure) || error.error.kind !== 'refused-settings') throw error
    return error.error.problems
  }
}

/** @throws StudioFailure when there is nothing to learn from */
export function refuseEmpty(field: string, examples: readonly unknown[], what: string): void {
  if (examples.length === 0) refuse(field, `has no ${what}: choose a dataset with at least one`)
}

/** @throws StudioFailure naming the first text with a character the tokenizer does not know */
export function refuseUnknownCharacters(field: string, texts: Iterable<string>, tokenizer: Tokenizer): void {
  let row = 0
  for (const text of texts) {
    row++
    const problem = problemOf(() => tokenizer.encode(text))
    if (problem) refuse(field, `text ${row}: ${problem}`)
  }
}

/** @throws StudioFailure when a prompt leaves no position to write a completion in */
export function refuseLongPrompts(
  field: string,
  prompts: readonly string[],
  tokenizer: Tokenizer,
  contextTokens: number,
): void {
  for (const [place, prompt] of prompts.entries()) {
    const tokens = tokenizer.encodePrompt(prompt).length - 1
    if (tokens >= contextTokens)
      refuse(
        field,
        `text ${place + 1}: the prompt has ${tokens} tokens; this model reads ${contextTokens} tokens in ` +
          `all, so its prompts can have at most ${contextTokens - 1}`,
      )
  }
}

/** The message of an UnknownCharacterError; anything else is a bug and goes on. */
function problemOf(encode: () => unknown): string | undefined {
  try {
    encode()
    return undefined
  } catch (error) {
    if (error instanceof Error && error.name === 'UnknownCharacterError') return error.message
    throw error
  }
}
