/**
 * Where the assistant's turns stand in a rendered conversation.
 *
 * A template is a program and says nowhere which part of its text is whose. So the conversation is rendered
 * again: up to the turn, where the model begins to write, and once more with other words in the turn, which
 * shows where its own begin and end. That holds for templates, too, whose text of an earlier turn depends on
 * what comes later (Qwen3 drops thoughts once the user has spoken again): what is looked for are places in the
 * one rendering of the whole.
 */
import type { Turn } from '../../../src-shared/records/turn'
import type { Told } from '../tokenizers/chat'
import { commonEnd, commonStart } from './boundaries'
import { renderedIfSo, wordsInText, type TextSpan } from './words-in-text'

export interface SpokenTurn extends TextSpan {
  /** Place among the turns. */
  readonly turn: number
  /** Up to here reaches what the template puts after the turn: the next turn's words begin. */
  readonly until: number
}

type Render = (told: Told) => string

/** A character that no text holds. */
const probe = '\uFDD0'

/**
 * @param whole the rendering of all turns
 * @param wanted places of the assistant's turns that are looked for, in order; one that the template leaves out
 *   is not among the found ones
 */
export function spokenTurns(
  render: Render,
  whole: string,
  told: Told,
  wanted: readonly number[],
): readonly SpokenTurn[] {
  const { turns } = told
  const aligned = wordsInText(render, whole, told)
  const wordsOf = (turn: number): TextSpan | undefined =>
    aligned?.[turn] ?? wordsAt(render, whole, told, turn)
  return wanted.flatMap((turn) => {
    const words = wordsOf(turn)
    if (!words) return []
    const before = renderedIfSo(render, { ...told, turns: turns.slice(0, turn), opens: true })
    const from = before !== undefined && whole.startsWith(before) ? before.length : words.from
    const next = turn + 1 < turns.length ? wordsOf(turn + 1) : undefined
    return [{ turn, from, to: Math.max(from, words.to), until: next?.from ?? whole.length }]
  })
}

/** Where the words of a turn stand; undefined where the template leaves them out. */
function wordsAt(render: Render, whole: string, told: Told, place: number): TextSpan | undefined {
  const turns = told.turns.map((turn, index) => (index === place ? otherWords(turn) : turn))
  const other = renderedIfSo(render, { ...told, turns })
  if (other === undefined || other === whole) return undefined
  const from = commonStart(whole, other)
  return { from, to: whole.length - commonEnd(whole, other, from) }
}

/** The turn with nothing in it that was in it. */
const otherWords = ({ reasoning, toolCalls, ...turn }: Turn): Turn => ({
  ...turn,
  content: probe,
  ...(reasoning !== undefined && { reasoning: probe }),
  ...(toolCalls && { toolCalls: toolCalls.map((call) => ({ ...call, name: probe, arguments: {} })) }),
})
