/**
 * Tables of messages, one a row with the id of the one it answers, as Open Assistant's are on the Hub (Köpf et al.
 * 2023, oasst1 and oasst2): what belongs together becomes a tree again, and is read as trees are.
 */
import { countText } from '../../src-shared/sizes'
import type { RowBatch, SourceRow } from './rows'
import type { Values } from './shapes/columns'

/** A message's own columns; `rank` and `message_tree_id` may be missing. */
const needed = ['message_id', 'parent_id', 'text', 'role'] as const
const taken: readonly string[] = [...needed, 'rank', 'message_tree_id']

/** Those that make messages of rows, where a file has them all. */
export const messageColumns = (found: readonly string[]): readonly string[] =>
  needed.every((name) => found.includes(name)) ? found.filter((name) => taken.includes(name)) : []

/** One tree is held at once; more messages than this are none that people wrote. */
const mostMessages = 20_000

interface Message {
  readonly text: string
  readonly role: string
  readonly rank: unknown
  readonly replies: Message[]
}

interface Tree {
  readonly row: SourceRow
  readonly root: Message
  readonly byId: Map<string, Message>
}

/** A message whose place is not found is told with its reason. */
export async function* withTablesAsTrees(batches: AsyncIterable<RowBatch>): AsyncGenerator<RowBatch> {
  let open: Tree | undefined
  let last: RowBatch | undefined
  for await (const batch of batches) {
    if (!open && !batch.rows.some(isMessage)) {
      yield batch
      continue
    }
    const rows: SourceRow[] = []
    for (const row of batch.rows) {
      if (isAnswer(row) && open) {
        const orphan = takeIn(open, row)
        if (orphan) rows.push(orphan)
        continue
      }
      if (open) rows.push(treeRow(open))
      open = isMessage(row) && !isAnswer(row) ? treeFrom(row) : undefined
      if (!open) rows.push(isMessage(row) ? lost(row) : row)
    }
    last = batch
    yield { ...batch, rows, columns: otherColumns(batch) }
  }
  if (open && last) yield { rows: [treeRow(open)], bytesRead: last.bytesRead }
}

const isMessage = ({ values }: SourceRow): boolean =>
  'parent_id' in values && ['message_id', 'text', 'role'].every((name) => typeof values[name] === 'string')
const isAnswer = (row: SourceRow): boolean => isMessage(row) && typeof row.values['parent_id'] === 'string'

const messageOf = ({ text, role, rank }: Values): Message => ({
  text: String(text),
  role: String(role),
  rank,
  replies: [],
})

function treeFrom(row: SourceRow): Tree {
  const root = messageOf(row.values)
  return { row, root, byId: new Map([[String(row.values['message_id']), root]]) }
}

/** @returns the row, where it has no place in the tree */
function takeIn({ byId }: Tree, row: SourceRow): SourceRow | undefined {
  const { message_id: id, parent_id: parent } = row.values
  const above = byId.get(String(parent))
  if (!above) return lost(row)
  if (byId.size >= mostMessages)
    return lost(row, `is beyond the ${countText(mostMessages)} messages of a tree`)
  const message = messageOf(row.values)
  above.replies.push(message)
  byId.set(String(id), message)
  return undefined
}

const lost = (row: SourceRow, lacks = 'answers a message that is not above it'): SourceRow => ({
  ...row,
  values: {},
  lacks,
})
const treeRow = ({ row, root }: Tree): SourceRow => ({ ...row, values: { prompt: root } })

const otherColumns = ({ columns, rows }: RowBatch): readonly string[] =>
  (columns ?? [...new Set(rows.flatMap(({ values }) => Object.keys(values)))]).filter(
    (name) => !taken.includes(name),
  )
