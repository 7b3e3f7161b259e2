/**
 * Everything that can be wrong with a launch, said beside the setting or input it is about, before any
 * process starts. The form asks for the same check while it is filled in.
 */
import { availableParallelism } from 'node:os'
import type { CallInput } from '../../src-shared/contract'
import { parseSettings, type SettingsValues } from '../../src-shared/fields'
import { heldAs } from '../../src-shared/recipes/trained-part'
import { recipeOf } from '../../src-shared/recipes/recipes'
import type { RunInputs } from '../../src-shared/records/run'
import type { FieldProblem } from '../../src-shared/result'
import type { Parsed } from '../border/read-input'
import { COMPILED_CPU } from '../compute/devices'
import type { MachineMemory } from '../compute/machine-memory'
import type { SurveyDataset } from '../datasets/survey'
import type { ReadableDb } from '../store/handle'
import { trainerOf } from '../trainers/trainers'
import { checkDevice, type ListDevices } from './check-device'
import { checkInputs } from './check-inputs'
import { checkRewards } from './check-rewards'
import { checkTexts } from './check-texts'
import { warningsOf } from './evidence'
import type { Problems } from './problems'
import type { SizedRun } from './sized-run'
import { sizesOf } from './sizes'

export type LaunchRequest = Parsed<CallInput<'runs.launch'>>

export interface CheckedLaunch {
  /** Empty when it can start. */
  readonly problems: readonly FieldProblem[]
  /** What it can start with and should not be relied on for. */
  readonly warnings?: readonly FieldProblem[]
  readonly settings: SettingsValues
  readonly inputs: RunInputs
  readonly device: string
  readonly threads?: number
  /** By its sizes, when there is no problem. */
  readonly sized?: SizedRun
}

export interface LaunchChecker {
  readonly db: ReadableDb
  readonly survey: SurveyDataset
  readonly devices: ListDevices
  readonly machineMemory: () => MachineMemory
}

export async function checkLaunch(
  { db, survey, devices, machineMemory }: LaunchChecker,
  request: LaunchRequest,
): Promise<CheckedLaunch> {
  const recipe = recipeOf(request.recipe)
  const trainer = trainerOf(request.recipe)
  const parsed = parseSettings(recipe.fields, request.settings)
  const settings: SettingsValues = parsed.settings
  const problems: Problems = [...parsed.problems]
  const device = await checkDevice(devices, request, problems)
  if (heldAs(settings) === '8-bit' && device !== '' && device !== COMPILED_CPU)
    problems.push({
      field: 'frozenWeights',
      problem: 'can be 8-bit on the CPU only: choose the device “cpu”',
    })
  problems.push(...(trainer.checkSettings?.(settings) ?? []))
  const { inputs, models, datasets } = await checkInputs(db, recipe, settings, request.inputs, problems)
  const checked = {
    problems,
    settings,
    inputs,
    device,
    ...(request.threads !== undefined && { threads: request.threads }),
  }
  // Texts are held against a model, and models against one another, only where each is sound.
  const materials = { recipe, settings, models, datasets }
  if (problems.length === 0) await checkTexts(survey, materials, problems)
  if (problems.length === 0) await checkRewards(db, materials, problems)
  if (problems.length > 0) return checked
  const sizes = await sizesOf(survey, materials)
  const found = { models, texts: sizes.texts, machineBytes: machineMemory().totalBytes }
  problems.push(...(trainer.checkFound?.(settings, found) ?? []))
  if (problems.length > 0) return checked
  const warnings = warningsOf(db, materials, inputs)
  const sized = { ...sizes, threads: request.threads ?? availableParallelism() }
  return { ...checked, sized, ...(warnings.length > 0 && { warnings }) }
}
