/**
 * A training of each recipe, killed with its studio again and again until it is over: every point that was shown is
 * kept, and it becomes what an unbroken one becomes, to the bit. `npm test` kills one recipe.
 */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SettingsValues } from '../../src-shared/fields'
import type { MetricPoint, Run, RunInputs } from '../../src-shared/records/run'
import { recipeNames, type RecipeName } from '../../src-shared/recipes/recipes'
import { startStudio } from '../helpers/headless-studio'
import { testFolder } from '../helpers/registry'
import { skipped, whyNotLinux } from '../helpers/skipping'
import { testStudio, type Asking } from '../helpers/test-studio'
import { ended, imported, shown, tinyPretraining, until, weightsIn } from '../helpers/tiny-runs'
import { isLong, tried } from '../helpers/tries'
import { again, killed, registryIn } from './killing'

interface From {
  readonly texts: string[]
  readonly model: string[]
  readonly labelled: string[]
  readonly pairs: string[]
  readonly prompts: string[]
}

const written = { maxTokens: 8, rewards: 'lexicon' }
const grouped = { ...written, groups: 2, groupSize: 4 }
const withPrompts = ({ model, prompts }: From): RunInputs => ({ policy: model, prompts })
const rated = ({ model, labelled }: From): RunInputs => ({ policy: model, examples: labelled })

/** What each recipe learns from, and settings with which it takes some seconds. */
const recipes: Readonly<Record<RecipeName, readonly [SettingsValues, (from: From) => RunInputs]>> = {
  pretrain: [{ ...tinyPretraining, updates: 300 }, ({ texts }) => ({ texts })],
  sft: [
    { epochs: 40, batchExamples: 8 },
    ({ model, labelled }) => ({ policy: model, demonstrations: labelled }),
  ],
  dpo: [{ epochs: 40, batchPairs: 8 }, ({ model, pairs }) => ({ policy: model, pairs })],
  kto: [{ epochs: 20, batchExamples: 8 }, rated],
  'reference-free': [{ epochs: 40, batchPairs: 8 }, ({ model, pairs }) => ({ policy: model, pairs })],
  reward: [{ epochs: 40, batchPairs: 8 }, ({ model, pairs }) => ({ base: model, pairs })],
  ppo: [{ updates: 40, completions: 8, ...written }, withPrompts],
  grpo: [{ updates: 40, ...grouped }, withPrompts],
  trpo: [{ updates: 20, ...grouped }, withPrompts],
  rft: [{ updates: 20, ...grouped }, withPrompts],
  'online-dpo': [{ updates: 40, ...grouped }, withPrompts],
  'nash-md': [{ updates: 40, groups: 4, ...written }, withPrompts],
  ilql: [{ epochs: 20, batchExamples: 8 }, rated],
  gkd: [
    { updates: 40, maxTokens: 8 },
    (from) => ({ ...withPrompts(from), teacher: from.model, demonstrations: from.labelled }),
  ],
}

async function prepared(studio: Asking): Promise<From> {
  const texts = await imported(studio, 'texts.txt')
  const asked = { recipe: 'pretrain', settings: tinyPretraining, inputs: { texts: [texts.id] } } as const
  const { id: runId } = await studio.ask('runs.launch', asked)
  await ended(studio, runId)
  const { checkpoints } = await studio.ask('runs.show', { runId })
  return {
    texts: [texts.id],
    model: [checkpoints.at(-1)!.id],
    labelled: [(await imported(studio, 'labelled.jsonl')).id],
    pairs: [(await imported(studio, 'pairs.jsonl')).id],
    prompts: [(await imported(studio, 'prompts.jsonl')).id],
  }
}

async function launched(studio: Asking, recipe: RecipeName): Promise<Run> {
  const [settings, inputsOf] = recipes[recipe]
  const often = { checkpointEvery: 3, ...(recipe === 'reward' ? {} : { samplesEvery: 50 }) }
  const inputs = inputsOf(await prepared(studio)) as Record<string, string[]>
  return studio.ask('runs.launch', { recipe, settings: { ...settings, ...often }, inputs })
}

const lastOf = (folder: string, { id, totalSteps }: Run): Promise<Float32Array> =>
  weightsIn(
    join(folder, 'registry-checkpoints', id, `update-${String(totalSteps).padStart(6, '0')}.safetensors`),
  )

interface Unbroken {
  readonly run: Run
  readonly weights: Float32Array
}

async function unbroken(recipe: RecipeName): Promise<Unbroken> {
  const folder = testFolder()
  const studio = await testStudio({ folder })
  const { run } = await ended(studio, (await launched(studio, recipe)).id)
  expect(run).toMatchObject({ state: 'finished' })
  return { run, weights: await lastOf(folder, run) }
}

const said = ({ step, name, value }: MetricPoint): string => `${step} ${name} ${value}`

/** What is done anew after a resume takes its own time. */
const isPace = ({ name }: MetricPoint): boolean => name.startsWith('pace/')

/** At most so often is one run killed. */
const mostKills = isLong ? 12 : 1

/** @returns how often it was killed before it was over */
async function killedToItsEnd(recipe: RecipeName, whole: Unbroken): Promise<number> {
  const folder = testFolder()
  let studio = await startStudio(registryIn(folder))
  const { id: runId } = await launched(studio, recipe)
  let kills = 0
  let stood = 0
  for (let hasEnded = false; !hasEnded && kills < mostKills; kills++) {
    const seen = (await until(studio, runId, stood + 4)).flatMap(({ points = [] }) => points)
    await killed(studio, Promise.resolve(), 800)

    studio = await again(folder)
    const kept = new Set(((await shown(studio, runId)).points ?? []).map(said))
    expect(seen.filter((point) => !isPace(point) && !kept.has(said(point)))).toEqual([])
    const { run } = await studio.ask('runs.show', { runId })
    hasEnded = run.state === 'finished'
    if (hasEnded) continue
    expect(run).toMatchObject({ state: 'failed', error: expect.stringMatching(/Resume continues from/) })
    stood = run.step
    await studio.ask('runs.resume', { runId })
  }
  const { run } = await ended(studio, runId)
  expect(run).toMatchObject({ state: 'finished', totalSteps: whole.run.totalSteps })
  expect(await lastOf(folder, run)).toEqual(whole.weights)
  await studio.kill()
  return kills
}

describe.skipIf(whyNotLinux !== undefined)(`a training killed with its studio${skipped(whyNotLinux)}`, () => {
  it.for(isLong ? recipeNames : (['grpo'] as const))(
    '%s: every point that was shown is kept, and it goes on to the bits of an unbroken run',
    (recipe, context) =>
      tried(context, { short: 1, long: 1 }, async () => killedToItsEnd(recipe, await unbroken(recipe))),
  )
})
