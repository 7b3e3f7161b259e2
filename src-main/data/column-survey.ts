/** Which columns a file has, told by all of its rows: a column may be absent, or empty, for many of them. */
import type { RowBatch } from './rows'
import type { Values } from './shapes/columns'

export interface Survey {
  /** Columns with a value in any row, in the order in which they were found. */
  readonly found: readonly string[]
  /** The first value of each that says something. */
  readonly first: Values
  /** Columns that the file says it has and whose values were not asked for. */
  readonly unasked: readonly string[]
}

/** More names than any table has: a file whose names are values. */
export const MOST_COLUMNS = 10_000

export interface ColumnSurvey {
  look(batch: RowBatch): void
  /** How many columns were found. */
  columns(): number
  /** Those of them that mean something, as one text: as long as it is the same, rows are read alike. */
  decisive(): string
  result(): Survey
}

/** Says of a column that it is there, and nothing of what it holds. */
const isHollow = (value: unknown): boolean => value === '' || (Array.isArray(value) && value.length === 0)

/** @param meant those of a file's columns that mean something */
export function columnSurvey(meant: (found: readonly string[]) => readonly string[]): ColumnSurvey {
  const first = new Map<string, unknown>()
  /** Those whose value says something: of them nothing more is asked. */
  const said = new Set<string>()
  let told: readonly string[] | undefined
  let decided = { columns: 0, names: '' }
  return {
    look({ rows, columns }) {
      told ??= columns
      for (const { values } of rows) {
        for (const name in values) {
          if (said.has(name)) continue
          const value = values[name]
          if (value === null || value === undefined) continue
          if (!isHollow(value)) said.add(name)
          else if (first.has(name)) continue
          first.set(name, value)
        }
        if (first.size > MOST_COLUMNS) return
      }
    },
    columns: () => first.size,
    decisive() {
      if (decided.columns !== first.size)
        decided = {
          columns: first.size,
          names: meant([...first.keys()])
            .toSorted()
            .join('\n'),
        }
      return decided.names
    },
    result: () => ({
      found: [...first.keys()],
      first: Object.fromEntries(first),
      unasked: told?.filter((name) => !first.has(name)) ?? [],
    }),
  }
}
