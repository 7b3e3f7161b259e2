/**
 * Where the words of all turns stand in a rendered conversation, found with one more rendering: each turn says a
 * mark of its own, and what stands between the marks must stand between the words, too.
 */
import type { Turn } from '../../../src-shared/records/turn'
import type { Told } from '../tokenizers/chat'
import { RenderingError } from '../tokenizers/rendering-error'

/** Characters `from` up to `to` of the rendered text. */
export interface TextSpan {
  readonly from: number
  readonly to: number
}

/** Characters that no text holds: they open and close a mark, and write its number. */
const [opens, closes, zero] = ['\uFDD0', '\uFDEF', 0xfdd1]
const marks = /\uFDD0([\uFDD1-\uFDDA]+)\uFDEF/gu

const markOf = (turn: number): string =>
  opens + [...String(turn)].map((digit) => String.fromCharCode(zero + Number(digit))).join('') + closes

/** @returns by turn; undefined where a template does more with the words than to trim them */
export function wordsInText(
  render: (told: Told) => string,
  whole: string,
  told: Told,
): readonly TextSpan[] | undefined {
  if (told.turns.some(({ reasoning, toolCalls }) => reasoning !== undefined || toolCalls)) return undefined
  const turns = told.turns.map((turn, place): Turn => ({ ...turn, content: markOf(place) }))
  const marked = renderedIfSo(render, { ...told, turns })
  if (marked === undefined) return undefined
  const found = [...marked.matchAll(marks)]
  if (found.length !== told.turns.length || found.some((mark, place) => mark[0] !== markOf(place)))
    return undefined
  const spans: TextSpan[] = []
  let at = found[0]?.index ?? 0
  if (!whole.startsWith(marked.slice(0, at))) return undefined
  for (const [place, mark] of found.entries()) {
    const after = marked.slice(mark.index + mark[0].length, found[place + 1]?.index)
    const words = saidIn(told.turns[place]!.content, (text) => whole.startsWith(text + after, at))
    if (words === undefined) return undefined
    spans.push({ from: at, to: at + words.length })
    at += words.length + after.length
  }
  return at === whole.length ? spans : undefined
}

/** Undefined where a template refuses what it was not told in earnest: some ask for a user, or read the words. */
export function renderedIfSo(render: (told: Told) => string, told: Told): string | undefined {
  try {
    return render(told)
  } catch (error) {
    if (!(error instanceof RenderingError)) throw error
    return undefined
  }
}

const saidIn = (content: string, isThere: (text: string) => boolean): string | undefined =>
  [content, content.trim(), content.trimStart(), content.trimEnd()].find(isThere)
