/**
 * What a model reads of a prompt and its completion: the one place where turns become ids, and where it is said
 * which of them are whose.
 *
 * A chat model reads one rendering of the whole conversation by its own template; a plain text that is put to it
 * is what its user says. A model without a template reads plain texts as they are, and turns in a named form.
 * A plain text after nothing is a text of its own for either.
 */
import type { Completion, Prompt } from '../../src-shared/records/turn'
import { chatExample, chatPromptIds } from './rendering/chat'
import { wordsOf } from './rendering/plain-form'
import { plainExample, plainPromptIds } from './rendering/plain'

export { plainCompletion, plainPrompt, plainText } from './rendering/plain'
import type { Rendered } from './rendering/rendered'
import { saidAfter } from './rendering/turns'
import type { Tokenizer } from './tokenizers/tokenizer'

export type { Rendered, Span } from './rendering/rendered'

/**
 * The ids a text starts with, up to where the model writes; at least one.
 * @throws RenderingError, UnknownCharacterError
 */
export const promptIdsOf = (tokenizer: Tokenizer, prompt: Prompt): Int32Array =>
  tokenizer.chat && prompt !== '' ? chatPromptIds(tokenizer.chat, prompt) : plainPromptIds(tokenizer, prompt)

/**
 * Prompt and completion as one.
 * @param hasEnded whether an end token is read after it; a template puts nothing after what has not ended
 * @throws RenderingError, UnknownCharacterError
 */
export function renderedExample(
  tokenizer: Tokenizer,
  prompt: Prompt,
  completion: Completion,
  hasEnded = true,
): Rendered {
  const { chat } = tokenizer
  if (!chat || (prompt === '' && typeof completion === 'string'))
    return plainExample(tokenizer, prompt, completion, hasEnded)
  return hasEnded
    ? chatExample(tokenizer, chat, prompt, completion)
    : unfinished(promptIdsOf(tokenizer, prompt), tokenizer.encode(saidIn(prompt, completion)))
}

function unfinished(before: Int32Array, after: Int32Array): Rendered {
  const ids = new Int32Array(before.length + after.length)
  ids.set(before)
  ids.set(after, before.length)
  return { ids, promptTokens: before.length, spoken: [{ from: before.length, to: ids.length }] }
}

/** What a completion says, as a model writes it that is asked the prompt. */
export const saidIn = (prompt: Prompt, completion: Completion): string =>
  typeof completion === 'string' ? saidAfter(prompt, completion) : completion.map(wordsOf).join('\n\n')
