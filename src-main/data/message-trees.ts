/**
 * Trees of messages, as Open Assistant publishes them (Köpf et al. 2023, oasst-data): each message that was answered
 * becomes a row, with the way to it as its prompt and its answers, the ranked ones with their ranks.
 */
import type { SourceRow } from './rows'
import { isObject, type Fields } from './shapes/json-value'

const isTree = (value: unknown): value is Fields =>
  isObject(value) && typeof value['text'] === 'string' && Array.isArray(value['replies'])

/** Longer ways are no conversation. */
const deepest = 200

/** The row as it is, unless it is a tree. */
export function expanded(row: SourceRow): readonly SourceRow[] {
  const { prompt } = row.values
  if (!isTree(prompt)) return [row]
  return answeredIn(prompt, []).map((values) => ({ ...row, values }))
}

interface Message {
  readonly role: string
  readonly content: unknown
}

function answeredIn(tree: Fields, before: readonly Message[]): readonly SourceRow['values'][] {
  const replies = (tree['replies'] as readonly unknown[]).filter(isTree)
  const way = [...before, { role: roleIn(tree), content: tree['text'] }]
  const below = way.length > deepest ? [] : replies.flatMap((reply) => answeredIn(reply, way))
  const answers = replies.filter((reply) => roleIn(reply) === 'assistant')
  if (answers.length === 0) return below
  const ranked = answers.toSorted((a, b) => rankIn(a) - rankIn(b))
  const own = {
    prompt: way,
    answers: ranked.map(({ text, rank }) => ({ text, ...(typeof rank === 'number' && { rank }) })),
    completion: ranked[0]?.['text'],
  }
  return [own, ...below]
}

const roleIn = ({ role }: Fields): string => (role === 'prompter' ? 'user' : String(role))
const rankIn = ({ rank }: Fields): number => (typeof rank === 'number' ? rank : Number.MAX_VALUE)
