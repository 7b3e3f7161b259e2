/**
 * A filter as SQL. What it stands on is the least that answers: the hits of the full-text index alone, the
 * narrow index `examples_facets` alone, or hits joined with their rows.
 */
import type { ExampleFilter } from '../../src-shared/records/example'
import { keyRange } from './example-keys'
import { ftsQuery, searchWords } from './search-words'
import type { SqlValue } from './handle'

export interface Matching {
  /** Column with the example's key. Rows come in its order. */
  readonly key: 'examples.id' | 'examples_search.rowid'
  /** `FROM … WHERE …` */
  readonly sql: string
  readonly values: readonly SqlValue[]
}

type Condition = readonly [sql: string, ...values: readonly SqlValue[]]

export function isEmptyFilter(filter: ExampleFilter): boolean {
  return (
    filter.search.trim() === '' && facetsOf(filter).length === 0 && markConditions(0, filter).length === 0
  )
}

/** @param needsRows whether the columns of `examples` are asked for beside the key */
export function matching(datasetKey: number, filter: ExampleFilter, needsRows = false): Matching {
  const { phrases, substrings } = searchWords(filter.search)
  const conditions = [
    ...facetsOf(filter),
    ...markConditions(datasetKey, filter),
    ...substrings.map((text): Condition => [`instr(${WHOLE_TEXT}, ?) > 0`, text]),
  ]
  const also = conditions.map(([sql]) => ` AND ${sql}`).join('')
  const values = [...keyRange(datasetKey), ...conditions.flatMap(([, ...own]) => own)]
  if (phrases.length === 0) {
    const index = substrings.length === 0 ? 'INDEXED BY examples_facets ' : ''
    return {
      key: 'examples.id',
      sql: `FROM examples ${index}WHERE examples.id BETWEEN ? AND ?${also}`,
      values,
    }
  }
  const rows =
    needsRows || conditions.length > 0 ? 'CROSS JOIN examples ON examples.id = examples_search.rowid ' : ''
  return {
    key: 'examples_search.rowid',
    sql:
      `FROM examples_search ${rows}WHERE examples_search MATCH ? AND examples_search.rowid BETWEEN ? AND ` +
      `?${also}`,
    values: [ftsQuery(phrases), ...values],
  }
}

const WHOLE_TEXT =
  "(coalesce(examples.prompt, '') || char(10) || coalesce(examples.completion, '') || char(10) || " +
  "coalesce(examples.rejected, ''))"

function facetsOf(filter: ExampleFilter): readonly Condition[] {
  const length = '(coalesce(prompt_characters, 0) + coalesce(completion_characters, 0))'
  const facets: readonly (Condition | undefined)[] = [
    filter.source === undefined ? undefined : ['source = ?', filter.source],
    filter.label === undefined ? undefined : ['label = ?', filter.label],
    filter.flaggedOnly ? ['is_flagged = ?', 1] : undefined,
    filter.minCharacters === undefined ? undefined : [`${length} >= ?`, filter.minCharacters],
    filter.maxCharacters === undefined ? undefined : [`${length} <= ?`, filter.maxCharacters],
  ]
  return facets.filter((each) => each !== undefined)
}

const EXCLUDED = 'SELECT example_id FROM marked_examples WHERE is_excluded = 1 AND example_id BETWEEN ? AND ?'
const TAGGED =
  'SELECT example_id FROM marked_examples WHERE example_id BETWEEN ? AND ? AND json_valid(tags) ' +
  'AND EXISTS (SELECT 1 FROM json_each(tags) WHERE json_each.value = ?)'

/** What people said of examples stands in a table of its own, which is short. */
function markConditions(datasetKey: number, { tag, isExcluded }: ExampleFilter): readonly Condition[] {
  const range = keyRange(datasetKey)
  return [
    ...(tag === undefined ? [] : [[`examples.id IN (${TAGGED})`, ...range, tag] as const]),
    ...(isExcluded === undefined
      ? []
      : [[`examples.id ${isExcluded ? '' : 'NOT '}IN (${EXCLUDED})`, ...range] as const]),
  ]
}
