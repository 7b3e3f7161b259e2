/** What completions are asked for: prompts that fit the model, and how long a text can become. */
import type { Prompt } from '../../src-shared/records/turn'
import type { FieldProblem } from '../../src-shared/result'
import type { LanguageModel } from '../model/model'
import { promptIdsOf } from '../model/rendering'
import { readEach, refuseLongPrompts } from './refuse'
import type { Found } from './trainer-row'

/**
 * Positions of the longest text there can be.
 * @throws StudioFailure when a prompt has an unknown character or leaves no room for a completion
 */
export function longestRollout(
  prompts: readonly Prompt[],
  { config, tokenizer }: LanguageModel,
  maxTokens: number,
): number {
  const promptTokens = readEach('prompts', prompts, (prompt) => promptIdsOf(tokenizer, prompt).length - 1)
  refuseLongPrompts('prompts', promptTokens, config.contextTokens)
  const longestPrompt = promptTokens.reduce((most, tokens) => Math.max(most, tokens), 0)
  return Math.min(longestPrompt + maxTokens, config.contextTokens)
}

/** Whether completions fit what the policy reads. */
export function lengthProblems(
  { maxTokens }: { readonly maxTokens: number },
  { models: { policy }, texts: { prompts } }: Found,
): readonly FieldProblem[] {
  if (!policy) return []
  const { contextTokens } = policy.config
  const longest = prompts?.promptTokens ?? 0
  if (longest + maxTokens <= contextTokens) return []
  const after = longest > 0 ? ` after a prompt of ${longest}` : ''
  const problem =
    `must be at most ${contextTokens - longest}: ${maxTokens} tokens${after} do not fit the ` +
    `${contextTokens} tokens this model reads`
  return [{ field: 'maxTokens', problem }]
}

export const tooManyParts = (completions: number): string =>
  `cannot be more than the ${completions} completions of a rollout`
