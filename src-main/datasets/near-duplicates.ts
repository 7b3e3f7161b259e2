/**
 * Rows of a dataset that are much alike, or that stand in another dataset nearly so: the same text that is learned
 * twice, or that a held-out part has seen.
 */
import type { Example } from '../../src-shared/records/example'
import type {
  ComparedPart,
  NearGroup,
  NearProgress,
  NearReport,
  NearRow,
} from '../../src-shared/records/near'
import { StudioFailure } from '../../src-shared/result'
import { textOf } from '../../src-shared/turn-texts'
import { breathe } from '../changes/topic'
import { shinglesOf } from '../maths/texts/shingles'
import { datasetOf } from '../store/datasets'
import { examplesOf } from '../store/examples'
import type { ReadableDb } from '../store/handle'
import { nearIndex, type NearIndex } from './near-index'

export interface NearQuestion {
  readonly datasetId: string
  /** Whose rows those of the dataset must not resemble; absent: its own. */
  readonly againstId?: string | undefined
  readonly part: ComparedPart
  /** The least resemblance of shingles, 0 … 1. */
  readonly threshold: number
}

const rowsAtOnce = 500
const groupsShown = 200
const rowsShown = 20
const charactersShown = 300

/** @throws StudioFailure not-found; cancelled */
export async function* nearDuplicates(
  db: ReadableDb,
  question: NearQuestion,
  signal: AbortSignal,
): AsyncGenerator<NearProgress> {
  const { datasetId, againstId, part, threshold } = question
  const index = nearIndex(threshold)
  const ids = againstId === undefined ? [datasetId] : [againstId, datasetId]
  const total = ids.reduce((sum, id) => sum + datasetOf(db, id).rows, 0)
  const compared: Compared = { ids: [], rows: [], own: 0 }
  let read = 0
  for (const id of ids) {
    compared.own = compared.ids.length
    for (const example of examplesOf(db, id)) {
      const set = shinglesOf(textsIn(example, part))
      if (set.length > 0) {
        index.add(set)
        compared.ids.push(example.id)
        compared.rows.push(example.row)
      }
      if (++read % rowsAtOnce > 0) continue
      await breathe()
      if (signal.aborted) throw new StudioFailure({ kind: 'cancelled' })
      yield { compared: read, total }
    }
  }
  const groups = await groupsIn(index, compared, againstId !== undefined)
  yield { compared: total, total, done: await report(db, question, compared, groups) }
}

/** What was compared, in the places of the index; those of the dataset itself from `own` on. */
interface Compared {
  readonly ids: number[]
  readonly rows: number[]
  own: number
}

/** By place: the first, and those that are like it with how much. */
type Groups = ReadonlyMap<number, readonly (readonly [place: number, similarity: number])[]>

const partsOf = {
  row: ['prompt', 'completion', 'rejected'],
  prompt: ['prompt'],
  completion: ['completion'],
} as const

const textsIn = (example: Example, part: ComparedPart): readonly string[] =>
  partsOf[part].map((each) => textOf(example[each] ?? ''))

async function groupsIn(index: NearIndex, { ids, own }: Compared, isAgainst: boolean): Promise<Groups> {
  const firstOf = Int32Array.from(ids, (_, place) => place)
  const rootOf = (place: number): number => {
    let root = place
    while (firstOf[root]! !== root) root = firstOf[root] = firstOf[firstOf[root]!]!
    return root
  }
  const allows = (one: number, other: number): boolean =>
    isAgainst ? one < own && other >= own && firstOf[other] === other : rootOf(one) !== rootOf(other)
  for await (const { one, other } of index.pairs(allows)) {
    if (isAgainst) firstOf[other] = one
    else {
      const [first, second] = [rootOf(one), rootOf(other)]
      firstOf[Math.max(first, second)] = Math.min(first, second)
    }
  }
  const groups = new Map<number, (readonly [number, number])[]>()
  for (let place = 0; place < ids.length; place++) {
    const first = rootOf(place)
    if (first === place) continue
    const group = groups.get(first) ?? []
    group.push([place, index.resemblance(first, place)])
    groups.set(first, group)
  }
  return groups
}

async function report(
  db: ReadableDb,
  { datasetId, againstId, part }: NearQuestion,
  { ids, rows }: Compared,
  groups: Groups,
): Promise<NearReport> {
  const shown = [...groups]
    .sort(([one, some], [other, others]) => others.length - some.length || one - other)
    .slice(0, groupsShown)
    .map(([first, others]) => ({
      first,
      others: others.toSorted(([, a], [, b]) => b - a).slice(0, rowsShown),
      rows: others.length + 1,
    }))
  const wanted = new Set(
    shown.flatMap(({ first, others }) =>
      [first, ...others.map(([place]) => place)].map((place) => ids[place]!),
    ),
  )
  const texts = new Map<number, string>()
  for (const id of wanted.size === 0 ? [] : [datasetId, ...(againstId === undefined ? [] : [againstId])])
    await addTexts(texts, examplesOf(db, id), wanted, part)
  const rowAt = (place: number, similarity: number): NearRow => ({
    exampleId: ids[place]!,
    row: rows[place]!,
    text: texts.get(ids[place]!) ?? '',
    similarity,
  })
  const places = [...groups.values()].flat().map(([place]) => place)
  return {
    rows: ids.length,
    groups: shown.map((group): NearGroup => ({
      first: rowAt(group.first, 1),
      others: group.others.map(([place, similarity]) => rowAt(place, similarity)),
      rows: group.rows,
    })),
    groupCount: groups.size,
    others: places.sort((a, b) => a - b).map((place) => ({ id: ids[place]!, row: rows[place]! })),
  }
}

async function addTexts(
  texts: Map<number, string>,
  examples: Iterable<Example>,
  wanted: ReadonlySet<number>,
  part: ComparedPart,
): Promise<void> {
  let read = 0
  for (const example of examples) {
    if (++read % rowsAtOnce === 0) await breathe()
    if (!wanted.has(example.id)) continue
    const text = textsIn(example, part).filter(Boolean).join('\n').slice(0, charactersShown)
    texts.set(example.id, text)
  }
}
