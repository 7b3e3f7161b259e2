/**
 * Everything that can be wrong with a launch, said beside the setting or input it is about, before any
 * process starts. The form asks for the same check while it is filled in.
 */
import { availableParallelism, totalmem } from 'node:os'
import { recipeOf, type KnownRecipe } from '../../src-shared/recipes/recipes'
import type { PpoSettings } from '../../src-shared/recipes/ppo'
import type { RecipeInput } from '../../src-shared/recipes/recipe'
import type { PretrainSettings } from '../../src-shared/recipes/pretrain'
import { parseSettings, type SettingsValues } from '../../src-shared/fields'
import type { CallInput } from '../../src-shared/contract'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Dataset } from '../../src-shared/records/dataset'
import type { Device } from '../../src-shared/records/device'
import type { RunInputs } from '../../src-shared/records/run'
import type { TrainedPartSettings } from '../../src-shared/recipes/trained-part'
import { StudioFailure, type FieldProblem } from '../../src-shared/result'
import { listed } from '../../src-shared/words'
import type { DatasetSurvey, Part, SurveyDataset } from '../datasets/survey'
import { readModelHeader, type ModelHeader } from '../model/model-header'
import type { SizedRun, SizedTexts } from './memory-need'
import { likelyVocabulary, pretrainProblems } from '../model/new-model'
import type { Parsed } from '../border/read-input'
import { filesOfCheckpoint, findCheckpoint } from '../store/checkpoints'
import type { ReadableDb } from '../store/handle'
import { findDataset } from '../store/datasets'
import { memoryProblem, rolloutMemory } from '../trainers/rollout-memory'
import { checkTrainedPart } from '../trainers/trained-part'

export type LaunchRequest = Parsed<CallInput<'runs.launch'>>

export interface CheckedLaunch {
  /** Empty when it can start. */
  readonly problems: readonly FieldProblem[]
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
  devices(): Promise<readonly Device[]>
}

type Problems = FieldProblem[]

export async function checkLaunch(checker: LaunchChecker, request: LaunchRequest): Promise<CheckedLaunch> {
  const recipe = recipeOf(request.recipe)
  const parsed = parseSettings(recipe.fields, request.settings)
  const settings: SettingsValues = parsed.settings
  const problems: Problems = [...parsed.problems]
  const inputs = requestedInputs(recipe, request.inputs, problems)
  for (const name of unusedInputs(settings)) delete inputs[name]
  const device = await checkDevice(checker, request, problems)
  checkTogether(recipe, settings, problems)
  problems.push(...missingInputs(settings).filter(({ field }) => !inputs[field]))
  const models = await checkCheckpoints(checker, recipe, inputs, problems)
  const datasets = checkDatasets(checker, recipe, inputs, problems)
  // Texts are held against a model only where both are sound.
  const materials = { recipe, settings, models, datasets }
  if (problems.length === 0) await checkTexts(checker, materials, problems)
  const sized =
    problems.length === 0
      ? { ...(await sizesOf(checker, materials)), threads: request.threads ?? availableParallelism() }
      : undefined
  return {
    problems,
    settings,
    inputs,
    device,
    ...(request.threads !== undefined && { threads: request.threads }),
    ...(sized && { sized }),
  }
}

/** What the form may still hold and these settings do not use: the run is not made from it. */
function unusedInputs(settings: SettingsValues): readonly string[] {
  if (settings['rewardFrom'] === 'lexicon') return ['rewardModel']
  if (settings['learnFrom'] === 'preferences') return ['ratings']
  return settings['learnFrom'] === 'ratings' ? ['pairs'] : []
}

/** What these settings need beside what the recipe always does. */
function missingInputs(settings: SettingsValues): readonly FieldProblem[] {
  if (settings['rewardFrom'] === 'reward-model')
    return [{ field: 'rewardModel', problem: 'Choose a reward model, or take the reward from the lexicon.' }]
  if (settings['learnFrom'] === 'preferences')
    return [{ field: 'pairs', problem: 'Choose preference pairs, or learn from ratings.' }]
  return settings['learnFrom'] === 'ratings'
    ? [{ field: 'ratings', problem: 'Choose rated texts, or learn from preferences.' }]
    : []
}

/** Names that the recipe has, without empty ones. */
function requestedInputs(
  recipe: KnownRecipe,
  given: RunInputs,
  problems: Problems,
): Record<string, readonly string[]> {
  for (const name of Object.keys(given))
    if (!Object.hasOwn(recipe.inputs, name))
      problems.push({ field: name, problem: 'is not an input of this recipe' })
  const inputs: Record<string, readonly string[]> = {}
  for (const [name, input] of Object.entries(recipe.inputs)) {
    const ids = [...new Set(given[name] ?? [])]
    if (ids.length > 0) inputs[name] = ids
    if (ids.length === 0 && input.isRequired)
      problems.push({
        field: name,
        problem: `Choose ${input.type === 'dataset' ? 'a dataset' : 'a checkpoint'}.`,
      })
    if (ids.length > 1 && !input.isMany) problems.push({ field: name, problem: 'Choose only one.' })
  }
  return inputs
}

async function checkDevice(
  checker: LaunchChecker,
  { device: wanted, threads }: LaunchRequest,
  problems: Problems,
): Promise<string> {
  const devices = await checker.devices()
  const device =
    wanted === undefined ? devices.find((each) => each.isDefault) : devices.find((each) => each.id === wanted)
  if (!device) problems.push({ field: 'device', problem: `There is no device “${wanted}” on this machine.` })
  else if (!device.isUsable)
    problems.push({ field: 'device', problem: device.whyNot ?? 'This device cannot be used.' })
  else if (threads !== undefined) checkThreads(device, threads, problems)
  return device?.id ?? ''
}

function checkThreads({ mostThreads }: Device, threads: number, problems: Problems): void {
  if (mostThreads === undefined)
    problems.push({ field: 'threads', problem: 'This device takes no number of threads.' })
  else if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads)
    problems.push({
      field: 'threads',
      problem: `must be a whole number from 1 to ${mostThreads}, the cores of this machine`,
    })
}

/**
 * Settings that are each within their bounds and do not go together. One that is not has no value here: it
 * has its problem already.
 */
function checkTogether(recipe: KnownRecipe, settings: SettingsValues, problems: Problems): void {
  const value = (name: string) => Number(settings[name])
  if (recipe.name === 'pretrain') problems.push(...pretrainProblems(settings as Partial<PretrainSettings>))
  if (settings['head'] === 'binned' && settings['learnFrom'] === 'preferences')
    problems.push({
      field: 'head',
      problem: 'can be binned where it learns from ratings: a preference is no number',
    })
  if (recipe.name === 'ppo' && value('minibatches') > value('completions')) {
    problems.push({
      field: 'minibatches',
      problem: `cannot be more than the ${value('completions')} completions of a rollout`,
    })
  }
}

async function checkCheckpoints(
  { db }: LaunchChecker,
  recipe: KnownRecipe,
  inputs: RunInputs,
  problems: Problems,
): Promise<Record<string, ModelHeader>> {
  const models: Record<string, ModelHeader> = {}
  for (const [name, input, id] of chosen(recipe, inputs)) {
    if (input.type !== 'checkpoint') continue
    const checkpoint = findCheckpoint(db, id)
    const problem = checkpointProblem(checkpoint, input)
    if (problem) problems.push({ field: name, problem })
    const header = problem
      ? undefined
      : await readModelHeader(filesOfCheckpoint(db, id).path).catch((error: unknown) =>
          refusal(error, name, problems),
        )
    if (header) models[name] = header
  }
  return models
}

function checkpointProblem(
  checkpoint: Checkpoint | undefined,
  input: Extract<RecipeInput, { type: 'checkpoint' }>,
): string | undefined {
  if (!checkpoint) return 'This checkpoint no longer exists.'
  if (checkpoint.kind !== input.kind)
    return `“${checkpoint.name}” is a ${words(checkpoint.kind)}; a ${words(input.kind)} is wanted here.`
  return undefined
}

/** A file that is refused is a problem of its input; anything else goes on. */
function refusal(error: unknown, field: string, problems: Problems): undefined {
  if (!(error instanceof StudioFailure)) throw error
  problems.push({ field, problem: error.message })
}

function checkDatasets(
  { db }: LaunchChecker,
  recipe: KnownRecipe,
  inputs: RunInputs,
  problems: Problems,
): Record<string, readonly Dataset[]> {
  const datasets: Record<string, Dataset[]> = {}
  for (const [name, input, id] of chosen(recipe, inputs)) {
    if (input.type !== 'dataset') continue
    const dataset = findDataset(db, id)
    const problem = datasetProblem(dataset, input)
    if (problem) problems.push({ field: name, problem })
    else if (dataset) (datasets[name] ??= []).push(dataset)
  }
  return datasets
}

function datasetProblem(
  dataset: Dataset | undefined,
  input: Extract<RecipeInput, { type: 'dataset' }>,
): string | undefined {
  if (!dataset) return 'This dataset no longer exists.'
  if (!input.kinds.includes(dataset.kind))
    return `“${dataset.name}” holds ${words(dataset.kind)}; ${listed(input.kinds.map(words))} can be used here.`
  if (dataset.rows > 0) return undefined
  return dataset.origin === 'judgments'
    ? `“${dataset.name}” has no preference pair yet: label some first.`
    : `“${dataset.name}” is empty.`
}

interface Materials {
  readonly recipe: KnownRecipe
  readonly settings: SettingsValues
  readonly models: Readonly<Record<string, ModelHeader>>
  readonly datasets: Readonly<Record<string, readonly Dataset[]>>
}

/** What the memory a run takes depends on. */
async function sizesOf(
  { survey }: LaunchChecker,
  { recipe, settings, models, datasets }: Materials,
): Promise<Omit<SizedRun, 'threads'>> {
  const label = recipe.name === 'sft' && settings['label'] !== 'all' ? Number(settings['label']) : undefined
  const texts: Record<string, SizedTexts> = {}
  const read = models['policy'] ?? models['base']
  const characters = new Set<string>()
  for (const [input, chosen] of Object.entries(datasets)) {
    const surveys = await Promise.all(chosen.map(({ id }) => survey(id, label)))
    for (const each of surveys)
      for (const part of Object.values(each.characters))
        for (const character of part.keys()) characters.add(character)
    texts[input] = joined(surveys.map((each) => sizeOfTexts(each, read)))
  }
  const sized = Object.entries(models).map(([name, { kind, config, head }]) => [
    name,
    { kind, config, ...(head && { head }) },
  ])
  const vocabulary =
    recipe.name === 'pretrain'
      ? likelyVocabulary(settings as unknown as PretrainSettings, characters.size)
      : 0
  return { recipe: recipe.name, settings, models: Object.fromEntries(sized), texts, vocabulary }
}

function sizeOfTexts(
  { rows, longestPrompts, longestRows }: DatasetSurvey,
  model: ModelHeader | undefined,
): SizedTexts {
  const tokensIn = (text: string) => (model ? model.tokenizer.encodeCompletion(text).length : text.length)
  const most = (all: readonly number[]) => all.reduce((least, each) => Math.max(least, each), 0)
  const promptTokens = most(longestPrompts.map(({ text }) => tokensIn(text)))
  return {
    rows,
    promptTokens,
    tokens: Math.max(
      promptTokens,
      most(longestRows.map(({ prompt, completion }) => tokensIn(prompt) + tokensIn(completion))),
    ),
  }
}

const joined = (all: readonly SizedTexts[]): SizedTexts =>
  all.reduce((sum, each) => ({
    rows: sum.rows + each.rows,
    promptTokens: Math.max(sum.promptTokens, each.promptTokens),
    tokens: Math.max(sum.tokens, each.tokens),
  }))

/** What each recipe makes its model read. */
async function checkTexts(
  checker: LaunchChecker,
  { recipe, settings, models, datasets }: Materials,
  problems: Problems,
): Promise<void> {
  const { policy, base, rewardModel } = models
  if (recipe.name === 'sft' && policy) {
    const label = settings['label'] === 'all' ? undefined : Number(settings['label'])
    const { rows } = await checkInput(
      checker,
      'demonstrations',
      datasets,
      { model: policy, parts: ['prompt', 'completion'], promptsFit: true, label },
      problems,
    )
    if (rows === 0)
      problems.push({ field: 'label', problem: `No row of the demonstrations has the label ${label}.` })
  }
  const start = policy ?? base
  if (start && 'adapter' in recipe.fields) checkTrained(start, settings, problems)
  if (recipe.name === 'reward' && base)
    await checkInput(
      checker,
      'pairs',
      datasets,
      { model: base, parts: ['prompt', 'completion', 'rejected'], promptsFit: false },
      problems,
    )
  if (recipe.name === 'reward' && base)
    await checkInput(
      checker,
      'ratings',
      datasets,
      { model: base, parts: ['prompt', 'completion'], promptsFit: false },
      problems,
    )
  if (recipe.name !== 'ppo' || !policy) return
  const { longestTokens } = await checkInput(
    checker,
    'prompts',
    datasets,
    { model: policy, parts: ['prompt'], promptsFit: true, maxTokens: Number(settings['maxTokens']) },
    problems,
  )
  checkMemory(policy, settings as unknown as PpoSettings, longestTokens, problems)
  if (rewardModel) checkRewardReads(policy, rewardModel, problems)
}

function checkMemory(
  { config: { vocabulary } }: ModelHeader,
  settings: PpoSettings,
  promptTokens: number,
  problems: Problems,
): void {
  const problem = memoryProblem(rolloutMemory(settings, vocabulary, promptTokens), {
    vocabulary,
    totalBytes: totalmem(),
    isExact: settings.klEstimator === 'exact',
  })
  if (problem) problems.push(problem)
}

/** What is trained must be part of the model. */
function checkTrained({ config }: ModelHeader, settings: SettingsValues, problems: Problems): void {
  try {
    checkTrainedPart(config, settings as unknown as TrainedPartSettings)
  } catch (error) {
    if (!(error instanceof StudioFailure) || error.error.kind !== 'refused-settings') throw error
    problems.push(...error.error.problems)
  }
}

export interface Reading {
  readonly model: ModelHeader
  readonly parts: readonly Part[]
  /** Whether every prompt must leave room for a completion. */
  readonly promptsFit: boolean
  readonly label?: number | undefined
  /** Longest completion to be written after a prompt. */
  readonly maxTokens?: number
}

/** @returns rows of all datasets of the input that go in, and tokens of the longest prompt */
async function checkInput(
  { survey }: LaunchChecker,
  field: string,
  datasets: Materials['datasets'],
  reading: Reading,
  problems: Problems,
): Promise<{ readonly rows: number; readonly longestTokens: number }> {
  let rows = 0
  let longest = 0
  for (const dataset of datasets[field] ?? []) {
    const surveyed = await survey(dataset.id, reading.label)
    rows += surveyed.rows
    const problem = unknownCharacter(surveyed, reading) ?? longPrompt(surveyed, reading)
    if (problem) problems.push({ field, problem: `“${dataset.name}”, ${problem}` })
    else longest = Math.max(longest, longestIn(surveyed, reading).tokens)
  }
  const { contextTokens } = reading.model.config
  if (reading.maxTokens !== undefined && longest + reading.maxTokens > contextTokens) {
    const after = longest > 0 ? ` after a prompt of ${longest}` : ''
    problems.push({
      field: 'maxTokens',
      problem:
        `must be at most ${contextTokens - longest}: ${reading.maxTokens} tokens${after} do not fit the ` +
        `${contextTokens} tokens this model reads`,
    })
  }
  return { rows, longestTokens: longest }
}

export function unknownCharacter(
  { characters }: DatasetSurvey,
  { model, parts }: Reading,
): string | undefined {
  for (const part of parts) {
    for (const [character, row] of characters[part])
      if (!knows(model, character))
        return `row ${row}: ${named(character)} is not among the ${model.tokenizer.name} this model knows`
  }
  return undefined
}

export function longPrompt(survey: DatasetSurvey, reading: Reading): string | undefined {
  const { row, tokens } = reading.promptsFit ? longestIn(survey, reading) : { row: 0, tokens: 0 }
  const { contextTokens } = reading.model.config
  return tokens < contextTokens
    ? undefined
    : `row ${row}: the prompt has ${tokens} tokens; this model reads ${contextTokens} in all, so its ` +
        `prompts can have at most ${contextTokens - 1}`
}

/** Of the prompts with most characters the one with most tokens: parts of words are of different lengths. */
function longestIn(
  { longestPrompts }: DatasetSurvey,
  { model: { tokenizer } }: Reading,
): { readonly row: number; readonly tokens: number } {
  const sized = longestPrompts.map(({ row, text }) => ({
    row,
    tokens: tokenizer.encodePrompt(text).length - 1,
  }))
  return sized.reduce((most, each) => (each.tokens > most.tokens ? each : most), { row: 0, tokens: 0 })
}

/** A reward model must be able to read whatever the policy can write. */
function checkRewardReads(policy: ModelHeader, rewardModel: ModelHeader, problems: Problems): void {
  const { definition } = policy.tokenizer
  if (definition.type !== 'character') {
    if (rewardModel.tokenizer.definition.type === 'character')
      problems.push({
        field: 'rewardModel',
        problem:
          'cannot read what the policy can write: any character, and it knows only its ' +
          `${rewardModel.tokenizer.name}`,
      })
    return
  }
  const stranger = definition.characters.find((character) => !knows(rewardModel, character))
  if (stranger !== undefined)
    problems.push({
      field: 'rewardModel',
      problem:
        `cannot read what the policy can write: ${named(stranger)} is not among its ` +
        `${rewardModel.tokenizer.name}`,
    })
}

function knows({ tokenizer }: ModelHeader, character: string): boolean {
  return tokenizer.knows(character)
}

function* chosen(recipe: KnownRecipe, inputs: RunInputs): Generator<readonly [string, RecipeInput, string]> {
  for (const [name, input] of Object.entries(recipe.inputs))
    for (const id of inputs[name] ?? []) yield [name, input, id]
}

const named = (character: string) =>
  `${JSON.stringify(character)} (U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')})`
const words = (kind: string) =>
  ({
    'language-model': 'language model',
    'reward-model': 'reward model',
    text: 'text',
    labelled: 'labelled text',
    demonstrations: 'demonstrations',
    preferences: 'preference pairs',
    prompts: 'prompts',
  })[kind] ?? kind
