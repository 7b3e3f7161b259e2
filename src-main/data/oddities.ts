/** What is odd in a file: it is counted, and said in sentences at the end. */
import type { ExampleParts } from '../../src-shared/records/example'
import { countOf } from '../../src-shared/sizes'
import { textOf } from '../../src-shared/turn-texts'
import { conversationNotes } from './conversation-notes'
import type { Renamed } from './shapes/renamed-roles'
import { tallies, tally, type Counted } from './tally'

export interface Oddities {
  /**
   * @param place as a sentence names it: "line 2"
   * @returns whether the example is kept
   */
  look(example: ExampleParts, place: string): boolean
  /** @param reason as it follows "1 row" */
  leaveOut(reason: string, place: string): void
  /** Names of who speaks that were read as others. */
  rename(renamed: readonly Renamed[], place: string): void
  notes(): readonly string[]
}

/** Begins with none. Pairs whose sides are the same, or empty, teach nothing. */
export function noOddities(): Oddities {
  const same = tally()
  const empty = tally()
  const again = tally()
  const reasons = tallies()
  const isKnown = repeats()
  const conversations = conversationNotes()
  return {
    leaveOut: reasons.count,
    rename: conversations.rename,
    look(example, place) {
      if (isEmptySided(example)) {
        empty.add(place)
        return false
      }
      if (isSame(example)) {
        same.add(place)
        return false
      }
      if (isKnown(example)) again.add(place)
      conversations.look(example, place)
      return true
    },
    notes: () => [
      ...reasons.said(rowsThat, 'Left out.'),
      ...same.said(
        pairsWith('the same text as chosen and rejected'),
        'Left out: nothing is learned from such a pair.',
      ),
      ...empty.said(pairsWith('an empty text on one side'), 'Left out.'),
      ...again.said(
        (count) => `${countOf(count, 'row')} ${count === 1 ? 'equals a row' : 'equal rows'} above`,
        'Kept; all stand on one side of a split.',
      ),
      ...conversations.notes(),
    ],
  }
}

const rowsThat =
  (reason: string): Counted =>
  (count) =>
    `${countOf(count, 'row')} ${count === 1 ? reason : reason.replace(/^has/, 'have')}`

const pairsWith =
  (what: string): Counted =>
  (count) =>
    `${countOf(count, 'pair')} ${count === 1 ? 'has' : 'have'} ${what}`

const isEmptySided = ({ completion, rejected }: ExampleParts): boolean =>
  rejected !== undefined && (isBlank(completion) || isBlank(rejected))

const isBlank = (side: ExampleParts['completion']): boolean =>
  side !== undefined && textOf(side).trim() === ''

function isSame({ completion, rejected }: ExampleParts): boolean {
  if (rejected === undefined) return false
  return typeof rejected === 'string'
    ? rejected === completion
    : JSON.stringify(rejected) === JSON.stringify(completion)
}

/** Characters of the rows that are remembered: rows after them are not compared. */
const MOST_REMEMBERED = 1 << 25

/** Whether an example equals one before it. */
function repeats(): (example: ExampleParts) => boolean {
  const seen = new Set<string>()
  let characters = 0
  return (example) => {
    if (characters > MOST_REMEMBERED) return false
    const text = asText(example)
    if (seen.has(text)) return true
    seen.add(text)
    characters += text.length
    return false
  }
}

/** Equal for equal examples alone: no text of a file has the mark in it. */
function asText({ prompt, completion, rejected, label, candidates, steps }: ExampleParts): string {
  return [prompt, completion, rejected, label, candidates, steps]
    .map((part) => (typeof part === 'object' ? JSON.stringify(part) : String(part ?? '')))
    .join('\0')
}
