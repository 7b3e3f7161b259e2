/**
 * What a reward model learns preferences from, as it reads it: completions of one prompt, each read once, and
 * which of them are preferred to which. A preference pair is a ranking of two.
 */
import type { RewardSettings } from '../../src-shared/recipes/reward'
import type { Float1D, Float2D, HostBatch, HostTensor, Int1D } from '../compute/engine'
import type * as tf from '../compute/tf'
import type { PreferencePair } from '../data/training-data'
import { seeded } from '../maths/random'
import type { RewardModel } from '../model/model'
import type { ReadText } from '../model/reading'
import { collateTexts, type ScoredBatch } from '../model/scored-batch'
import type { Drawn } from './drawn'
import { refuse, readEach } from './refuse'
import { readScored } from './scored-texts'

export interface RankedTexts extends Drawn {
  readonly texts: readonly ReadText[]
  /** Not empty. */
  readonly pairs: readonly RankedPair[]
}

/** Two of the texts, by index. */
export interface RankedPair {
  readonly better: number
  readonly worse: number
  /** m, in units of the score. */
  readonly margin: number
  readonly isSlight: boolean
}

/**
 * Texts, and of the pairs of them the rows of the better and the worse one; `margins` m of each pair, where they
 * are asked for; `shares` of each pair in its ranking, 0 where there is no pair; `draws` [pairs, heads] of an
 * ensemble; `total` rankings of the whole batch.
 */
export type RankedBatch = ScoredBatch & {
  better: Int1D
  worse: Int1D
  margins?: Float1D
  shares: Float1D
  draws?: Float2D
  total: tf.Scalar
}

/** @throws StudioFailure when no pair has two different completions, or a character is unknown */
export function readPreferences(
  model: RewardModel,
  pairs: readonly PreferencePair[],
  settings: Pick<RewardSettings, 'readPrompt' | 'margin' | 'cutFraction' | 'seed'>,
): { readonly read: readonly RankedTexts[]; readonly notes: readonly string[] } {
  const readPrompt = settings.readPrompt === 'with-prompt'
  const all = readEach('pairs', pairs, ({ prompt, chosen, rejected, margin }) => ({
    texts: [
      readScored(model, prompt, chosen, readPrompt),
      readScored(model, prompt, rejected, readPrompt),
    ] as const,
    pairs: [{ better: 0, worse: 1, margin: settings.margin * margin, isSlight: margin < 1 }],
  }))
  const cut = all.filter(({ texts }) => texts.some(({ isCut }) => isCut)).length
  const different = all.filter(({ texts: [chosen, rejected] }) => !isSame(chosen, rejected))
  if (different.length === 0)
    refuse(
      'pairs',
      'hold the same completion twice in every pair, as the model reads them: none is preferred',
    )
  const same = all.length - different.length
  const random = seeded(settings.seed, 'cut')
  return {
    read: different.map((ranking) =>
      random() < settings.cutFraction ? cutShort(ranking, random()) : ranking,
    ),
    notes: [
      cut > 0 &&
        `Longer than ${model.config.contextTokens} tokens and cut to fit: ${cut} of ${pairs.length} pairs.`,
      same > 0 &&
        `Left out, because both completions are the same to the model: ${same} of ${pairs.length} pairs.`,
    ].filter((note) => note !== false),
  }
}

const isSame = (a: ReadText, b: ReadText): boolean => a.ids.join() === b.ids.join()

/** All completions after as many tokens, less than the shortest one has, as a policy's limit cuts them. */
function cutShort(ranking: RankedTexts, share: number): RankedTexts {
  const shortest = Math.min(...ranking.texts.map(({ ids, promptTokens }) => ids.length - promptTokens))
  const kept = Math.max(1, Math.ceil(share * (shortest - 1))) // the end token is not kept
  const texts = ranking.texts.map((text) => ({ ...text, ids: text.ids.slice(0, text.promptTokens + kept) }))
  const isTold = ranking.pairs.every(
    ({ better, worse }) => !isSame(texts[better] as ReadText, texts[worse] as ReadText),
  )
  return isTold ? { ...ranking, texts } : ranking
}

export interface RankedShape {
  /** Texts of a part. */
  readonly rows: number
  readonly time: number
  /** Of one ranking. */
  readonly mostTexts: number
}

/** How rankings are laid out in parts. @param parts at least, of a batch of so many rankings */
export function rankedShape(
  rankings: readonly RankedTexts[],
  batch: { readonly rankings: number; readonly time: number; readonly parts: number },
): RankedShape {
  const mostTexts = rankings.reduce((most, { texts }) => Math.max(most, texts.length), 2)
  const ofPart = Math.ceil(batch.rankings / Math.min(batch.parts, batch.rankings))
  return { rows: ofPart * mostTexts, time: batch.time, mostTexts }
}

export interface RankedLayout extends RankedShape {
  readonly hasMargins: boolean
  /** 1 without an ensemble. */
  readonly heads: number
}

/** A part of a batch, and how many texts stand in the parts before it. */
export interface RankedPart {
  readonly batch: HostBatch<RankedBatch>
  readonly first: number
}

/** A batch in parts, a ranking's texts always in one, each part padded. */
export function rankingsInParts(
  model: Pick<RewardModel, 'head'>,
  rankings: readonly RankedTexts[],
  layout: RankedLayout,
): readonly RankedPart[] {
  let first = 0
  return rowsFilled(rankings, layout.rows).map((some) => {
    const part = { batch: collateRankings(model, some, layout, rankings.length), first }
    first += some.reduce((sum, { texts }) => sum + texts.length, 0)
    return part
  })
}

/** As many whole rankings a part as have room, in their order. */
function rowsFilled<T extends RankedTexts>(rankings: readonly T[], rows: number): readonly (readonly T[])[] {
  const parts: T[][] = []
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

/** @param total rankings of the whole batch; missing texts and pairs are padding */
export function collateRankings(
  model: Pick<RewardModel, 'head'>,
  rankings: readonly RankedTexts[],
  { rows, time, mostTexts, hasMargins, heads }: RankedLayout,
  total: number,
): HostBatch<RankedBatch> {
  const size = Math.ceil((rows * (mostTexts - 1)) / 2) // no rankings of so many texts have more pairs
  const pairs = pairsIn(rankings)
  const each = (of: (pair: PlacedPair) => number): HostTensor => {
    const data = new Float32Array(size)
    data.set(pairs.map(of))
    return { shape: [size], data }
  }
  const rowsOf = (of: (pair: PlacedPair) => number): HostTensor => {
    const data = new Int32Array(size)
    data.set(pairs.map(of))
    return { shape: [size], data }
  }
  const draws = new Float32Array(size * heads)
  pairs.forEach(({ ranking }, index) => draws.set(ranking.draws ?? [], index * heads))
  return {
    ...collateTexts(
      model,
      rankings.flatMap(({ texts }) => texts),
      { rows, time },
    ),
    better: rowsOf(({ first, pair }) => first + pair.better),
    worse: rowsOf(({ first, pair }) => first + pair.worse),
    ...(hasMargins && { margins: each(({ pair }) => pair.margin) }),
    shares: each(({ ranking }) => 1 / ranking.pairs.length),
    ...(heads > 1 && { draws: { shape: [size, heads], data: draws } }),
    total: { shape: [], data: Float32Array.of(total) },
  }
}

interface PlacedPair {
  readonly ranking: RankedTexts
  readonly pair: RankedPair
  /** The row of the ranking's first text. */
  readonly first: number
}

function pairsIn(rankings: readonly RankedTexts[]): readonly PlacedPair[] {
  let first = 0
  return rankings.flatMap((ranking) => {
    const placed = ranking.pairs.map((pair) => ({ ranking, pair, first }))
    first += ranking.texts.length
    return placed
  })
}
