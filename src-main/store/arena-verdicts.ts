/** What was said in an arena, and of whom: its comparisons with the verdicts that count. */
import { sameness } from '../../src-shared/prompts'
import type { Writer } from '../../src-shared/records/comparison'
import type { Margin, Verdict } from '../../src-shared/records/judgment'
import { keyOf } from './ids'
import type { ReadableDb } from './handle'
import { promptInColumns } from './turns'

export interface Meeting {
  /** What the prompt says. */
  readonly prompt: string
  /** Which prompt it was, by what tells prompts apart (src-shared/prompts.ts). */
  readonly promptKey: string
  readonly left: Writer
  readonly right: Writer
}

export interface JudgedMeeting extends Meeting {
  readonly comparisonKey: number
  readonly place: number
  readonly verdict: Verdict
  readonly margin?: Margin
  readonly annotator: string
  readonly window: string
  readonly leftTokens: number
  readonly rightTokens: number
}

/** Every comparison that was made, judged or not, whose two writers are known; in the order they were made. */
export const meetingsOf = (db: ReadableDb, queueId: string): readonly Meeting[] =>
  db
    .all<MeetingRow>(
      `
    SELECT prompt, prompt_turns, left_writer, right_writer FROM comparisons
    WHERE queue_id = ? AND json_valid(left_writer) AND json_valid(right_writer) ORDER BY place`,
      keyOf('queue', queueId),
    )
    .map(toMeeting)

/** Those with a verdict, in the order in which they were judged. */
export const judgedMeetingsOf = (db: ReadableDb, queueId: string): readonly JudgedMeeting[] =>
  db
    .all<JudgedRow>(
      `
    SELECT
      comparisons.id, comparisons.place, comparisons.prompt, comparisons.prompt_turns,
      comparisons.left_writer, comparisons.right_writer,
      comparisons.left_tokens, comparisons.right_tokens,
      judgments.verdict, judgments.margin, judgments.annotator, judgments.window
    FROM comparisons JOIN judgments ON judgments.id = comparisons.newest_judgment_id
    WHERE comparisons.queue_id = ? AND comparisons.newest_judgment_id IS NOT NULL
      AND json_valid(comparisons.left_writer) AND json_valid(comparisons.right_writer)
    ORDER BY comparisons.newest_judgment_id`,
      keyOf('queue', queueId),
    )
    .map((row) => ({
      ...toMeeting(row),
      comparisonKey: row.id,
      place: row.place,
      verdict: row.verdict,
      annotator: row.annotator,
      window: row.window,
      leftTokens: row.left_tokens,
      rightTokens: row.right_tokens,
      ...(row.margin !== null && { margin: row.margin }),
    }))

interface MeetingRow {
  prompt: string
  prompt_turns: string | null
  left_writer: string
  right_writer: string
}

interface JudgedRow extends MeetingRow {
  id: number
  place: number
  left_tokens: number
  right_tokens: number
  verdict: Verdict
  margin: Margin | null
  annotator: string
  window: string
}

const toMeeting = ({ prompt, prompt_turns, left_writer, right_writer }: MeetingRow): Meeting => ({
  prompt,
  promptKey: sameness(promptInColumns(prompt, prompt_turns)),
  left: JSON.parse(left_writer) as Writer,
  right: JSON.parse(right_writer) as Writer,
})
