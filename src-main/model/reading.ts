/** What a reward model reads of a prompt and its completion. Its trainer and its reward read by the same function. */
import type { ModelConfig, Tokenizer } from './model'

export interface CompletedText {
  readonly prompt: string
  readonly completion: string
  /** Whether the completion ends by itself: an end token is read after it. */
  readonly hasEnded: boolean
}

export interface ReadText {
  readonly ids: Int32Array
  /** Whether something did not fit the context. */
  readonly isCut: boolean
}

/**
 * End token, prompt, completion, and the end token if it has ended; at most contextTokens ids. When that is too long the
 * prompt loses its beginning; when the completion alone is too long it loses its end, and no end token follows.
 * @throws UnknownCharacterError
 */
export function readText({ contextTokens }: ModelConfig, tokenizer: Tokenizer, { prompt, completion, hasEnded }: CompletedText, readPrompt: boolean): ReadText {
  const before = readPrompt ? [...tokenizer.encode(prompt)] : []
  const after = [...tokenizer.encode(completion), ...(hasEnded ? [tokenizer.endToken] : [])]
  const room = contextTokens - 1 - after.length
  const kept = room < before.length ? before.slice(before.length - Math.max(0, room)) : before
  const ids = Int32Array.of(tokenizer.endToken, ...kept, ...after)
  return { ids: ids.slice(0, contextTokens), isCut: kept.length < before.length || ids.length > contextTokens }
}
