/** What is odd in a file and kept all the same: it is counted, and said in sentences at the end. */
import type { ExampleParts } from '../../src-shared/records/example'

export interface Oddities {
  /** @param place as a sentence names it: "line 2" */
  look(example: ExampleParts, place: string): void
  notes(): readonly string[]
}

/** Begins with none. Pairs whose sides are the same teach nothing, but they are what the file says. */
export function noOddities(): Oddities {
  let same = 0
  let firstPlace = ''
  return {
    look(example, place) {
      if (example.rejected === undefined || example.rejected !== example.completion) return
      if (same++ === 0) firstPlace = place
    },
    notes: () => (same === 0 ? [] : [samePairs(same, firstPlace)]),
  }
}

function samePairs(count: number, firstPlace: string): string {
  const pairs = count === 1 ? '1 pair has' : `${count.toLocaleString('en')} pairs have`
  return (
    `${pairs} the same text as chosen and rejected (first: ${firstPlace}). Kept; nothing is learned from ` +
    `${count === 1 ? 'it' : 'them'}.`
  )
}
