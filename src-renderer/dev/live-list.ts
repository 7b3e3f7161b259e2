/** A list in memory that says when it has changed. */
import type { Signal } from '../../src-shared/wire'
import { pause } from './sample-answers'

export interface LiveList<T extends { readonly id: string }> {
  readonly all: () => readonly T[]
  readonly put: (item: T) => void
  readonly remove: (id: string) => void
  /** The whole list now, and again after each change. */
  readonly watch: (signal: Signal) => AsyncIterable<readonly T[]>
}

/** A listener looks for changes this often. */
const lookMs = 100

export function liveList<T extends { readonly id: string }>(first: readonly T[]): LiveList<T> {
  let items = first
  return {
    all: () => items,
    put: (item) => {
      const index = items.findIndex(({ id }) => id === item.id)
      items = index < 0 ? [...items, item] : items.with(index, item)
    },
    remove: (id) => {
      items = items.filter((item) => item.id !== id)
    },
    async *watch(signal) {
      let seen: readonly T[] | undefined
      while (!signal.aborted) {
        if (seen !== items) yield (seen = items)
        await pause(lookMs, signal)
      }
    },
  }
}
