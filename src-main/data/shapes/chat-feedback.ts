/**
 * What people said of answers in Open WebUI, as it exports it (open-webui, backend/open_webui/models/feedbacks.py):
 * a rating of 1 or −1 beside the chat it was given in, whose messages name those before them.
 */
import type { ExampleParts } from '../../../src-shared/records/example'
import { LeftOut } from '../refuse'
import type { Columns, Values } from './columns'
import { demonstrationOf } from './demonstration'
import { isObject, type Fields } from './json-value'
import type { RowShape } from './shape'
import { turnsOf } from './turns'

type Meaning = 'data' | 'meta' | 'snapshot'

export const chatFeedback: RowShape<Meaning> = {
  name: 'chat-feedback',
  names: { data: ['data'], meta: ['meta'], snapshot: ['snapshot'] },
  readings: [
    {
      kind: 'demonstrations',
      needs: ['data', 'meta', 'snapshot'],
      isNotNamed: true,
      fits: (first, { data = 'data', snapshot = 'snapshot' }) =>
        'rating' in fieldsOf(first[data]) && isObject(first[snapshot]),
      read: ratedAnswer,
    },
  ],
}

function ratedAnswer(values: Values, columns: Columns<Meaning>): ExampleParts {
  const [data, meta, snapshot] = [columns.data, columns.meta, columns.snapshot].map((name) =>
    fieldsOf(values[name ?? '']),
  )
  const rating = Number(data?.['rating'])
  if (rating !== 1 && rating !== -1) throw new LeftOut('has no rating of 1 or −1')
  const history = fieldsOf(fieldsOf(snapshot?.['chat'])['history'])
  const way = wayTo(String(meta?.['message_id'] ?? history['currentId']), fieldsOf(history['messages']))
  const turns = turnsOf(way, 'snapshot')
  if (turns.at(-1)?.role !== 'assistant') throw new LeftOut('has a rating without the answer it is of')
  return {
    ...demonstrationOf(turns, 'snapshot', (before) => ({ turns: before }), turns.length - 1),
    label: rating === 1 ? 1 : 0,
  }
}

const fieldsOf = (value: unknown): Fields => (isObject(value) ? value : {})

/** From the first message to this one; a message that names itself as the one before ends it. */
function wayTo(id: string, messages: Fields): readonly unknown[] {
  const way: unknown[] = []
  const seen = new Set<string>()
  for (let at: unknown = id; typeof at === 'string' && !seen.has(at);) {
    seen.add(at)
    const message = fieldsOf(messages[at])
    if (!('role' in message)) break
    way.unshift({ role: message['role'], content: message['content'] })
    at = message['parentId']
  }
  return way
}
