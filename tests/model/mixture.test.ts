/** Writing with a mixture of two models: the distribution that is drawn from. */
import { describe, expect, it } from 'vitest'
import { openMaskedWriter, openMixtureWriter } from '../../src-main/model/writing/mixture-writer'
import { openTextWriter } from '../../src-main/model/writing/generation'
import { nextTokenLogits } from '../../src-main/model/language-model'
import type { LanguageModel } from '../../src-main/model/model'
import type { Int2D } from '../../src-main/compute/engine'
import { testEngine, tinyModel } from '../trainers/tiny'

const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 6, seed: 5 }
const [one, other] = [tinyModel('abc', 12, 1), tinyModel('abc', 12, 2)]
for (const model of [one, other]) model.parameters.flat.forEach((each, i, all) => (all[i] = 8 * each))
const prompts = ['', 'ab', 'c', 'ab', '', 'bca']

async function written(share: number, times = 1) {
  const engine = testEngine()
  const writer = openMixtureWriter(engine, one, other, share)
  const before = engine.memory().tensors
  const completions = await writer.generate(new Array<string[]>(times).fill(prompts).flat(), sampling)
  writer.dispose()
  expect(engine.memory()).toMatchObject({ tensors: before, graphs: 0 })
  return completions
}
async function alone(model: LanguageModel) {
  const writer = openTextWriter(testEngine(), model)
  const completions = await writer.generate(prompts, sampling)
  writer.dispose()
  return completions
}
/** log-probabilities of the token after the ids. */
async function nextOf(model: LanguageModel, ids: readonly number[]): Promise<number[]> {
  const program = testEngine().program<{ ids: Int2D }>((weights, { ids }) => ({
    logits: nextTokenLogits(model.config, weights, ids),
  }))
  const shape = [1, ids.length + 1]
  const { logits } = await program.run(model.parameters, {
    ids: { shape, data: Int32Array.from([...ids, 0]) },
  })
  program.dispose()
  return Array.from(logits!.data.slice(-model.config.vocabulary))
}

describe('a mixture of two models', () => {
  it('of one alone writes to the letter what that one does', async () => {
    expect(await written(0)).toEqual(await alone(one))
    expect(await written(1)).toEqual(await alone(other))
  })

  it('draws a token as often as π^(1 − α) · μ^α says', async () => {
    const share = 0.3
    const times = 600
    const drawn = await written(share, times)
    const start = drawn[0]!.ids[0]!
    const [ours, theirs] = [await nextOf(one, [start]), await nextOf(other, [start])]
    const mixed = ours.map((each, token) => Math.exp((1 - share) * each + share * theirs[token]!))
    const total = mixed.reduce((sum, each) => sum + each, 0)
    const first = drawn.filter(({ prompt }) => prompt === '').map(({ ids }) => ids[1]!)
    for (const [token, weight] of mixed.entries()) {
      const often = first.filter((id) => id === token).length / first.length
      // five standard deviations of a share among 1,200
      expect(Math.abs(often - weight / total)).toBeLessThan(5 * Math.sqrt(0.25 / first.length))
    }
  })

  it('writes the same beside others as alone', async () => {
    const many = await written(0.5, 20)
    const few = await written(0.5)
    expect(many.slice(0, prompts.length)).toEqual(few)
  })
})

describe('a model within the nucleus of another', () => {
  it('draws nothing else, as often as its own distribution says there', async () => {
    const writer = openMaskedWriter(testEngine(), one, other, 0.6)
    const drawn = await writer.generate(new Array<string>(600).fill(''), sampling, { keepAllowed: true })
    writer.dispose()
    const start = drawn[0]!.ids[0]!
    const likelihoods = (await nextOf(other, [start])).map(Math.exp)
    const total = likelihoods.reduce((sum, each) => sum + each, 0)
    const byShare = likelihoods
      .map((each, token) => ({ token, share: each / total }))
      .sort((a, b) => b.share - a.share)
    const nucleus = byShare.filter(
      (_, rank) => byShare.slice(0, rank).reduce((sum, { share }) => sum + share, 0) < 0.6,
    )
    const inside = new Set(nucleus.map(({ token }) => token))
    expect(inside.size).toBeLessThan(one.config.vocabulary)
    for (const { ids, allowed } of drawn) {
      expect(inside.has(ids[1]!)).toBe(true)
      const first = [...allowed!.subarray(0, one.config.vocabulary)]
      expect(first.flatMap((each, token) => (each === 1 ? [token] : []))).toEqual([...inside].sort())
    }
  })

  it('with a nucleus of everything writes to the letter what the model alone does', async () => {
    const writer = openMaskedWriter(testEngine(), one, other, 1)
    expect(await writer.generate(prompts, sampling)).toEqual(await alone(one))
    writer.dispose()
  })
})
