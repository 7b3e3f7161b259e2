/**
 * Ratings from paired comparisons, with how sure their differences are.
 *
 *   P(a before b) = σ(θ_a − θ_b + xᵀφ)
 *
 * Sources: Bradley & Terry 1952; a tie as half a win of each, as Chiang et al. 2024, "Chatbot Arena", §4, and xᵀφ for
 * what is not of interest, such as length: Li et al. 2024, "Does style matter?"; Dubois et al. 2024, Eq. 2.
 */
import { dot, inverted, product, zeros, type Matrix } from './small-matrices'

export interface PairedOutcome {
  /** Whose θ counts for, and whose against. */
  readonly left: number
  readonly right: number
  /** 1 where left won, ½ for a tie, 0 where right won. */
  readonly score: number
  /** x: what is held equal, such as a difference of lengths; as many in every outcome. */
  readonly covariates?: readonly number[]
}

export interface PairedFit {
  /** By contender; their mean is 0. Logits. */
  readonly ratings: readonly number[]
  /** φ. */
  readonly effects: readonly number[]
  /** H⁻¹ of the loss at its minimum, [ratings + effects]²; of ratings only differences mean anything. */
  readonly inverseInformation: Matrix
}

export interface PairedShape {
  readonly contenders: number
  readonly covariates: number
  /** λ: the loss is added ½·λ·Σ(θ − mean θ)², a normal prior of variance 1/λ. 0 is plain maximum likelihood. */
  readonly prior: number
}

const mostSteps = 200
/** Newton's step in its last round, logits. */
const tolerance = 1e-10

/**
 * The likeliest ratings, by Newton's method with halved steps.
 * @throws RangeError where they are not finite: see `comparableGroups`
 */
export function fitPaired(outcomes: readonly PairedOutcome[], shape: PairedShape): PairedFit {
  let at = new Array<number>(shape.contenders + shape.covariates).fill(0)
  for (let step = 0; step < mostSteps; step++) {
    const { gradient, information } = slopes(outcomes, at, shape)
    const inverse = inverted(information)
    const move = inverse.map((row) => dot(row, gradient))
    if (Math.max(...move.map(Math.abs)) <= tolerance)
      return {
        ratings: at.slice(0, shape.contenders),
        effects: at.slice(shape.contenders),
        inverseInformation: inverse,
      }
    at = moved(at, move, shareThatHelps(outcomes, at, move, shape))
  }
  throw new RangeError('the ratings do not end: somebody has won or lost everything')
}

/** Newton's step, halved until the loss is no larger. */
function shareThatHelps(
  outcomes: readonly PairedOutcome[],
  at: readonly number[],
  move: readonly number[],
  shape: PairedShape,
): number {
  const before = loss(outcomes, at, shape)
  let share = 1
  while (share > 1e-6 && loss(outcomes, moved(at, move, share), shape) > before) share /= 2
  return share
}

/**
 * Groups within which maximum likelihood has an end: each reaches each other one by "has won against, or tied with".
 * Source: Ford 1957, "Solution of a ranking problem from binary comparisons", Assumption A.
 *
 * @returns every contender in one group; one group of all where all ratings are finite
 */
export function comparableGroups(
  outcomes: readonly PairedOutcome[],
  contenders: number,
): readonly (readonly number[])[] {
  const beaten = Array.from({ length: contenders }, () => new Set<number>())
  for (const { left, right, score } of outcomes) {
    if (score > 0) beaten[left]!.add(right)
    if (score < 1) beaten[right]!.add(left)
  }
  const reached = beaten.map((_, one) => reachedFrom(one, beaten))
  const groups: number[][] = []
  for (let one = 0; one < contenders; one++) {
    const group = groups.find(([first]) => reached[one]!.has(first!) && reached[first!]!.has(one))
    if (group) group.push(one)
    else groups.push([one])
  }
  return groups
}

function reachedFrom(one: number, next: readonly ReadonlySet<number>[]): ReadonlySet<number> {
  const seen = new Set([one])
  for (const each of seen) for (const other of next[each] ?? []) seen.add(other)
  return seen
}

/**
 * H⁻¹ G H⁻¹ with G = Σ_clusters s sᵀ, s = Σ (y − p)·x: right also where outcomes of one cluster hang together and
 * where the model is wrong. White 1982; Liang & Zeger 1986. Without a correction for few clusters.
 * @param clusters of each outcome: who judged it, or on which prompt
 */
export function clusteredCovariance(
  outcomes: readonly PairedOutcome[],
  shape: PairedShape,
  fit: PairedFit,
  clusters: readonly string[],
): Matrix {
  const size = shape.contenders + shape.covariates
  const at = [...fit.ratings, ...fit.effects]
  const scores = new Map<string, number[]>()
  for (const [index, outcome] of outcomes.entries()) {
    const score = scores.get(clusters[index]!) ?? new Array<number>(size).fill(0)
    scores.set(clusters[index]!, score)
    const rest = outcome.score - sigmoid(leadOf(outcome, at, shape))
    for (const [place, x] of designOf(outcome, shape)) score[place]! += rest * x
  }
  const meat = zeros(size)
  for (const score of scores.values())
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) meat[i]![j]! += score[i]! * score[j]!
  const bread = fit.inverseInformation
  return product(product(bread, meat), bread)
}

/** Var(θ_a − θ_b) = C_aa + C_bb − 2·C_ab. */
export const differenceVariance = (covariance: Matrix, a: number, b: number): number =>
  covariance[a]![a]! + covariance[b]![b]! - covariance[a]![b]! - covariance[b]![a]!

export const sigmoid = (x: number): number =>
  x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))

/** The places of an outcome's row of the design that are not 0. */
function designOf(
  { left, right, covariates = [] }: PairedOutcome,
  { contenders }: PairedShape,
): [number, number][] {
  return [[left, 1], [right, -1], ...covariates.map((x, index): [number, number] => [contenders + index, x])]
}

const leadOf = (outcome: PairedOutcome, at: readonly number[], shape: PairedShape): number =>
  designOf(outcome, shape).reduce((sum, [place, x]) => sum + at[place]! * x, 0)

function loss(outcomes: readonly PairedOutcome[], at: readonly number[], shape: PairedShape): number {
  let sum = 0
  for (const outcome of outcomes) {
    const lead = leadOf(outcome, at, shape)
    // −y·d + softplus(d)
    sum += Math.max(lead, 0) + Math.log1p(Math.exp(-Math.abs(lead))) - outcome.score * lead
  }
  const ratings = at.slice(0, shape.contenders)
  const mean = meanOf(ratings)
  return sum + ratings.reduce((all, rating) => all + (shape.prior / 2) * (rating - mean) ** 2, 0)
}

/** Minus the loss's gradient, and its second derivatives. */
function slopes(outcomes: readonly PairedOutcome[], at: readonly number[], shape: PairedShape) {
  const size = shape.contenders + shape.covariates
  const gradient = new Array<number>(size).fill(0)
  const information = zeros(size)
  for (const outcome of outcomes) {
    const design = designOf(outcome, shape)
    const chance = sigmoid(leadOf(outcome, at, shape))
    for (const [i, x] of design) {
      gradient[i]! += (outcome.score - chance) * x
      for (const [j, y] of design) information[i]![j]! += chance * (1 - chance) * x * y
    }
  }
  const mean = meanOf(at.slice(0, shape.contenders))
  for (let i = 0; i < shape.contenders; i++) {
    gradient[i]! -= shape.prior * (at[i]! - mean)
    // the mean of all ratings is free: 11ᵀ/k holds it where it is and changes no difference
    for (let j = 0; j < shape.contenders; j++)
      information[i]![j]! += (1 - shape.prior) / shape.contenders + (i === j ? shape.prior : 0)
  }
  return { gradient, information }
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

const moved = (at: readonly number[], by: readonly number[], share: number): number[] =>
  at.map((value, index) => value + share * by[index]!)
