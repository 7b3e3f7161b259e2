/**
 * What a reward model reads of a prompt and its completion. Its trainer and its reward read by the same
 * function.
 */
import type { Completion, Prompt } from '../../src-shared/records/turn'
import type { ModelConfig, Tokenizer } from './model'
import { renderedExample } from './rendering'

export interface CompletedText {
  readonly prompt: Prompt
  readonly completion: Completion
  /** Whether the completion ends by itself: an end token is read after it. */
  readonly hasEnded: boolean
}

export interface ReadText {
  readonly ids: Int32Array
  /** How many of the ids are the prompt's, the begin token counted. */
  readonly promptTokens: number
  /** Whether something did not fit the context. */
  readonly isCut: boolean
}

/**
 * Begin token, prompt, completion, and the end token if it has ended; at most contextTokens ids. When that is
 * too long the prompt loses its beginning, but not its begin token; when the completion alone is too long it
 * loses its end, and no end token follows.
 * @throws UnknownCharacterError
 */
export function readText(
  { contextTokens }: ModelConfig,
  tokenizer: Tokenizer,
  { prompt, completion, hasEnded }: CompletedText,
  readPrompt: boolean,
): ReadText {
  const { ids, promptTokens } = renderedExample(tokenizer, readPrompt ? prompt : '', completion, hasEnded)
  const tooMany = Math.max(0, ids.length - contextTokens)
  const lost = Math.min(promptTokens - 1, tooMany)
  const kept = lost === 0 ? ids : Int32Array.of(ids[0]!, ...ids.subarray(1 + lost))
  return {
    ids: kept.slice(0, contextTokens),
    promptTokens: Math.min(contextTokens, promptTokens - lost),
    isCut: tooMany > 0,
  }
}
