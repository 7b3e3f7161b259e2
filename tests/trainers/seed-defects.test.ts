/** Six ways in which a small PPO program was seen to go wrong. Each is excluded here. */
import { describe, expect, it } from 'vitest'
import type * as tf from '../../src-main/compute/tf'
import { nextTokenLogits } from '../../src-main/model/language-model'
import type { LanguageModel } from '../../src-main/model/model'
import type { Reward, ScoredText } from '../../src-main/rewards/reward'
import { trainPpo } from '../../src-main/trainers/ppo'
import { openPpoUpdates, startingModels } from '../../src-main/trainers/ppo-update'
import { openRoller } from '../../src-main/trainers/roller'
import { type Drawn } from '../../src-main/trainers/rollout'
import { ppoSettings, rewardedBy, run, testEngine, tinyModel } from './tiny'

const letters = 'abc'
const constant: Reward = async (texts) => texts.map(() => 0.5)
const countsA: Reward = async (texts) =>
  texts.map(({ completion }) => [...completion].filter((letter) => letter === 'a').length)
const inputs = (policy: LanguageModel, reward: Reward = countsA) => ({
  policy,
  rewards: rewardedBy(reward, constant),
  prompts: [],
})
const shape = { rows: 8, lengths: [8] }

/** Completions of a model, measured against another one. */
async function drawn(
  policy: LanguageModel,
  reference: LanguageModel,
  sampling: { readonly topK: number; readonly temperature: number },
): Promise<readonly Drawn[]> {
  const models = startingModels(policy, ppoSettings({ critic: 'separate' }))
  const roller = openRoller(testEngine(), { policy, reference, critic: models.critic }, shape, {
    temperature: sampling.temperature,
    keepReferenceStates: false,
  })
  return roller.roll(
    Array.from({ length: 8 }, () => ''),
    { ...sampling, topP: 1, maxTokens: 8, seed: 5 },
  )
}

/** Log-softmax rows of a text's drawn tokens, on the host: [drawn tokens][V]. */
async function logProbRows(
  model: LanguageModel,
  { completion }: Drawn,
  temperature: number,
): Promise<number[][]> {
  const program = testEngine().program((weights, batch) => ({
    logits: nextTokenLogits(model.config, weights, batch['ids'] as tf.Tensor),
  }))
  const { logits } = await program.run(model.parameters, {
    ids: { shape: [1, completion.ids.length], data: completion.ids },
  })
  const vocabulary = model.config.vocabulary
  return Array.from({ length: completion.ids.length - completion.promptTokens }, (_, t) => {
    const row = [
      ...logits!.data.slice(
        (t + completion.promptTokens - 1) * vocabulary,
        (t + completion.promptTokens) * vocabulary,
      ),
    ].map((logit) => logit / temperature)
    const total = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0))
    return row.map((logit) => logit - total)
  })
}

describe('PPO is not the seed’s', () => {
  it('1. holds to a reference that never moves: the KL it reports is the KL to the model it started from', async () => {
    const start = tinyModel(letters)
    const before = start.parameters.flat.slice()
    const { updates, last } = await run(
      trainPpo(testEngine(), inputs(start), ppoSettings({ updates: 10, klBeta: 0, learningRate: 1e-2 })),
    )
    expect(start.parameters.flat).toEqual(before)
    expect(updates.at(-1)?.values['kl/text']).toBeGreaterThan(0.5)
    for (const each of await drawn(last.model as LanguageModel, start, { topK: 0, temperature: 1 })) {
      const [ours, theirs] = [
        await logProbRows(last.model as LanguageModel, each, 1),
        await logProbRows(start, each, 1),
      ]
      const kl = ours.map((row, t) =>
        row.reduce((sum, logProb, id) => sum + Math.exp(logProb) * (logProb - theirs[t]![id]!), 0),
      )
      expect([...each.kl].map((nats, t) => Math.abs(nats - kl[t]!) < 1e-4)).not.toContain(false)
    }
  })

  it('2. makes its updates: the policy it returns is another one, and its reward is higher', async () => {
    const { updates } = await run(
      trainPpo(
        testEngine(),
        inputs(tinyModel(letters)),
        ppoSettings({ updates: 15, completions: 32, klBeta: 0 }),
      ),
    )
    expect(updates.at(-1)?.values['reward/mean']).toBeGreaterThan(
      (updates[0]?.values['reward/mean'] as number) + 1,
    )
  })

  it('3. samples and trains one distribution: at the first update KL is 0, ρ is 1 and nothing is clipped', async () => {
    for (const settings of [{}, { topK: 2 }, { temperature: 0.7, topK: 3 }, { topP: 0.6 }, { minP: 0.7 }]) {
      const { updates } = await run(
        trainPpo(
          testEngine(),
          inputs(tinyModel(letters)),
          ppoSettings({ ...settings, epochs: 1, minibatches: 1, updates: 1 }),
        ),
      )
      expect(updates[0]?.values['kl/text']).toBe(0)
      expect(updates[0]?.values['policy/ratio']).toBeCloseTo(1, 5)
      expect(updates[0]?.values['policy/clip-fraction']).toBe(0)
    }
  })

  it('4. ends everything at the end token: what stands after it changes no loss', async () => {
    const policy = tinyModel(letters)
    const rollout = (await drawn(policy, policy, { topK: 0, temperature: 1 })).map((each) => ({
      ...each,
      advantages: each.logProbs.map((_, t) => (t % 2 ? 1 : -1)),
      returns: each.logProbs.map(() => 0.5),
    }))
    for (const { completion, logProbs, kl, values } of rollout) {
      const end = completion.ids.indexOf(policy.tokenizer.endToken, 1)
      if (completion.hasEnded) expect(end).toBe(completion.ids.length - 1)
      expect([logProbs.length, kl.length, values.length]).toEqual(
        Array(3).fill(completion.ids.length - completion.promptTokens),
      )
    }
    const losses = async (time: number) => {
      const updates = openPpoUpdates(
        testEngine(),
        startingModels(policy, ppoSettings({ critic: 'value-head' })),
        { rows: 8, lengths: [time] },
        ppoSettings({ topK: 0, klEstimator: 'sampled' }),
      )
      return updates.apply(rollout, { stepShare: 1, isWarmingUp: false, klWeight: 0 })
    }
    const [narrow, wide] = [await losses(8), await losses(12)]
    for (const [name, loss] of Object.entries(narrow))
      expect({ name, loss: wide[name] }).toEqual({ name, loss: expect.closeTo(loss, 5) as number })
  })

  it('5. scores the text as a person reads it: no end sign, and its last character', async () => {
    const read: ScoredText[] = []
    const listening: Reward = async (texts) => {
      read.push(...texts)
      return constant(texts)
    }
    const prompted = {
      policy: tinyModel(letters),
      rewards: rewardedBy(listening, constant),
      prompts: ['cab'],
    }
    const { updates } = await run(
      trainPpo(testEngine(), prompted, ppoSettings({ updates: 1, maxTokens: 8 })),
      1,
    )
    expect(read.every(({ prompt, completion }) => prompt === 'cab' && /^[abc]*$/.test(completion))).toBe(true)
    expect(read.reduce((sum, { completion }) => sum + completion.length, 0) / read.length).toBe(
      updates[0]?.values['text/length'],
    )
    expect(read.filter(({ hasEnded }) => !hasEnded).every(({ completion }) => completion.length === 8)).toBe(
      true,
    )
  })

  it('6. takes log-probabilities over the tokens that could be drawn, for policy and reference alike', async () => {
    const [policy, reference] = [tinyModel(letters, 12, 1), tinyModel(letters, 12, 2)]
    for (const each of await drawn(policy, reference, { topK: 2, temperature: 0.5 })) {
      const [ours, theirs] = [await logProbRows(policy, each, 0.5), await logProbRows(reference, each, 0.5)]
      each.logProbs.forEach((logProb, t) => {
        const id = each.completion.ids[each.completion.promptTokens + t]!
        const likeliest = ours[t]!.map((value, other) => ({ value, other }))
          .sort((a, b) => b.value - a.value)
          .slice(0, 2)
          .map(({ other }) => other)
        const over = (row: number[]) =>
          row[id]! - Math.log(likeliest.reduce((sum, other) => sum + Math.exp(row[other]!), 0))
        expect(likeliest).toContain(id)
        expect(logProb).toBeCloseTo(over(ours[t]!), 4)
        expect(each.referenceLogProbs[t]).toBeCloseTo(over(theirs[t]!), 4)
      })
    }
  })
})

describe('what is drawn from', () => {
  it('has no room for ids beyond the tokenizer: embeddings are often larger', async () => {
    const whole = tinyModel(letters)
    // the same weights with one token fewer: the last id is no token
    const policy = { ...whole, tokenizer: { ...whole.tokenizer, vocabulary: whole.config.vocabulary - 1 } }
    for (const each of await drawn(policy, policy, { topK: 0, temperature: 1 })) {
      const rows = await logProbRows(whole, each, 1)
      rows.forEach((row, t) => {
        const id = each.completion.ids[each.completion.promptTokens + t] as number
        expect(id).toBeLessThan(whole.config.vocabulary - 1)
        const tokens = row.slice(0, -1).reduce((sum, logProb) => sum + Math.exp(logProb), 0)
        expect(each.logProbs[t]).toBeCloseTo((row[id] as number) - Math.log(tokens), 5)
        expect(each.kl[t]).toBe(0)
      })
    }
  })
})
