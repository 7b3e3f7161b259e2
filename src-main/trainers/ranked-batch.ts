/** Rankings laid out in batches: texts, each once, and which of their tokens' scores are compared. */
import type { RewardSettings } from '../../src-shared/recipes/reward-fields'
import type { Float1D, Float2D, HostBatch, HostTensor, Int1D } from '../compute/engine'
import type * as tf from '../compute/tf'
import type { RewardModel } from '../model/model'
import type { ReadText } from '../model/reading'
import { collateTexts, type ScoredBatch } from '../model/scored-batch'
import { atEnd, fromFirstDifference, type ComparedTokens } from './compared-tokens'
import type { RankedPair, RankedTexts } from './ranked-texts'
import { paddedTo } from './real-lengths'
import { longestText } from './scored-texts'

/**
 * Texts, and which of their scores are compared: `better` and `worse` [comparisons] count scores row by row, one a
 * text or one a token; `margins` m of each, where they are asked for; `shares` of each in its ranking, 0 where
 * there is none; `ends`, the same of comparisons at the end of both texts alone; `draws` [comparisons, heads] of an
 * ensemble; `total` rankings of the whole batch.
 */
export type RankedBatch = ScoredBatch & {
  better: Int1D
  worse: Int1D
  margins?: Float1D
  shares: Float1D
  ends: Float1D
  draws?: Float2D
  total: tf.Scalar
}

export interface RankedLayout {
  /** Texts of a part. */
  readonly rows: number
  /** Comparisons of a part, at most. */
  readonly comparisons: number
  /** What texts are padded to, rising. */
  readonly lengths: readonly number[]
  readonly compareAt: RewardSettings['compareAt']
  readonly hasMargins: boolean
  /** 1 without an ensemble. */
  readonly heads: number
}

/** Tokens of its longest text. */
export const longestIn = ({ texts }: RankedTexts): number => longestText(texts)

const comparedAt: Readonly<
  Record<RewardSettings['compareAt'], (better: ReadText, worse: ReadText) => readonly ComparedTokens[]>
> = { end: atEnd, 'each-token': fromFirstDifference }

export const mostTexts = (rankings: readonly RankedTexts[]): number =>
  rankings.reduce((most, { texts }) => Math.max(most, texts.length), 2)

/** Room for the comparisons of as many rankings as have so many texts together. */
export function comparisonsOf(
  rankings: readonly RankedTexts[],
  rows: number,
  compareAt: RewardSettings['compareAt'],
): number {
  // A text more is a comparison with each of the others more, of a ranking that is the largest.
  const ofText = rankings.reduce((most, { texts, pairs }) => Math.max(most, pairs.length / texts.length), 0)
  const ofPair = rankings.reduce(
    (most, { texts, pairs }) =>
      pairs.reduce((longest, pair) => Math.max(longest, tokensOf(texts, pair, compareAt).length), most),
    1,
  )
  return Math.ceil(rows * ofText) * ofPair
}

const tokensOf = (
  texts: readonly ReadText[],
  { better, worse }: RankedPair,
  compareAt: RewardSettings['compareAt'],
): readonly ComparedTokens[] => comparedAt[compareAt](texts[better] as ReadText, texts[worse] as ReadText)

/** A part of a batch, what its texts are padded to, and how many texts stand in the parts before it. */
export interface RankedPart {
  readonly batch: HostBatch<RankedBatch>
  readonly time: number
  readonly first: number
}

/** A batch in parts, a ranking's texts always in one, rankings of like length together, the longest first. */
export function rankingsInParts(
  model: Pick<RewardModel, 'head'>,
  rankings: readonly RankedTexts[],
  layout: RankedLayout,
): readonly RankedPart[] {
  const sorted = [...rankings].sort((a, b) => longestIn(b) - longestIn(a))
  let first = 0
  return rowsFilled(sorted, layout.rows).map((some) => {
    const time = paddedTo(longestIn(some[0] as RankedTexts), layout)
    const part = { batch: collateRankings(model, some, { ...layout, time }, rankings.length), time, first }
    first += some.reduce((sum, { texts }) => sum + texts.length, 0)
    return part
  })
}

/** As many whole rankings a part as have room, in their order. */
function rowsFilled(rankings: readonly RankedTexts[], rows: number): readonly (readonly RankedTexts[])[] {
  const parts: RankedTexts[][] = []
  let room = 0
  for (const ranking of rankings) {
    if (room < ranking.texts.length) {
      parts.push([])
      room = rows
    }
    parts.at(-1)?.push(ranking)
    room -= ranking.texts.length
  }
  return parts
}

/** @param total rankings of the whole batch; missing texts and comparisons are padding */
function collateRankings(
  model: Pick<RewardModel, 'head'>,
  rankings: readonly RankedTexts[],
  layout: RankedLayout & { readonly time: number },
  total: number,
): HostBatch<RankedBatch> {
  const { comparisons: size, hasMargins, heads } = layout
  const all = comparisonsIn(rankings, layout)
  const numbers = (of: (each: Comparison) => number): HostTensor => {
    const data = new Float32Array(size)
    data.set(all.map(of))
    return { shape: [size], data }
  }
  const indexes = (of: (each: Comparison) => number): HostTensor => {
    const data = new Int32Array(size)
    data.set(all.map(of))
    return { shape: [size], data }
  }
  const draws = new Float32Array(size * heads)
  all.forEach(({ ranking }, index) => draws.set(ranking.draws ?? [], index * heads))
  return {
    ...collateTexts(
      model,
      rankings.flatMap(({ texts }) => texts),
      layout,
    ),
    better: indexes(({ better }) => better),
    worse: indexes(({ worse }) => worse),
    ...(hasMargins && { margins: numbers(({ pair }) => pair.margin) }),
    shares: numbers(({ ranking, ofPair }) => 1 / (ranking.pairs.length * ofPair)),
    ends: numbers(({ ranking, isEnd }) => (isEnd ? 1 / ranking.pairs.length : 0)),
    ...(heads > 1 && { draws: { shape: [size, heads], data: draws } }),
    total: { shape: [], data: Float32Array.of(total) },
  }
}

interface Comparison extends ComparedTokens {
  readonly ranking: RankedTexts
  readonly pair: RankedPair
  /** Of how many of the same pair it is one. */
  readonly ofPair: number
  readonly isEnd: boolean
}

function comparisonsIn(
  rankings: readonly RankedTexts[],
  { time, compareAt }: Pick<RankedLayout, 'compareAt'> & { readonly time: number },
): readonly Comparison[] {
  let first = 0
  return rankings.flatMap((ranking) => {
    const start = first
    first += ranking.texts.length
    const scoreOf = (text: number, token: number): number =>
      compareAt === 'end' ? start + text : (start + text) * time + token
    return ranking.pairs.flatMap((pair) => {
      const compared = tokensOf(ranking.texts, pair, compareAt)
      return compared.map(({ better, worse }, index) => ({
        ranking,
        pair,
        better: scoreOf(pair.better, better),
        worse: scoreOf(pair.worse, worse),
        ofPair: compared.length,
        isEnd: index === compared.length - 1,
      }))
    })
  })
}
