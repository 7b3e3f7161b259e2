/** Items of a queue as tasks for the programs of others, and the judgments that were made there. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Comparison, LabelQueue } from '../../src-shared/records/comparison'
import { StudioFailure } from '../../src-shared/result'
import type { Api } from '../../src-shared/wire'
import { judgmentsIn, type JudgedElsewhere } from '../labels/judgments-elsewhere'
import { isTaskOf, taskPrograms, tasksFor } from '../labels/tasks-elsewhere'
import { nextComparisons } from '../store/comparisons'
import type { ReadableDb } from '../store/handle'
import { listQueues } from '../store/queues'
import { byNameOrId } from './look-up'
import { valueOf, type Terminal } from './terminal'

const all = Number.MAX_SAFE_INTEGER

/** What nobody has judged yet goes to stdout: it is a file, whether --json is said or not. */
export function tasksCommand(
  db: ReadableDb,
  { queue: asked, program }: { readonly queue: string; readonly program: string },
  out: { write(text: string): unknown },
): void {
  const known = taskPrograms.find((each) => each === program)
  if (known === undefined)
    throw new StudioFailure({
      kind: 'invalid-input',
      field: '--tasks',
      problem: `must be ${taskPrograms.join(' or ')}`,
    })
  const { id, labelling } = byNameOrId(listQueues(db), asked, 'QUEUE')
  out.write(tasksFor(known, labelling.mode, nextComparisons(db, id, all, [])))
}

export interface Waiting {
  readonly queue: LabelQueue
  readonly items: ReadonlyMap<string, Comparison>
}

/** What of the queue waits for a judgment. */
export function waitingIn(db: ReadableDb, asked: string): Waiting {
  const queue = byNameOrId(listQueues(db), asked, 'QUEUE')
  return { queue, items: new Map(nextComparisons(db, queue.id, all, []).map((item) => [item.id, item])) }
}

/** Takes the judgments of a file; what is judged already stays as it is. @throws StudioFailure refused-file */
export async function judgmentsCommand(
  api: Api,
  { queue, items }: Waiting,
  file: string,
  terminal: Terminal,
): Promise<void> {
  const { mode } = queue.labelling
  const { judged, passedOver } = judgmentsIn(readFileSync(file, 'utf8'), basename(file), mode)
  const ours = judged.filter(({ comparisonId, task }) => {
    const item = items.get(comparisonId)
    return item !== undefined && isTaskOf(item, mode, task)
  })
  let taken = 0
  for (const each of ours) if (await take(api, each)) taken++
  terminal.result(
    { taken, passedOver, judgedAlready: ours.length - taken, notWaiting: judged.length - ours.length },
    (told) =>
      `${told.taken} judgments taken. ${told.passedOver} answers say nothing, ${told.judgedAlready} items had a ` +
      `verdict by then, ${told.notWaiting} are of items that do not wait in “${queue.name}”.`,
  )
}

/** @returns whether it was the first verdict of its item */
async function take(
  api: Api,
  { comparisonId, annotator, verdict, margin, answer }: JudgedElsewhere,
): Promise<boolean> {
  const said = { comparisonId, verdict, holding: [], ...(annotator !== '' && { annotator }) }
  const told = await api.call('labels.judge', {
    ...said,
    ...(margin && { margin }),
    ...(answer !== undefined && { answer }),
  })
  if (!told.ok && told.error.kind === 'judged-meanwhile') return false
  valueOf(told)
  return true
}
