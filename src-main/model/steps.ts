/**
 * Texts as a process reward model reads them: by steps, one a line, each tokenized by itself, so that a step ends
 * with a token of its own whatever follows.
 */
import type { ModelConfig, RewardModel, Tokenizer } from './model'
import { promptIdsOf, saidIn } from './rendering'
import { readText, type CompletedText, type ReadText } from './reading'

export interface ReadSteps extends ReadText {
  /** The token each step ends with, by index; of what is not finished the last one. */
  readonly stepEnds: readonly number[]
}

/** Lines that say something, each with the line ends around it; one step at least. */
export const splitSteps = (completion: string): readonly string[] =>
  completion.match(/\n*[^\n]+\n*/g) ?? [completion]

/** What a reward model reads of a text: with the ends of its steps where it scores them. */
export const readFor = (
  { config, tokenizer, head }: Pick<RewardModel, 'config' | 'tokenizer' | 'head'>,
  text: CompletedText,
  readPrompt: boolean,
): ReadText | ReadSteps =>
  head?.steps ? readSteps(config, tokenizer, text, readPrompt) : readText(config, tokenizer, text, readPrompt)

/** As `readText`; what does not fit loses its last steps. @throws UnknownCharacterError */
export function readSteps(
  config: ModelConfig,
  tokenizer: Tokenizer,
  { prompt, completion, hasEnded }: CompletedText,
  readPrompt: boolean,
): ReadSteps {
  const { contextTokens } = config
  const asked = readPrompt ? prompt : ''
  const before = promptIdsOf(tokenizer, asked)
  const steps = splitSteps(saidIn(asked, completion)).map((step) => [...tokenizer.encode(step)])
  if (hasEnded) steps.at(-1)?.push(tokenizer.endToken)
  const after = steps.flat()
  const tooMany = Math.max(0, before.length + after.length - contextTokens)
  const kept = before.subarray(Math.min(before.length, 1 + tooMany))
  const ids = Int32Array.of(before[0]!, ...kept, ...after)
  const promptTokens = Math.min(contextTokens, 1 + kept.length)
  return {
    ids: ids.slice(0, contextTokens),
    promptTokens,
    isCut: kept.length < before.length - 1 || ids.length > contextTokens,
    stepEnds: endsOf(steps, promptTokens, Math.min(contextTokens, ids.length)),
  }
}

/** Of the steps that begin before the text ends. */
function endsOf(steps: readonly (readonly number[])[], promptTokens: number, length: number): number[] {
  const ends: number[] = []
  let next = promptTokens
  for (const step of steps) {
    if (ends.length > 0 && next >= length) break
    next += step.length
    ends.push(Math.min(next, length) - 1)
  }
  return ends
}
