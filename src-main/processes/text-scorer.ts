/** Scores texts by any reward source, as a run's reward would. */
import { StudioFailure } from '../../src-shared/result'
import { rewardModelInput } from '../../src-shared/rewards/reward-model'
import { rewardsProblem, termsOf } from '../../src-shared/rewards/terms'
import { openEngine } from '../compute/devices'
import type { Engine } from '../compute/engine'
import { modelShelf } from '../model/model-shelf'
import { rewardRows } from '../rewards/rewards'
import { openTerms, scoresOf, type TermOpener } from '../rewards/terms'
import { filesOfCheckpoint, findCheckpoint, listCheckpoints } from '../store/checkpoints'
import type { ReadableDb } from '../store/handle'
import { rewardHeads } from '../rewards/reward-model'
import type { HeadsRequest, ScoreRequest } from './contract'

const onlyModel = rewardModelInput(1)

/** @throws StudioFailure saying why not */
export type ScoreTexts = (request: ScoreRequest) => Promise<readonly number[]>

/** @throws StudioFailure saying why not */
export type ReadHeads = (request: HeadsRequest) => Promise<readonly (readonly number[])[]>

export interface TextReaders {
  readonly score: ScoreTexts
  readonly heads: ReadHeads
}

export function headReader(db: ReadableDb): ReadHeads {
  const load = modelShelf()
  let engine: Promise<Engine> | undefined

  return async ({ checkpointId, texts }) => {
    const { model, lineage } = await load(filesOfCheckpoint(db, checkpointId).path)
    if (model.kind !== 'reward-model') refuse('checkpointId', 'is a language model; it scores nothing')
    const readPrompt = lineage['readPrompt'] !== 'completion-only'
    const heads = rewardHeads(await (engine ??= openEngine()), model, { readPrompt })
    try {
      return await heads(texts)
    } finally {
      heads.dispose()
    }
  }
}

export function textScorer(db: ReadableDb): ScoreTexts {
  const load = modelShelf()
  let engine: Promise<Engine> | undefined

  return async ({ rewards, checkpointId, texts }) => {
    const problem = rewardsProblem(rewards)
    if (problem !== undefined) refuse('rewards', problem)
    const opened: unknown[] = []
    const given: TermOpener = {
      async rewardModel(input) {
        if (input !== onlyModel) refuse('rewards', 'scores with a second reward model: a judge has one')
        if (checkpointId === undefined) refuse('checkpointId', 'is missing: a reward model scores with one')
        const { model, lineage } = await load(filesOfCheckpoint(db, idOf(db, checkpointId)).path)
        if (model.kind !== 'reward-model') refuse('checkpointId', 'is a language model; it scores nothing')
        return { model, readPrompt: lineage['readPrompt'] !== 'completion-only' }
      },
      references: () => new Map(), // an arena has none: a judge that needs them is refused when it is added
      reward: (source, opening) => {
        const reward = rewardRows[source].open(opening)
        opened.push(reward)
        return reward
      },
    }
    try {
      const terms = await openTerms(await (engine ??= openEngine()), termsOf(rewards), given)
      return (await scoresOf(terms, texts)).reward
    } finally {
      for (const each of opened) if (canDispose(each)) each.dispose()
    }
  }
}

/** What a person types may be a name; where several have it, the newest. */
const idOf = (db: ReadableDb, idOrName: string): string =>
  findCheckpoint(db, idOrName)?.id ??
  listCheckpoints(db).find(({ name }) => name === idOrName)?.id ??
  idOrName

const canDispose = (value: unknown): value is { dispose(): void } =>
  typeof value === 'function' && 'dispose' in value && typeof value.dispose === 'function'

function refuse(field: string, problem: string): never {
  throw new StudioFailure({ kind: 'invalid-input', field, problem })
}
