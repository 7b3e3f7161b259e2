/** A label queue with comparisons in it, from texts that name themselves. */
import fs from 'node:fs'
import path from 'node:path'
import { insertCheckpoint } from '../../src-main/store/checkpoints'
import { addComparisons } from '../../src-main/store/comparisons'
import type { WritableDb } from '../../src-main/store/handle'
import { createQueue } from '../../src-main/store/queues'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Comparison, LabelQueue } from '../../src-shared/records/comparison'
import { importedDataset } from './registry'

/** The row of a checkpoint whose file is a few bytes beside the registry. */
export function testCheckpoint(
  db: WritableDb,
  more: { readonly runId?: string; readonly step?: number; readonly isResumable?: boolean } = {},
): Checkpoint {
  const { runId, step = 0, isResumable = false } = more
  const file = `registry-checkpoints/${runId ?? 'bundled'}-${step}`
  fs.mkdirSync(path.join(path.dirname(db.path), 'registry-checkpoints'), { recursive: true })
  for (const each of [`${file}.safetensors`, `${file}.resume`])
    fs.writeFileSync(path.join(path.dirname(db.path), each), 'weights')
  return insertCheckpoint(db, {
    name: `at ${step}`,
    kind: 'language-model',
    step,
    architecture: 'gpt',
    parameters: 800_000,
    contextTokens: 64,
    tokenizer: '89 characters',
    bytes: 7,
    createdAtMs: 5,
    path: `${file}.safetensors`,
    ...(runId !== undefined && { runId }),
    ...(isResumable && { resumePath: `${file}.resume` }),
  })
}

export function testQueue(
  db: WritableDb,
  comparisons = 0,
): { readonly queue: LabelQueue; readonly comparisons: readonly Comparison[] } {
  const prompts = importedDataset(db, 'prompts', [{ prompt: 'Write:' }], 'prompts')
  const queue = createQueue(db, {
    name: 'Films',
    checkpointId: testCheckpoint(db).id,
    promptDatasetId: prompts.id,
    sampling: { temperature: 1, topK: 0, topP: 1, maxTokens: 48, seed: 7 },
    goal: 600,
    guidance: 'Prefer the warmer one.',
    createdAtMs: 10,
  })
  return { queue, comparisons: fill(db, queue.id, comparisons) }
}

export function fill(db: WritableDb, queueId: string, count: number): readonly Comparison[] {
  return addComparisons(
    db,
    queueId,
    Array.from({ length: count }, (_, i) => ({
      prompt: `prompt ${i + 1}`,
      left: { text: `left ${i + 1}`, tokens: 6, hasEnded: true },
      right: { text: `right ${i + 1}`, tokens: 7, hasEnded: false },
    })),
    11,
  )
}
