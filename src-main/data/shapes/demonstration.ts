/** A prompt and what answers it, as texts or as turns. */
import type { ExampleParts } from '../../../src-shared/records/example'
import type { Completion, Prompt, Turn } from '../../../src-shared/records/turn'
import { RowProblem } from '../refuse'
import { notBlank } from './cells'
import type { Columns, Values } from './columns'
import { conversationOf, hasBeside, promptTurns, type BesideColumns } from './conversation-columns'
import { promptIn } from './prompt-column'
import { answerTurns, saidIn, whole } from './sides'

export type PromptColumns = Columns<'prompt' | 'context'> & BesideColumns
type Demonstration = Required<Pick<ExampleParts, 'prompt' | 'completion'>>

/** A prompt column and a column that answers it. Both stay texts when they are and nothing else stands beside. */
export function answered(values: Values, columns: PromptColumns, name: string): Demonstration {
  const { said: prompt, isTranscript } = promptIn(values, columns)
  const answer = saidIn(values, name)
  if (typeof prompt === 'string' && typeof answer === 'string' && !hasBeside(values, columns))
    return { prompt, completion: notBlank(answer, name) }
  const asked = promptTurns(prompt)
  const turns = whole(asked, answerTurns(answer, isTranscript))
  return demonstrationOf(turns, name, (before) => conversationOf(before, values, columns), asked.length)
}

/** A prompt column alone. */
export function promptAlone(values: Values, columns: PromptColumns): Prompt {
  const { said } = promptIn(values, columns)
  if (typeof said !== 'string') return conversationOf(said, values, columns)
  const prompt = notBlank(said, columns.prompt ?? 'prompt')
  return hasBeside(values, columns) ? conversationOf(promptTurns(prompt), values, columns) : prompt
}

/**
 * The turns before the first that an assistant speaks, and all from there on: each of its turns is there to be
 * learned.
 * @param from turns before this one are the prompt's, whoever speaks
 * @throws RowProblem, when no assistant speaks, or one says nothing
 */
export function demonstrationOf(
  turns: readonly Turn[],
  name: string,
  conversation: (before: readonly Turn[]) => Prompt,
  from = 0,
): Demonstration {
  const first = turns.findIndex(({ role }, index) => index >= from && role === 'assistant')
  if (first < 0) throw new RowProblem(`"${name}" has no assistant turn to learn from${rolesIn(turns)}`)
  return { prompt: conversation(turns.slice(0, first)), completion: spokenTurns(turns.slice(first), name) }
}

/** @throws RowProblem for an assistant's turn that neither says, thinks nor calls anything */
function spokenTurns(turns: readonly Turn[], name: string): Completion {
  const isEmpty = ({ role, content, reasoning, toolCalls }: Turn): boolean =>
    role === 'assistant' && content.trim() === '' && reasoning === undefined && toolCalls === undefined
  if (turns.some(isEmpty))
    throw new RowProblem(`"${name}" has an empty assistant turn: there is nothing to learn`)
  return turns
}

/** Named where they are not those that everyone has. */
function rolesIn(turns: readonly Turn[]): string {
  const others = [...new Set(turns.map(({ role }) => role))].filter((role) => !usual.includes(role))
  return others.length === 0 ? '' : `; its turns are from ${others.map((role) => `"${role}"`).join(', ')}`
}

const usual: readonly string[] = ['system', 'user', 'tool']
