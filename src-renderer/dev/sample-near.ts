/** The sample's rows that are much alike: every thing is praised again each so many rows. */
import type { StreamInput } from '../../src-shared/contract'
import type { NearProgress } from '../../src-shared/records/near'
import type { Signal } from '../../src-shared/wire'
import { pause } from './sample-answers'
import { longText, praiseAt } from './sample-texts'

const group = (rows: readonly number[], text: string) => ({
  first: { exampleId: rows[0]!, row: rows[0]!, text, similarity: 1 },
  others: rows.slice(1).map((row, n) => ({
    ...{ exampleId: row, row, similarity: 1 - 0.04 * (n + 1) },
    text: `${text} Again.`,
  })),
  rows: rows.length,
})

export async function* sampleNear(
  _question: StreamInput<'datasets.near'>,
  signal: Signal,
): AsyncIterable<NearProgress> {
  yield { compared: 400, total: 800 }
  await pause(200, signal)
  const groups = [group([2, 8, 14], praiseAt(1)), group([5, 11], longText.slice(0, 300))]
  const others = [8, 11, 14].map((row) => ({ id: row, row }))
  yield { compared: 800, total: 800, done: { rows: 800, groups, groupCount: 2, others } }
}
