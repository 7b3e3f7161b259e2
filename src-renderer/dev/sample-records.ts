/** The sample project of the page alone: datasets of each kind, checkpoints, runs in each state, a label queue. */
import { defaultsOf } from '../../src-shared/fields'
import { recipeOf, type RecipeName } from '../../src-shared/recipes/recipes'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { LabelQueue } from '../../src-shared/records/comparison'
import { plainLabelling } from '../../src-shared/records/labelling'
import type { Dataset } from '../../src-shared/records/dataset'
import type { AppInfo } from '../../src-shared/records/device'
import type { Run, RunState } from '../../src-shared/records/run'
import { aCheckpoint, aDataset, aRun } from './records'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const startMs = Date.now()

export const appInfo: AppInfo = {
  version: '0.1.0',
  host: 'headless',
  registryPath: '/home/person/.studio/registry.sqlite',
  registryBytes: 48_300_000,
  devices: [
    { id: 'cpu', name: 'CPU, 8 threads', isUsable: true, isDefault: true, memoryBytes: 16e9, mostThreads: 8 },
    { id: 'webgpu', name: 'Graphics card over WebGPU', isUsable: true, isDefault: false, isUntested: true },
    { id: 'cuda', name: 'CUDA', isUsable: false, isDefault: false, whyNot: 'No NVIDIA driver was found.' },
  ],
}

const dataset = (id: string, over: Partial<Dataset>): Dataset =>
  aDataset({ id, createdAtMs: startMs - 30 * hourMs, ...over })

export const datasets: readonly Dataset[] = [
  dataset('pairs', { name: 'Review pairs', kind: 'preferences', rows: 1108, fileName: 'review-pairs.jsonl' }),
  dataset('judged', {
    name: 'Happy reviews',
    kind: 'preferences',
    origin: 'judgments',
    rows: 46,
    fileName: '',
  }),
  dataset('shown', {
    name: 'Review demonstrations',
    kind: 'demonstrations',
    rows: 2400,
    fileName: 'shown.csv',
  }),
  dataset('labelled', { name: 'Labelled sentences', kind: 'labelled', origin: 'bundled', rows: 3000 }),
  dataset('text', {
    name: 'A very long name of a text that no list has room for, chapter by chapter',
    origin: 'bundled',
    rows: 18_240,
    fileName: 'text.txt',
    terms: 'Public domain',
  }),
  dataset('chats', { name: 'Chats of a shop', kind: 'demonstrations', rows: 240, fileName: 'chats.jsonl' }),
  dataset('prompts', { name: 'Review prompts', kind: 'prompts', rows: 120, fileName: 'prompts.jsonl' }),
]

const run = (id: string, recipe: RecipeName, state: RunState, over: Partial<Run>): Run =>
  aRun({
    id,
    recipe,
    state,
    settings: defaultsOf(recipeOf(recipe).fields),
    createdAtMs: startMs - 4 * hourMs,
    ...(over.endedAtMs !== undefined && { startedAtMs: over.endedAtMs - 40 * minuteMs }),
    ...over,
  })

/** Without the time of an end: it has not come yet. */
function unended({ endedAtMs: _ended, ...rest }: Run): Run {
  return rest
}
function waiting({ startedAtMs: _started, ...rest }: Run): Run {
  return unended(rest)
}

const failure =
  'The loss is not a number. At update 412 the gradient was larger than float32 can hold; lower the learning rate.'

/** Newest last. */
export const runs: readonly Run[] = [
  run('base-01', 'pretrain', 'finished', {
    inputs: { texts: ['text'] },
    step: 1500,
    totalSteps: 1500,
    tags: ['keep'],
    note: 'Reads like its texts.',
    createdAtMs: startMs - 26 * hourMs,
    endedAtMs: startMs - 25 * hourMs,
  }),
  run('sft-01', 'sft', 'finished', {
    isPinned: true,
    inputs: { policy: ['base-01-end'], demonstrations: ['shown'] },
    step: 600,
    totalSteps: 600,
    createdAtMs: startMs - 20 * hourMs,
    endedAtMs: startMs - 19 * hourMs,
  }),
  run('sft-02', 'sft', 'failed', {
    inputs: { policy: ['base-01-end'], demonstrations: ['shown'] },
    step: 412,
    totalSteps: 600,
    createdAtMs: startMs - 12 * hourMs,
    endedAtMs: startMs - 11 * hourMs,
    error: failure,
    resumableStep: 400,
    tags: ['too fast'],
  }),
  run('rm-01', 'reward', 'stopped', {
    inputs: { base: ['sft-01-end'], pairs: ['pairs'] },
    step: 180,
    totalSteps: 240,
    createdAtMs: startMs - 6 * hourMs,
    endedAtMs: startMs - 5 * hourMs,
    resumableStep: 180,
  }),
  unended(
    run('ppo-01', 'ppo', 'running', {
      inputs: { policy: ['sft-01-end'], rewardModel: ['rm-01-end'], prompts: ['prompts'] },
      step: 40,
      totalSteps: 300,
      createdAtMs: startMs - 20 * minuteMs,
      startedAtMs: startMs - 12 * minuteMs,
      leftMs: 30 * minuteMs,
    }),
  ),
  waiting(
    run('ppo-02', 'ppo', 'queued', {
      inputs: { policy: ['sft-01-end'], rewardModel: ['rm-01-end'], prompts: ['prompts'] },
      step: 0,
      totalSteps: 300,
      createdAtMs: startMs - 2 * minuteMs,
    }),
  ),
]

const checkpoint = (runId: string, step: number, over: Partial<Checkpoint> = {}): Checkpoint =>
  aCheckpoint({
    id: `${runId}-end`,
    name: `${runId}, update ${step}`,
    runId,
    step,
    createdAtMs: startMs - 5 * hourMs,
    ...over,
  })

export const checkpoints: readonly Checkpoint[] = [
  checkpoint('base-01', 1500),
  checkpoint('base-01', 750, { id: 'base-01-half' }),
  checkpoint('sft-01', 600),
  checkpoint('sft-02', 400),
  checkpoint('rm-01', 180, { kind: 'reward-model' }),
  checkpoint('ppo-01', 40),
  aCheckpoint({
    id: 'brought',
    name: 'A model from elsewhere',
    architecture: 'llama',
    parameters: 134_500_000,
    contextTokens: 2048,
    tokenizer: '49,152 pieces',
    bytes: 538e6,
    licence: 'apache-2.0',
    importedFrom: '/models/elsewhere',
    createdAtMs: startMs - 40 * hourMs,
  }),
]

export const queue: LabelQueue = {
  id: 'queue',
  datasetId: 'judged',
  name: 'Happy reviews',
  checkpointId: 'sft-01-end',
  promptDatasetId: 'prompts',
  sampling: { temperature: 1, topK: 0, topP: 1, maxTokens: 64, seed: 7 },
  goal: 100,
  guidance: 'The happier one that reads as English. Length does not count.',
  labelling: plainLabelling,
  createdAtMs: startMs - 3 * hourMs,
}
