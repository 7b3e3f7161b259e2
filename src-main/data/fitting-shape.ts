/** Which shape a file's rows have, told by its columns and its first row; or why none fits, and what would. */
import type { DatasetKind } from '../../src-shared/records/dataset'
import { shapes } from './shapes'
import { columnsIn, type Values } from './shapes/columns'
import type { Reading, RowShape } from './shapes/shape'

export interface Fitting {
  readonly shape: RowShape
  readonly reading: Reading<string>
}

const readings: readonly Fitting[] = shapes.flatMap((shape) =>
  shape.readings.map((reading) => ({ shape, reading })),
)

/** The first reading that fits; those that are only asked for come after all others. */
export function fittingReading(
  first: Values,
  found: readonly string[],
  wanted?: DatasetKind,
): Fitting | undefined {
  const fits = ({ shape, reading }: Fitting): boolean => {
    const columns = columnsIn(shape.names, found)
    const hasAll = reading.needs.every((meaning) => columns[meaning] !== undefined)
    return hasAll && (reading.fits?.(first, columns) ?? true)
  }
  const offered = readings.filter(({ reading }) => !reading.isOnlyAsked)
  if (wanted === undefined) return offered.find(fits)
  const asked = readings.filter(({ reading }) => reading.isOnlyAsked)
  return [...offered, ...asked].filter(({ reading }) => reading.kind === wanted).find(fits)
}

/** Why no reading fits, and what would. */
export function unfitting(found: readonly string[], wanted?: DatasetKind): string {
  const shown = found.slice(0, 12).map((name) => `"${name}"`)
  const there = shown.length === 0 ? 'no columns' : shown.join(', ')
  if (wanted !== undefined) return `as ${wanted} it needs ${waysOf(wanted).join(', or ')}; found ${there}`
  return `no known columns: found ${there}. ${missingPart(found) ?? `Name them ${listed(waysOf())}`}`
}

/** The columns of each way to have a dataset, of a kind or of any, as one would name them. */
function waysOf(kind?: DatasetKind): readonly string[] {
  const offered = readings.filter(
    ({ reading }) => !reading.isOnlyAsked && (kind === undefined || reading.kind === kind),
  )
  return [
    ...new Set(
      offered.map(({ shape, reading }) => reading.needs.map((each) => named(shape, each)).join(' and ')),
    ),
  ]
}

/** What is missing, when a part of what a shape needs is there. */
function missingPart(found: readonly string[]): string | undefined {
  for (const { shape, reading } of readings) {
    const columns = columnsIn(shape.names, found)
    const missing = reading.needs.filter((meaning) => columns[meaning] === undefined)
    if (missing.length > 0 && missing.length < reading.needs.length)
      return `${missing.map((meaning) => named(shape, meaning)).join(' and ')} is missing`
  }
  return undefined
}

const named = (shape: RowShape, meaning: string): string => `"${shape.names[meaning]?.[0] ?? meaning}"`

const listed = (ways: readonly string[]): string => `${ways.slice(0, -1).join('; ')}; or ${ways.at(-1) ?? ''}`
