/** Arenas: made, watched; their comparisons are handed out and judged as those of any queue. */
import { StudioFailure } from '../../src-shared/result'
import type { CallInput } from '../../src-shared/contract'
import type { Handlers } from '../border/serve'
import { nowAndOnChange, only } from '../changes/topic'
import { arenaState } from '../arena/arena-state'
import { isBy } from '../evaluation/contender-of'
import { arenaOf, createArena, drawOnly, listArenas } from '../store/contenders'
import type { StudioParts } from './studio-parts'

type ArenaCalls = 'arena.list' | 'arena.create' | 'arena.draw' | 'arena.state'

export const arenaCalls = ({
  db,
  changes,
  labels,
  reader,
  now,
}: StudioParts): Pick<Handlers['calls'], ArenaCalls> => ({
  'arena.list': () => listArenas(db),
  'arena.create': async (request) => {
    refuseTwins(request.contenders)
    for (const { checkpointId, sampling } of request.contenders)
      // at temperature 0 two checkpoints still differ: a queue of one writer would be refused
      await reader.checkQueue({
        ...{ name: request.name, promptDatasetId: request.promptDatasetId, goal: request.goal },
        guidance: request.guidance,
        checkpointId,
        sampling: { ...sampling, temperature: 1, topK: 0 },
      })
    const arena = createArena(db, { ...request, createdAtMs: now() })
    changes.datasets.publish()
    labels.fill(arena.id)
    return arena
  },
  'arena.draw': ({ arenaId, drawn }) => {
    const { contenders } = arenaOf(db, arenaId)
    if (new Set(drawn).size < 2 || drawn.some((index) => index >= contenders.length))
      throw new StudioFailure({
        kind: 'invalid-input',
        field: 'drawn',
        problem: 'must name two of its checkpoints',
      })
    const arena = drawOnly(db, arenaId, drawn)
    changes.queues.publish({ queueId: arenaId })
    labels.fill(arenaId)
    return arena
  },
  'arena.state': ({ arenaId }, _signal, asker) => arenaState(db, arenaId, asker.id),
})

export const arenaStreams = ({ db, changes }: StudioParts): Pick<Handlers['streams'], 'arena.watch'> => ({
  'arena.watch': ({ arenaId }, signal, asker) => {
    arenaOf(db, arenaId)
    return nowAndOnChange(
      only(changes.queues, ({ queueId }) => queueId === arenaId),
      () => arenaState(db, arenaId, asker.id),
      signal,
    )
  },
})

/** The same checkpoint sampled the same way cannot meet itself. */
function refuseTwins(contenders: CallInput<'arena.create'>['contenders']): void {
  const twin = contenders.findIndex((one, index) =>
    contenders.slice(0, index).some((other) => isBy(one, other)),
  )
  if (twin === -1) return
  throw new StudioFailure({
    kind: 'invalid-input',
    field: 'contenders',
    problem: `has checkpoint ${twin + 1} twice with the same sampling: it would meet itself`,
  })
}
