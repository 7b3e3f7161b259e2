/** What a reward source is: what it scores by, what it needs, and its settings as data. */
import type { Fields, SettingsValues } from '../fields'
import type { ModelKind } from '../records/checkpoint'
import type { FieldProblem } from '../result'

export interface RewardSource {
  readonly title: string
  /** What it scores by, and where that is from. Shown as help. */
  readonly doc: string
  /** Of its scores, for people: "−1 … 1". */
  readonly range: string
  readonly fields: Fields
  /** The kind of checkpoint it scores with; one that needs none has none. */
  readonly checkpoint?: ModelKind
  /** The completions that stand beside a prompt in the dataset: needed, it compares with them; offered, it may. */
  readonly references?: 'needed' | 'offered'
  /** Whether someone outside the studio is asked: it costs, takes its time, and is done for what is trained alone. */
  readonly isAsked?: true
  /** What no single field can know of settings that are each within their bounds. */
  check?(settings: SettingsValues): readonly FieldProblem[]
}
