/** One column of one row group, row by row: what stands in its pages between one row's begin and the next's. */
import { LONGEST_ROW_CHARACTERS, tooLong } from '../text/lines'
import { RowProblem } from '../refuse'
import type { ReadAt } from '../source-file'
import { hybridValues, type Next } from './hybrid'
import { meaningOf } from './meaning'
import { pagesOf, type Chunk, type Page } from './pages'
import type { Node } from './schema'
import { dictionaryOf, isByDictionary, placesIn, valuesIn, type ValueType } from './values'

/** A value, or the absence of one, and the levels that say where it belongs. */
export interface Entry {
  readonly repetition: number
  readonly definition: number
  readonly value: unknown
}

export interface ColumnRows {
  /** The entries of the next row; none when the column has ended. */
  next(): Promise<readonly Entry[]>
  close(): Promise<void>
}

/** Values of one row: more are no conversation. */
const MOST_ENTRIES = 1_000_000

export function columnRows(file: ReadAt, leaf: Node, chunk: Chunk): ColumnRows {
  const entries = entriesOf(file, leaf, chunk)
  /** The first entry of the next row, where looking for it took it. */
  let ahead: Entry | undefined
  return {
    async next() {
      const first = ahead ?? entries.now() ?? (await entries.next())
      ahead = undefined
      if (first === undefined) return []
      if (leaf.repetition === 0) return [first]
      const row = [first]
      const room = { characters: 0 }
      for (
        let next = entries.now() ?? (await entries.next());
        next;
        next = entries.now() ?? (await entries.next())
      ) {
        weigh(room, row.at(-1))
        if (next.repetition === 0) {
          ahead = next
          break
        }
        if (row.push(next) > MOST_ENTRIES)
          throw new RowProblem(`"${leaf.path[0] ?? ''}" is a list of more than a million values`)
      }
      return row
    },
    close: entries.close,
  }
}

interface Entries {
  /** The next entry, where the page that is being read still has one. */
  now(): Entry | undefined
  /** The same, or from a page to come. */
  next(): Promise<Entry | undefined>
  close(): Promise<void>
}

function entriesOf(file: ReadAt, leaf: Node, chunk: Chunk): Entries {
  const pages = pagesOf(file, chunk)
  const read = pageReader(leaf)
  let entry: Next<Entry> | undefined
  let left = 0
  const now = (): Entry | undefined => {
    if (left === 0) return undefined
    left--
    return entry?.()
  }
  return {
    now,
    async next() {
      while (left === 0) {
        const { value: page, done } = await pages.next()
        if (done) return undefined
        entry = read(page)
        left = page.isDictionary ? 0 : page.entries
      }
      return now()
    },
    close: async () => void (await pages.return(undefined)),
  }
}

function weigh(room: { characters: number }, entry: Entry | undefined): void {
  const value = entry?.value
  room.characters += typeof value === 'string' ? value.length : 1
  if (room.characters > LONGEST_ROW_CHARACTERS) throw new RowProblem(tooLong)
}

/** Reads one page after the other of a column; a dictionary is kept for those that follow. */
function pageReader(leaf: Node): (page: Page) => Next<Entry> | undefined {
  const type: ValueType = { type: leaf.element.type ?? '', length: leaf.element.type_length ?? 0 }
  const mean = meaningOf(leaf.element)
  let raw: readonly Parameters<typeof mean>[0][] = []
  let meant: unknown[] = []
  /** Each value of the dictionary is made once. */
  const fromDictionary = (place: number): unknown => {
    const known = meant[place]
    if (known !== undefined) return known
    const value = raw[place]
    if (value === undefined) throw new Error('it names a value that its dictionary does not have')
    return (meant[place] = mean(value))
  }
  return (page) => {
    if (page.isDictionary) {
      raw = dictionaryOf(page, type)
      meant = []
      return undefined
    }
    const { repetition, definition } = leaf
    const repetitions = hybridValues(page.repetitions, bitsFor(repetition))
    const definitions = definition === 0 ? () => 0 : hybridValues(page.definitions, bitsFor(definition))
    const value = isByDictionary(page)
      ? valueBy(placesIn(page), fromDictionary)
      : valueBy(valuesIn(page, type), mean)
    return () => {
      const level = definitions()
      return {
        repetition: repetitions(),
        definition: level,
        value: level === definition ? value() : null,
      }
    }
  }
}

const valueBy =
  <T>(next: Next<T>, of: (value: T) => unknown): Next<unknown> =>
  () =>
    of(next())

const bitsFor = (level: number): number => 32 - Math.clz32(level)
