/** Runs of the trainers that learn from preferences offline, computed again in float64 PyTorch. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { defaultsOf, type SettingsValues } from '../../src-shared/fields'
import { dpoFields } from '../../src-shared/recipes/dpo'
import { ktoFields } from '../../src-shared/recipes/kto'
import { referenceFreeFields } from '../../src-shared/recipes/reference-free'
import type { Model } from '../../src-main/model/model'
import { trainDpo } from '../../src-main/trainers/dpo'
import { splitHeldOut } from '../../src-main/trainers/held-out'
import { samePairs, sameRows } from '../../src-main/trainers/sameness'
import { trainKto } from '../../src-main/trainers/kto'
import { examplesAt } from '../../src-main/trainers/order'
import { readPairs } from '../../src-main/trainers/pair-rows'
import { trainReferenceFree } from '../../src-main/trainers/reference-free'
import { longest, type Row } from '../../src-main/trainers/rows'
import type { TrainerEvent } from '../../src-main/trainers/trainer'
import { readJudged } from '../../src-main/trainers/unpaired-rows'
import { skipped } from '../helpers/skipping'
import { run, testEngine, tinyModel } from '../trainers/tiny'
import { saidBy, whyNoPython } from './peers'

const letters = 'abcdxyz?'
const pairs = Array.from({ length: 24 }, (_, row) => {
  const plain = [0, 1, 2].map((index) => 'abcd'[(row * 7 + index * 5 + (row >> index)) % 4]).join('')
  return {
    prompt: `${'abcd'[row % 4]}?`,
    chosen: `x${plain}`,
    rejected: `${plain}${'yz'[row % 2]}${'d'.repeat(row % 3)}`,
    margin: 1,
  }
})
const texts = { rated: [], pairs }
const policy = tinyModel(letters)

const common = {
  epochs: 4,
  warmupUpdates: 2,
  samplesEvery: 100,
  learningRate: 3e-3,
  heldOutFraction: 0.2,
  weightDecay: 0,
  clipNorm: 0.5,
  accumulation: 2,
} as const
const dpo = { ...defaultsOf(dpoFields), ...common, batchPairs: 6 }
const kto = { ...defaultsOf(ktoFields), ...common, batchExamples: 7 }
const free = { ...defaultsOf(referenceFreeFields), ...common, batchPairs: 6 }
const simpo = { ...free, loss: 'simpo', beta: 2.5, gamma: 1.375, sftWeight: 0 } as const

interface Replayed {
  readonly trainer: 'dpo' | 'kto' | 'reference-free'
  readonly settings: SettingsValues & {
    readonly heldOutFraction: number
    readonly seed: number
    readonly epochs: number
  }
  readonly size: number
  readonly train: () => AsyncGenerator<TrainerEvent>
}

const runs: Readonly<Record<string, Replayed>> = {
  DPO: {
    trainer: 'dpo',
    settings: dpo,
    size: 6,
    train: () => trainDpo(testEngine(), { policy, pairs }, dpo),
  },
  'AOT, unpaired': aligned(),
  KTO: {
    trainer: 'kto',
    settings: kto,
    size: 7,
    train: () => trainKto(testEngine(), { policy, texts }, kto),
  },
  BCO: bco(),
  ORPO: {
    trainer: 'reference-free',
    settings: free,
    size: 6,
    train: () => trainReferenceFree(testEngine(), { policy, pairs }, free),
  },
  SimPO: {
    trainer: 'reference-free',
    settings: simpo,
    size: 6,
    train: () => trainReferenceFree(testEngine(), { policy, pairs }, simpo),
  },
}

function aligned(): Replayed {
  const settings = { ...dpo, loss: 'aot-unpaired' } as const
  return {
    trainer: 'dpo',
    settings,
    size: 6,
    train: () => trainDpo(testEngine(), { policy, pairs }, settings),
  }
}

function bco(): Replayed {
  const settings = { ...kto, loss: 'bco' } as const
  return {
    trainer: 'kto',
    settings,
    size: 7,
    train: () => trainKto(testEngine(), { policy, texts }, settings),
  }
}

const plain = ({ ids, learnedFrom }: Row) => ({ ids: [...ids], learnedFrom })

/** What the run reads, as PyTorch is given it, and positions of its longest row. */
function readBy({ trainer, settings }: Replayed): {
  readonly rows: readonly unknown[]
  readonly time: number
} {
  const { heldOutFraction, seed } = settings
  if (trainer === 'kto') {
    const { rows } = readJudged(policy, texts, 1)
    const { trained } = splitHeldOut(rows, heldOutFraction, seed, sameRows)
    return { time: longest(rows), rows: trained.map((row) => ({ ...plain(row), isGood: row.isGood })) }
  }
  const { rows } = readPairs(policy, pairs)
  const { trained } = splitHeldOut(rows, heldOutFraction, seed, samePairs)
  return {
    time: longest(rows.flatMap(({ chosen, rejected }) => [chosen, rejected])),
    rows: trained.map(({ chosen, rejected }) => ({ chosen: plain(chosen), rejected: plain(rejected) })),
  }
}

const weightsOf = ({ parameters }: Model) =>
  Object.entries(parameters.spec).map(
    ([name, shape]) => [name, { shape, data: [...parameters.view(name)] }] as const,
  )

async function recordedRun([name, replayed]: readonly [string, Replayed]): Promise<unknown> {
  const { updates, last } = await run(replayed.train())
  const { rows, time } = readBy(replayed)
  return {
    name,
    trainer: replayed.trainer,
    settings: replayed.settings,
    heads: 2,
    time,
    first: Object.fromEntries(weightsOf(policy)),
    last: Object.fromEntries(weightsOf(last.model).map(([tensor, { data }]) => [tensor, data])),
    updates: updates.map(({ step, values }) => ({
      batch: examplesAt(rows, replayed.size, step - 1, replayed.settings.seed, replayed.settings.epochs),
      loss: values['loss/preference'],
      gradientNorm: values['optimizer/gradient-norm'],
      learningRate: values['optimizer/learning-rate'],
    })),
  }
}

describe.skipIf(whyNoPython)(`a run computed again by PyTorch in float64${skipped(whyNoPython)}`, () => {
  const folder = mkdtemp(join(tmpdir(), 'replay-'))
  afterAll(async () => rm(await folder, { recursive: true }))

  it('has the same losses, gradient norms and last weights, whatever the loss', async () => {
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
})
