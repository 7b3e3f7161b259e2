/** A queue's verdicts as preference pairs: the view `preference_pairs`, read. */
import type { Example } from '../../src-shared/records/example'
import type { Margin } from '../../src-shared/records/judgment'
import { exampleKey } from './example-keys'
import { idOf } from './ids'
import type { ReadableDb } from './handle'
import { promptInColumns } from './turns'

/**
 * The pairs known when judgment `watermark` was the newest, in the order of their comparisons. Of what several people
 * judged, one pair: what most of those say who named a side; none where they are as many.
 */
export function pairsOf(
  db: ReadableDb,
  datasetKey: number,
  watermark = Number.MAX_SAFE_INTEGER,
): readonly Example[] {
  const rows = db.all<PairRow>(
    `
    SELECT place, root, prompt, prompt_turns, chosen, rejected, margin, is_flagged FROM preference_pairs
    WHERE queue_id = (SELECT id FROM queues WHERE dataset_id = ?) AND judgment_id <= ?
      AND (replaced_by IS NULL OR replaced_by > ?)
    ORDER BY place`,
    datasetKey,
    watermark,
    watermark,
  )
  return byMost(rows).map((row, i) => ({
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

function byMost(rows: readonly PairRow[]): readonly PairRow[] {
  const byRoot = new Map<number, PairRow[]>()
  for (const row of rows) {
    const said = byRoot.get(row.root)
    if (said) said.push(row)
    else byRoot.set(row.root, [row])
  }
  return [...byRoot.values()].flatMap((said) => {
    const [first] = said
    const forFirst = said.filter(({ chosen }) => chosen === first!.chosen)
    const against = said.filter(({ chosen }) => chosen !== first!.chosen)
    if (forFirst.length === against.length) return []
    const [most] = forFirst.length > against.length ? forFirst : against
    return [most!]
  })
}

interface PairRow {
  place: number
  root: number
  prompt: string
  prompt_turns: string | null
  chosen: string
  rejected: string
  margin: Margin | null
  is_flagged: number
}
