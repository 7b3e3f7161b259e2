/**
 * Comparisons, and the queues that hand them out. Plain data, safe to clone across any process border. Times
 * are milliseconds since 1970.
 */
import type { Judgment } from './judgment'
import type { Labelling } from './labelling'
import type { SamplingSettings } from '../sampling'
import type { Prompt } from './turn'

export interface LabelQueue {
  readonly id: string
  /** The dataset of preference pairs that its judgments make. */
  readonly datasetId: string
  readonly name: string
  readonly checkpointId: string
  readonly promptDatasetId: string
  readonly sampling: SamplingSettings
  /** How many judgments were aimed at. */
  readonly goal: number
  /** What counts as better here, shown below the pair. */
  readonly guidance: string
  readonly labelling: Labelling
  readonly createdAtMs: number
}

/**
 * What is judged: two completions of one prompt, or as many as its queue's mode has. Which of two stands left was drawn
 * at random when it was made.
 */
export interface Comparison {
  readonly id: string
  readonly queueId: string
  /** 1-based place in its queue. */
  readonly place: number
  readonly prompt: Prompt
  readonly left: ComparisonSide
  readonly right: ComparisonSide
  /** All of them where they are not two: then left is the first, and right the second or empty. */
  readonly candidates?: readonly ComparisonSide[]
}

export const candidatesOf = ({ left, right, candidates }: Comparison): readonly ComparisonSide[] =>
  candidates ?? [left, right]

export interface ComparisonSide {
  readonly text: string
  readonly tokens: number
  readonly hasEnded: boolean
  /** What cut it, where it did not end by itself and that is known. */
  readonly cutBy?: 'limit' | 'context'
  /** Absent where it is not known: what was made before it was kept. */
  readonly writer?: Writer
}

/** What wrote a completion. Kept as it was then, though the checkpoint may be gone by now. */
export interface Writer {
  readonly checkpointId: string
  /** Absent for a completion that was kept without it. */
  readonly sampling?: SamplingSettings
}

/** What a verdict is answered with. */
export interface Judged {
  readonly progress: LabelProgress
  /** The oldest comparison that is neither judged nor held; absent while there is none. */
  readonly next?: Comparison
}

export interface LabelProgress {
  readonly judged: number
  /** With those that several people judge, and those that come again. */
  readonly goal: number
  /** Rows of its dataset: preference pairs, or what else its mode makes. */
  readonly pairs: number
  /** Comparisons made and not yet judged. */
  readonly ahead: number
  /** Why no more are coming, if they are not. */
  readonly problem?: string
  /** Prompts that are too long for who writes: how many were left out or cut. Absent where all fit. */
  readonly longPrompts?: string
  readonly judgmentsAMinute?: number
  /** Newest first, at most 12. */
  readonly recent: readonly Judgment[]
}
