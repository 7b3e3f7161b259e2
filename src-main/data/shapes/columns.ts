/**
 * Which column means what, and so which kind of dataset a file is. Names are taken whatever their case; other
 * columns are not read.
 */
import type { DatasetKind } from '../../../src-shared/records/dataset'
import { RowProblem } from '../refuse'

const names = {
  text: ['text', 'content', 'sentence', 'review', 'document', 'body'],
  label: ['label', 'labels', 'sentiment'],
  source: ['source'],
  prompt: ['prompt', 'instruction', 'question', 'query'],
  /** Alpaca's: what an instruction is about; alone it is the prompt. */
  context: ['input'],
  completion: ['completion', 'response', 'output', 'answer'],
  chosen: ['chosen'],
  rejected: ['rejected'],
  messages: ['messages', 'conversations', 'conversation'],
} as const

export type Meaning = keyof typeof names
/** The file's own name of each column that it has. */
export type Columns = Readonly<Partial<Record<Meaning, string>>>

/** The first name of each list wins that the file has. */
export function columnsIn(found: readonly string[]): Columns {
  const columns: Partial<Record<Meaning, string>> = {}
  for (const [meaning, known] of Object.entries(names) as [Meaning, readonly string[]][]) {
    const match = known
      .map((name) => found.find((each) => each.trim().toLowerCase() === name))
      .find((name) => name !== undefined)
    if (match !== undefined) columns[meaning] = match
  }
  if (columns.prompt === undefined && columns.context !== undefined) {
    const { context, ...others } = columns
    return { ...others, prompt: context }
  }
  return columns
}

/** What each kind needs, the most telling first: each line is one way of having it. */
const ways: readonly (readonly [kind: DatasetKind, ...needs: Meaning[]])[] = [
  ['preferences', 'chosen', 'rejected'],
  ['demonstrations', 'messages'],
  ['demonstrations', 'prompt', 'completion'],
  ['labelled', 'text', 'label'],
  ['text', 'text'],
  ['labelled', 'completion', 'label'],
  ['text', 'completion'],
  ['prompts', 'prompt'],
]

/** Ways that only an explicit choice takes. */
const chosenWays: typeof ways = [
  ['demonstrations', 'prompt', 'chosen'],
  ['demonstrations', 'text'],
  ['prompts', 'messages'],
  ['prompts', 'chosen', 'rejected'],
  ['prompts', 'text'],
]

/** @throws RowProblem, when the columns make no kind of dataset, or not the one that was asked for */
export function kindOf(columns: Columns, found: readonly string[], wanted?: DatasetKind): DatasetKind {
  const has = (needs: readonly Meaning[]): boolean => needs.every((meaning) => columns[meaning] !== undefined)
  const way = (wanted === undefined ? ways : [...ways, ...chosenWays]).find(
    ([kind, ...needs]) => (wanted === undefined || kind === wanted) && has(needs),
  )
  if (way) return way[0]
  const there =
    found.length === 0
      ? 'no columns'
      : found
          .slice(0, 12)
          .map((name) => `"${name}"`)
          .join(', ')
  throw new RowProblem(
    wanted === undefined
      ? `no known columns: found ${there}. ${needed(columns)}`
      : `as ${wanted} it needs ${needs[wanted]}; found ${there}`,
  )
}

function needed({ chosen, rejected, label }: Columns): string {
  if (chosen !== undefined || rejected !== undefined)
    return `"${chosen === undefined ? 'chosen' : 'rejected'}" is missing`
  if (label !== undefined) return 'A labelled dataset needs "text" beside its labels'
  return (
    'Name them "text"; "text" and "label"; "prompt" and "completion"; "chosen" and "rejected"; "messages"; ' +
    'or "prompt"'
  )
}

const needs: Readonly<Record<DatasetKind, string>> = {
  text: '"text"',
  labelled: '"text" and "label"',
  demonstrations: '"prompt" and "completion", or "messages"',
  preferences: '"chosen" and "rejected"',
  prompts: '"prompt"',
}
