/** `studio label`: the queues there are, one of them judged in the terminal, or its judgments as a file. */
import { letterOf } from '../../src-shared/label-modes/letters'
import { labelModes } from '../../src-shared/label-modes/modes'
import {
  candidatesOf,
  type Comparison,
  type LabelProgress,
  type LabelQueue,
} from '../../src-shared/records/comparison'
import { judgmentFormats } from '../../src-shared/records/labelling'
import { StudioFailure } from '../../src-shared/result'
import { textOf } from '../../src-shared/turn-texts'
import type { Api } from '../../src-shared/wire'
import { judgmentFile } from '../labels/judgment-file'
import { contendersOf } from '../store/contenders'
import type { ReadableDb } from '../store/handle'
import { listQueues } from '../store/queues'
import { byNameOrId } from './look-up'
import { exits, valueOf, type Exit, type Terminal } from './terminal'
import { count, table } from './text'
import { typings, type Saying } from './typed-answers'

export function queuesCommand(db: ReadableDb, terminal: Terminal): void {
  const queues = listQueues(db).filter(({ id }) => contendersOf(db, id).length === 0)
  terminal.result(queues, (all) =>
    all.length === 0
      ? 'No label queues yet. Label in the studio makes the first.'
      : table(
          ['id', 'name', 'judged by', 'goal'],
          all.map(({ id, name, labelling, goal }) => [
            id,
            name,
            labelModes[labelling.mode].title,
            count(goal),
          ]),
        ),
  )
}

/** Judgments go to stdout as they are: they are a file, whether --json is said or not. */
export function exportCommand(
  db: ReadableDb,
  { queue, format }: { readonly queue: string; readonly format: string },
  out: { write(text: string): unknown },
): void {
  const known = judgmentFormats.find((each) => each === format)
  if (known === undefined)
    throw new StudioFailure({
      kind: 'invalid-input',
      field: '--export',
      problem: `must be ${judgmentFormats.join(' or ')}`,
    })
  out.write(judgmentFile(db, byNameOrId(listQueues(db), queue, 'QUEUE').id, known).text)
}

export interface Judging {
  readonly queue: string
  readonly annotator: string
  /** What the person types, line after line. */
  readonly lines: AsyncIterator<string>
}

/** Judges until nothing is ahead, or the person stops with q or the end of input. */
export async function labelCommand(
  api: Api,
  { queue: asked, annotator, lines }: Judging,
  terminal: Terminal,
): Promise<Exit> {
  const queue = byNameOrId(valueOf(await api.call('labels.queues', {})), asked, 'QUEUE')
  const { help, read } = typings[queue.labelling.mode]
  const leaving = new AbortController()
  const bench = benchOf({ api, queue, annotator, terminal }, leaving.signal)
  terminal.note(`${queue.name}: ${help}; s skips, z undoes, q stops.`)
  if (queue.guidance !== '') terminal.note(`What counts here: ${queue.guidance}`)
  let judged = 0
  try {
    for (let item = await bench.next(); item;) {
      terminal.note(itemText(item))
      const typed = await lineOf(lines)
      if (typed === undefined || typed === 'q') break
      if (typed === 'z') {
        const before = await bench.undo()
        if (before) judged--
        item = before ?? item
        continue
      }
      const saying: Saying | undefined = typed === 's' ? { verdict: 'skip' } : read(typed, item)
      const isTaken = saying !== undefined && (await bench.judge(item, saying))
      if (isTaken) judged++
      else terminal.note(`“${typed}” says nothing here: ${help}.`)
      if (isTaken) item = await bench.next()
    }
  } finally {
    leaving.abort()
  }
  terminal.result({ queue: queue.id, judged }, () => `${count(judged)} judged.`)
  return exits.done
}

interface Sitting {
  readonly api: Api
  readonly queue: LabelQueue
  readonly annotator: string
  readonly terminal: Terminal
}

/** What is asked of the studio for one person at one queue. */
function benchOf({ api, queue, annotator, terminal }: Sitting, signal: AbortSignal) {
  const named = annotator === '' ? {} : { annotator }
  const told = api.stream('labels.watch', { queueId: queue.id }, signal)[Symbol.asyncIterator]()
  let stands: LabelProgress | undefined
  let toldOfPrompts: string | undefined

  function keep(progress: LabelProgress): void {
    stands = progress
    const { longPrompts } = progress
    if (longPrompts !== undefined && longPrompts !== toldOfPrompts) terminal.note(longPrompts)
    toldOfPrompts = longPrompts
  }

  return {
    /** Waits while one is written; undefined when all is judged, or no more can come. */
    next: async (): Promise<Comparison | undefined> => {
      for (;;) {
        const next = { queueId: queue.id, count: 1, holding: [], ...named }
        const [item] = valueOf(await api.call('labels.next', next))
        if (item || (stands && isDone(stands))) return item
        const { value, done } = await told.next()
        if (done === true) return undefined
        keep(value)
        if (value.problem !== undefined) terminal.note(value.problem)
      }
    },
    /** @returns false for what cannot be said of it; what another judged meanwhile is told and passed over */
    judge: async (item: Comparison, saying: Saying): Promise<boolean> => {
      const said = { ...saying, ...named, comparisonId: item.id, holding: [] }
      const answer = await api.call('labels.judge', said)
      if (answer.ok) keep(answer.value.progress)
      else if (answer.error.kind === 'invalid-input') return false
      else terminal.error(answer.error)
      return true
    },
    undo: async (): Promise<Comparison | undefined> => {
      const { comparison, progress } = valueOf(await api.call('labels.undo', { queueId: queue.id, ...named }))
      keep(progress)
      if (!comparison) terminal.note('There is nothing of yours to take back.')
      return comparison
    },
  }
}

const isDone = ({ problem, ahead, judged, goal }: LabelProgress): boolean =>
  problem !== undefined || (ahead === 0 && judged >= goal)

async function lineOf(lines: AsyncIterator<string>): Promise<string | undefined> {
  const { value, done } = await lines.next()
  return done === true ? undefined : value.trim()
}

function itemText(item: Comparison): string {
  const candidates = candidatesOf(item)
  const names = candidates.length === 2 && item.candidates === undefined ? ['left', 'right'] : undefined
  const texts = candidates.map(({ text }, index) => {
    const name = names?.[index] ?? (candidates.length > 1 ? letterOf(index).toLowerCase() : '')
    return `${name === '' ? '' : `${name}: `}${text === '' ? '(it wrote nothing)' : text}`
  })
  return ['', `${item.place}. ${textOf(item.prompt)}`, ...texts].join('\n')
}
