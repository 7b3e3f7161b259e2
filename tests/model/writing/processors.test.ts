import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createSampler, type SamplingRule } from '../../../src-main/model/writing/sampling'

interface Recorded {
  readonly rule: Readonly<Record<string, number>>
  readonly ids: readonly number[]
  readonly logits: readonly number[]
  /** What transformers' processors make of the logits; null where a token cannot be drawn. */
  readonly scores: readonly (number | null)[]
}

const cases = JSON.parse(readFileSync('tests/fixtures/sampling/recorded.json', 'utf8')) as readonly Recorded[]

const ruleOf = ({ rule }: Recorded): SamplingRule => ({
  temperature: rule['temperature'] ?? 1,
  topK: rule['top_k'] ?? 0,
  topP: rule['top_p'] ?? 1,
  minP: rule['min_p'] ?? 0,
  typicalP: rule['typical_p'] ?? 1,
  repetitionPenalty: rule['repetition_penalty'] ?? 1,
  uniqueNgram: rule['no_repeat_ngram_size'] ?? 0,
})

/** Cumulative probability before and with each token, of the distribution that transformers draws from. */
function cumulative(scores: Recorded['scores']): readonly number[] {
  const most = Math.max(...scores.map((score) => score ?? -Infinity))
  const weights = scores.map((score) => (score === null ? 0 : Math.exp(score - most)))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let reached = 0
  return [0, ...weights.map((weight) => (reached += weight / total))]
}

describe('sampling, held against transformers', () => {
  const named = cases.map((each, index) => ({ name: `${JSON.stringify(each.rule)}, ${index % 3}`, each }))

  it.each(named)('$name: leaves the same tokens with the same probabilities', ({ each }) => {
    const sampler = createSampler(each.logits.length, ruleOf(each))
    const draw = (share: number): number =>
      sampler.draw(Float32Array.from(each.logits), () => share, each.ids)
    draw(0.5)
    expect([...sampler.allowed]).toEqual(each.scores.map((score) => (score === null ? 0 : 1)))
    // just inside both ends of each token's part of the line from 0 to 1 that token is drawn, as there
    const ends = cumulative(each.scores)
    for (const id of each.logits.keys()) {
      const [from, to] = [ends[id]! + 1e-6, ends[id + 1]! - 1e-6]
      if (from < to) expect([draw(from), draw(to)]).toEqual([id, id])
    }
  })

  it('takes the likeliest of what the rules against repetition leave at temperature 0', () => {
    for (const each of cases.filter(({ rule }) => !('temperature' in rule))) {
      const sampler = createSampler(each.logits.length, { ...ruleOf(each), temperature: 0 })
      const best = each.scores.reduce<number>(
        (found, score, id) => ((score ?? -Infinity) > (each.scores[found] ?? -Infinity) ? id : found),
        0,
      )
      const isTruncation = ['min_p', 'typical_p', 'top_p', 'top_k'].some((name) => name in each.rule)
      const first = each.logits.indexOf(Math.max(...each.logits))
      expect(sampler.draw(Float32Array.from(each.logits), Math.random, each.ids)).toBe(
        isTruncation ? first : best,
      )
    }
  })

  it('forbids nothing where every token would be forbidden', () => {
    const sampler = createSampler(2, { temperature: 0, topK: 0, topP: 1, uniqueNgram: 1 })
    expect(sampler.draw(Float32Array.of(1, 2), Math.random, [0, 1])).toBe(1)
  })

  it('never writes a run of n tokens twice', () => {
    const sampler = createSampler(40, { temperature: 0, topK: 0, topP: 1, uniqueNgram: 3 })
    const logits = Float32Array.from({ length: 40 }, (_, id) => -id)
    const ids = [0]
    while (ids.length < 60) ids.push(sampler.draw(logits.slice(), Math.random, ids))
    const runs = ids.slice(2).map((_, start) => ids.slice(start, start + 3).join())
    expect(new Set(runs).size).toBe(runs.length)
  })
})
