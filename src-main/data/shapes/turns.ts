/**
 * Messages as turns, as OpenAI, ShareGPT and those after them write them: the one form that every shape of
 * conversation is read into.
 */
import type { Turn } from '../../../src-shared/records/turn'
import { LeftOut, RowProblem } from '../refuse'
import { wellFormed } from './cells'
import type { Values } from './columns'
import { contentsIn } from './contents'
import { isObject, parsed, type Fields } from './json-value'
import { isCaller, roleOf } from './roles'
import { callsInText, toolCallsIn } from './tool-calls'

/** A column's turns. @throws RowProblem */
export function turnsIn(values: Values, name: string): readonly Turn[] {
  const value = values[name]
  if (value === null || value === undefined) throw new RowProblem(`"${name}" is missing`)
  const list = listIn(value)
  if (!list) throw new RowProblem(`"${name}" is not a list of turns`)
  return turnsOf(list, name)
}

/**
 * Where learning begins: files may mark turns of the assistant that are there to be read, by a weight of 0
 * (OpenAI), or by saying that they are not trained on.
 * @throws LeftOut when all are
 */
export function firstToLearn(conversation: unknown): number {
  const messages = (listIn(conversation) ?? []).map((each) => (isMessage(each) ? each : {}))
  const spoken = messages.map((each) => roleOf(String(each['role'] ?? each['from'])) === 'assistant')
  const first = messages.findIndex((each, index) => spoken[index] && !isOnlyRead(each))
  if (first < 0 && spoken.includes(true)) throw new LeftOut('has no assistant turn that is to be learned')
  return Math.max(0, first)
}

const isOnlyRead = (message: Fields): boolean =>
  marks.some((mark) => message[mark] === false || message[mark] === 0)

const marks: readonly string[] = ['weight', 'train', 'trainable', 'loss']

/** A list, as it is or as JSON in a text; undefined when it is none. */
export function listIn(value: unknown): readonly unknown[] | undefined {
  const read = typeof value === 'string' && /^\s*\[/.test(value) ? parsed(value) : value
  return Array.isArray(read) ? read : undefined
}

/** @throws RowProblem */
export const turnsOf = (list: readonly unknown[], name: string): readonly Turn[] =>
  list.map((each, index) => turnOf(each, `"${name}" turn ${index + 1}`))

/** Whether it says who speaks. */
export const isMessage = (value: unknown): value is Fields =>
  isObject(value) && ('role' in value || 'from' in value)

/** `{ role, content }` or `{ from, value }`, with what else a turn has. @throws RowProblem */
export function turnOf(value: unknown, where: string): Turn {
  if (!isMessage(value))
    throw new RowProblem(
      `${where} is not like {"role": "user", "content": "…"} or {"from": "human", "value": "…"}`,
    )
  const written = value['role'] ?? value['from']
  if (typeof written !== 'string' || written.trim() === '') throw new RowProblem(`${where} has no role`)
  const contents = contentsIn(value, where)
  const toolCalls = [...(contents?.toolCalls ?? []), ...toolCallsIn(value, where)]
  const reasoning = contents?.reasoning || reasoningIn(value, where)
  if (contents === undefined && toolCalls.length === 0 && reasoning === '')
    throw new RowProblem(`${where} has no text as its content`)
  const called = isCaller(written) ? callsInText(contents?.text ?? '', where) : undefined
  const role = roleOf(written)
  return {
    role,
    content: called ? '' : (contents?.text ?? ''),
    ...(reasoning !== '' && { reasoning }),
    ...((called ?? toolCalls).length > 0 && { toolCalls: called ?? toolCalls }),
    ...(role === 'tool' && answeredIn(value)),
  }
}

function reasoningIn(message: Fields, where: string): string {
  const thought = ['reasoning_content', 'reasoning', 'thinking']
    .map((name) => message[name])
    .find((each): each is string => typeof each === 'string' && each !== '')
  return wellFormed(thought ?? '', where)
}

/** Which tool answers, and which call. */
function answeredIn(message: Fields): Pick<Turn, 'toolName' | 'toolCallId'> {
  const { name, tool_call_id: id } = message
  return {
    ...(typeof name === 'string' && name !== '' && { toolName: name }),
    ...(typeof id === 'string' && id !== '' && { toolCallId: id }),
  }
}
