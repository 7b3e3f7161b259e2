/** Runs that are over in seconds, and texts for them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Dataset } from '../../src-shared/records/dataset'
import type { Run, RunUpdate } from '../../src-shared/records/run'
import type { SettingsValues } from '../../src-shared/fields'
import { loadModel } from '../../src-main/model/checkpoint'
import type { Asking } from './test-studio'
import { testFolder } from './registry'

const things = ['film', 'phone', 'table', 'song', 'room', 'soup', 'book', 'road']
const good = ['good', 'great', 'lovely', 'fine']
const bad = ['bad', 'poor', 'awful', 'dull']

const lines = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n')
const each = <T>(make: (thing: string, good: string, bad: string) => T): T[] =>
  things.flatMap((thing) => good.map((word, i) => make(thing, word, bad[i]!)))

export const files = {
  'texts.txt': () =>
    each((thing, word, other) => `the ${thing} is ${word}\na ${thing} is ${other}`).join('\n'),
  'labelled.jsonl': () =>
    lines(
      each((thing, word, other) => [
        { text: `the ${thing} is ${word}`, label: 1 },
        { text: `the ${thing} is ${other}`, label: 0 },
      ]).flat(),
    ),
  'pairs.jsonl': () =>
    lines(
      each((thing, word, other) => ({
        prompt: `the ${thing}:`,
        chosen: `it is ${word}`,
        rejected: `it is ${other}`,
      })),
    ),
  'prompts.jsonl': () => lines(things.map((thing) => ({ prompt: `the ${thing}:` }))),
} as const

/** One of the files, imported. */
export async function imported({ follow }: Asking, name: keyof typeof files): Promise<Dataset> {
  const path = join(testFolder(), name)
  writeFileSync(path, files[name]())
  const last = (await follow('datasets.import', { path })).at(-1)
  if (!last?.done) throw new Error(`${name} was not imported`)
  return last.done.dataset
}

export const tinyModel: SettingsValues = { layers: 1, heads: 2, width: 16, contextTokens: 32 }
export const tinyPretraining: SettingsValues = {
  ...tinyModel,
  updates: 30,
  batchRows: 4,
  warmupUpdates: 2,
  checkpointEvery: 10,
  samplesEvery: 30,
  learningRate: 0.01,
}

export const hasEnded = ({ state }: Run): boolean =>
  state === 'finished' || state === 'stopped' || state === 'failed'

/** Watches a run to its end. @returns all that came, and how the run stands */
export async function ended(
  { follow, ask }: Asking,
  runId: string,
): Promise<{ readonly run: Run; readonly updates: readonly RunUpdate[] }> {
  const updates = await follow(
    'runs.watch',
    { runId, sinceStep: -1 },
    ({ run }) => run !== undefined && hasEnded(run),
  )
  return { updates, run: (await ask('runs.show', { runId })).run }
}

/** Watches a run until it has done so many updates. @returns all that came */
export async function until({ follow }: Asking, runId: string, step: number): Promise<readonly RunUpdate[]> {
  return follow(
    'runs.watch',
    { runId, sinceStep: -1 },
    ({ run, points }) =>
      points?.some((point) => point.step >= step) === true || (run !== undefined && hasEnded(run)),
  )
}

/** Everything stored of a run, as a window that opens now sees it. */
export async function shown({ follow }: Asking, runId: string): Promise<RunUpdate> {
  const closing = new Set<string>()
  const updates = await follow('runs.watch', { runId, sinceStep: -1 }, ({ run, points }) => {
    if (run) closing.add(String(run.step))
    return closing.has('0') || points?.some((point) => closing.has(String(point.step))) === true
  })
  return { ...updates[0], points: updates.flatMap((update) => update.points ?? []) }
}

/** The numbers of a model's file. */
export async function weightsIn(path: string): Promise<Float32Array> {
  return (await loadModel(path)).model.parameters.flat
}
