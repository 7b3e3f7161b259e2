/** Prompt and completion of a chat model: one rendering of the whole conversation by its own template. */
import type { Completion, Conversation, Prompt } from '../../../src-shared/records/turn'
import type { Told } from '../tokenizers/chat'
import { RenderingError } from '../tokenizers/rendering-error'
import type { Chat, Tokenizer } from '../tokenizers/tokenizer'
import { spokenTurns, type SpokenTurn } from './assistant-spans'
import { commonEnd, idsBeforeIn } from './boundaries'
import type { Rendered, Span } from './rendered'
import { conversationOf, turnsAfter } from './turns'

export function chatPromptIds(chat: Chat, prompt: Prompt): Int32Array {
  const told = guardedBy(chat, conversationOf(prompt))
  return chat.encode(renderedBy(chat, { ...told, opens: true }).text)
}

/** @throws RenderingError */
export function chatExample(
  tokenizer: Tokenizer,
  chat: Chat,
  prompt: Prompt,
  completion: Completion,
): Rendered {
  const before = conversationOf(prompt)
  const turns = [...before.turns, ...turnsAfter(prompt, completion)]
  const { text: whole, told } = renderedBy(chat, { ...guardedBy(chat, { ...before, turns }), opens: false })
  const first = before.turns.length - (turns.length - told.turns.length)
  const parts = partsOf(chat, whole, told, first).map((part) => ({ ...part, ids: chat.encode(part.text) }))
  const ids = Int32Array.from(parts.flatMap((part) => [...part.ids]))
  const found = parts.flatMap((part, place) => {
    const offset = place === 0 ? 0 : parts[0]!.ids.length
    const placeOf = idsBeforeIn(chat, part.text, part.ids)
    return part.found.map(({ turn, from, to, until }) => ({
      turn,
      from: offset + placeOf(from),
      to: offset + endIn(tokenizer, chat, part.ids.subarray(0, placeOf(until)), placeOf(to)),
    }))
  })
  const promptTokens = found.find(({ turn }) => turn >= first)!.from
  const spoken = found.map(({ from, to }): Span => ({ from, to }))
  return withEnd(tokenizer, chat, { ids, promptTokens, spoken })
}

/** A text that is cut into ids by itself, and the turns of the assistant in it. */
interface Part {
  readonly text: string
  readonly found: readonly SpokenTurn[]
}

/**
 * Most templates render a finished turn as they open it: the whole is one text. Where one does not, the model
 * learns to go on from what it is given when it writes: the opening, and behind it the turn.
 * @param first turn of the completion
 */
function partsOf({ template: { render } }: Chat, whole: string, told: Told, first: number): readonly Part[] {
  const wanted = told.turns.flatMap(({ role }, place) => (role === 'assistant' ? [place] : []))
  const found = spokenTurns(render, whole, told, wanted)
  const own = found.filter(({ turn }) => turn >= first)
  if (!own[0] || own[0].turn !== wanted.find((turn) => turn >= first))
    throw new RenderingError('its chat template leaves out what the assistant says')
  const asked = { ...told, turns: told.turns.slice(0, first), opens: true }
  const opening = render(asked)
  if (own[0].turn > first || whole.startsWith(opening)) return [{ text: whole, found }]
  const start = writtenFrom(whole, opening, own[0].from)
  const earlier = wanted.filter((turn) => turn < first)
  const moved = ({ turn, from, to, until }: SpokenTurn, place: number): SpokenTurn => ({
    turn,
    from: place === 0 ? 0 : from - start,
    to: to - start,
    until: until - start,
  })
  return [
    { text: opening, found: spokenTurns(render, opening, asked, earlier) },
    { text: whole.slice(start), found: own.map(moved) },
  ]
}

/** Where the model writes on after the opening: before the white space, too, that a template puts between. */
function writtenFrom(whole: string, opening: string, words: number): number {
  for (let start = words; start > 0; start--) {
    if (commonEnd(whole.slice(0, start), opening, 0) > 0) return start
    if (!/\s/.test(whole[start - 1]!)) break
  }
  return words
}

/** Behind the end token of a turn, or behind the special token that stands right after its words. */
function endIn(tokenizer: Tokenizer, chat: Chat, ids: Int32Array, end: number): number {
  const at = ids.subarray(end).findIndex((id) => isEnd(tokenizer, id))
  if (at >= 0) return end + at + 1
  return end < ids.length && chat.isSpecial(ids[end]!) ? end + 1 : end
}

/** Where a template writes no end at all, one is put: a model that learns from it would never end. */
function withEnd(tokenizer: Tokenizer, chat: Chat, rendered: Rendered): Rendered {
  const { ids, spoken } = rendered
  const last = spoken.at(-1)!
  const closing = ids[last.to - 1]
  if (last.to > last.from && (isEnd(tokenizer, closing!) || chat.isSpecial(closing!))) return rendered
  const ended = Int32Array.of(...ids, tokenizer.endToken)
  return { ...rendered, ids: ended, spoken: [...spoken.slice(0, -1), { ...last, to: ended.length }] }
}

const isEnd = ({ endToken, endTokens = [endToken] }: Tokenizer, id: number): boolean => endTokens.includes(id)

/** A template that knows no system message finds it at the head of the first message. */
function renderedBy(chat: Chat, told: Told): { readonly text: string; readonly told: Told } {
  try {
    return { text: chat.template.render(told), told }
  } catch (error) {
    const [first, second, ...later] = told.turns
    if (!(error instanceof RenderingError) || first?.role !== 'system' || second?.role !== 'user') throw error
    const merged = { ...second, content: `${first.content}\n\n${second.content}` }
    const without = { ...told, turns: [merged, ...later] }
    return { text: chat.template.render(without), told: without }
  }
}

/** Only the template's own special tokens count: those that a text spells out are letters. */
const guardedBy = (chat: Chat, conversation: Conversation): Conversation => ({
  ...conversation,
  turns: conversation.turns.map((turn) => ({
    ...turn,
    content: chat.guarded(turn.content),
    ...(turn.reasoning !== undefined && { reasoning: chat.guarded(turn.reasoning) }),
  })),
})
