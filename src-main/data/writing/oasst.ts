/**
 * Open Assistant's trees of messages (Köpf et al. 2023, oasst-data): a tree a row, with all that its readers ask for.
 * Rows that follow one another and go on from the same messages are one tree again.
 */
import { createHash } from 'node:crypto'
import type { Completion, Prompt, Turn } from '../../../src-shared/records/turn'
import { isConversation } from '../../../src-shared/turn-texts'
import { notHeld, type ExportForm, type Parts, type WrittenRow } from './form'
import { completionTurns, promptTurns } from './messages'

interface Message {
  readonly text: string
  readonly role: string
  /** From 0, the best; ties share one. */
  readonly rank?: number
  readonly replies: Message[]
}

/** The messages before the answers, and these. */
interface Way {
  readonly asked: readonly Message[]
  readonly answers: readonly Message[]
  readonly source?: string
}

const speakers: Readonly<Record<string, string>> = { user: 'prompter', assistant: 'assistant' }

export const oasst: ExportForm = {
  title: 'Open Assistant',
  joined: async function* (all) {
    let open: Message | undefined
    let from: string | undefined
    let trees = 0
    for await (const parts of all) {
      const way = wayOf(parts)
      if (open && from === way.source && isGrafted(open, way)) continue
      if (open) yield treeRow(open, from, trees++)
      open = chainOf(way)
      from = way.source
    }
    if (open) yield treeRow(open, from, trees)
  },
}

function wayOf({ prompt = '', completion, rejected, label, candidates, steps, source }: Parts): Way {
  if (steps) return notHeld('has labelled steps, for which a tree of messages has no place')
  if (label !== undefined) return notHeld('has a label, for which a tree of messages has no place')
  const asked = turnsIn(prompt).map((turn) => messageOf(turn))
  if (asked[0]?.role !== 'prompter') return notHeld('does not begin with a user, as a tree of messages does')
  const answers = answersIn(candidates ?? placed(completion, rejected))
  return { asked, answers, ...(source !== undefined && { source }) }
}

type Ranked = Partial<Pick<NonNullable<Parts['candidates']>[number], 'score'>> & {
  readonly completion: Completion
}

/** A pair is a ranking of two; one answer alone has no place. */
const placed = (completion?: Completion, rejected?: Completion): readonly Ranked[] => {
  if (completion === undefined) return []
  if (rejected === undefined) return [{ completion }]
  return [
    { completion, score: 1 },
    { completion: rejected, score: 0 },
  ]
}

/** @param ranked the best first */
function answersIn(ranked: readonly Ranked[]): readonly Message[] {
  const worths = [...new Set(ranked.map(({ score }) => score))]
  return ranked.map(({ completion, score }) => {
    const [first, ...others] = completionTurns(completion)
    if (!first) return notHeld('has an answer without turns')
    const rank = score === undefined ? {} : { rank: worths.indexOf(score) }
    return below(
      { ...messageOf(first), ...rank },
      others.map((turn) => messageOf(turn)),
      [],
    )
  })
}

function turnsIn(prompt: Prompt): readonly Turn[] {
  if (isConversation(prompt) && (prompt.tools ?? prompt.templateArguments))
    return notHeld('has tools or template arguments, for which a tree of messages has no place')
  return promptTurns(prompt)
}

function messageOf({ role, content, reasoning, toolCalls }: Turn): Message {
  const speaker = Object.hasOwn(speakers, role) ? speakers[role] : undefined
  if (speaker === undefined)
    return notHeld(`has a turn of “${role}”, and Open Assistant knows prompter and assistant`)
  if (reasoning !== undefined || toolCalls)
    return notHeld('has thoughts or calls, for which a tree of messages has no place')
  return { text: content, role: speaker, replies: [] }
}

/** Each of the messages below the one before, and the answers below the last. */
function below(first: Message, others: readonly Message[], answers: readonly Message[]): Message {
  const last = others.reduce((above, each) => {
    above.replies.push(each)
    return each
  }, first)
  last.replies.push(...answers)
  return first
}

const chainOf = ({ asked, answers }: Way): Message => below(asked[0]!, asked.slice(1), answers)

/** @returns whether it goes on from a message of the tree, where nothing else is said of the same answers */
function isGrafted(root: Message, { asked, answers }: Way): boolean {
  const [first, ...others] = asked
  const last = others.at(-1)
  if (answers.length === 0 || !first || !isSame(root, first)) return false
  let at = root
  for (const each of others.slice(0, -1)) {
    const next = at.replies.find((reply) => isSame(reply, each))
    if (!next) return false
    at = next
  }
  const asks = last && at.replies.find((reply) => isSame(reply, last))
  if (last && !asks) {
    at.replies.push(below(last, [], answers))
    return true
  }
  const { replies } = asks ?? at
  const isRanked = [...replies, ...answers].some(({ rank }) => rank !== undefined)
  if (isRanked && replies.length > 0) return false
  replies.push(...answers)
  return true
}

const isSame = (one: Message, other: Message): boolean => one.text === other.text && one.role === other.role

/** Nobody is named, nothing counted; the language of a text is not known here. */
const unsaid = {
  user_id: null,
  lang: 'und',
  review_count: null,
  review_result: true,
  deleted: false,
  synthetic: null,
  model_name: null,
  emojis: null,
  labels: null,
  events: null,
  tree_state: null,
} as const

function treeRow(root: Message, source: string | undefined, tree: number): WrittenRow {
  const written = (message: Message, path: string, parent: string | null): WrittenRow => {
    const { text, role, rank, replies } = message
    const id = idOf(`${path} ${text}`)
    return {
      message_id: id,
      parent_id: parent,
      text,
      role,
      ...unsaid,
      rank: rank ?? null,
      replies: replies.map((reply, index) => written(reply, `${path}.${index}`, id)),
    }
  }
  const prompt = written(root, String(tree), null)
  return {
    message_tree_id: prompt['message_id']!,
    tree_state: root.replies.length > 0 ? 'ready_for_export' : 'prompt_lottery_waiting',
    prompt,
    origin: source ?? null,
  }
}

/** The same whenever the dataset goes out; in the form of a UUID, of the version for names of one's own. */
function idOf(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex')
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `a${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-')
}
