/** The losses of the DPO family, each with its gradient, against TRL's own code (fixtures/losses/trl.py) in float64. */
import { describe, expect, it } from 'vitest'
import { defaultsOf } from '../../src-shared/fields'
import { dpoFields, type DpoSettings } from '../../src-shared/recipes/dpo'
import { partnersOf } from '../../src-main/maths/alignment'
import { preferenceLosses, type PreferenceLossName } from '../../src-main/maths/preference-losses'
import { judgedPairs, shares } from '../../src-main/trainers/pair-objective'
import type { PairBatch } from '../../src-main/trainers/pair-rows'
import { trl } from '../fixtures/losses/trl'
import { exactLoss, vector } from './exact-loss'

const { pairs, time, mask, tokens, sumsOf } = trl
/** Weights of tokens beyond the shorter completion of a pair. */
const tailWeights = (weight: number): number[] =>
  mask.flatMap((row, index) => {
    const shorter = Math.min(tokens[index]!, tokens[(index + pairs) % (2 * pairs)]!)
    let seen = 0
    return row.map((isLearned) => (isLearned && ++seen > shorter ? weight : 1))
  })

const ratios = trl.sums.map((sum, row) => sum - sumsOf(trl.reference)[row]!)
const upper = (both: readonly number[]) => both.slice(0, pairs)
const lower = (both: readonly number[]) => both.slice(pairs)
const minus = (a: readonly number[], b: ArrayLike<number>) => a.map((value, index) => value - b[index]!)

const partners: Readonly<Partial<Record<string, readonly number[]>>> = {
  aot: (() => {
    const ofReference = minus(upper(sumsOf(trl.reference)), lower(sumsOf(trl.reference)))
    const found = partnersOf(minus(upper(trl.sums), lower(trl.sums)), ofReference)
    const less = minus([...found], ofReference)
    return [...less, ...less]
  })(),
  'aot-unpaired': [...partnersOf(upper(ratios), lower(ratios)), ...partnersOf(lower(ratios), upper(ratios))],
}

/** Loss and gradient of every log-probability, in float64. */
function ours(settings: DpoSettings) {
  const weights = settings.tailWeight === 1 ? undefined : tailWeights(settings.tailWeight)
  const aligned = partners[settings.loss]
  const batch = {
    mask: { shape: [2 * pairs, time], data: mask.flat() },
    reference: vector(sumsOf(trl.reference, weights)),
    tokens: vector(tokens),
    counts: vector(new Array<number>(pairs).fill(1)),
    total: { shape: [], data: [pairs] },
    ...(weights && { tokenWeights: { shape: [2 * pairs, time], data: weights } }),
    ...(aligned && { partners: vector(aligned) }),
  }
  const logProbs = { shape: [2 * pairs, time], data: trl.logProbs }
  return exactLoss(
    (lp, given) => shares(judgedPairs(lp, given as PairBatch, settings), given as PairBatch).loss,
    logProbs,
    batch,
  )
}

const settings = (more: Partial<DpoSettings>): DpoSettings => ({
  ...defaultsOf(dpoFields),
  beta: 0.3,
  ...more,
})

const named = Object.keys(preferenceLosses) as readonly PreferenceLossName[]
const cases: readonly (readonly [string, Partial<DpoSettings>])[] = [
  ...named.filter((loss) => loss !== 'ipo').map((loss) => [loss.replace('-', '_'), { loss }] as const),
  ['ipo', { loss: 'ipo', logRatios: 'per-token' }],
  ['sigmoid_norm', { logRatios: 'per-token' }],
  ['forward_kl', { divergence: 'forward-kl' }],
  ['js_divergence', { loss: 'hinge', divergence: 'jensen-shannon' }],
  ['alpha_divergence', { divergence: 'alpha', alphaDivergence: 0.5 }],
  ['ld_alpha', { tailWeight: 0.5 }],
]

describe('a loss of preference pairs agrees with TRL, and so does its gradient', () => {
  it.each(cases)('%s', (name, more) => {
    const theirs = trl.dpo[name]!
    const { loss, gradient } = ours(settings(more))
    expect(Math.abs(loss - theirs.loss)).toBeLessThan(1e-6 * (1 + Math.abs(theirs.loss)))
    const largest = Math.max(...theirs.gradient.map(Math.abs))
    for (const [index, slope] of theirs.gradient.entries())
      expect(Math.abs(gradient[index]! - slope), `token ${index}`).toBeLessThan(1e-6 * (1 + largest))
  })

  it('no two of them are the same', () => {
    const all = cases.map(([, more]) => ours(settings(more)).loss.toPrecision(8))
    expect(new Set(all).size).toBe(cases.length)
  })
})

describe('what TRL has not', () => {
  it('IPO of whole log-ratios is the squared distance of each lead from 1/2β', () => {
    const leads = minus(upper(ratios), lower(ratios))
    const byHand = leads.reduce((sum, lead) => sum + (lead - 1 / 0.6) ** 2, 0) / pairs
    expect(ours(settings({ loss: 'ipo' })).loss).toBeCloseTo(byHand, 6)
  })

  it('imitation adds α times the chosen tokens’ mean −log π, of each pair alike', () => {
    const perToken = upper(trl.sums).reduce((sum, each, index) => sum - each / tokens[index]!, 0) / pairs
    const plain = ours(settings({}))
    const mixed = ours(settings({ sftWeight: 2 }))
    expect(mixed.loss - plain.loss).toBeCloseTo(2 * perToken, 9)
    // The first chosen completion has 3 tokens of one of 5 pairs: each moves the loss by −2 / (5 · 3).
    expect(mixed.gradient[1]! - plain.gradient[1]!).toBeCloseTo(-2 / 15, 9)
  })
})
