/** A text as its tokens come, ending before the first stop text; what may be the beginning of one waits. */
import type { Tokenizer } from '../model'

export interface Hearing {
  push(id: number): void
  /** Nothing more comes: what waited is shown, unless it is of a stop text. */
  end(): void
  /** What the last push, and the end after it, have added. */
  readonly shown: string
  /** All that was shown. */
  readonly text: string
  readonly isStopped: boolean
}

/**
 * @param stops none empty
 * @param before ids of what the text goes on from: decoded, and not shown
 */
export function hear(
  tokenizer: Tokenizer,
  stops: readonly string[],
  before: readonly number[] = [],
): Hearing {
  const decoder = tokenizer.openDecoder()
  for (const id of before) decoder.push(id)
  let waiting = ''
  const hearing = {
    shown: '',
    text: '',
    isStopped: false,
    push(id: number) {
      hearing.shown = ''
      take(decoder.push(id), false)
    },
    end: () => take(decoder.end(), true),
  }
  const take = (piece: string, isLast: boolean): void => {
    if (hearing.isStopped) return
    waiting += piece
    const stop = firstOf(waiting, stops)
    hearing.isStopped = stop !== undefined
    const ready = stop ?? (isLast ? waiting.length : waiting.length - unfinished(waiting, stops))
    hearing.shown += waiting.slice(0, ready)
    hearing.text += waiting.slice(0, ready)
    waiting = waiting.slice(ready)
  }
  return hearing
}

/** Where the first stop text begins. */
function firstOf(text: string, stops: readonly string[]): number | undefined {
  const places = stops.map((stop) => text.indexOf(stop)).filter((place) => place >= 0)
  return places.length === 0 ? undefined : Math.min(...places)
}

/** Letters at the end of a text that may become a stop text. */
function unfinished(text: string, stops: readonly string[]): number {
  let most = 0
  for (const stop of stops)
    for (let letters = Math.min(stop.length - 1, text.length); letters > most; letters--)
      if (text.endsWith(stop.slice(0, letters))) most = letters
  return most
}
