/**
 * What a queue's judgments teach, as examples: pairs by the view `preference_pairs`, answers of other modes by their
 * mode's row. Nothing recomputes it elsewhere.
 */
import { labelModes } from '../../src-shared/label-modes/modes'
import type { ComparisonSide } from '../../src-shared/records/comparison'
import type { Example, ExampleFilter } from '../../src-shared/records/example'
import type { LabelModeName } from '../../src-shared/records/labelling'
import type { Prompt } from '../../src-shared/records/turn'
import { textOf } from '../../src-shared/turn-texts'
import { exampleKey } from './example-keys'
import { withMarks } from './example-versions'
import { idOf } from './ids'
import { characters } from './lengths'
import { pairsOf } from './preference-pairs'
import { modeOfDataset } from './queues'
import { matchesWords, searchWords } from './search-words'
import type { ReadableDb } from './handle'
import { storedJson } from './stored-json'
import { promptInColumns } from './turns'

/** Those known when judgment `watermark` was the newest, in the order of their items. */
export function judgedExamples(
  db: ReadableDb,
  datasetKey: number,
  watermark = Number.MAX_SAFE_INTEGER,
): readonly Example[] {
  const mode = modeOfDataset(db, datasetKey)
  return mode === 'pair' ? pairsOf(db, datasetKey, watermark) : answered(db, datasetKey, mode, watermark)
}

/** An item makes at most so many examples: which of them one is stands above its item's place. */
const placesApart = 2 ** 24
/** The place of the item that an example was made of. */
export const placeOfRow = (row: number): number => row % placesApart

function answered(
  db: ReadableDb,
  datasetKey: number,
  mode: LabelModeName,
  watermark: number,
): readonly Example[] {
  let row = 0
  return answersOf(db, datasetKey, watermark).flatMap(({ place, isFlagged, prompt, candidates, answers }) =>
    labelModes[mode].together({ prompt, candidates }, answers).map((parts, index) => ({
      ...parts,
      id: exampleKey(datasetKey, index * placesApart + place),
      datasetId: idOf('dataset', datasetKey),
      row: ++row,
      isFlagged,
    })),
  )
}

interface Answered {
  readonly place: number
  readonly isFlagged: boolean
  readonly prompt: Prompt
  readonly candidates: readonly string[]
  /** Of each person who was asked. */
  readonly answers: unknown[]
}

/** Items in their order, each once with all that was said of it and its copies for others. */
function answersOf(db: ReadableDb, datasetKey: number, watermark: number): readonly Answered[] {
  const byRoot = new Map<number, Answered>()
  for (const row of answerRows(db, datasetKey, watermark)) {
    const known = byRoot.get(row.root)
    if (known) known.answers.push(storedJson(row.answer))
    else byRoot.set(row.root, answeredIn(row))
  }
  return [...byRoot.values()]
}

const answerRows = (db: ReadableDb, datasetKey: number, watermark: number): readonly AnswerRow[] =>
  db.all<AnswerRow>(
    `
    SELECT
      coalesce(comparisons.copy_of, comparisons.id) AS root, comparisons.place, comparisons.is_flagged,
      comparisons.prompt, comparisons.prompt_turns, comparisons.left_text, comparisons.candidates, judgments.answer
    FROM comparisons JOIN judgments ON judgments.comparison_id = comparisons.id
    WHERE comparisons.queue_id = (SELECT id FROM queues WHERE dataset_id = ?)
      AND judgments.verdict = 'answer' AND comparisons.copy_for IS NOT 'same' AND judgments.id <= ?
      AND NOT EXISTS (SELECT 1 FROM judgments AS later
        WHERE later.comparison_id = comparisons.id AND later.id > judgments.id AND later.id <= ?)
    ORDER BY comparisons.place`,
    datasetKey,
    watermark,
    watermark,
  )

interface AnswerRow {
  root: number
  place: number
  is_flagged: number
  prompt: string
  prompt_turns: string | null
  left_text: string
  candidates: string | null
  answer: string
}

const answeredIn = (row: AnswerRow): Answered => ({
  place: row.place,
  isFlagged: row.is_flagged === 1,
  prompt: promptInColumns(row.prompt, row.prompt_turns),
  candidates:
    row.candidates === null
      ? [row.left_text]
      : (storedJson<readonly ComparisonSide[]>(row.candidates) ?? []).map(({ text }) => text),
  answers: [storedJson(row.answer)],
})

/**
 * Those a filter lets through. A queue's examples are what people judged by hand, so they are few enough to look at
 * one by one.
 */
export function matchingJudged(
  db: ReadableDb,
  datasetKey: number,
  filter: ExampleFilter,
): readonly Example[] {
  const words = searchWords(filter.search)
  const { minCharacters = 0, maxCharacters = Infinity } = filter
  if (filter.source !== undefined) return []
  return withMarks(db, judgedExamples(db, datasetKey)).filter((example) => {
    const texts = [example.prompt, example.completion, example.rejected].map((part = '') => textOf(part))
    const [prompt = '', completion = ''] = texts
    const length = characters(prompt) + characters(completion)
    return (
      (!filter.flaggedOnly || example.isFlagged) &&
      (filter.label === undefined || example.label === filter.label) &&
      (filter.tag === undefined || (example.tags ?? []).includes(filter.tag)) &&
      (filter.isExcluded === undefined || (example.isExcluded ?? false) === filter.isExcluded) &&
      length >= minCharacters &&
      length <= maxCharacters &&
      matchesWords(texts, words)
    )
  })
}
