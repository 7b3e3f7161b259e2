/**
 * What a first launch brings: the bundled datasets through the normal import, a prompt list made from them, the bundled
 * checkpoints, and a label queue, so that every room has something real in it. Made once; what a person removes stays away.
 */
import { copyFile, mkdir, open, readdir, rename, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { Checkpoint, Dataset } from '../src-shared/records'
import { importDataset } from './import-dataset'
import type { LabelFilling } from './label-filling'
import { readModelHeader } from './model/model-header'
import { besideRegistry } from './registry-location'
import { insertCheckpoint, listCheckpoints } from './store/checkpoints'
import type { WritableDb } from './store/database'
import { examplesOf } from './store/examples'
import { hasSampleProject, noteSampleProject } from './store/facts'
import { appendExamples, beginImport, finishImport } from './store/imports'
import { createQueue, listQueues } from './store/queues'
import type { StudioChanges } from './studio-changes'

export interface SampleProjectOptions {
  readonly db: WritableDb
  /** Folder with `datasets` and, when they are bundled, `checkpoint`. */
  readonly resources: string
  readonly changes: StudioChanges
  readonly labels: LabelFilling
  readonly now: () => number
  readonly signal: AbortSignal
}

/** Small ones first: they are on screen while the larger are read. */
const bundledDatasets = [
  { file: 'sentiment-preference-pairs.jsonl', name: 'Review preference pairs' },
  { file: 'sentiment-sentences.jsonl', name: 'Review sentences' },
  { file: 'devils-dictionary-qa.jsonl', name: 'The Devil’s Dictionary' },
  { file: 'short-english-wordnet.txt', name: 'Short English sentences' },
  { file: 'austen-pride-and-prejudice.txt', name: 'Pride and Prejudice' },
  { file: 'moby-dick.txt', name: 'Moby Dick' },
] as const

const sampleQueue = {
  name: 'Happy reviews',
  goal: 50,
  guidance: 'The completion that is the happier sentence about the thing asked. Prefer one that reads as English over one that repeats a happy word. Length does not count.',
  sampling: { temperature: 1, topK: 30, topP: 1, maxTokens: 64, seed: 424242 },
} as const

/** Does nothing when it was made before. A start that is cut short goes on at the next: what is there already is not doubled. */
export async function makeSampleProject(options: SampleProjectOptions): Promise<void> {
  const { db, signal, now } = options
  if (hasSampleProject(db)) return
  const writer = await addCheckpoints(options)
  const datasets = new Map<string, Dataset>()
  for (const { file, name } of bundledDatasets) {
    if (signal.aborted) return
    datasets.set(file, await addDataset(options, file, name))
    if (file !== 'sentiment-preference-pairs.jsonl') continue
    const prompts = addPrompts(options, datasets.get(file) as Dataset)
    if (writer) addQueue(options, writer, prompts)
  }
  noteSampleProject(db, now())
}

async function addDataset({ db, resources, changes, now, signal }: SampleProjectOptions, file: string, name: string): Promise<Dataset> {
  const request = { path: join(resources, 'datasets', file), name, origin: 'bundled' as const, createdAtMs: now() }
  for await (const { done } of importDataset(db, request, signal)) {
    if (!done) continue
    changes.datasets.publish()
    return done.dataset
  }
  throw new Error(`the import of ${file} did not end`)
}

/** The different prompts of the preference pairs as a dataset of their own. */
function addPrompts({ db, changes, now }: SampleProjectOptions, pairs: Dataset): Dataset {
  const prompts = [...new Set([...examplesOf(db, pairs.id)].flatMap(({ prompt }) => prompt ?? []))]
  const staged = beginImport(db, { name: 'Review prompts', kind: 'prompts', origin: 'bundled', fileName: pairs.fileName, terms: pairs.terms, createdAtMs: now() })
  appendExamples(db, staged, prompts.map((prompt) => ({ prompt })))
  const { dataset } = finishImport(db, staged, Buffer.byteLength(prompts.join('\n')))
  changes.datasets.publish()
  return dataset
}

function addQueue({ db, labels, changes, now }: SampleProjectOptions, writer: Checkpoint, prompts: Dataset): void {
  if (listQueues(db).length > 0) return
  const { id } = createQueue(db, { ...sampleQueue, checkpointId: writer.id, promptDatasetId: prompts.id, createdAtMs: now() })
  changes.datasets.publish()
  changes.queues.publish(id)
  labels.fill(id)
}

/** @returns the first bundled checkpoint that writes text */
async function addCheckpoints({ db, resources, changes, now }: SampleProjectOptions): Promise<Checkpoint | undefined> {
  const folder = join(resources, 'checkpoint')
  const files = (await readdir(folder).catch(noFolder)).filter((file) => extname(file) === '.safetensors').sort()
  const known = listCheckpoints(db).filter((each) => each.runId === undefined)
  const all: Checkpoint[] = []
  for (const file of files) {
    const name = basename(file, '.safetensors')
    all.push(known.find((each) => each.name === name) ?? await addCheckpoint(db, join(folder, file), name, now()))
  }
  if (files.length > 0) changes.checkpoints.publish()
  return all.find((each) => each.kind === 'language-model')
}

async function addCheckpoint(db: WritableDb, source: string, name: string, createdAtMs: number): Promise<Checkpoint> {
  const { kind, config, tokenizer, lineage, parameters } = await readModelHeader(source)
  const folder = join(besideRegistry(db.path, 'checkpoints'), 'bundled')
  await mkdir(folder, { recursive: true })
  const path = join(folder, basename(source))
  await copyWhole(source, path)
  const { size: bytes } = await stat(path)
  return insertCheckpoint(db, { name, kind, step: Number(lineage['update'] ?? 0), parameters, contextTokens: config.contextTokens, tokenizer: tokenizer.name, bytes, path, createdAtMs })
}

/** A name that is there stands for a whole file. */
async function copyWhole(source: string, path: string): Promise<void> {
  const partial = `${path}.partial`
  await copyFile(source, partial)
  const file = await open(partial, 'r+')
  await file.sync()
  await file.close()
  await rename(partial, path)
}

function noFolder(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}
