/**
 * A row's values as the parts of an example. What the first row has decides; a later row that lacks it
 * refuses the file.
 */
import type { DatasetKind } from '../../src-shared/records/dataset'
import type { ExampleParts } from '../../src-shared/records/example'
import { columnsIn, kindOf, type Columns, type Meaning } from './shapes/columns'
import {
  demonstrationOf,
  isTranscript,
  messagesIn,
  preferenceOf,
  promptOf,
  splitTranscripts,
} from './shapes/messages'
import { RowProblem } from './refuse'

type Values = Readonly<Record<string, unknown>>

export interface RowReader {
  readonly kind: DatasetKind
  /** @throws RowProblem */
  readonly read: (values: Values) => ExampleParts
}

/** @throws RowProblem, when the columns of the first row make no dataset of the wanted kind, or of any */
export function rowReader(first: Values, wanted?: DatasetKind): RowReader {
  const found = Object.keys(first).filter((name) => first[name] !== null && first[name] !== undefined)
  const columns = columnsIn(found)
  const kind = kindOf(columns, found, wanted)
  const readParts = readers[kind]
  const source = columns.source ?? 'source'
  const hasLabels =
    kind === 'labelled' ||
    (kind === 'demonstrations' && columns.label !== undefined && labelIn(first[columns.label]) !== undefined)
  return {
    kind,
    read: (values) => ({
      ...readParts(values, columns),
      ...(hasLabels && { label: labelOf(values, columns) }),
      ...sourceOf(values[source]),
    }),
  }
}

const readers: Readonly<Record<DatasetKind, (values: Values, columns: Columns) => ExampleParts>> = {
  text: (values, columns) => ({
    completion: notBlank(
      textOf(values, columns, columns.text === undefined ? 'completion' : 'text'),
      columns.text ?? columns.completion,
    ),
  }),
  labelled: (values, columns) => readers.text(values, columns),
  demonstrations: readDemonstration,
  preferences: readPreference,
  prompts: (values, columns) => ({
    prompt: notBlank(readPrompt(values, columns), columns.prompt ?? 'prompt'),
  }),
}

function readDemonstration(values: Values, columns: Columns): ExampleParts {
  const { messages, prompt, completion, text } = columns
  if (completion === undefined && messages !== undefined)
    return demonstrationOf(conversationOf(values, messages), messages)
  if (prompt === undefined && text !== undefined) return readers.text(values, columns)
  return {
    prompt: promptFrom(values, columns),
    completion: notBlank(
      textOf(values, columns, completion === undefined ? 'chosen' : 'completion'),
      completion ?? 'chosen',
    ),
  }
}

function readPreference(values: Values, columns: Columns): ExampleParts {
  const { chosen: chosenName = 'chosen', rejected: rejectedName = 'rejected', prompt: promptName } = columns
  const [chosen, rejected] = [values[chosenName], values[rejectedName]]
  if (Array.isArray(chosen) && Array.isArray(rejected)) {
    const split = preferenceOf(messagesIn(chosen, chosenName), messagesIn(rejected, rejectedName))
    return pairOf(
      split.prompt === '' && promptName !== undefined
        ? { ...split, prompt: promptFrom(values, columns) }
        : split,
    )
  }
  const sides = { chosen: textOf(values, columns, 'chosen'), rejected: textOf(values, columns, 'rejected') }
  if (promptName === undefined && isTranscript(sides.chosen))
    return pairOf(splitTranscripts(sides.chosen, sides.rejected))
  return pairOf({ prompt: promptName === undefined ? '' : promptFrom(values, columns), ...sides })
}

const pairOf = ({
  prompt,
  chosen,
  rejected,
}: {
  readonly prompt: string
  readonly chosen: string
  readonly rejected: string
}): ExampleParts => ({ prompt, completion: chosen, rejected })

function readPrompt(values: Values, columns: Columns): string {
  if (columns.prompt !== undefined) return promptFrom(values, columns)
  if (columns.messages !== undefined)
    return demonstrationOf(conversationOf(values, columns.messages), columns.messages).prompt
  return columns.chosen === undefined
    ? textOf(values, columns, 'text')
    : (readPreference(values, columns).prompt ?? '')
}

/** The prompt column: text, with what Alpaca calls its input below it, or a conversation to be continued. */
function promptFrom(values: Values, columns: Columns): string {
  const { prompt = 'prompt', context } = columns
  if (Array.isArray(values[prompt])) return promptOf(conversationOf(values, prompt))
  const asked = textOf(values, columns, 'prompt')
  const about = context === undefined ? undefined : values[context]
  return typeof about === 'string' && about.trim() !== ''
    ? `${asked}\n\n${wellFormed(about, context ?? 'input')}`
    : asked
}

function conversationOf(values: Values, name: string): ReturnType<typeof messagesIn> {
  const value = values[name]
  if (value === null || value === undefined) throw new RowProblem(`"${name}" is missing`)
  if (!Array.isArray(value)) throw new RowProblem(`"${name}" is not a list of turns`)
  return messagesIn(value, name)
}

function textOf(values: Values, columns: Columns, meaning: Meaning): string {
  const name = columns[meaning] ?? meaning
  const value = values[name]
  if (value === null || value === undefined) throw new RowProblem(`"${name}" is missing`)
  if (typeof value !== 'string')
    throw new RowProblem(
      `"${name}" is ` +
        `${Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`}, ` +
        'not text',
    )
  return wellFormed(value, name)
}

/** Half of a surrogate pair cannot be stored as UTF-8 without changing it. */
function wellFormed(text: string, name: string): string {
  if (/\p{Surrogate}/u.test(text))
    throw new RowProblem(`"${name}" holds half a character (a lone surrogate such as \\ud83d)`)
  return text
}

function notBlank(text: string, name = 'text'): string {
  if (text.trim() === '') throw new RowProblem(`"${name}" is empty`)
  return text
}

function sourceOf(value: unknown): { source?: string } {
  if (typeof value !== 'string' && typeof value !== 'number') return {}
  return value === '' ? {} : { source: wellFormed(String(value), 'source') }
}

function labelOf(values: Values, { label: name = 'label' }: Columns): number {
  const value = values[name]
  if (value === null || value === undefined || value === '') throw new RowProblem(`"${name}" is missing`)
  const label = labelIn(value)
  if (label === undefined)
    throw new RowProblem(
      `"${name}" is ${JSON.stringify(typeof value === 'bigint' ? String(value) : value)}, not a number`,
    )
  return label
}

const words: Readonly<Record<string, number>> = {
  positive: 1,
  pos: 1,
  true: 1,
  negative: 0,
  neg: 0,
  false: 0,
}

/** A number, a truth, or positive and negative in words, as 1 and 0. */
function labelIn(value: unknown): number | undefined {
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number' || typeof value === 'bigint')
    return Number.isFinite(Number(value)) ? Number(value) : undefined
  if (typeof value !== 'string') return undefined
  const word = value.trim().toLowerCase()
  if (Object.hasOwn(words, word)) return words[word]
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(word) && Number.isFinite(Number(word))
    ? Number(word)
    : undefined
}
