/** Calls of tools, as OpenAI, ShareGPT and Anthropic write them. */
import type { ToolCall } from '../../../src-shared/records/turn'
import { RowProblem } from '../refuse'
import { isEmpty, isObject, jsonOf, parsed, type Fields } from './json-value'

/** `tool_calls` of a message, or the older `function_call`; also as JSON in a text. @throws RowProblem */
export function toolCallsIn(message: Fields, where: string): readonly ToolCall[] {
  const { tool_calls: calls, function_call: single } = message
  if (!isEmpty(calls)) return callsOf(calls, where)
  return isEmpty(single) ? [] : callsOf(single, where)
}

/** One call, or a list of them. @throws RowProblem */
function callsOf(value: unknown, where: string): readonly ToolCall[] {
  const read = typeof value === 'string' ? parsed(value) : value
  const calls = (Array.isArray(read) ? read : [read]).map((each) => callIn(each, where))
  if (calls.every((call) => call !== undefined)) return calls
  throw new RowProblem(`${where} has a tool call that is not like {"name": "…", "arguments": {…}}`)
}

/** ShareGPT's turn of `function_call`: its text is the call. undefined when it is no JSON of one. */
export function callsInText(text: string, where: string): readonly ToolCall[] | undefined {
  const read = parsed(text)
  const calls = (Array.isArray(read) ? read : [read]).map((each) => callIn(each, where))
  return calls.length > 0 && calls.every((call) => call !== undefined) ? calls : undefined
}

/** `{ id, function: { name, arguments } }`, `{ name, arguments }`, or Anthropic's `{ id, name, input }`. */
export function callIn(value: unknown, where: string): ToolCall | undefined {
  if (!isObject(value)) return undefined
  const { id } = value
  const named = isObject(value['function']) ? value['function'] : value
  const { name } = named
  if (typeof name !== 'string' || name === '') return undefined
  const given = named['arguments'] ?? named['parameters'] ?? named['input']
  return {
    ...(typeof id === 'string' && id !== '' && { id }),
    name,
    arguments: isNothing(given) ? {} : jsonOf(given, where),
  }
}

/** A call without arguments, as models and files write it. */
const isNothing = (given: unknown): boolean =>
  given === null || given === undefined || (typeof given === 'string' && /^\s*(null)?\s*$/.test(given))
