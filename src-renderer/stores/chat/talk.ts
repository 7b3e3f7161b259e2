/**
 * One conversation with a checkpoint on each side, and every branch it ever had. An edit makes another turn beside
 * the edited one, for both sides; a retry another reply on its side. What was said after a turn hangs on the two
 * replies it was said after: whoever goes back to these finds it again.
 */
import type { Conversation, Turn } from '../../../src-shared/records/turn'
import type { SamplingSettings } from '../../../src-shared/sampling'
import { sideNames, type SideName } from '../compare/side-names'

export interface Reply {
  text: string
  tokens: number
  promptTokens: number
  state: 'waiting' | 'writing' | 'ended' | 'cut' | 'stopped' | 'failed'
  tokensASecond: number | undefined
  /** Why it failed, in words. */
  failure: string | undefined
  /** What it was written with. */
  readonly checkpointId: string
  readonly sampling: SamplingSettings
}

/** Alternatives, and the one that stands. */
export interface Choice<T> {
  readonly all: T[]
  at: number
}

export interface TalkTurn {
  readonly said: string
  readonly replies: Record<SideName, Choice<Reply>>
  /** What was said next, by the replies it was said after. */
  readonly next: Record<string, Choice<TalkTurn>>
}

export interface Talk {
  system: string
  readonly first: Choice<TalkTurn>
}

export const newTalk = (system = ''): Talk => ({ system, first: choice() })

const choice = <T>(): Choice<T> => ({ all: [], at: 0 })

export const standing = <T>({ all, at }: Choice<T>): T | undefined => all[at]

/** Where what is said after a turn hangs, as its replies stand. */
export function nextOf(turn: TalkTurn): Choice<TalkTurn> {
  const key = sideNames.map((side) => turn.replies[side].at).join(' ')
  return (turn.next[key] ??= choice())
}

/** The turns that stand, first to last. */
export function pathOf(talk: Talk): readonly TalkTurn[] {
  const path: TalkTurn[] = []
  for (let at = standing(talk.first); at; at = standing(nextOf(at))) path.push(at)
  return path
}

/** The alternatives among which the turn at a place of the path stands. */
export function beside(talk: Talk, place: number): Choice<TalkTurn> {
  const before = pathOf(talk)[place - 1]
  return before ? nextOf(before) : talk.first
}

/** Says something as the turn at a place of the path: beside what stands there. */
export function say(talk: Talk, place: number, said: string): TalkTurn {
  const alternatives = beside(talk, place)
  alternatives.at =
    alternatives.all.push({ said, replies: { left: choice(), right: choice() }, next: {} }) - 1
  return alternatives.all[alternatives.at]!
}

/** Another reply, which stands from now on. */
export function reply(turn: TalkTurn, side: SideName, made: Reply): Reply {
  const replies = turn.replies[side]
  replies.at = replies.all.push(made) - 1
  return replies.all[replies.at]!
}

/** The alternative before or after, where there is one. */
export function step<T>(alternatives: Choice<T>, by: 1 | -1): void {
  alternatives.at = Math.max(0, Math.min(alternatives.all.length - 1, alternatives.at + by))
}

/** All that a side has read before it answers the turn at a place of the path. */
export function conversationFor(talk: Talk, side: SideName, place: number): Conversation {
  const turns: Turn[] = talk.system === '' ? [] : [{ role: 'system', content: talk.system }]
  for (const [at, turn] of pathOf(talk)
    .slice(0, place + 1)
    .entries()) {
    turns.push({ role: 'user', content: turn.said })
    const answer = standing(turn.replies[side])
    if (at < place && answer) turns.push({ role: 'assistant', content: answer.text })
  }
  return { turns }
}

export const isOpen = ({ state }: Reply): boolean => state === 'waiting' || state === 'writing'

/** Whether a reply that is over can go on. */
export const canGoOn = ({ state, text }: Reply): boolean =>
  text !== '' && (state === 'cut' || state === 'stopped' || state === 'failed')
