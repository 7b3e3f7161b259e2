/**
 * What follows from an arena's verdicts: by how much one contender is better than another, how sure that is, and how
 * many more judgments would tell. Both bad is in no rating.
 */
import type { Estimate, RatedPair, Ratings } from '../../src-shared/records/arena'
import { shareWithInterval } from '../maths/interval'
import { normalShareBelow } from '../maths/normal'
import {
  clusteredCovariance,
  comparableGroups,
  differenceVariance,
  fitPaired,
  sigmoid,
  type PairedFit,
  type PairedOutcome,
  type PairedShape,
} from '../maths/paired-ratings'
import type { Matrix } from '../maths/small-matrices'
import type { JudgedMatch } from './arena-counts'

export interface RatedMatch extends JudgedMatch {
  readonly prompt: string
  readonly annotator: string
  readonly leftTokens: number
  readonly rightTokens: number
}

/** Points of a logit: ten times as many wins are 400, as in chess. Elo 1978. */
const pointsALogit = 400 / Math.LN10
/** 97.5 % of a standard normal lies below. */
const z = 1.959963984540054
/**
 * Where somebody has won or lost everything, no rating is likeliest: a normal prior of two logits' deviation holds
 * them. So four wins of four do not decide, seven do.
 */
const weakPrior = 0.25
/** With fewer clusters what they say of each other's spread is worth nothing. Cameron & Miller 2015, §VI. */
const fewestClusters = 10
/** With fewer the effect of length is not told from chance. */
const fewestForLength = 30

const scoreOf = { left: 1, tie: 0.5, right: 0 } as const

type Sided = RatedMatch & { readonly verdict: keyof typeof scoreOf }

/** Nothing while no two have been judged. */
export function ratingsOf(matches: readonly RatedMatch[]): Ratings | undefined {
  const sided = matches.filter((match): match is Sided => match.verdict !== 'both-bad')
  if (sided.length === 0) return undefined
  const rated = [...new Set(sided.flatMap(({ left, right }) => [left, right]))].toSorted((a, b) => a - b)
  const fits = fitsOf(sided, rated)
  const pairs = everyTwo(rated).map(([one, other]): RatedPair => {
    const direct = directOf(sided, one, other)
    const { difference, equal, isHeldByPrior } = fits.find(({ members }) =>
      [one, other].every((each) => members.includes(each)),
    )!
    const { logits, deviation } = difference(one, other)
    return {
      one,
      other,
      points: scaled(logits, deviation, pointsALogit),
      chance: normalShareBelow(logits / deviation),
      isHeldByPrior,
      ...moreNeeded(logits, deviation),
      ...(direct && { direct }),
      ...(equal && { atEqualLength: equal(one, other) }),
    }
  })
  return { judged: sided.length, isHeldByPrior: pairs.some((pair) => pair.isHeldByPrior), pairs }
}

interface Fit {
  readonly members: readonly number[]
  readonly isHeldByPrior: boolean
  readonly difference: (one: number, other: number) => Difference
  /** Nothing where there is too little to tell it. */
  readonly equal: ((one: number, other: number) => Estimate) | undefined
}

/**
 * One fit for each group within which maximum likelihood has an end, by what its members said of each other alone: who
 * has lost everything outside of it changes nothing there. Last, for all across groups, one held by the weak prior.
 */
function fitsOf(sided: readonly Sided[], rated: readonly number[]): readonly Fit[] {
  const outcomes = compactly(sided, rated).map(outcomeOf)
  const groups = comparableGroups(outcomes, rated.length)
  const within = groups
    .filter((group) => group.length > 1)
    .map((group) =>
      fitAmong(
        sided,
        group.map((index) => rated[index]!),
        0,
      ),
    )
  return groups.length === 1 ? within : [...within, fitAmong(sided, rated, weakPrior)]
}

function fitAmong(sided: readonly Sided[], members: readonly number[], prior: number): Fit {
  const own = compactly(sided, members)
  const outcomes = own.map(outcomeOf)
  const shape = { contenders: members.length, covariates: 0, prior }
  const difference = differences(own, outcomes, shape, fitPaired(outcomes, shape))
  const equal = atEqualLength(own, shape)
  const at = (contender: number): number => members.indexOf(contender)
  return {
    members,
    isHeldByPrior: prior > 0,
    difference: (one, other) => difference(at(one), at(other)),
    equal: equal && ((one, other) => equal(at(one), at(other))),
  }
}

/** What the members said of each other, sides by their place among them. */
const compactly = (sided: readonly Sided[], members: readonly number[]): readonly Sided[] =>
  sided
    .map((match) => ({ ...match, left: members.indexOf(match.left), right: members.indexOf(match.right) }))
    .filter(({ left, right }) => left >= 0 && right >= 0)

const outcomeOf = ({ left, right, verdict }: Sided): PairedOutcome => ({
  left,
  right,
  score: scoreOf[verdict],
})

interface Difference {
  readonly logits: number
  readonly deviation: number
}

/** θ_one − θ_other with the widest of what the covariances say of it. */
function differences(
  sided: readonly Sided[],
  outcomes: readonly PairedOutcome[],
  shape: PairedShape,
  fit: PairedFit,
): (one: number, other: number) => Difference {
  const covariances = covariancesOf(sided, outcomes, shape, fit)
  return (one, other) => ({
    logits: fit.ratings[one]! - fit.ratings[other]!,
    deviation: Math.sqrt(Math.max(...covariances.map((each) => differenceVariance(each, one, other)))),
  })
}

/** By the model, and by prompts and by people where there are enough of either: the widest counts. */
function covariancesOf(
  sided: readonly Sided[],
  outcomes: readonly PairedOutcome[],
  shape: PairedShape,
  fit: PairedFit,
): readonly Matrix[] {
  const clustered = (['prompt', 'annotator'] as const).flatMap((name) => {
    const clusters = sided.map((match) => match[name])
    const count = new Set(clusters).size
    if (count < fewestClusters) return []
    const covariance = clusteredCovariance(outcomes, shape, fit, clusters)
    return [covariance.map((row) => row.map((value) => (value * count) / (count - 1)))]
  })
  return [fit.inverseInformation, ...clustered]
}

/**
 * How many direct judgments more until the interval leaves 0, if the difference stays what it seems. One adds
 * p·(1 − p) to the information, 1/variance.
 */
function moreNeeded(logits: number, deviation: number): Pick<RatedPair, 'moreNeeded'> {
  if (Math.abs(logits) > z * deviation) return {}
  const chance = sigmoid(logits)
  const information = (z / logits) ** 2 - 1 / deviation ** 2
  const needed = Math.ceil(information / (chance * (1 - chance)))
  return { moreNeeded: Math.min(Math.max(1, needed), mostNeeded) }
}
/** From here on two are called alike. */
const mostNeeded = 10_000

/** What they said of each other, without the others. */
function directOf(sided: readonly Sided[], one: number, other: number): RatedPair['direct'] {
  const met = sided.filter(
    ({ left, right }) => (left === one && right === other) || (left === other && right === one),
  )
  if (met.length === 0) return undefined
  let won = 0
  let tokens = 0
  for (const { left, verdict, leftTokens, rightTokens } of met) {
    won += left === one ? scoreOf[verdict] : 1 - scoreOf[verdict]
    tokens += left === one ? leftTokens - rightTokens : rightTokens - leftTokens
  }
  const { share, interval } = shareWithInterval(won, met.length)
  return { judged: met.length, winShare: { value: share, ...interval }, moreTokens: tokens / met.length }
}

/**
 * Share of wins as if both completions were equally long: the same model with tanh(Δlength / sd Δlength) beside the
 * ratings, asked at 0. Dubois et al. 2024, "Length-controlled AlpacaEval", Eq. 2, with one effect of length for all.
 * @returns nothing where there is too little to tell it, or length decides everything
 */
function atEqualLength(
  sided: readonly Sided[],
  shape: PairedShape,
): ((one: number, other: number) => Estimate) | undefined {
  if (sided.length < fewestForLength) return undefined
  const lengths = lengthEffects(sided.map(({ leftTokens, rightTokens }) => leftTokens - rightTokens))
  if (!lengths) return undefined
  const outcomes = sided.map((match, index) => ({ ...outcomeOf(match), covariates: [lengths[index]!] }))
  const controlled = { ...shape, covariates: 1 }
  const fit = fitOrNothing(outcomes, controlled)
  if (!fit) return undefined
  const difference = differences(sided, outcomes, controlled, fit)
  return (one, other) => {
    const { logits, deviation } = difference(one, other)
    const { low, high } = scaled(logits, deviation, 1)
    return { value: sigmoid(logits), low: sigmoid(low), high: sigmoid(high) }
  }
}

/** tanh(Δ / sd Δ); nothing where all are equally long. */
export function lengthEffects(moreTokens: readonly number[]): readonly number[] | undefined {
  const mean = moreTokens.reduce((sum, each) => sum + each, 0) / moreTokens.length
  const variance = moreTokens.reduce((sum, each) => sum + (each - mean) ** 2, 0) / moreTokens.length
  return variance === 0 ? undefined : moreTokens.map((each) => Math.tanh(each / Math.sqrt(variance)))
}

function fitOrNothing(outcomes: readonly PairedOutcome[], shape: PairedShape): PairedFit | undefined {
  try {
    return fitPaired(outcomes, shape)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const scaled = (logits: number, deviation: number, scale: number): Estimate => ({
  value: scale * logits,
  low: scale * (logits - z * deviation),
  high: scale * (logits + z * deviation),
})

const everyTwo = (all: readonly number[]): readonly (readonly [number, number])[] =>
  all.flatMap((one, index) => all.slice(index + 1).map((other) => [one, other] as const))
