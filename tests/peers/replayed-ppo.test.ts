/** Runs of PPO with its pretraining mix, computed again in float64 PyTorch. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Batch, Engine, HostTensor } from '../../src-main/compute/engine'
import type { Parameters } from '../../src-main/compute/parameters'
import type { Reward } from '../../src-main/rewards/reward'
import { trainPpo } from '../../src-main/trainers/ppo'
import { startingModels } from '../../src-main/trainers/ppo-update'
import { rowOf } from '../../src-main/trainers/rows'
import type { PpoSettings } from '../../src-shared/recipes/ppo'
import { skipped } from '../helpers/skipping'
import { ppoSettings, rewardedBy, run, testEngine, tinyModel } from '../trainers/tiny'
import { saidBy, whyNoPython } from './peers'

const policy = tinyModel('abcd?')
const letter = rowOf(policy.tokenizer, { prompt: '', completion: 'a' }, 12).ids[1]
const wantsA: Reward = async (texts) =>
  texts.map(({ completion }) => completion.split('a').length / 4 - 1 / 4)
const pretraining = ['abcd', 'dcba', 'bb', 'cad', 'a?'].map((completion) => ({ prompt: '', completion }))

const common: Partial<PpoSettings> = {
  critic: 'value-head',
  updates: 6,
  learningRate: 3e-3,
  weightDecay: 0,
  clipNorm: 0.5,
  klBeta: 0.1,
  noEndPenalty: 0.5,
  ptxWeight: 0.5,
  ptxExamples: 4,
}
const runs: Readonly<Record<string, Partial<PpoSettings>>> = {
  'the exact KL and an entropy bonus': { klEstimator: 'exact', entropyBonus: 0.02 },
  'a sampled KL, at another temperature': { klEstimator: 'sampled', temperature: 0.7, gamma: 0.95 },
  'k2 in the loss': { klEstimator: 'k2', valueWeight: 0.3 },
  'k3 in the loss': { klEstimator: 'k3', clipRange: 0.05, valueClipRange: 0.05 },
}

interface Recorded {
  readonly texts: readonly unknown[]
  readonly pretraining: readonly unknown[]
  readonly learningRate: number
  readonly said: Readonly<Record<string, number>>
}

/** An engine that writes down what an update reads and says. */
function recording(updates: Recorded[]): Engine {
  const engine = testEngine()
  return {
    ...engine,
    trainStep(...asked) {
      const step = engine.trainStep(...asked)
      return {
        ...step,
        async update(batch, learningRate) {
          const parts = [batch].flat() as readonly Batch[]
          const said = await step.update(batch, learningRate)
          updates.push({
            texts: parts.flatMap(textsOf),
            pretraining: parts.flatMap(mixOf),
            learningRate,
            said,
          })
          return said
        },
      }
    },
  }
}

/** Rows of a part: which tokens, and which of them are read or learned. */
function rowsOf(ids: HostTensor, mask: HostTensor) {
  const [rows, time] = mask.shape as [number, number]
  return Array.from({ length: rows }, (_, row) => ({
    ids: [...ids.data.subarray(row * (time + 1), (row + 1) * (time + 1))],
    mask: [...mask.data.subarray(row * time, (row + 1) * time)],
  })).filter(({ mask }) => mask.includes(1))
}

const textsOf = ({ ids, mask }: Batch) =>
  rowsOf(ids!, mask!).map((row) => ({
    ids: row.ids.slice(0, row.mask.lastIndexOf(1) + 2),
    promptTokens: row.mask.indexOf(1) + 1,
  }))

const mixOf = ({ pretrainIds, pretrainMask }: Batch) => rowsOf(pretrainIds!, pretrainMask!)

const valuesIn = ({ spec, view }: Parameters) =>
  Object.fromEntries(Object.entries(spec).map(([name, shape]) => [name, { shape, data: [...view(name)] }]))

async function recordedRun([name, changed]: readonly [string, Partial<PpoSettings>]): Promise<unknown> {
  const settings = ppoSettings({ ...common, ...changed })
  const updates: Recorded[] = []
  const inputs = { policy, rewards: rewardedBy(wantsA), prompts: ['a?', 'b?', ''], pretraining }
  const { last } = await run(trainPpo(recording(updates), inputs, settings))
  const { parameters } = last.model
  return {
    name,
    settings,
    heads: 2, // of attention
    letter,
    end: policy.tokenizer.endToken,
    first: valuesIn(startingModels(policy, settings).policy.parameters),
    last: Object.fromEntries(Object.keys(parameters.spec).map((each) => [each, [...parameters.view(each)]])),
    updates,
  }
}

describe.skipIf(whyNoPython)(`PPO computed again by PyTorch in float64${skipped(whyNoPython)}`, () => {
  const folder = mkdtemp(join(tmpdir(), 'replay-'))
  afterAll(async () => rm(await folder, { recursive: true }))

  it('has the same losses, gradient norms and last weights, wherever the KL stands', async () => {
    const file = join(await folder, 'runs.json')
    const recorded = []
    for (const each of Object.entries(runs)) recorded.push(await recordedRun(each))
    await writeFile(file, JSON.stringify(recorded))
    const said = saidBy('replay_ppo.py', file) as {
      name: string
      updates: number
      loss: number
      norm: number
      weight: number
    }[]
    expect(said.map(({ name }) => name)).toEqual(Object.keys(runs))
    for (const { name, updates, loss, norm, weight } of said) {
      expect(updates, name).toBe(6 * 2 * 2)
      expect(loss, `${name}: a loss`).toBeLessThan(2e-5)
      expect(norm, `${name}: a gradient norm`).toBeLessThan(1e-3)
      expect(weight, `${name}: a weight`).toBeLessThan(1e-3)
    }
  }, 120_000)
})
