/** Filters over examples that a person wants again, in any dataset: kept by this browser, the newest first. */
import type { Ref } from 'vue'
import { filter as filterSchema } from '../../src-shared/dataset-schema'
import type { ExampleFilter } from '../../src-shared/records/example'
import { useKept } from './kept'

const most = 20

export interface KeptFilters {
  readonly all: Readonly<Ref<readonly ExampleFilter[]>>
  /** Keeps it, or forgets it where it is kept. */
  toggle(filter: ExampleFilter): void
}

export const isSameFilter = (one: ExampleFilter, other: ExampleFilter): boolean =>
  JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))

const sorted = (filter: ExampleFilter) => Object.entries(filter).toSorted(([a], [b]) => (a < b ? -1 : 1))

export function useKeptFilters(): KeptFilters {
  const all = useKept<readonly ExampleFilter[]>('filters', [], filtersIn)
  return {
    all,
    toggle: (filter) => {
      const others = all.value.filter((each) => !isSameFilter(each, filter))
      all.value = others.length < all.value.length ? others : [filter, ...others].slice(0, most)
    },
  }
}

/** What an older or newer studio kept and this one cannot say is passed over. */
function filtersIn(kept: unknown): readonly ExampleFilter[] | undefined {
  if (!Array.isArray(kept)) return undefined
  return kept.flatMap((each) => {
    const read = filterSchema.safeParse(each)
    return read.success ? [each as ExampleFilter] : []
  })
}
