/** A queue's judgments as examples: the view `preference_pairs`, read. Nothing recomputes it elsewhere. */
import type { Example, ExampleFilter } from '../../src-shared/records/example'
import type { Margin } from '../../src-shared/records/judgment'
import { textOf } from '../../src-shared/turn-texts'
import { exampleKey } from './example-keys'
import { idOf } from './ids'
import { characters } from './lengths'
import { matchesWords, searchWords } from './search-words'
import type { ReadableDb } from './handle'
import { promptInColumns } from './turns'

/** The pairs known when judgment `watermark` was the newest, in the order of their comparisons. */
export function pairsOf(
  db: ReadableDb,
  datasetKey: number,
  watermark = Number.MAX_SAFE_INTEGER,
): readonly Example[] {
  return db
    .all<PairRow>(
      `
    SELECT place, prompt, prompt_turns, chosen, rejected, margin, is_flagged FROM preference_pairs
    WHERE queue_id = (SELECT id FROM queues WHERE dataset_id = ?) AND judgment_id <= ?
      AND (replaced_by IS NULL OR replaced_by > ?)
    ORDER BY place`,
      datasetKey,
      watermark,
      watermark,
    )
    .map((row, i) => ({
      id: exampleKey(datasetKey, row.place),
      datasetId: idOf('dataset', datasetKey),
      row: i + 1,
      prompt: promptInColumns(row.prompt, row.prompt_turns),
      completion: row.chosen,
      rejected: row.rejected,
      ...(row.margin !== null && { margin: row.margin }),
      isFlagged: row.is_flagged === 1,
    }))
}

interface PairRow {
  place: number
  prompt: string
  prompt_turns: string | null
  chosen: string
  rejected: string
  margin: Margin | null
  is_flagged: number
}

/**
 * Those a filter lets through. A queue's pairs are what people labelled by hand, so they are few enough to
 * look at one by one.
 */
export function matchingPairs(db: ReadableDb, datasetKey: number, filter: ExampleFilter): readonly Example[] {
  const words = searchWords(filter.search)
  const { minCharacters = 0, maxCharacters = Infinity } = filter
  if (filter.source !== undefined || filter.label !== undefined) return []
  return pairsOf(db, datasetKey).filter((pair) => {
    const texts = [pair.prompt, pair.completion, pair.rejected].map((part = '') => textOf(part))
    const [prompt = '', completion = ''] = texts
    const length = characters(prompt) + characters(completion)
    return (
      (!filter.flaggedOnly || pair.isFlagged) &&
      length >= minCharacters &&
      length <= maxCharacters &&
      matchesWords(texts, words)
    )
  })
}
