/** What is asked of arenas. */
import { z } from 'zod'
import { fewestContenders, mostContenders, type Arena, type ArenaState } from '../records/arena'
import { id, name } from '../launch-schema'
import { longPromptsInQueues } from '../recipes/long-prompts'
import { samplingSchema } from '../sampling'
import { call, stream } from './row'

export const arenaCalls = {
  'arena.list': call({}).returns<readonly Arena[]>(),
  /** Its comparisons are asked for and judged by `labels.next`, `labels.judge` and `labels.undo`: it is a queue. */
  'arena.create': call({
    name,
    promptDatasetId: id,
    contenders: z
      .array(z.strictObject({ checkpointId: id, sampling: samplingSchema }))
      .min(fewestContenders, 'must be at least two')
      .max(mostContenders),
    goal: z.number().int().min(1).max(1_000_000),
    guidance: z.string().max(2000),
    /** Of prompts that leave a checkpoint no room for a completion; left out unless it says otherwise. */
    longPrompts: z.enum(longPromptsInQueues).optional(),
  }).returns<Arena>(),
  /** New pairs are drawn of these contenders only, by their indices; the others rest and keep their verdicts. */
  'arena.draw': call({
    arenaId: id,
    drawn: z.array(z.number().int().min(0)).min(2).max(mostContenders),
  }).returns<Arena>(),
  'arena.state': call({ arenaId: id }).returns<ArenaState>(),
  /** A reward source scores both sides of all that people judged, from now on too. */
  'arena.judge': call({
    arenaId: id,
    rewards: z.string().max(2000),
    checkpointId: id.optional(),
  }).returns<ArenaState>(),
  'arena.unjudge': call({ arenaId: id, judgeId: id }).returns<ArenaState>(),
}

export const arenaStreams = {
  /** How an arena stands, again after each verdict. */
  'arena.watch': stream({ arenaId: id }).of<ArenaState>(),
}
