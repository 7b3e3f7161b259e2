/** Samples: completions kept for people to look at. */
import type { Sample } from '../../src-shared/records/sample'
import type { SamplingSettings } from '../../src-shared/sampling'
import { idOf, keyIn, keyOf } from './ids'
import type { ReadableDb, WritableDb } from './handle'
import { columnsOfPrompt, promptInColumns } from './turns'
import { storedJson } from './stored-json'

export type NewSample = Omit<Sample, 'id'>

/**
 * All in one transaction, in this order.
 * @throws StudioFailure not-found, for an unknown run or checkpoint id
 */
export function insertSamples(db: WritableDb, samples: readonly NewSample[]): readonly Sample[] {
  return db.transaction(() =>
    samples.map((sample) => {
      const { lastId } = db.run(
        `
      INSERT INTO samples (
        run_id, checkpoint_id, step, prompt, prompt_turns, completion, tokens, has_ended, reward, judge, sampling)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        sample.runId === undefined ? null : keyOf('run', sample.runId),
        sample.checkpointId === undefined ? null : keyOf('checkpoint', sample.checkpointId),
        sample.step,
        ...columnsOfPrompt(sample.prompt),
        sample.completion,
        sample.tokens,
        Number(sample.hasEnded),
        sample.reward ?? null,
        sample.judge ?? null,
        sample.sampling === undefined ? null : JSON.stringify(sample.sampling),
      )
      return { id: idOf('sample', lastId), ...sample }
    }),
  )
}

/** In the order they came. */
export function samplesOfRun(db: ReadableDb, runId: string): readonly Sample[] {
  return db
    .all<SampleRow>('SELECT * FROM samples WHERE run_id = ? ORDER BY step, id', keyOf('run', runId))
    .map(toSample)
}

export function findSample(db: ReadableDb, sampleId: string): Sample | undefined {
  const key = keyIn('sample', sampleId)
  const row = key === undefined ? undefined : db.get<SampleRow>('SELECT * FROM samples WHERE id = ?', key)
  return row && toSample(row)
}

interface SampleRow {
  id: number
  run_id: number | null
  checkpoint_id: number | null
  step: number
  prompt: string
  prompt_turns: string | null
  completion: string
  tokens: number
  has_ended: number
  reward: number | null
  judge: number | null
  sampling: string | null
}

function toSample(row: SampleRow): Sample {
  const sampling = storedJson<SamplingSettings>(row.sampling)
  return {
    id: idOf('sample', row.id),
    step: row.step,
    prompt: promptInColumns(row.prompt, row.prompt_turns),
    completion: row.completion,
    tokens: row.tokens,
    hasEnded: row.has_ended === 1,
    ...(row.run_id !== null && { runId: idOf('run', row.run_id) }),
    ...(row.checkpoint_id !== null && { checkpointId: idOf('checkpoint', row.checkpoint_id) }),
    ...(row.reward !== null && { reward: row.reward }),
    ...(row.judge !== null && { judge: row.judge }),
    ...(sampling && { sampling }),
  }
}
