/** What a form of exported rows is: a row of the table in export-forms.ts. */
import type { Example } from '../../../src-shared/records/example'
import type { Json } from '../../../src-shared/records/turn'
import { RowProblem } from '../refuse'

export type Parts = Pick<
  Example,
  'prompt' | 'completion' | 'rejected' | 'label' | 'margin' | 'candidates' | 'steps' | 'source'
>

export type WrittenRow = Readonly<Record<string, Json>>

export type ExportForm = {
  /** As people call it. */
  readonly title: string
} & (EachAlone | Joining)

/** What any example of a dataset has: all rows are then written with it, for a column has a value in each. */
export interface AnyOf {
  /** Turns: plain texts are written as turns, too. */
  readonly isSpoken: boolean
  readonly hasArguments: boolean
  readonly hasMargins: boolean
}

interface EachAlone {
  /**
   * The rows of one example.
   * @throws RowProblem for what the form cannot hold
   */
  readonly rows: (parts: Parts, any: AnyOf) => readonly WrittenRow[]
}

interface Joining {
  /**
   * For a form in which several examples make one row. Each is taken when it is asked for, one after the other.
   * @throws RowProblem for what the form cannot hold of the example that was taken last
   */
  readonly joined: (all: AsyncIterable<Parts>) => AsyncIterable<WrittenRow>
}

/** @throws RowProblem, always */
export function notHeld(problem: string): never {
  throw new RowProblem(problem)
}
