/**
 * What a reward model reads of a prompt and its completion. Its trainer and its reward read by the same
 * function.
 */
import type { ModelConfig, Tokenizer } from './model'

export interface CompletedText {
  readonly prompt: string
  readonly completion: string
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
  const before = tokenizer.encodePrompt(readPrompt ? prompt : '')
  const after = tokenizer.encodeCompletion(completion)
  const afterTokens = after.length + (hasEnded ? 1 : 0)
  const tooMany = Math.max(0, before.length + afterTokens - contextTokens)
  const kept = before.subarray(Math.min(before.length, 1 + tooMany))
  const ids = new Int32Array(1 + kept.length + afterTokens)
  ids[0] = before[0]!
  ids.set(kept, 1)
  ids.set(after, 1 + kept.length)
  if (hasEnded) ids[ids.length - 1] = tokenizer.endToken
  return {
    ids: ids.slice(0, contextTokens),
    promptTokens: Math.min(contextTokens, 1 + kept.length),
    isCut: kept.length < before.length - 1 || ids.length > contextTokens,
  }
}
