/**
 * A row's values as the parts of an example. The first row decides what all are; a later row that lacks a
 * part refuses the file.
 */
import type { DatasetKind } from '../../src-shared/records/dataset'
import type { ExampleParts } from '../../src-shared/records/example'
import { fittingReading, unfitting } from './fitting-shape'
import { RowProblem } from './refuse'
import { shapes } from './shapes'
import { wellFormed } from './shapes/cells'
import { columnNames, columnsIn, type Values } from './shapes/columns'
import { labelIn, labelOf } from './shapes/labels'

export interface RowReader {
  readonly kind: DatasetKind
  /** @throws RowProblem */
  readonly read: (values: Values) => ExampleParts
}

/** @throws RowProblem, when the columns of the first row make no dataset of the wanted kind, or of any */
export function rowReader(first: Values, wanted?: DatasetKind): RowReader {
  const found = Object.keys(first).filter((name) => first[name] !== null && first[name] !== undefined)
  const fitting = fittingReading(first, found, wanted)
  if (!fitting) throw new RowProblem(unfitting(found, wanted))
  const { shape, reading } = fitting
  const columns = columnsIn(shape.names, found)
  const beside = besideReader(reading.kind, first, found)
  return {
    kind: reading.kind,
    read: (values) => ({ ...reading.read(values, columns), ...beside(values) }),
  }
}

/** The columns that mean something in any shape. */
export function meantColumns(found: readonly string[]): readonly string[] {
  const names = [besideNames, ...shapes.map((shape) => shape.names)]
  const meant = names.flatMap((each) => Object.values(columnsIn<string>(each, found)))
  return found.filter((name) => meant.includes(name))
}

/** Columns that may stand beside those of any shape. */
const besideNames = { source: columnNames.source, label: columnNames.label }

/** What stands beside any example: its source, and beside a demonstration a label, if the first row has one. */
function besideReader(
  kind: DatasetKind,
  first: Values,
  found: readonly string[],
): (values: Values) => Pick<ExampleParts, 'label' | 'source'> {
  const { source = 'source', label } = columnsIn(besideNames, found)
  const labelName =
    kind === 'demonstrations' && label !== undefined && labelIn(first[label]) !== undefined
      ? label
      : undefined
  return (values) => ({
    ...(labelName !== undefined && { label: labelOf(values, labelName) }),
    ...sourceOf(values[source]),
  })
}

function sourceOf(value: unknown): { readonly source?: string } {
  if (typeof value !== 'string' && typeof value !== 'number') return {}
  return value === '' ? {} : { source: wellFormed(String(value), 'source') }
}
