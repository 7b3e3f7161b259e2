/**
 * A run as a project for Ray Train and TRL: a program of its own with the run's data, models and settings, for more
 * than one GPU. What it becomes there comes back as a model of the run; its optimizer does not.
 */
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { labelOf, type SettingsValues } from '../../src-shared/fields'
import type { Run } from '../../src-shared/records/run'
import { recipeOf } from '../../src-shared/recipes/recipes'
import { heldAs } from '../../src-shared/recipes/trained-part'
import { rewardModelInput } from '../../src-shared/rewards/reward-model'
import { termsOf } from '../../src-shared/rewards/terms'
import { listed } from '../../src-shared/words'
import type { LanguageModel, Model } from '../model/model'
import { modelShelf } from '../model/model-shelf'
import { writeNewFolder, type WrittenFolder } from '../model/weights/new-folder'
import type { ProjectWish } from '../processes/contract'
import { resourcesFolder } from '../places/resources-folder'
import { fittingPrompts } from '../runs/fitting-prompts'
import { givenFromRegistry, languageModelIn } from '../runs/given'
import { leavableRun } from '../runs/left-run'
import { upToDate } from '../runs/up-to-date'
import type { ReadableDb } from '../store/handle'
import { runOf } from '../store/runs'
import { refuse } from '../trainers/refuse'
import type { Given } from '../trainers/trainer-row'
import { writeAdapter, writeData, writeModel } from './project-files'
import { trlRows } from './trl-rows'
import type { TrlData, TrlRow } from './trl-row'

/** What all recipes have, and TRL has nothing for. */
const onlyEverywhere = { lastLayers: [0], embeddings: ['trained'], frozen: [''] } as const

/** @throws StudioFailure when TRL has no such run, or the folder cannot be written */
export async function trlProject(db: ReadableDb, wish: ProjectWish): Promise<WrittenFolder> {
  const run = upToDate(runOf(db, wish.runId))
  const row = trlRows[run.recipe]
  if (!row)
    return refuse(
      'recipe',
      `is ${recipeOf(run.recipe).title}: TRL has SFT, reward models, DPO, KTO, GRPO and RLOO`,
    )
  refuseUnknown(run.settings, { ...onlyEverywhere, ...row.only })
  const trainer = row.trainer(run.settings)
  const given = await givenTo(db, run)
  const policy = await given.languageModel('policy' in run.inputs ? 'policy' : 'base')
  const data = row.data(given, run.settings, policy)
  const rewards = await rewardModels(given, run)
  return writeNewFolder(wish.folder, `${run.name}-trl`, async (folder) => {
    await cp(join(resourcesFolder(), 'trl'), folder, { recursive: true })
    await writeData(folder, data, row.form)
    await writeModel(folder, 'model', policy)
    for (const [index, model] of rewards.entries())
      await writeModel(join(folder, 'rewards'), `${index}`, model)
    await writeAdapter(folder, policy, run)
    await writeSettings(folder, {
      policy,
      run,
      row,
      trainer,
      data,
      wish,
      rewards: rewards.map((_, i) => `rewards/${i}`),
    })
  })
}

function refuseUnknown(settings: SettingsValues, only: TrlRow['only']): void {
  for (const [name, values] of Object.entries(only)) {
    const value = settings[name]
    if (value === undefined || values.includes(value)) continue
    refuse(
      name,
      `is ${String(value)}, for which TRL has nothing: ${labelOf(name)} ${listed(values.map(String), 'or')} is`,
    )
  }
}

async function givenTo(db: ReadableDb, run: Run): Promise<Given> {
  const load = modelShelf(heldAs(run.settings))
  const fit = await fittingPrompts(
    recipeOf(run.recipe),
    run.settings,
    (input) => languageModelIn(db, run, load, input),
    () => {},
  )
  const nobody = () => Promise.reject(new Error('a project asks nobody'))
  return givenFromRegistry(db, run, load, {
    ...leavableRun(new AbortController().signal),
    fit,
    askPerson: nobody,
  })
}

/** @throws StudioFailure for a reward that is no model: its program is ours */
async function rewardModels(given: Given, { settings }: Run): Promise<readonly Model[]> {
  if (settings['rewards'] === undefined) return []
  const terms = termsOf(String(settings['rewards'])).filter(({ weight }) => weight !== 0)
  const models: Model[] = []
  for (const { source, weight, settings: own } of terms) {
    if (source !== 'reward-model' || weight !== 1)
      refuse('rewards', `have ${weight} × ${source}: a TRL run takes reward models, each with weight 1`)
    models.push((await given.rewardModel(rewardModelInput(Number(own['model'])))).model)
  }
  return models
}

interface Written {
  readonly policy: LanguageModel
  readonly run: Run
  readonly row: TrlRow
  readonly trainer: string
  readonly data: TrlData
  readonly wish: ProjectWish
  readonly rewards: readonly string[]
}

const passedOn = [
  'learningRate',
  'warmupUpdates',
  'finalLearningRateFraction',
  'beta2',
  'weightDecay',
  'clipNorm',
  'seed',
  'checkpointEvery',
] as const

async function writeSettings(
  folder: string,
  { policy, run, row, trainer, data, wish, rewards }: Written,
): Promise<void> {
  const { settings } = run
  const written = {
    run: run.name,
    recipe: run.recipe,
    trainer,
    workers: wish.workers,
    useGpu: wish.useGpu,
    ...(wish.storage !== undefined && { storage: wish.storage }),
    ...Object.fromEntries(passedOn.map((name) => [name, settings[name] ?? 0])),
    batch: row.batch(settings, data),
    updates: row.updates(settings, data),
    accumulation: settings['accumulation'] ?? 1,
    recompute: settings['recompute'] === 'on',
    measureEvery: settings['samplesEvery'] ?? settings['measureEvery'] ?? 20,
    metrics: row.metrics,
    rewards,
    trl: {
      ...row.arguments(settings, data),
      ...(data.order.length > 0 && { max_length: policy.config.contextTokens }),
    },
  }
  await writeFile(join(folder, 'settings.json'), `${JSON.stringify(written, null, 2)}\n`)
}
