/**
 * A studio killed at a moment nobody chose, whatever it was doing: what it had acknowledged is there, what it had not
 * is there whole or not at all, and a run goes on to the bits of an unbroken one. `npm run torture` kills trainings of
 * every recipe named here; `npm test` one of them.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SettingsValues } from '../../src-shared/fields'
import type { Run, RunInputs } from '../../src-shared/records/run'
import { openReadOnly } from '../../src-main/store/database'
import { startStudio, type HeadlessStudio } from '../helpers/headless-studio'
import { childrenOf, goneWithinMs } from '../helpers/linux-processes'
import { testQueue } from '../helpers/labels'
import { testFolder, testRegistry } from '../helpers/registry'
import { skipped, whyNotLinux } from '../helpers/skipping'
import { testStudio, type Asking } from '../helpers/test-studio'
import { ended, imported, tinyPretraining, until, weightsIn } from '../helpers/tiny-runs'

const isLong = process.env['STUDIO_TORTURE'] === 'long'
const mostMs = 2500
const passedMs = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const registryIn = (folder: string): string => join(folder, 'registry.sqlite')

/** Kills it while the work goes on, which ends with its line. @returns after how long */
async function killed(studio: HeadlessStudio, work: Promise<unknown>, withinMs = mostMs): Promise<number> {
  const afterMs = Math.random() * withinMs
  const lost = work.catch(() => {})
  await passedMs(afterMs)
  const children = childrenOf(studio.process.pid!)
  await studio.kill()
  await lost
  for (const child of children) expect(await goneWithinMs(child, 5000)).toBe(true)
  return afterMs
}

/** Started again: its file is sound, and nothing half-made is left beside it. */
async function again(folder: string): Promise<HeadlessStudio> {
  const studio = await startStudio(registryIn(folder))
  const db = openReadOnly(registryIn(folder))
  expect(db.get('PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' })
  expect(db.all('PRAGMA foreign_key_check')).toEqual([])
  db.close()
  const beside = join(folder, 'registry-checkpoints')
  const left = existsSync(beside) ? readdirSync(beside, { recursive: true, encoding: 'utf8' }) : []
  expect(left.filter((each) => /partial|unfinished/.test(each))).toEqual([])
  return studio
}

describe.skipIf(whyNotLinux !== undefined)(`a studio killed in its work${skipped(whyNotLinux)}`, () => {
  it('keeps every dataset whose import was acknowledged, and none by half', async () => {
    const folder = testFolder()
    const studio = await startStudio(registryIn(folder))
    const acknowledged: string[] = []
    const importing = async (): Promise<void> => {
      for (let each = 0; ; each++) {
        const path = join(folder, `texts-${each}.txt`)
        writeFileSync(path, Array.from({ length: 3000 }, (_, line) => `text ${each} line ${line}`).join('\n'))
        const last = (await studio.follow('datasets.import', { path })).at(-1)
        if (last?.done) acknowledged.push(last.done.dataset.name)
      }
    }
    await killed(studio, importing())
    const datasets = await (await again(folder)).ask('datasets.list', {})
    const names = datasets.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(acknowledged))
    for (const { rows, name } of datasets) if (name.startsWith('texts-')) expect(rows).toBe(3000)
  })

  it('keeps every verdict of two people and every name that was acknowledged', async () => {
    const folder = testFolder()
    const db = testRegistry(folder)
    const { queue, comparisons } = testQueue(db, 2000)
    db.close()
    const studio = await startStudio(registryIn(folder))
    const judged: string[] = []
    const judging = async (own: typeof comparisons, annotator: string): Promise<void> => {
      for (const { id: comparisonId } of own) {
        await studio.ask('labels.judge', { comparisonId, verdict: 'left', annotator, holding: [] })
        judged.push(comparisonId)
      }
    }
    const names = ['']
    const naming = async (): Promise<void> => {
      for (let each = 1; ; each++) {
        await studio.ask('datasets.rename', { datasetId: queue.datasetId, name: `name ${each}` })
        names.push(`name ${each}`)
      }
    }
    const half = comparisons.length / 2
    const work = [
      judging(comparisons.slice(0, half), 'one'),
      judging(comparisons.slice(half), 'two'),
      naming(),
    ]
    await killed(studio, Promise.all(work))
    await Promise.allSettled(work)

    const later = await again(folder)
    const after = openReadOnly(registryIn(folder))
    const stored = after.all<{ id: number }>('SELECT comparison_id AS id FROM judgments')
    expect(stored.map(({ id }) => `comparison-${id}`)).toEqual(expect.arrayContaining(judged))
    expect(stored.length - judged.length).toBeLessThanOrEqual(2) // saved, and killed before it could say so
    after.close()
    const { name } = (await later.ask('datasets.list', {})).find(({ id }) => id === queue.datasetId)!
    expect(Number(name.slice(5))).toBeGreaterThanOrEqual(names.length - 1)
  })

  it('leaves an export whole under its name, or nothing under it', async () => {
    const folder = testFolder()
    const studio = await startStudio(registryIn(folder))
    const { id } = await imported(studio, 'texts.txt')
    const asked = { recipe: 'pretrain', settings: tinyPretraining, inputs: { texts: [id] } } as const
    const { id: runId } = await studio.ask('runs.launch', asked)
    await ended(studio, runId)
    const { checkpoints } = await studio.ask('runs.show', { runId })
    const to = join(folder, 'exports')
    mkdirSync(to)
    const exporting = async (): Promise<void> => {
      const request = { checkpointId: checkpoints[0]!.id, format: 'hugging-face', folder: to } as const
      for (;;) await studio.ask('checkpoints.export', request)
    }
    await killed(studio, exporting())
    const named = readdirSync(to).filter((each) => !each.startsWith('.unfinished'))
    const files = (each: string): readonly string[] => readdirSync(join(to, each)).sort()
    for (const each of named) {
      expect(files(each)).toEqual(files(named[0]!))
      expect(JSON.parse(readFileSync(join(to, each, 'config.json'), 'utf8'))).toHaveProperty('model_type')
    }
    await again(folder)
  })
})

/** What each recipe learns from, and settings with which it takes some seconds. */
const recipes: readonly (readonly [Run['recipe'], SettingsValues, (from: From) => RunInputs])[] = [
  [
    'sft',
    { epochs: 40, batchExamples: 8 },
    ({ model, labelled }) => ({ policy: model, demonstrations: labelled }),
  ],
  ['reward', { epochs: 40, batchPairs: 8 }, ({ model, pairs }) => ({ base: model, pairs })],
  ['dpo', { epochs: 40, batchPairs: 8 }, ({ model, pairs }) => ({ policy: model, pairs })],
  ['reference-free', { epochs: 40, batchPairs: 8 }, ({ model, pairs }) => ({ policy: model, pairs })],
  [
    'ppo',
    { updates: 40, completions: 8, maxTokens: 8, rewards: 'lexicon' },
    ({ model, prompts }) => ({ policy: model, prompts }),
  ],
  [
    'grpo',
    { updates: 40, groups: 2, groupSize: 4, maxTokens: 8, rewards: 'lexicon' },
    ({ model, prompts }) => ({ policy: model, prompts }),
  ],
]

interface From {
  readonly model: string[]
  readonly labelled: string[]
  readonly pairs: string[]
  readonly prompts: string[]
}

async function prepared(studio: Asking): Promise<From> {
  const texts = await imported(studio, 'texts.txt')
  const asked = { recipe: 'pretrain', settings: tinyPretraining, inputs: { texts: [texts.id] } } as const
  const { id: runId } = await studio.ask('runs.launch', asked)
  await ended(studio, runId)
  const { checkpoints } = await studio.ask('runs.show', { runId })
  return {
    model: [checkpoints.at(-1)!.id],
    labelled: [(await imported(studio, 'labelled.jsonl')).id],
    pairs: [(await imported(studio, 'pairs.jsonl')).id],
    prompts: [(await imported(studio, 'prompts.jsonl')).id],
  }
}

const lastOf = (folder: string, { id, totalSteps }: Run): Promise<Float32Array> =>
  weightsIn(
    join(folder, 'registry-checkpoints', id, `update-${String(totalSteps).padStart(6, '0')}.safetensors`),
  )

describe.skipIf(whyNotLinux !== undefined)(`a training killed with its studio${skipped(whyNotLinux)}`, () => {
  it.each(isLong ? recipes : recipes.slice(-1))(
    '%s: every point that was shown is kept, and it goes on to the bits of an unbroken run',
    async (recipe, settings, inputsOf) => {
      const often = { checkpointEvery: 3, ...(recipe === 'reward' ? {} : { samplesEvery: 50 }) }
      const launch = async (studio: Asking) => {
        const inputs = inputsOf(await prepared(studio)) as Record<string, string[]>
        return studio.ask('runs.launch', { recipe, settings: { ...settings, ...often }, inputs })
      }
      const wholeFolder = testFolder()
      const whole = await testStudio({ folder: wholeFolder })
      const { run: unbroken } = await ended(whole, (await launch(whole)).id)
      expect(unbroken).toMatchObject({ state: 'finished' })

      const folder = testFolder()
      const studio = await startStudio(registryIn(folder))
      const { id: runId } = await launch(studio)
      const seen = (await until(studio, runId, 4)).flatMap(({ points = [] }) => points)
      await killed(studio, Promise.resolve(), 800)

      const later = await again(folder)
      const kept = (await later.follow('runs.watch', { runId, sinceStep: -1 }, () => true)).flatMap(
        ({ points = [] }) => points,
      )
      for (const point of seen) expect(kept).toContainEqual(point)
      const { run: stood } = await later.ask('runs.show', { runId })
      if (stood.state !== 'finished') {
        expect(stood).toMatchObject({
          state: 'failed',
          error: expect.stringMatching(/Resume continues from/),
        })
        await later.ask('runs.resume', { runId })
      }
      const { run } = await ended(later, runId)
      expect(run).toMatchObject({ state: 'finished', totalSteps: unbroken.totalSteps })
      expect(await lastOf(folder, run)).toEqual(await lastOf(wholeFolder, unbroken))
      await later.end()
    },
  )
})
