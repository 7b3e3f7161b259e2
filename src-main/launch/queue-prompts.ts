/** Which prompts of a label queue leave one of its writers no room for a completion, and what becomes of them. */
import { askedRoom } from '../../src-shared/recipes/long-prompts'
import type { Labelling } from '../../src-shared/records/labelling'
import type { Prompt } from '../../src-shared/records/turn'
import { breathe } from '../changes/topic'
import { readModelHeader } from '../model/model-header'
import { promptFitter, tokensIn } from '../model/rendering/long-prompts'
import { checkpointOf, filesOfCheckpoint } from '../store/checkpoints'
import { examplesOf } from '../store/examples'
import type { ReadableDb } from '../store/handle'

export interface QueuePromptsQuestion {
  readonly promptDatasetId: string
  readonly longPrompts: Labelling['longPrompts']
  /** Everyone who writes, with the room that a completion is given. */
  readonly writers: readonly { readonly checkpointId: string; readonly maxTokens: number }[]
}

export interface LongQueuePrompts {
  /** Rows of the dataset. */
  readonly leftOut: readonly number[]
  readonly cut: readonly { readonly row: number; readonly prompt: Prompt }[]
  /** What became of them, in a sentence; absent where all fit. */
  readonly said?: string
  /** Why none is left. */
  readonly whyNone?: string
}

const rowsAtOnce = 500

/** @throws StudioFailure not-found; refused-file */
export async function longQueuePrompts(
  db: ReadableDb,
  { promptDatasetId, longPrompts, writers }: QueuePromptsQuestion,
): Promise<LongQueuePrompts> {
  const fitters = await Promise.all(writers.map((writer) => fitterOf(db, writer, longPrompts === 'cut')))
  const leftOut: number[] = []
  const cut: { row: number; prompt: Prompt }[] = []
  let visited = 0
  for (const { row, prompt } of examplesOf(db, promptDatasetId)) {
    if (++visited % rowsAtOnce === 0) await breathe()
    if (prompt === undefined) continue
    let fitted: Prompt | undefined = prompt
    for (const { fit } of fitters) fitted &&= fit(fitted, row)
    if (fitted === undefined) leftOut.push(row)
    else if (fitted !== prompt) cut.push({ row, prompt: fitted })
  }
  const said = fitters.flatMap(({ name, said }) => {
    const sentence = said()
    if (sentence === undefined) return []
    return [fitters.length === 1 ? sentence : `${name}: ${sentence}`]
  })
  const whyNone = fitters.map((each) => each.whyNone()).find((why) => why !== undefined)
  return {
    ...{ leftOut, cut },
    ...(said.length > 0 && { said: said.join(' ') }),
    ...(whyNone !== undefined && { whyNone }),
  }
}

async function fitterOf(
  db: ReadableDb,
  { checkpointId, maxTokens }: QueuePromptsQuestion['writers'][number],
  isCut: boolean,
) {
  const { name } = checkpointOf(db, checkpointId)
  const { tokenizer, config } = await readModelHeader(filesOfCheckpoint(db, checkpointId).path)
  const room = askedRoom(maxTokens, config.contextTokens)
  const tokensOf = (prompt: Prompt): number => tokensIn(tokenizer, prompt)
  return { name, ...promptFitter({ tokensOf, room, isCut }) }
}
