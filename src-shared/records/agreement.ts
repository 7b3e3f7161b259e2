/** Who says the same of the same: of a queue's people, of one with oneself, and of its reward model with all. */
import type { Estimate, JudgeAgreement } from './arena'

export interface LabelAgreement {
  /** Who judged, most first; empty names are windows where none was given. */
  readonly people: readonly LabelPerson[]
  /** Every two who judged the same, most first. */
  readonly between: readonly TwoPeople[]
  /** Of all who judged the same: 1 always, 0 as chance would. */
  readonly alpha?: Alpha
  readonly self: readonly Repeated[]
  /** Of reward models that learned from the queue, or that it names: on what people gave to a side. */
  readonly models: readonly ModelAgreement[]
}

export interface LabelPerson {
  readonly annotator: string
  readonly judged: number
  readonly judgmentsAMinute?: number
}

export interface TwoPeople {
  readonly one: string
  readonly other: string
  /** Things of which both said something. */
  readonly both: number
  readonly same: Estimate
  /** Cohen's κ; absent where chance alone would make them agree always. */
  readonly kappa?: Estimate
}

/** Krippendorff's α, with the middle 95 % of its values over things drawn again. */
export interface Alpha extends Estimate {
  /** Things of which at least two people said something. */
  readonly things: number
  readonly scale: 'nominal' | 'ordinal'
}

export interface Repeated {
  readonly annotator: string
  readonly asked: number
  readonly same: Estimate
  /** Newest first, at most 30: whether the same was said. */
  readonly last: readonly boolean[]
}

export interface ModelAgreement extends Pick<
  JudgeAgreement,
  'judge' | 'judged' | 'alike' | 'waiting' | 'agreed' | 'kappa' | 'problem'
> {
  /** Only what was judged after it had learned is counted: it has not seen it. */
  readonly sinceTraining: boolean
}
