/** What a shape of rows is: a row of the table in data/shapes.ts. */
import type { DatasetKind } from '../../../src-shared/records/dataset'
import type { ExampleParts } from '../../../src-shared/records/example'
import type { Columns, Values } from './columns'

/** `M` is what the shape's columns mean: `prompt`, `chosen` … */
export interface RowShape<M extends string = string> {
  readonly name: string
  /** What a column of each meaning may be called, in lower case: the first that a file has is taken. */
  readonly names: Readonly<Record<M, readonly string[]>>
  /** The datasets that such rows make, the most telling first. */
  readonly readings: readonly Reading<M>[]
}

/** One way of reading a row: what it must have, and how it becomes an example. */
export interface Reading<M extends string> {
  readonly kind: DatasetKind
  readonly needs: readonly M[]
  /** Taken only when a person asks for the kind. */
  readonly isOnlyAsked?: true
  /** Not named among the ways to have such a dataset: its columns are what others publish, not what one writes. */
  readonly isNotNamed?: true
  /** What the names of columns do not tell, asked of the first row. */
  readonly fits?: (first: Values, columns: Columns<M>) => boolean
  /** Those of the shape's columns that this reading reads, where it does not read all. */
  readonly uses?: (columns: Columns<M>, first: Values) => Columns<M>
  /** @throws RowProblem when the row lacks a part, or has one that is not what it should be */
  readonly read: (values: Values, columns: Columns<M>) => ExampleParts
}
