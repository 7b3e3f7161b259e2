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

/** What the Hub's viewer sends a row in. */
const wrapping: readonly string[] = ['row', 'row_idx', 'truncated_cells']

/** The row as it is, unless it is a tree. */
export function expanded(row: SourceRow): readonly SourceRow[] {
  const { prompt, origin, row: inner } = row.values
  if (isObject(inner) && Object.keys(row.values).every((name) => wrapping.includes(name)))
    return expanded({ ...row, values: inner })
  if (!isTree(prompt)) return [row]
  const from = typeof origin === 'string' && { source: origin }
  const rows = answeredIn(prompt, []).map((values) => ({ ...row, values: { ...values, ...from } }))
  const asked = { prompt: [{ role: roleIn(prompt), content: prompt['text'] }], ...from }
  return rows.length > 0 ? rows : [{ ...row, values: asked, isUnanswered: true }]
}

interface Message {
  readonly role: string
  readonly content: unknown
}

function answeredIn(tree: Fields, before: readonly Message[]): readonly SourceRow['values'][] {
  const replies = (tree['replies'] as readonly unknown[]).filter(isTree)
  const prompt = [...before, { role: roleIn(tree), content: tree['text'] }]
  const below = prompt.length > deepest ? [] : replies.flatMap((reply) => answeredIn(reply, prompt))
  const answers = replies.filter((reply) => roleIn(reply) === 'assistant')
  const ranked = answers.filter(isRanked).toSorted((a, b) => a.rank - b.rank)
  if (answers.length === 0) return below
  if (ranked.length === 0) return [...answers.map(({ text }) => ({ prompt, completion: text })), ...below]
  const own = {
    prompt,
    answers: ranked.map(({ text, rank }) => ({ text, rank })),
    completion: ranked[0]?.['text'],
  }
  return [own, ...below]
}

const roleIn = ({ role }: Fields): string => (role === 'prompter' ? 'user' : String(role))
const isRanked = (reply: Fields): reply is Fields & { readonly rank: number } =>
  typeof reply['rank'] === 'number'
