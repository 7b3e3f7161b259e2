/** What is odd in a file: it is counted, and said in sentences at the end. */
import type { ExampleParts } from '../../src-shared/records/example'
import { countOf } from '../../src-shared/sizes'
import { isSpoken, textOf } from '../../src-shared/turn-texts'
import { conversationNotes } from './conversation-notes'
import type { Renamed } from './shapes/renamed-roles'
import { tallies, tally, type Counted, type Where } from './tally'

export interface Oddities {
  /**
   * @param place as a sentence names it, asked for where something is odd: "line 2"
   * @returns whether the example is kept
   */
  look(example: ExampleParts, place: Where): boolean
  /** @param reason as it follows "1 row" */
  leaveOut(reason: string, place: Where): void
  /** Names of who speaks that were read as others. */
  rename(renamed: readonly Renamed[], place: Where): void
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
      if (isSpoken(example)) conversations.look(example, place)
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

/** Characters of the examples that are remembered: those after them are not compared. */
const MOST_REMEMBERED = 1 << 25

/** Whether an example equals one before it. Most answers stand once: all is compared only of those that do not. */
function repeats(): (example: ExampleParts) => boolean {
  const seen = new Map<string, string | Set<string>>()
  let characters = 0
  return (example) => {
    if (characters > MOST_REMEMBERED) return false
    const answer = partText(example.completion ?? example.prompt)
    const text = asText(example)
    characters += text.length
    const before = seen.get(answer)
    if (before === undefined) {
      seen.set(answer, text)
      return false
    }
    const texts = typeof before === 'string' ? new Set([before]) : before
    if (texts.has(text)) return true
    seen.set(answer, texts.add(text))
    return false
  }
}

/** Equal for equal examples alone: no text of a file has the mark in it. */
function asText({ prompt, completion, rejected, label, candidates, steps }: ExampleParts): string {
  const texts = `${partText(prompt)}\0${partText(completion)}\0${partText(rejected)}`
  return `${texts}\0${partText(label)}\0${partText(candidates)}\0${partText(steps)}`
}

const partText = (part: unknown): string =>
  typeof part === 'string' ? part : part === undefined ? '' : JSON.stringify(part)

/** Of its texts, however they came. */
export const charactersOf = ({ prompt = '', completion = '', rejected = '' }: ExampleParts): number =>
  textOf(prompt).length + textOf(completion).length + textOf(rejected).length
