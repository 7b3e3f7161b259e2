/**
 * TER: the edits that make a text its reference (Snover et al. 2006, "A Study of Translation Edit Rate with Targeted
 * Human Annotation"). As sacrebleu's sentence_ter: capital letters do not count, punctuation is part of its word, and
 * moving a row of words is one edit, found greedily as Tercom does.
 */
import { alignedBy, editsBetween, type Alignment } from './edit-distance'
import { wordsOf } from './words'

/** Longest row of words that is moved, how far, and moves that are looked at for one text. */
const mostMoved = 10
const farthest = 50
const mostMoves = 1000

/**
 *   TER = edits / mean length of the references in words, with the edits to the nearest
 *
 * @returns 0 for the reference itself; above 1 where nearly all is different
 */
export function ter(text: string, references: readonly string[]): number {
  const words = wordsOf(text.toLowerCase())
  const all = references.map((reference) => wordsOf(reference.toLowerCase()))
  const edits = Math.min(...all.map((reference) => editsWithMoves(words, reference)))
  const length = all.reduce((sum, reference) => sum + reference.length, 0) / all.length
  return length > 0 ? edits / length : Math.min(edits, 1)
}

function editsWithMoves(text: readonly string[], reference: readonly string[]): number {
  if (reference.length === 0) return text.length
  let words = text
  let moves = 0
  let looked = 0
  for (;;) {
    const { best, tried } = bestMove(words, reference, looked)
    looked = tried
    if (looked >= mostMoves || !best || best.gain <= 0) break
    words = best.words
    moves++
  }
  return moves + editsBetween(words, reference).edits
}

interface Move {
  /** Edits that it saves. */
  readonly gain: number
  readonly length: number
  readonly from: number
  readonly to: number
  readonly words: readonly string[]
}

/** The move that saves most: the longest of those, then the earliest, then to the earliest place. */
function bestMove(
  words: readonly string[],
  reference: readonly string[],
  before: number,
): { readonly best: Move | undefined; readonly tried: number } {
  const { edits, trace } = editsBetween(words, reference)
  const alignment = alignedBy(trace)
  let best: Move | undefined
  let tried = before
  for (const row of commonRows(words, reference)) {
    if (!isWorthMoving(row, alignment)) continue
    for (const to of targetsOf(row, alignment)) {
      const moved = movedTo(words, row, to)
      const gain = edits - editsBetween(moved, reference).edits
      const move = { gain, length: row.length, from: row.from, to, words: moved }
      tried++
      if (!best || isBetter(move, best)) best = move
    }
    if (tried >= mostMoves) break
  }
  return { best, tried }
}

function isBetter(move: Move, best: Move): boolean {
  const leads = [move.gain - best.gain, move.length - best.length, best.from - move.from, best.to - move.to]
  return (leads.find((lead) => lead !== 0) ?? 0) > 0
}

/** A row of words that stands in both, at other places. */
interface Row {
  readonly from: number
  readonly inReference: number
  readonly length: number
}

function* commonRows(words: readonly string[], reference: readonly string[]): Generator<Row> {
  for (let from = 0; from < words.length; from++) {
    const first = Math.max(0, from - farthest)
    const last = Math.min(reference.length - 1, from + farthest)
    for (let inReference = first; inReference <= last; inReference++) {
      const most = Math.min(mostMoved, words.length - from, reference.length - inReference)
      for (let length = 1; length <= most; length++) {
        if (words[from + length - 1] !== reference[inReference + length - 1]) break
        yield { from, inReference, length }
      }
    }
  }
}

/** Where something is wrong at both its places, and it is not moved within itself. */
function isWorthMoving({ from, inReference, length }: Row, alignment: Alignment): boolean {
  const to = alignment.placeOf[inReference] as number
  return (
    alignment.wrongInText.slice(from, from + length).some(Boolean) &&
    alignment.wrongInReference.slice(inReference, inReference + length).some(Boolean) &&
    !(from <= to && to < from + length)
  )
}

/** Places before which the row may be put, each once. */
function* targetsOf({ inReference, length }: Row, { placeOf }: Alignment): Generator<number> {
  let last = -1
  for (let place = inReference - 1; place < inReference + length; place++) {
    const to = place === -1 ? 0 : (placeOf[place] as number) + 1
    if (to !== last) yield to
    last = to
  }
}

function movedTo(words: readonly string[], { from, length }: Row, to: number): readonly string[] {
  const row = words.slice(from, from + length)
  const rest = [...words.slice(0, from), ...words.slice(from + length)]
  const place = to > from + length ? to - length : to
  return [...rest.slice(0, place), ...row, ...rest.slice(place)]
}
