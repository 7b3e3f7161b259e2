/**
 * What a first launch brings: the bundled datasets through the normal import, lists made from them, the
 * bundled checkpoints with the runs that made them, and a label queue, so that every room has something real
 * in it. Made once; what a person removes stays away.
 */
import { join } from 'node:path'
import type { Dataset, DatasetKind } from '../../src-shared/records/dataset'
import type { ExampleParts } from '../../src-shared/records/example'
import { distinctPrompts } from '../../src-shared/prompts'
import { bundledDataset } from '../datasets/bundled-datasets'
import type { LabelFilling } from '../labels/label-filling'
import { addSampleRuns } from './sample-runs'
import type { WritableDb } from '../store/handle'
import { examplesOf } from '../store/examples'
import { hasSampleProject, noteSampleProject } from '../store/facts'
import { appendExamples, beginImport, finishImport } from '../store/imports'
import { createQueue, listQueues } from '../store/queues'
import { listRuns } from '../store/runs'
import type { StudioChanges } from '../changes/studio-changes'

export interface SampleProjectOptions {
  readonly db: WritableDb
  /** Folder with `datasets` and, when they are bundled, `checkpoint`. */
  readonly resources: string
  readonly changes: StudioChanges
  readonly labels: LabelFilling
  readonly now: () => number
  readonly signal: AbortSignal
}

const sampleQueue = {
  name: 'Happy reviews',
  goal: 50,
  guidance:
    'The completion that is the happier sentence about the thing asked. Prefer one that reads as English ' +
    'over one that repeats a happy word. Length does not count.',
  sampling: { temperature: 1, topK: 30, topP: 1, maxTokens: 64, seed: 424242 },
} as const

/**
 * Does nothing when it was made before. A start that is cut short goes on at the next: what is there already
 * is not doubled.
 */
export async function makeSampleProject(options: SampleProjectOptions): Promise<void> {
  const { db, signal, now } = options
  if (hasSampleProject(db)) return
  const pairs = await addDataset(options, 'sentiment-preference-pairs.jsonl')
  const prompts = addDerived(options, pairs, 'prompts', 'Review prompts', promptsIn(db, pairs))
  addDerived(options, pairs, 'demonstrations', 'Review demonstrations', demonstrationsIn(db, pairs))
  await addDataset(options, 'sentiment-sentences.jsonl')
  await addDataset(options, 'short-english-wordnet.txt')
  await addRunsAndQueue(options, prompts)
  for (const file of [
    'devils-dictionary-qa.jsonl',
    'austen-pride-and-prejudice.txt',
    'moby-dick.txt',
    'two-digit-sums.csv',
    'six-digits.csv',
  ])
    await addDataset(options, file)
  if (!signal.aborted) noteSampleProject(db, now())
}

async function addDataset(
  { db, resources, changes, now, signal }: SampleProjectOptions,
  fileName: string,
): Promise<Dataset> {
  const dataset = await bundledDataset(db, { resources, fileName, nowMs: now() }, signal)
  changes.datasets.publish()
  return dataset
}

/** A dataset made from the preference pairs, on their terms. */
function addDerived(
  { db, changes, now }: SampleProjectOptions,
  pairs: Dataset,
  kind: DatasetKind,
  name: string,
  examples: readonly ExampleParts[],
): Dataset {
  const staged = beginImport(db, {
    name,
    kind,
    origin: 'bundled',
    fileName: pairs.fileName,
    terms: pairs.terms,
    createdAtMs: now(),
  })
  appendExamples(db, staged, examples)
  const { dataset } = finishImport(db, staged, Buffer.byteLength(JSON.stringify(examples)))
  changes.datasets.publish()
  return dataset
}

/** Each different prompt once. */
const promptsIn = (db: WritableDb, pairs: Dataset): readonly ExampleParts[] =>
  distinctPrompts([...examplesOf(db, pairs.id)].flatMap(({ prompt }) => prompt ?? [])).map((prompt) => ({
    prompt,
  }))

/**
 * Both sentences of every pair, each with its prompt and each once: who learns from them writes glad and sad
 * reviews alike.
 */
function demonstrationsIn(db: WritableDb, pairs: Dataset): readonly ExampleParts[] {
  const seen = new Map<string, ExampleParts>()
  for (const { prompt = '', completion = '', rejected = '' } of examplesOf(db, pairs.id)) {
    for (const text of [completion, rejected])
      seen.set(JSON.stringify([prompt, text]), { prompt, completion: text })
  }
  return [...seen.values()]
}

/** The runs that come with the program, and a queue over the last model among them that writes text. */
async function addRunsAndQueue(
  { db, resources, changes, labels, now }: SampleProjectOptions,
  prompts: Dataset,
): Promise<void> {
  const checkpoints = await addSampleRuns(db, join(resources, 'checkpoint'), now)
  changes.runs.publish({ runs: listRuns(db), removed: [] })
  changes.checkpoints.publish()
  const writer = checkpoints.findLast(({ kind }) => kind === 'language-model')
  if (!writer || listQueues(db).length > 0) return
  const { id } = createQueue(db, {
    ...sampleQueue,
    checkpointId: writer.id,
    promptDatasetId: prompts.id,
    createdAtMs: now(),
  })
  changes.datasets.publish()
  changes.queues.publish({ queueId: id })
  labels.fill(id)
}
