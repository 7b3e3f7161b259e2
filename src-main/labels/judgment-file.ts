/** A queue's judgments as the text of a file, for others to read. */
import type { JudgmentFile, JudgmentFormat } from '../../src-shared/records/labelling'
import type { Turn } from '../../src-shared/records/turn'
import { StudioFailure } from '../../src-shared/result'
import { isConversation, textOf } from '../../src-shared/turn-texts'
import { checkpointName } from '../store/checkpoint-names'
import type { ReadableDb } from '../store/handle'
import { judgedItems, type JudgedItem } from '../store/judged-items'
import { queueOf } from '../store/queues'

/** @throws StudioFailure not-found; invalid-input, for a form that cannot hold what this queue has */
export function judgmentFile(db: ReadableDb, queueId: string, format: JudgmentFormat): JudgmentFile {
  const { name, labelling } = queueOf(db, queueId)
  if (format === 'lmarena' && labelling.mode !== 'pair')
    throw new StudioFailure({
      kind: 'invalid-input',
      field: 'format',
      problem: `lmarena holds pairs; “${name}” is judged by ${labelling.mode}`,
    })
  const lines = judgedItems(db, queueId).flatMap((item) => rows[format](db, item))
  return { text: lines.map((line) => `${JSON.stringify(line)}\n`).join(''), judgments: lines.length }
}

type Line = Readonly<Record<string, unknown>>

const rows: Readonly<Record<JudgmentFormat, (db: ReadableDb, item: JudgedItem) => readonly Line[]>> = {
  jsonl: (_, { prompt, candidates, ...said }) => [{ prompt, candidates, ...said }],
  lmarena: (db, { prompt, candidates: [left, right], verdict, annotator, place, judgedAtMs }) => {
    const winner = winners[verdict]
    if (winner === undefined || !left || !right) return []
    const asked: readonly Pick<Turn, 'role' | 'content'>[] = isConversation(prompt)
      ? prompt.turns.map(({ role, content }) => ({ role, content }))
      : [{ role: 'user', content: textOf(prompt) }]
    const conversation = (content: string) => [...asked, { role: 'assistant', content }]
    return [
      {
        question_id: String(place),
        model_a: checkpointName(db, left.writer?.checkpointId),
        model_b: checkpointName(db, right.writer?.checkpointId),
        winner,
        judge: annotator,
        conversation_a: conversation(left.text),
        conversation_b: conversation(right.text),
        turn: asked.filter(({ role }) => role === 'user').length,
        tstamp: judgedAtMs / 1000,
      },
    ]
  },
}

/** As LMArena calls them; a skip is no judgment there. */
const winners: Readonly<Record<string, string>> = {
  left: 'model_a',
  right: 'model_b',
  tie: 'tie',
  'both-bad': 'tie (bothbad)',
}
