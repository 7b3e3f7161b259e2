/**
 * A conversation as a list of messages, OpenAI's `{ role, content }` or ShareGPT's `{ from, value }`, its system
 * prompt as a turn or in a column of its own; as LLaMA-Factory extends it, also with the last answer in columns of
 * its own, `"chosen"` and `"rejected"`, or judged by a `"kto_tag"` (LLaMA-Factory, data/README.md).
 */
import type { ExampleParts } from '../../../src-shared/records/example'
import type { Prompt, Turn } from '../../../src-shared/records/turn'
import { RowProblem } from '../refuse'
import { columnNames, type Columns, type Values } from './columns'
import { besideNames, conversationOf } from './conversation-columns'
import { demonstrationOf } from './demonstration'
import { labelOf } from './labels'
import { pairAfter, type Pair } from './pair'
import type { RowShape } from './shape'
import { answerTurns, saidIn } from './sides'
import { roleOf } from './roles'
import { isTextsOfTwo } from './speakers'
import { isExchange, isMessage, learnedPart, talkIn, turnsIn } from './turns'

type Meaning = 'conversation' | 'answer' | 'chosen' | 'rejected' | 'ktoTag' | keyof typeof besideNames
type ConversationColumns = Columns<Meaning>
type Demonstration = Pick<ExampleParts, 'prompt' | 'completion' | 'label'>

export const conversation: RowShape<Meaning> = {
  name: 'conversation',
  names: {
    conversation: [
      'messages',
      'conversations',
      'conversation',
      'dialogue',
      'dialog',
      'chat',
      'turns',
      'items',
      'contents',
    ],
    answer: columnNames.completion,
    chosen: columnNames.chosen,
    rejected: columnNames.rejected,
    ktoTag: ['kto_tag'],
    ...besideNames,
  },
  readings: [
    {
      kind: 'preferences',
      needs: ['conversation', 'chosen', 'rejected'],
      fits: isWhole,
      uses: ({ answer: _, ktoTag: _tag, ...used }) => used,
      read: readPair,
    },
    {
      kind: 'preferences',
      needs: ['conversation', 'rejected'],
      isNotNamed: true,
      fits: (first, columns) => columns.chosen === undefined && isAnsweredAlready(first, columns),
      uses: ({ answer: _, ktoTag: _tag, ...used }) => used,
      read: readCorrected,
    },
    {
      kind: 'demonstrations',
      needs: ['conversation'],
      fits: isWhole,
      uses: ({ rejected: _, answer, ...used }, first) => ({
        ...used,
        ...(answer !== undefined && !isAnsweredAlready(first, used) && { answer }),
      }),
      read: readDemonstration,
    },
    {
      kind: 'prompts',
      needs: ['conversation'],
      isOnlyAsked: true,
      fits: isWhole,
      uses: ({ chosen: _chosen, rejected: _, answer: _answer, ktoTag: _tag, ...used }) => used,
      read: (values, columns) => ({ prompt: promptIn(values, columns) }),
    },
  ],
}

function readPair(values: Values, columns: ConversationColumns): Pair {
  const { chosen = 'chosen', rejected = 'rejected' } = columns
  const said = openTurnsIn(values, columns, chosen)
  const sides = [answerIn(values, chosen), answerIn(values, rejected)] as const
  return pairAfter({ said, isTranscript: false }, sides, values, columns)
}

/** The last answer of a conversation, and beside it one that is worse, as ms-swift writes it. */
function readCorrected(values: Values, columns: ConversationColumns): Pair {
  const { conversation: name = 'messages', rejected = 'rejected' } = columns
  const turns = turnsIn(values, name)
  const last = turns.at(-1)
  if (last?.role !== 'assistant')
    throw new RowProblem(
      `"${name}" does not end with an assistant turn: nothing stands against "${rejected}"`,
    )
  const sides = [[last], saidIn(values, rejected)] as const
  return pairAfter({ said: turns.slice(0, -1), isTranscript: false }, sides, values, columns)
}

/** All assistant turns, or the answer that is a column of its own. */
function readDemonstration(values: Values, columns: ConversationColumns): Demonstration {
  const { conversation: name = 'messages', chosen, ktoTag } = columns
  const answer = chosen ?? answerOf(values, columns)
  const learned = answer === undefined ? learnedPart(values[name]) : undefined
  const turns = learned ? turnsIn(values, name).slice(0, learned.end) : openTurnsIn(values, columns, answer!)
  const all = answer === undefined ? turns : [...turns, ...answerIn(values, answer)]
  const asked = learned?.from ?? turns.length
  const parts = demonstrationOf(
    all,
    answer ?? name,
    (before) => conversationOf(before, values, columns),
    asked,
  )
  return ktoTag === undefined ? parts : { ...parts, label: labelOf(values, ktoTag) }
}

/** All before the last answer; all there is, when it is still to come. */
function promptIn(values: Values, columns: ConversationColumns): Prompt {
  const turns = turnsIn(values, columns.conversation ?? 'messages')
  const hasAnswered = turns.at(-1)?.role === 'assistant'
  const prompt = conversationOf(hasAnswered ? turns.slice(0, -1) : turns, values, columns)
  if (prompt.turns.length === 0) throw new RowProblem(`"${columns.conversation ?? 'messages'}" asks nothing`)
  return prompt
}

/** A conversation that waits for an answer. @throws RowProblem when it already ends with one */
function openTurnsIn(
  values: Values,
  { conversation: name = 'messages' }: ConversationColumns,
  answer: string,
) {
  const turns = turnsIn(values, name)
  if (turns.at(-1)?.role !== 'assistant') return turns
  throw new RowProblem(
    `"${name}" ends with an assistant turn, and "${answer}" would be a second answer to it: end it with a turn ` +
      'of the user',
  )
}

/** The column that answers a conversation which waits for one. */
function answerOf(values: Values, columns: ConversationColumns): string | undefined {
  const { answer } = columns
  const isThere = answer !== undefined && values[answer] !== null && values[answer] !== undefined
  return isThere && !isAnsweredAlready(values, columns) ? answer : undefined
}

function answerIn(values: Values, name: string): readonly Turn[] {
  const turns = answerTurns(saidIn(values, name))
  if (turns[0]?.role === 'assistant') return turns
  throw new RowProblem(`"${name}" is a turn of ${turns[0]?.role ?? 'nobody'}, not of the assistant`)
}

/** Whether the last turn that anyone made is an assistant's, as far as it can be told. */
function isAnsweredAlready(
  values: Values,
  { conversation: name = 'messages' }: ConversationColumns,
): boolean {
  const last: unknown = talkIn(values[name])?.at(-1)
  return isExchange(last) || (isMessage(last) && roleOf(String(last['role'] ?? last['from'])) === 'assistant')
}

/** Whether it holds turns. Nobody calls anything else "messages". */
function isConversation(first: Values, { conversation: name = 'messages' }: ConversationColumns): boolean {
  const list = talkIn(first[name]) ?? []
  const [one] = list
  if (isTextsOfTwo(list) && name.trim().toLowerCase() !== 'turns') return true
  return isMessage(one) || isExchange(one) || name.trim().toLowerCase() === 'messages'
}

/** Whether all that is said is in its turns, or its answer in a column of its own. */
function isWhole(first: Values, columns: ConversationColumns): boolean {
  return isConversation(first, columns) && (columns.chosen === undefined || hasAnswer(first, columns))
}

/** Whether "chosen" goes on where the turns end, and does not hold them once more. */
function hasAnswer(first: Values, columns: ConversationColumns): boolean {
  const value = first[columns.chosen ?? 'chosen']
  const said: unknown = Array.isArray(value) ? value[0] : value
  if (isMessage(said)) return roleOf(String(said['role'] ?? said['from'])) !== 'user' || !Array.isArray(value)
  return typeof said === 'string' && !isAnsweredAlready(first, columns)
}
