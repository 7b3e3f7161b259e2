/**
 * Arenas: blind comparisons whose verdicts rate checkpoints. An arena is a label queue with several writers: its
 * comparisons, verdicts and preference pairs are those of any queue. Plain data, safe to clone across any process
 * border.
 */
import type { LabelQueue } from './comparison'
import type { Margin, Verdict } from './judgment'
import type { SamplingSettings } from '../sampling'

export const fewestContenders = 2
export const mostContenders = 8

/** What is rated: a checkpoint with its way of sampling. The seed is drawn anew for each pair. */
export interface Contender {
  readonly checkpointId: string
  /** As it was called when the arena was asked for. */
  readonly name: string
  readonly sampling: SamplingSettings
  /** Whether new pairs are drawn with it; one that rests keeps its verdicts. */
  readonly isDrawn: boolean
}

export interface Arena extends LabelQueue {
  readonly contenders: readonly Contender[]
}

/** How an arena stands; contenders are named by their index. */
export interface ArenaState {
  /** In the arena's order. */
  readonly contenders: readonly ContenderCount[]
  /** Of every two that met. */
  readonly pairs: readonly PairCount[]
  /** Verdicts that say something: without skips. */
  readonly judged: number
  readonly annotators: number
  /** Absent while nothing was judged, or both were bad. */
  readonly ratings?: Ratings
  /** Automatic judges beside people, in the order they came; the first looks at length alone. */
  readonly judges: readonly JudgeAgreement[]
  /** What this window said last, names told. */
  readonly last?: RevealedVerdict
}

export interface ContenderCount {
  readonly judged: number
  readonly won: number
  readonly tied: number
  readonly lost: number
  /** In no rating: both sides were called bad. */
  readonly bothBad: number
  /** Share of the judgments won, a tie counting half; absent while there is none. */
  readonly winShare?: Estimate
}

/** A number with its 95 % interval. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** What follows from all verdicts but both bad. */
export interface Ratings {
  /** Judgments with a side, or a tie. */
  readonly judged: number
  /** Whether that is so of any pair. */
  readonly isHeldByPrior: boolean
  /** Every two of those that were judged, the lower index first. */
  readonly pairs: readonly RatedPair[]
}

export interface RatedPair {
  readonly one: number
  readonly other: number
  /** By how much `one` is better: 400 points are ten wins to one. */
  readonly points: Estimate
  /** One has won or lost everything against the other's group: only a weak prior keeps this finite. */
  readonly isHeldByPrior: boolean
  /** Probability that `one` is better at all. */
  readonly chance: number
  /** While the interval holds 0: about so many direct judgments more would tell them apart. */
  readonly moreNeeded?: number
  /** What they said of each other, without the others: wins of `one`, and how many tokens longer it was. */
  readonly direct?: { readonly judged: number; readonly winShare: Estimate; readonly moreTokens: number }
  /** Wins of `one` as if both were equally long. */
  readonly atEqualLength?: Estimate
}

/** A reward source that scores both sides of what people judged. It has no order: each side is scored by itself. */
export interface ArenaJudge {
  readonly id: string
  /** As in a run: `wink`, `0.5 * afinn + lexicon`. */
  readonly rewards: string
  /** The checkpoint of its reward model, where it scores with one. */
  readonly checkpointId?: string
  readonly name: string
}

export interface JudgeAgreement {
  /** Absent for the check: the longer one wins. */
  readonly judge?: ArenaJudge
  /** Pairs on which both named a side. */
  readonly judged: number
  /** Pairs that it scored alike. */
  readonly alike: number
  /** Pairs that it has not scored yet. */
  readonly waiting: number
  readonly agreed?: Estimate
  /** Cohen's κ. */
  readonly kappa?: Estimate
  /** Contenders that it trained: its opinion of them does not count. */
  readonly trained: readonly number[]
  /** Why it scores no more. */
  readonly problem?: string
}

/** Two contenders' meetings. */
export interface PairCount {
  readonly one: number
  readonly other: number
  readonly oneWon: number
  readonly tied: number
  readonly otherWon: number
  readonly bothBad: number
}

export interface RevealedVerdict {
  readonly place: number
  readonly verdict: Verdict
  readonly margin?: Margin
  /** Contenders. */
  readonly left: number
  readonly right: number
}
