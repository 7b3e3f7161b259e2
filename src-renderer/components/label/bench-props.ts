/** What every bench is given, and what it says. */
import type { Comparison, LabelQueue } from '../../../src-shared/records/comparison'
import type { Judgment } from '../../../src-shared/records/judgment'
import type { Saying } from '../../words/saying'

export interface BenchProps {
  readonly queue: LabelQueue
  /** What is judged; none while the next one is written. */
  readonly item: Comparison | undefined
  /** What undo would take back. */
  readonly last: Judgment | undefined
}

export interface BenchEvents {
  judge: [saying: Saying]
  undo: []
}
