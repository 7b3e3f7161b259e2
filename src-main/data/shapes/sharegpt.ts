/**
 * ShareGPT: a conversation as `"conversations": [{ "from": "human", "value": "…" }, …]`, its system prompt as
 * a turn or in a column of its own; as LLaMA-Factory extends it, also with the last answer as a pair,
 * `"chosen"` and `"rejected"`, or judged by a `"kto_tag"` (LLaMA-Factory, data/README.md).
 */
import type { ExampleParts } from '../../../src-shared/records/example'
import { RowProblem } from '../refuse'
import { wellFormed } from './cells'
import type { Columns, Values } from './columns'
import { labelOf } from './labels'
import type { RowShape } from './shape'
import { completionOf, demonstrationOf, promptOf } from './transcript'
import { listIn, type Turn } from './turns'

type Meaning = 'conversations' | 'system' | 'tools' | 'chosen' | 'rejected' | 'ktoTag'
type ShareGptColumns = Columns<Meaning>
type Demonstration = Required<Pick<ExampleParts, 'prompt' | 'completion'>> & Pick<ExampleParts, 'label'>

const speakers: Readonly<Record<string, Turn['role']>> = {
  system: 'system',
  human: 'user',
  user: 'user',
  gpt: 'assistant',
  assistant: 'assistant',
  chatgpt: 'assistant',
  bard: 'assistant',
  bing: 'assistant',
  bot: 'assistant',
  model: 'assistant',
}

/** Who speaks where a model calls tools: no example can hold such a turn. */
const toolSpeakers: readonly string[] = [
  'tool',
  'observation',
  'function',
  'function_call',
  'function_response',
]

export const sharegpt: RowShape<Meaning> = {
  name: 'sharegpt',
  names: {
    conversations: ['conversations', 'conversation', 'messages'],
    system: ['system'],
    tools: ['tools'],
    chosen: ['chosen'],
    rejected: ['rejected'],
    ktoTag: ['kto_tag'],
  },
  readings: [
    {
      kind: 'preferences',
      needs: ['conversations', 'chosen', 'rejected'],
      fits: hasAnswer,
      read: (values, columns) => ({
        ...readDemonstration(values, columns),
        rejected: completionOf([answerIn(values, columns.rejected ?? 'rejected')]),
      }),
    },
    {
      kind: 'demonstrations',
      needs: ['conversations'],
      fits: isConversation,
      read: readDemonstration,
    },
    {
      kind: 'prompts',
      needs: ['conversations'],
      isOnlyAsked: true,
      fits: isConversation,
      read: (values, columns) => ({ prompt: readDemonstration(values, columns).prompt }),
    },
  ],
}

/** The last assistant turn is the completion and all before it the prompt, unless the answer is a column of its own. */
function readDemonstration(values: Values, columns: ShareGptColumns): Demonstration {
  const { conversations = 'conversations', chosen, ktoTag } = columns
  const parts =
    chosen === undefined
      ? demonstrationOf(turnsIn(values, columns), conversations)
      : { prompt: openPromptIn(values, columns), completion: completionOf([answerIn(values, chosen)]) }
  return ktoTag === undefined ? parts : { ...parts, label: labelOf(values, ktoTag) }
}

/** A conversation that waits for an answer. @throws RowProblem when it already ends with one */
function openPromptIn(values: Values, columns: ShareGptColumns): string {
  const turns = turnsIn(values, columns)
  if (turns.at(-1)?.role === 'assistant')
    throw new RowProblem(
      `"${columns.conversations}" ends with an assistant turn, and "${columns.chosen}" would be a second ` +
        'answer to it: end it with a turn of "human"',
    )
  return promptOf(turns)
}

/** The row's turns, its system prompt first: any row may have one, whatever the first has. @throws RowProblem */
function turnsIn(values: Values, columns: ShareGptColumns): readonly Turn[] {
  const { conversations = 'conversations', system = 'system', tools = 'tools' } = columns
  if (!isEmpty(values[tools]))
    throw new RowProblem(`"${tools}" offers tools: a conversation with tools cannot be read`)
  const turns = listIn(values, conversations).map((each, index) =>
    turnOf(each, `"${conversations}" turn ${index + 1}`),
  )
  return isEmpty(values[system]) ? turns : withSystem(turns, textIn(values[system], `"${system}"`), system)
}

function withSystem(turns: readonly Turn[], content: string, name: string): readonly Turn[] {
  const [first] = turns
  if (first?.role !== 'system') return [{ role: 'system', content }, ...turns]
  if (first.content === content) return turns
  throw new RowProblem(`"${name}" and the first turn are two different system prompts`)
}

/** One turn, `{ from, value }`. @throws RowProblem */
function turnOf(value: unknown, where: string): Turn {
  if (!isTurn(value)) throw new RowProblem(`${where} is not like {"from": "human", "value": "…"}`)
  const speaker = String(value.from).toLowerCase()
  if (toolSpeakers.includes(speaker))
    throw new RowProblem(`${where} is from "${speaker}": a conversation with tools cannot be read`)
  const role = Object.hasOwn(speakers, speaker) ? speakers[speaker] : undefined
  if (role === undefined)
    throw new RowProblem(`${where} is from "${String(value.from)}"; system, human and gpt are known`)
  return { role, content: textIn(value.value, where) }
}

function answerIn(values: Values, name: string): Turn {
  const value = values[name]
  if (value === null || value === undefined) throw new RowProblem(`"${name}" is missing`)
  const turn = turnOf(value, `"${name}"`)
  if (turn.role === 'assistant') return turn
  throw new RowProblem(`"${name}" is a turn of ${turn.role}, not of the assistant`)
}

function textIn(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new RowProblem(`${where} has no text as its value`)
  return wellFormed(value, where.replaceAll('"', ''))
}

const isTurn = (value: unknown): value is { readonly from: unknown; readonly value?: unknown } =>
  typeof value === 'object' && value !== null && 'from' in value

/** Whether it holds turns, with the last answer among them or in a column of its own. */
function isConversation(first: Values, columns: ShareGptColumns): boolean {
  const turns = first[columns.conversations ?? 'conversations']
  const hasTurns = Array.isArray(turns) && isTurn(turns[0])
  return hasTurns && (columns.chosen === undefined || hasAnswer(first, columns))
}

function hasAnswer(first: Values, { chosen = 'chosen' }: ShareGptColumns): boolean {
  return isTurn(first[chosen])
}

/** Nothing, as columns say it that most rows do not need: null, "", [] or "[]". */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  return (
    value === null || value === undefined || (typeof value === 'string' && /^\s*(\[\s*\])?\s*$/.test(value))
  )
}
