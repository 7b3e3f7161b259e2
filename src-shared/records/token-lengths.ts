/** How long the rows of a dataset are in the tokens of one model. */
import type { LengthHistogram } from './dataset'

export interface TokenLengths {
  readonly tokenizer: string
  readonly contextTokens: number
  /** Rows that were read: those that are left out of training are not. */
  readonly rows: number
  /** In tokens; all of them match. */
  readonly histograms: readonly LengthHistogram[]
  /** Rows of which prompt and longest answer together have more tokens than the model reads. */
  readonly longer: number
  /** Rows that the model cannot read, and why not the first of them; absent: none. */
  readonly unread?: { readonly rows: number; readonly first: number; readonly problem: string }
}

export interface TokenLengthsProgress {
  readonly read: number
  readonly total: number
  /** Present in the last item. */
  readonly done?: TokenLengths
}
