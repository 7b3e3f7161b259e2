/** Prompt and completion of a model without a chat template: texts as they are, turns in a named form. */
import type { Completion, Prompt, Turn } from '../../../src-shared/records/turn'
import type { Tokenizer } from '../tokenizers/tokenizer'
import { idsBefore } from './boundaries'
import { formOf, plainForms, wordsOf, type PlainForm } from './plain-form'
import type { Rendered, Span } from './rendered'
import { answered, conversationOf } from './turns'

interface PlainText {
  readonly text: string
  /** Characters that an assistant wrote. */
  readonly spoken: readonly Span[]
}

export const plainPromptIds = (tokenizer: Tokenizer, prompt: Prompt): Int32Array =>
  tokenizer.encodeFirst(promptText(prompt, formOf(tokenizer)).text)

export function plainExample(
  tokenizer: Tokenizer,
  prompt: Prompt,
  completion: Completion,
  hasEnded: boolean,
): Rendered {
  const isSpoken = typeof completion !== 'string'
  const form = formOf(tokenizer)
  const before = promptText(isSpoken ? conversationOf(prompt) : prompt, form)
  const after = isSpoken ? writtenAfter(completion, form) : { text: completion, spoken: [] }
  const start = tokenizer.encodeFirst(before.text)
  const rest = tokenizer.encode(after.text)
  const ids = new Int32Array(start.length + rest.length + (hasEnded ? 1 : 0)).fill(tokenizer.endToken)
  ids.set(start)
  ids.set(rest, start.length)
  const spoken = [
    ...spansInFirst(tokenizer, before, start),
    ...(isSpoken
      ? spansOf(tokenizer, after, rest, start.length)
      : [{ from: start.length, to: start.length + rest.length }]),
  ]
  const isClosed = hasEnded && spoken.at(-1)?.to === ids.length - 1
  return {
    ids,
    promptTokens: start.length,
    spoken: isClosed ? [...spoken.slice(0, -1), { ...spoken.at(-1)!, to: ids.length }] : spoken,
  }
}

function spansInFirst(tokenizer: Tokenizer, first: PlainText, ids: Int32Array): readonly Span[] {
  if (first.spoken.length === 0) return []
  const head = ids.length - tokenizer.encode(first.text).length
  return spansOf(tokenizer, first, ids.subarray(head), head)
}

const spansOf = (
  { encode }: Tokenizer,
  { text, spoken }: PlainText,
  ids: Int32Array,
  offset: number,
): readonly Span[] =>
  spoken.map((span) => ({
    from: offset + idsBefore(encode, text, ids, span.from),
    to: offset + idsBefore(encode, text, ids, span.to),
  }))

function promptText(prompt: Prompt, form = plainForms.transcript): PlainText {
  if (typeof prompt === 'string') return { text: prompt, spoken: [] }
  const written = writtenTurns(form, prompt.turns, '')
  return { ...written, text: written.text + form.opening }
}

/** The turns after a prompt, which ends where the first of them begins. */
function writtenAfter(turns: readonly Turn[], form = plainForms.transcript): PlainText {
  const [first, ...later] = answered(turns)
  const words = first ? form.words(first) : ''
  const written = writtenTurns(form, later, words)
  return { ...written, spoken: [{ from: 0, to: words.length }, ...written.spoken] }
}

function writtenTurns(form: PlainForm, turns: readonly Turn[], start: string): PlainText {
  const spoken: Span[] = []
  let text = start
  for (const [place, turn] of turns.entries()) {
    if (turn.role === 'assistant') {
      text += form.opening
      spoken.push({ from: text.length, to: text.length + form.words(turn).length })
      text += form.words(turn)
    } else text += form.before(turn, text === '' ? place : place + 1) + wordsOf(turn)
  }
  return { text, spoken }
}

/** A prompt as a model without a template reads it. */
export const plainPrompt = (prompt: Prompt): string => promptText(prompt).text

/** The same of a completion. */
export const plainCompletion = (completion: Completion): string =>
  typeof completion === 'string' ? completion : writtenAfter(completion).text

/** Both as one text of no one in particular, for a model that learns texts. */
export const plainText = (prompt: Prompt, completion: Completion): string =>
  plainPrompt(prompt) + plainCompletion(completion)
