/** Label queues. Making one makes the dataset that its judgments fill. */
import type { LabelQueue } from '../../src-shared/records/comparison'
import { labelModes } from '../../src-shared/label-modes/modes'
import { plainLabelling, type Labelling, type LabelModeName } from '../../src-shared/records/labelling'
import { usualSampling, type SamplingSettings } from '../../src-shared/sampling'
import { insertJudgmentDataset } from './datasets'
import { idOf, keyOf, missing } from './ids'
import type { ReadableDb, WritableDb } from './handle'
import { storedJson } from './stored-json'

export type NewQueue = Omit<LabelQueue, 'id' | 'datasetId' | 'labelling'> & {
  /** Plain pairs unless it says otherwise. */
  readonly labelling?: Labelling | undefined
}

/** @throws StudioFailure not-found, when its checkpoint or its prompts are gone */
export function createQueue(db: WritableDb, queue: NewQueue): LabelQueue {
  return db.transaction(() => {
    const checkpointKey = keyOf('checkpoint', queue.checkpointId)
    const promptsKey = keyOf('dataset', queue.promptDatasetId)
    if (!db.get('SELECT 1 FROM checkpoints WHERE id = ?', checkpointKey))
      missing('checkpoint', queue.checkpointId)
    if (!db.get("SELECT 1 FROM datasets WHERE id = ? AND state = 'ready'", promptsKey))
      missing('dataset', queue.promptDatasetId)
    const { labelling = plainLabelling } = queue
    const { lastId } = db.run(
      `
      INSERT INTO queues (
        dataset_id, name, checkpoint_id, prompt_dataset_id, sampling, goal, guidance, created_at_ms, labelling)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      insertJudgmentDataset(db, {
        name: queue.name,
        kind: labelModes[labelling.mode].kind,
        createdAtMs: queue.createdAtMs,
      }),
      queue.name,
      checkpointKey,
      promptsKey,
      JSON.stringify(queue.sampling),
      queue.goal,
      queue.guidance,
      queue.createdAtMs,
      JSON.stringify(labelling),
    )
    return queueOf(db, idOf('queue', lastId))
  })
}

/** @throws StudioFailure not-found */
export function raiseGoal(db: WritableDb, queueId: string, by: number): void {
  const { changes } = db.run('UPDATE queues SET goal = goal + ? WHERE id = ?', by, keyOf('queue', queueId))
  if (changes === 0) missing('queue', queueId)
}

/** What counts here, said anew. @throws StudioFailure not-found */
export function guideQueue(db: WritableDb, queueId: string, guidance: string): LabelQueue {
  db.run('UPDATE queues SET guidance = ? WHERE id = ?', guidance, keyOf('queue', queueId))
  return queueOf(db, queueId)
}

/** Newest first, arenas among them. */
export function listQueues(db: ReadableDb): readonly LabelQueue[] {
  return db.all<QueueRow>('SELECT * FROM queues ORDER BY id DESC').map(toQueue)
}

/** How the queue is judged that fills this dataset. */
export function modeOfDataset(db: ReadableDb, datasetKey: number): LabelModeName {
  const row = db.get<Pick<QueueRow, 'labelling'>>(
    'SELECT labelling FROM queues WHERE dataset_id = ?',
    datasetKey,
  )
  return labellingIn(row?.labelling ?? '{}').mode
}

/** @throws StudioFailure not-found */
export function queueOf(db: ReadableDb, queueId: string): LabelQueue {
  const row = db.get<QueueRow>('SELECT * FROM queues WHERE id = ?', keyOf('queue', queueId))
  return row ? toQueue(row) : missing('queue', queueId)
}

const labellingIn = (json: string): Labelling => ({
  ...plainLabelling,
  ...storedJson<Partial<Labelling>>(json),
})

interface QueueRow {
  id: number
  dataset_id: number
  name: string
  checkpoint_id: number
  prompt_dataset_id: number
  sampling: string
  goal: number
  guidance: string
  created_at_ms: number
  labelling: string
}

function toQueue(row: QueueRow): LabelQueue {
  return {
    id: idOf('queue', row.id),
    datasetId: idOf('dataset', row.dataset_id),
    name: row.name,
    checkpointId: idOf('checkpoint', row.checkpoint_id),
    promptDatasetId: idOf('dataset', row.prompt_dataset_id),
    sampling: storedJson<SamplingSettings>(row.sampling) ?? usualSampling,
    goal: row.goal,
    guidance: row.guidance,
    labelling: labellingIn(row.labelling),
    createdAtMs: row.created_at_ms,
  }
}
