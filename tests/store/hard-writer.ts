/**
 * `hard-writer REGISTRY QUEUE`: judges comparison after comparison as fast as it can and reports each one
 * that is saved. Made to be killed.
 */
import { nextComparisons } from '../../src-main/store/comparisons'
import { openRegistry } from '../../src-main/store/database'
import { judge } from '../../src-main/store/judgments'

const [registry = '', queueId = ''] = process.argv.slice(2)
const db = openRegistry(registry)
process.send?.('open')
for (let atMs = 1; ; atMs++) {
  const [next] = nextComparisons(db, queueId, 1, [])
  if (!next) break
  const { id } = judge(db, {
    comparisonId: next.id,
    verdict: 'left',
    margin: 'better',
    window: 'one',
    judgedAtMs: atMs,
  })
  process.send?.(id)
  await new Promise((resolve) => setImmediate(resolve))
}
