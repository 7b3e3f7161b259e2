/** Who writes in an arena: a queue that has contenders is one. */
import type { Arena, Contender } from '../../src-shared/records/arena'
import { usualSampling, type SamplingSettings } from '../../src-shared/sampling'
import { idOf, keyOf, missing } from './ids'
import { createQueue, listQueues, queueOf, type NewQueue } from './queues'
import type { ReadableDb, WritableDb } from './handle'
import { storedJson } from './stored-json'

export type NewArena = Omit<NewQueue, 'checkpointId' | 'sampling'> & {
  readonly contenders: readonly Pick<Contender, 'checkpointId' | 'sampling'>[]
}

/** @throws StudioFailure not-found, when a checkpoint or the prompts are gone */
export function createArena(db: WritableDb, { contenders, ...queue }: NewArena): Arena {
  return db.transaction(() => {
    const [first] = contenders
    if (!first) throw new RangeError('an arena without contenders')
    const { id } = createQueue(db, { ...queue, ...first })
    for (const [index, { checkpointId, sampling }] of contenders.entries()) {
      const checkpointKey = keyOf('checkpoint', checkpointId)
      if (!db.get('SELECT 1 FROM checkpoints WHERE id = ?', checkpointKey))
        missing('checkpoint', checkpointId)
      db.run(
        'INSERT INTO contenders (queue_id, place, checkpoint_id, sampling) VALUES (?, ?, ?, ?)',
        keyOf('queue', id),
        index + 1,
        checkpointKey,
        JSON.stringify(sampling),
      )
    }
    return arenaOf(db, id)
  })
}

/** Newest first. */
export function listArenas(db: ReadableDb): readonly Arena[] {
  return listQueues(db)
    .map((queue) => ({ ...queue, contenders: contendersOf(db, queue.id) }))
    .filter(({ contenders }) => contenders.length > 0)
}

/** @throws StudioFailure not-found, also for a queue that is no arena */
export function arenaOf(db: ReadableDb, queueId: string): Arena {
  const contenders = contendersOf(db, queueId)
  return contenders.length > 0 ? { ...queueOf(db, queueId), contenders } : missing('queue', queueId)
}

/** In their order; none of a queue that is no arena. */
export function contendersOf(db: ReadableDb, queueId: string): readonly Contender[] {
  return db
    .all<ContenderRow>(
      `
    SELECT contenders.checkpoint_id, contenders.sampling, contenders.is_drawn, checkpoints.name
    FROM contenders JOIN checkpoints ON checkpoints.id = contenders.checkpoint_id
    WHERE contenders.queue_id = ? ORDER BY contenders.place`,
      keyOf('queue', queueId),
    )
    .map((row) => ({
      checkpointId: idOf('checkpoint', row.checkpoint_id),
      name: row.name,
      sampling: storedJson<SamplingSettings>(row.sampling) ?? usualSampling,
      isDrawn: row.is_drawn === 1,
    }))
}

/** Whom new pairs are drawn of, by their indices. @throws StudioFailure not-found */
export function drawOnly(db: WritableDb, queueId: string, drawn: readonly number[]): Arena {
  return db.transaction(() => {
    db.run(
      'UPDATE contenders SET is_drawn = place - 1 IN (SELECT value FROM json_each(?)) WHERE queue_id = ?',
      JSON.stringify(drawn),
      keyOf('queue', queueId),
    )
    return arenaOf(db, queueId)
  })
}

interface ContenderRow {
  checkpoint_id: number
  name: string
  sampling: string
  is_drawn: number
}
