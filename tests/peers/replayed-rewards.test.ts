/** Runs of the trainers of reward models, computed again in float64 PyTorch. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { defaultsOf } from '../../src-shared/fields'
import { rewardFields, type RewardSettings } from '../../src-shared/recipes/reward-fields'
import { rankings } from '../../src-main/data/rankings'
import { steppedTexts } from '../../src-main/data/stepped'
import { seeded } from '../../src-main/maths/random'
import { createRewardModel } from '../../src-main/model/heads'
import type { Model, RewardHead } from '../../src-main/model/model'
import { readSteps, splitSteps } from '../../src-main/model/steps'
import { drawn } from '../../src-main/trainers/drawn'
import { splitHeldOut } from '../../src-main/trainers/held-out'
import { sameRankings, sameTexts } from '../../src-main/trainers/sameness'
import { examplesAt } from '../../src-main/trainers/order'
import { pairAsRanking, readRankings } from '../../src-main/trainers/ranked-texts'
import { trainRewardModel } from '../../src-main/trainers/reward'
import { trainProcessReward } from '../../src-main/trainers/steps'
import type { TrainerEvent } from '../../src-main/trainers/trainer'
import { skipped } from '../helpers/skipping'
import { run, testEngine, tinyModel } from '../trainers/tiny'
import { saidBy, whyNoPython } from './peers'

const letters = 'abcdxyz?\n'
const base = tinyModel(letters, 20)
const plain = (row: number): string =>
  [0, 1, 2].map((index) => 'abcd'[(row * 7 + index * 5 + (row >> index)) % 4]).join('')
const pairs = Array.from({ length: 24 }, (_, row) => ({
  prompt: `${'abcd'[row % 4]}?`,
  chosen: `${plain(row)}x`,
  rejected: `${plain(row)}${'yz'[row % 2]}${'d'.repeat(row % 3)}`,
  margin: row % 2 ? 1 : 1 / 3,
}))
const rated = Array.from({ length: 18 }, (_, row) =>
  ['x', 'y', 'z', 'xy'].map((first, place) => ({
    prompt: `${plain(row)}?`,
    completion: `${first}${plain(row + place)}`,
    rating: [3, 1, 1, 2][place]!,
  })),
).flat()
const solutions = Array.from({ length: 24 }, (_, row) => {
  const lines = [0, 1, 2].map((step) => `${row % 4 === step ? 'x' : ''}${plain(row + step)}`)
  return lines.map((_line, last) => ({
    prompt: `${plain(row)}?`,
    completion: lines.slice(0, last + 1).join('\n'),
    rating: row % 4 <= last ? 0 : 0.9,
  }))
}).flat()

const common: RewardSettings = {
  ...defaultsOf(rewardFields),
  epochs: 4,
  warmupUpdates: 2,
  learningRate: 3e-3,
  heldOutFraction: 0.2,
  weightDecay: 0,
  clipNorm: 0.5,
  accumulation: 2,
  batchPairs: 6,
}

interface Replayed {
  readonly trainer: 'reward' | 'steps'
  readonly settings: RewardSettings
  readonly head?: RewardHead
  readonly train: () => AsyncGenerator<TrainerEvent>
  /** What an update reads, as PyTorch is given it. */
  readonly rows: readonly unknown[]
  readonly size: number
}

const runs: Readonly<Record<string, Replayed>> = {
  'pairs with margins': ofPairs(common),
  'pairs at each token, small scores': ofPairs({ ...common, compareAt: 'each-token', sizePenalty: 0.1 }),
  'rankings, three heads': ofRankings({ ...common, learnFrom: 'rankings', heads: 3, batchPairs: 3 }),
  steps: ofSteps({ ...common, learnFrom: 'steps', batchPairs: 2 }),
}

function ofPairs(settings: RewardSettings): Replayed {
  return {
    ...rankedRun(settings, pairs.map(pairAsRanking)),
    train: () => trainRewardModel(testEngine(), base, pairs, settings),
  }
}

function ofRankings(settings: RewardSettings): Replayed {
  const ranked = rankings([], rated, settings.rankingSize)
  return {
    ...rankedRun(settings, ranked.rankings),
    head: { hasSegments: false, ensemble: { heads: settings.heads, caution: settings.caution } },
    train: () => trainRewardModel(testEngine(), base, ranked, settings),
  }
}

function rankedRun(
  settings: RewardSettings,
  ranked: Parameters<typeof readRankings>[1],
): Omit<Replayed, 'train'> {
  const model = createRewardModel(base, seeded(1))
  const { read } = readRankings(model, ranked, { name: 'pairs', each: 'pairs' }, settings)
  const { trained } = splitHeldOut(read, settings.heldOutFraction, settings.seed, sameRankings)
  const rows = drawn(trained, settings.heads, settings.seed).map(({ texts, ...ranking }) => ({
    ...ranking,
    texts: texts.map(({ ids, promptTokens }) => ({ ids: [...ids], promptTokens })),
  }))
  return { trainer: 'reward', settings, rows, size: settings.batchPairs }
}

function ofSteps(settings: RewardSettings): Replayed {
  const read = steppedTexts(solutions, splitSteps).map(({ prompt, completion, labels }) => {
    const { ids, stepEnds, promptTokens } = readSteps(
      base.config,
      base.tokenizer,
      { prompt, completion, hasEnded: true },
      true,
    )
    return { ids, promptTokens, stepEnds, labels }
  })
  return {
    trainer: 'steps',
    settings,
    head: { hasSegments: false, steps: { joined: 'product' } },
    rows: splitHeldOut(read, settings.heldOutFraction, settings.seed, sameTexts).trained.map(
      ({ ids, stepEnds, labels }) => ({ ids: [...ids], stepEnds, labels }),
    ),
    size: 2 * settings.batchPairs,
    train: () => trainProcessReward(testEngine(), base, solutions, settings),
  }
}

const weightsOf = ({ parameters }: Model) =>
  Object.entries(parameters.spec).map(
    ([name, shape]) => [name, { shape, data: [...parameters.view(name)] }] as const,
  )

async function recordedRun([name, replayed]: readonly [string, Replayed]): Promise<unknown> {
  const { trainer, settings, head, rows, size } = replayed
  const { updates, last } = await run(replayed.train())
  return {
    name,
    trainer,
    settings,
    heads: 2, // of attention
    first: Object.fromEntries(weightsOf(createRewardModel(base, seeded(settings.seed, 'head'), head))),
    last: Object.fromEntries(weightsOf(last.model).map(([tensor, { data }]) => [tensor, data])),
    updates: updates.map(({ step, values }) => ({
      batch: examplesAt(rows, size, step - 1, settings.seed, settings.epochs),
      loss: values['loss/reward'] ?? values['loss/steps'],
      gradientNorm: values['optimizer/gradient-norm'],
      learningRate: values['optimizer/learning-rate'],
    })),
  }
}

describe.skipIf(whyNoPython)(
  `a reward model computed again by PyTorch in float64${skipped(whyNoPython)}`,
  () => {
    const folder = mkdtemp(join(tmpdir(), 'replay-'))
    afterAll(async () => rm(await folder, { recursive: true }))

    it('has the same losses, gradient norms and last weights, whatever it learns from', async () => {
      const file = join(await folder, 'runs.json')
      const recorded = []
      for (const each of Object.entries(runs)) recorded.push(await recordedRun(each))
      await writeFile(file, JSON.stringify(recorded))
      const said = saidBy('replay.py', file) as {
        name: string
        updates: number
        loss: number
        norm: number
        weight: number
      }[]
      expect(said.map(({ name }) => name)).toEqual(Object.keys(runs))
      for (const { name, updates, loss, norm, weight } of said) {
        expect(updates, name).toBeGreaterThan(10)
        expect(loss, `${name}: a loss`).toBeLessThan(2e-5)
        expect(norm, `${name}: a gradient norm`).toBeLessThan(1e-3)
        expect(weight, `${name}: a weight`).toBeLessThan(1e-3)
      }
    }, 120_000)
  },
)
