/**
 * Messages as turns, as OpenAI, ShareGPT and those after them write them: the one form that every shape of
 * conversation is read into.
 */
import type { Turn } from '../../../src-shared/records/turn'
import { LeftOut, RowProblem } from '../refuse'
import { wellFormed } from './cells'
import type { Values } from './columns'
import { contentsIn } from './contents'
import { isObject, parsed, unpacked, type Fields } from './json-value'
import { markedMessages } from './marked-text'
import { isCaller, roleOf } from './roles'
import { alternating, withRole } from './speakers'
import { callsInText, toolCallsIn } from './tool-calls'

/** A column's turns. @throws RowProblem */
export function turnsIn(values: Values, name: string): readonly Turn[] {
  const value = values[name]
  if (value === null || value === undefined) throw new RowProblem(`"${name}" is missing`)
  const list = talkIn(value)
  if (!list) throw new RowProblem(`"${name}" is not a list of turns`)
  return turnsOf(alternating(list), name)
}

/** Which turns of a conversation are for learning, by their places: of those from `from` on the assistant's. */
export interface LearnedPart {
  readonly from: number
  readonly end: number
}

/**
 * Files may mark turns of the assistant that are there to be read, by a weight of 0 (OpenAI), or by saying that they
 * are not trained on. What follows the last that is learned teaches nothing; and as a turn cannot be learned around
 * another, learning begins after the last one that is only read.
 * @throws LeftOut when none is left
 */
export function learnedPart(conversation: unknown): LearnedPart {
  const list = talkIn(conversation) ?? []
  const messages = list.map((each) => (isMessage(each) ? each : {}))
  const isSpoken = messages.map((each) => roleOf(String(each['role'] ?? each['from'])) === 'assistant')
  if (!messages.some((each, index) => isSpoken[index] && isOnlyRead(each)))
    return { from: 0, end: Number.POSITIVE_INFINITY }
  const last = messages.findLastIndex((each, index) => isSpoken[index] && !isOnlyRead(each))
  if (last < 0) throw new LeftOut('has no assistant turn that is to be learned')
  const read = messages.slice(0, last).findLastIndex((each, index) => isSpoken[index] && isOnlyRead(each))
  return { from: read + 1, end: last + 1 }
}

const isOnlyRead = (message: Fields): boolean =>
  marks.some((mark) => message[mark] === false || message[mark] === 0)

const marks: readonly string[] = ['weight', 'train', 'trainable', 'loss']

/** NumPy's lists are written as such. */
const LIST = /^\s*(?:\[|array\(\s*\[)/

/** A list, as it is or as a text; undefined when it is none. */
export function listIn(value: unknown): readonly unknown[] | undefined {
  const read = typeof value === 'string' && LIST.test(value) ? parsed(value) : value
  if (isObject(read)) return besideOneAnother(read)
  if (!Array.isArray(read)) return undefined
  const list = read as readonly unknown[]
  return list.length > 0 && list.every(isPairOfTexts)
    ? list.map(([user, assistant]) => ({ user, assistant }))
    : list.map(withRole)
}

/** A conversation's list, also where one text marks who speaks. */
export const talkIn = (value: unknown): readonly unknown[] | undefined =>
  markedMessages(value) ?? listIn(value)

const isPairOfTexts = (value: unknown): value is readonly [string, string] =>
  Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === 'string')

/** `{ role: ["user", …], content: ["…", …] }`, as tables have a list of messages; undefined for what is none. */
function besideOneAnother(value: Fields): readonly unknown[] | undefined {
  const roles = value['role'] ?? value['from']
  const names = Object.keys(value).filter((name) => Array.isArray(value[name]))
  if (
    !Array.isArray(roles) ||
    names.some((name) => (value[name] as readonly unknown[]).length !== roles.length)
  )
    return undefined
  return roles.map((_, index) =>
    Object.fromEntries(names.map((name) => [name, (value[name] as readonly unknown[])[index]])),
  )
}

/** Messages, as a list, as JSON in a text, or as `{ messages }`; undefined for what is none of them. */
export function messagesIn(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value
  const single = typeof value === 'string' ? unpacked(value) : undefined
  if (isMessage(single)) return [single]
  const list = listIn(isObject(value) && 'messages' in value ? value['messages'] : value)
  return isMessage(list?.[0]) ? list : undefined
}

/** @throws RowProblem */
export const turnsOf = (list: readonly unknown[], name: string): readonly Turn[] =>
  list.flatMap((each, index) => {
    const where = `"${name}" turn ${index + 1}`
    return isExchange(each) ? exchangeTurns(each, where) : resultsApart(each).map((one) => turnOf(one, where))
  })

/** Anthropic's answers of tools are parts of what the user says: each is a turn of its tool. */
function resultsApart(message: unknown): readonly unknown[] {
  const parts: readonly unknown[] =
    isObject(message) && Array.isArray(message['content']) ? message['content'] : []
  const isResult = (part: unknown): part is Fields => isObject(part) && part['type'] === 'tool_result'
  if (!isMessage(message) || !parts.some(isResult)) return [message]
  const others = parts.filter((part) => !isResult(part))
  return [
    ...parts
      .filter(isResult)
      .map(({ tool_use_id: id, content }) => ({ role: 'tool', tool_call_id: id, content: content ?? '' })),
    ...(others.length > 0 ? [{ ...message, content: others }] : []),
  ]
}

/** What a question and its answer are called where one object holds both: MOSS, Firefly, XTuner. */
const asking = ['human', 'user', 'input', 'question', 'query', 'prompt']
const answering = ['assistant', 'gpt', 'bot', 'output', 'answer', 'response']

const textAt = (fields: Fields, names: readonly string[]): string | undefined =>
  names.map((name) => fields[name]).find((each) => typeof each === 'string')

/** Whether it is a question and its answer in one. */
export const isExchange = (value: unknown): value is Fields =>
  isObject(value) &&
  !isMessage(value) &&
  textAt(value, asking) !== undefined &&
  textAt(value, answering) !== undefined

function exchangeTurns(exchange: Fields, where: string): readonly Turn[] {
  const said = [
    ['system', textAt(exchange, ['system'])],
    ['user', textAt(exchange, asking)],
    ['assistant', textAt(exchange, answering)],
  ] as const
  return said.flatMap(([role, content]) =>
    content === undefined || content === '' ? [] : [{ role, content: wellFormed(content, where) }],
  )
}

/** Whether it says who speaks. */
export const isMessage = (value: unknown): value is Fields =>
  isObject(value) && ('role' in value || 'from' in value)

/** `{ role, content }` or `{ from, value }`, with what else a turn has. @throws RowProblem */
export function turnOf(message: unknown, where: string): Turn {
  const value = withRole(message)
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
