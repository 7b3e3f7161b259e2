/** A filter as SQL: over the narrow index `examples_facets`, or, with a search, from the hits of the full-text index. */
import type { ExampleFilter } from '../../src-shared/records'
import { keyRange } from './example-keys'
import { ftsQuery, searchWords } from './search-words'
import type { SqlValue } from './database'

export interface Matching {
  /** `FROM … WHERE …`, with `examples` in it; in the order of the rows. */
  readonly sql: string
  readonly values: readonly SqlValue[]
}

export const isEmptyFilter = (filter: ExampleFilter): boolean => searchWords(filter.search).length === 0 && conditions(filter).length === 0

export function matching(datasetKey: number, filter: ExampleFilter): Matching {
  const words = searchWords(filter.search)
  const facets = conditions(filter)
  const also = facets.map(([condition]) => ` AND ${condition}`).join('')
  const values = [...keyRange(datasetKey), ...facets.map(([, value]) => value)]
  if (words.length === 0) return { sql: `FROM examples INDEXED BY examples_facets WHERE examples.id BETWEEN ? AND ?${also}`, values }
  return {
    sql: `FROM examples_search CROSS JOIN examples ON examples.id = examples_search.rowid
      WHERE examples_search MATCH ? AND examples_search.rowid BETWEEN ? AND ?${also}`,
    values: [ftsQuery(words), ...values],
  }
}

function conditions(filter: ExampleFilter): readonly (readonly [condition: string, value: SqlValue])[] {
  const length = '(coalesce(prompt_characters, 0) + coalesce(completion_characters, 0))'
  return [
    filter.source === undefined ? undefined : ['source = ?', filter.source] as const,
    filter.label === undefined ? undefined : ['label = ?', filter.label] as const,
    filter.flaggedOnly ? ['is_flagged = ?', 1] as const : undefined,
    filter.minCharacters === undefined ? undefined : [`${length} >= ?`, filter.minCharacters] as const,
    filter.maxCharacters === undefined ? undefined : [`${length} <= ?`, filter.maxCharacters] as const,
  ].filter((each) => each !== undefined)
}
