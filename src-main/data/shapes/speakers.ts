/** Messages that say by other names who speaks: `speaker`, `author`, `sender`, and LangChain's `type`. */
import { isObject } from './json-value'
import { roleOf } from './roles'

const names = ['speaker', 'author', 'sender', 'type'] as const
/** Those alone: a name of a person, or of a kind of part, says nothing of who speaks. */
const known: readonly string[] = ['system', 'user', 'assistant']

/** With its role, where it has one by another name; else as it is. */
export function withRole(message: unknown): unknown {
  if (!isObject(message) || 'role' in message || 'from' in message) return message
  const said = names
    .map((name) => message[name])
    .map((each) => (isObject(each) ? each['role'] : each))
    .find((each) => typeof each === 'string' && known.includes(roleOf(each)))
  return said === undefined ? message : { ...message, role: said }
}

/** A list of texts, of which every other is the assistant's. */
export const alternating = (list: readonly unknown[]): readonly unknown[] =>
  isTextsOfTwo(list)
    ? list.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content }))
    : list

export const isTextsOfTwo = (list: readonly unknown[]): boolean =>
  list.length > 1 && list.every((each) => typeof each === 'string')
