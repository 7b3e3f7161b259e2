/** Conversations as turns: the one form that every shape of conversation is read into. */
import { RowProblem } from '../refuse'
import type { Values } from './columns'

export interface Turn {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

const roles: Readonly<Record<string, Turn['role']>> = {
  system: 'system',
  user: 'user',
  human: 'user',
  prompter: 'user',
  assistant: 'assistant',
  gpt: 'assistant',
  bot: 'assistant',
  model: 'assistant',
}

/** A column's turns, as `[{ role, content }]`. @throws RowProblem */
export const turnsIn = (values: Values, name: string): readonly Turn[] => turnsOf(listIn(values, name), name)

/** A column's list of turns, whatever they look like. @throws RowProblem */
export function listIn(values: Values, name: string): readonly unknown[] {
  const value = values[name]
  if (value === null || value === undefined) throw new RowProblem(`"${name}" is missing`)
  if (!Array.isArray(value)) throw new RowProblem(`"${name}" is not a list of turns`)
  return value
}

/** Reads `[{ role, content }]`. @throws RowProblem */
export function turnsOf(list: readonly unknown[], name: string): readonly Turn[] {
  return list.map((each, index) => {
    const { role, content } = (each ?? {}) as Readonly<Record<string, unknown>>
    const where = `"${name}" turn ${index + 1}`
    const written = String(role)
    const known = roles[written.toLowerCase()]
    if (!known)
      throw new RowProblem(`${where} has the role "${written}"; system, user and assistant are known`)
    return { role: known, content: contentOf(content, where) }
  })
}

/** Content as a text, or as a list of parts that are texts. @throws RowProblem */
function contentOf(content: unknown, where: string): string {
  if (typeof content === 'string') return content
  const texts = Array.isArray(content) ? content.map(partText) : [undefined]
  if (!texts.every((text) => typeof text === 'string'))
    throw new RowProblem(`${where} has no text as its content`)
  return texts.join('')
}

const partText = (part: unknown): unknown => (part as { readonly text?: unknown } | null)?.text
