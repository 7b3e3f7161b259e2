/** How often something was seen in a file, and where first: a sentence at the end. */

/** Where something is, as a sentence names it: "line 2". Asked for the first of each alone. */
export type Where = () => string

/** A sentence by how many there are. */
export type Counted = (count: number) => string

export interface Tally {
  add(place: Where): void
  /** One sentence more after what was counted; nothing when there was none. */
  said(what: Counted, then: string): readonly string[]
}

export function tally(): Tally {
  let count = 0
  let first = ''
  return {
    add(place) {
      if (count++ === 0) first = place()
    },
    said: (what, then) => (count === 0 ? [] : [`${what(count)} (first: ${first}). ${then}`.trimEnd()]),
  }
}

export interface Tallies {
  count(what: string, place: Where): void
  said(sentence: (what: string) => Counted, then: string): readonly string[]
}

/** Kinds of things that are told apart: a file whose names are values would fill the window. */
const MOST_KINDS = 50

/** A tally for each thing that is counted. */
export function tallies(): Tallies {
  const all = new Map<string, Tally>()
  return {
    count(what, place) {
      if (all.size >= MOST_KINDS && !all.has(what)) return
      const counted = all.get(what) ?? tally()
      all.set(what, counted)
      counted.add(place)
    },
    said: (sentence, then) => [...all].flatMap(([what, counted]) => counted.said(sentence(what), then)),
  }
}
