/** Arenas: made, watched; their comparisons are handed out and judged as those of any queue. */
import { StudioFailure } from '../../src-shared/result'
import { rewardModelInput } from '../../src-shared/rewards/reward-model'
import { rewardSources } from '../../src-shared/rewards/rewards'
import { needsCheckpoint, rewardsProblem, termsOf } from '../../src-shared/rewards/terms'
import { plainLabelling } from '../../src-shared/records/labelling'
import type { Asker } from '../changes/asker'
import type { CallInput } from '../../src-shared/contract'
import type { Handlers } from '../border/serve'
import { nowAndOnChange, only } from '../changes/topic'
import { arenaState } from '../arena/arena-state'
import { isBy } from '../evaluation/contender-of'
import { addJudge, removeJudge, type NewJudge } from '../store/arena-judges'
import { checkpointOf } from '../store/checkpoints'
import type { ReadableDb } from '../store/handle'
import { arenaOf, createArena, drawOnly, listArenas } from '../store/contenders'
import type { StudioParts } from './studio-parts'

type MadeCalls = 'arena.list' | 'arena.create' | 'arena.draw'
type StandingCalls = 'arena.state' | 'arena.judge' | 'arena.unjudge'

export const arenaCalls = (studio: StudioParts): Pick<Handlers['calls'], MadeCalls | StandingCalls> => ({
  ...madeCalls(studio),
  ...standingCalls(studio),
})

const madeCalls = ({
  db,
  changes,
  labels,
  reader,
  now,
}: StudioParts): Pick<Handlers['calls'], MadeCalls> => ({
  'arena.list': () => listArenas(db),
  'arena.create': async ({ longPrompts = 'leave-out', ...request }) => {
    refuseTwins(request.contenders)
    for (const { checkpointId, sampling } of request.contenders)
      // at temperature 0 two checkpoints still differ: a queue of one writer would be refused
      await reader.checkQueue({
        ...{ name: request.name, promptDatasetId: request.promptDatasetId, goal: request.goal },
        guidance: request.guidance,
        checkpointId,
        sampling: { ...sampling, temperature: 1, topK: 0 },
      })
    const arena = createArena(db, {
      ...request,
      labelling: { ...plainLabelling, longPrompts },
      createdAtMs: now(),
    })
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
})

const standingCalls = ({ db, changes, judging }: StudioParts): Pick<Handlers['calls'], StandingCalls> => ({
  'arena.state': ({ arenaId }, _signal, asker) => stateFor({ db, judging }, arenaId, asker),
  'arena.judge': ({ arenaId, rewards, checkpointId }, _signal, asker) => {
    arenaOf(db, arenaId)
    addJudge(db, arenaId, soundJudge(db, rewards.trim(), checkpointId))
    judging.fill(arenaId)
    changes.queues.publish({ queueId: arenaId })
    return stateFor({ db, judging }, arenaId, asker)
  },
  'arena.unjudge': ({ arenaId, judgeId }, _signal, asker) => {
    removeJudge(db, arenaId, judgeId)
    changes.queues.publish({ queueId: arenaId })
    return stateFor({ db, judging }, arenaId, asker)
  },
})

const stateFor = ({ db, judging }: Pick<StudioParts, 'db' | 'judging'>, arenaId: string, asker: Asker) =>
  arenaState(db, arenaId, { window: asker.id, problemOf: judging.problemOf })

/** @throws StudioFailure invalid-input at its field; not-found */
function soundJudge(db: ReadableDb, rewards: string, checkpointId: string | undefined): NewJudge {
  const problem = rewardsProblem(rewards)
  if (problem !== undefined) throw refusal('rewards', problem)
  const terms = termsOf(rewards)
  const against = terms.find(({ source }) => rewardSources[source].references === 'needed')
  if (against) throw refusal('rewards', `has ${against.source}, which needs references: an arena has none`)
  if (terms.some(({ source }) => source === 'person'))
    throw refusal('rewards', 'has a person: people judge an arena by themselves')
  if (!needsCheckpoint(rewards, rewardModelInput(1))) return { rewards, name: rewards }
  if (checkpointId === undefined) throw refusal('checkpointId', 'is missing: a reward model scores with one')
  const { name, kind } = checkpointOf(db, checkpointId)
  if (kind !== 'reward-model')
    throw refusal('checkpointId', `“${name}” is a language model; it scores nothing`)
  return { rewards, checkpointId, name: terms.length === 1 ? name : `${rewards}, ${name}` }
}

const refusal = (field: string, problem: string): StudioFailure =>
  new StudioFailure({ kind: 'invalid-input', field, problem })

export const arenaStreams = ({
  db,
  changes,
  judging,
}: StudioParts): Pick<Handlers['streams'], 'arena.watch'> => ({
  'arena.watch': ({ arenaId }, signal, asker) => {
    arenaOf(db, arenaId)
    return nowAndOnChange(
      only(changes.queues, ({ queueId }) => queueId === arenaId),
      () => {
        judging.fill(arenaId)
        return stateFor({ db, judging }, arenaId, asker)
      },
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
