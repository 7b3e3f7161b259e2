/**
 * What a person says that columns mean, laid over what their names say: `prompt` is the column "question", or
 * a part of a column, as "info.post" or "summaries.0.text".
 */
import type { ColumnMapping, ReadColumns } from '../../src-shared/records/dataset'
import { RowProblem } from './refuse'
import { shapes } from './shapes'
import { columnNames, type Values } from './shapes/columns'

/** What a column can be said to mean, and the name under which it is then read. */
export const meanings: ReadonlyMap<string, string> = new Map([
  ...shapes.flatMap(({ names }) =>
    Object.entries(names).map(([meaning, [name = meaning]]) => [meaning, name] as const),
  ),
  ['source', columnNames.source[0]],
  ['margin', columnNames.margin[0]],
])

/** What is mapped, in the order in which a row is rewritten. */
interface Mapped {
  readonly name: string
  readonly column: string
}

export interface LaidOver {
  /** The columns of the file that the mapping reads. */
  readonly columns: readonly string[]
  readonly apply: (values: Values) => Values
  /** By the file's own names again. */
  readonly named: (read: ReadColumns) => ReadColumns
}

/** @throws RowProblem when a meaning is none */
export function laidOver(mapping: ColumnMapping): LaidOver {
  const mapped = Object.entries(mapping).map(([meaning, column]): Mapped => {
    const name = meanings.get(meaning)
    if (name === undefined)
      throw new RowProblem(
        `a column cannot be read as "${meaning}"; there are ${[...meanings.keys()].join(', ')}`,
      )
    return { name, column }
  })
  const byName = new Map(mapped.map(({ name, column }) => [name, column]))
  const columns = mapped.flatMap(({ column }) => [column, ...beginnings(column)])
  return {
    columns,
    apply: (values) => applied(mapped, values),
    named: ({ read, unread }) => ({
      read: read.map((each) => ({ ...each, column: byName.get(each.column) ?? each.column })),
      unread,
    }),
  }
}

/** @throws RowProblem when a column that is mapped is not there */
export function refuseMissing(mapping: ColumnMapping, first: Values): void {
  for (const [meaning, column] of Object.entries(mapping))
    if (valueAt(first, column) === undefined)
      throw new RowProblem(
        `there is no column "${column}" to be read as ${meaning}; found ` +
          Object.keys(first)
            .map((name) => `"${name}"`)
            .join(', '),
      )
}

/** A column that has the name of a meaning and is not mapped to it stays, under a name that means nothing. */
const setAside = (name: string): string => `${name} (in the file)`

function applied(mapped: readonly Mapped[], values: Values): Values {
  const taken = new Set(mapped.flatMap(({ column }) => [column, ...beginnings(column)]))
  const names = new Set(mapped.map(({ name }) => name))
  const kept = Object.entries(values).flatMap(([column, value]) => {
    if (taken.has(column)) return []
    return [[names.has(column) ? setAside(column) : column, value] as const]
  })
  return Object.fromEntries([...kept, ...mapped.map(({ name, column }) => [name, valueAt(values, column)])])
}

/** "a.0.b" begins with the columns "a" and "a.0". */
const beginnings = (column: string): readonly string[] =>
  column
    .split('.')
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join('.'))

function valueAt(values: Values, column: string): unknown {
  if (Object.hasOwn(values, column)) return values[column]
  let value: unknown = values
  for (const part of column.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[part]
  }
  return value
}
