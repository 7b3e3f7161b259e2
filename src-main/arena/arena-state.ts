/** How an arena stands, from what was said in it. */
import type { ArenaState, RevealedVerdict } from '../../src-shared/records/arena'
import { contenderCounts, pairCounts, type JudgedMatch } from '../evaluation/arena-counts'
import { ratingsOf } from '../evaluation/ratings'
import { judgedMeetingsOf } from '../store/arena-verdicts'
import { arenaOf } from '../store/contenders'
import type { ReadableDb } from '../store/handle'
import { judgeAgreements } from './judge-agreements'
import { knownMeetings, type KnownMeeting } from './known-meetings'

interface Asked {
  /** Whose last verdict is told. */
  readonly window: string
  /** Why a judge scores no more. */
  readonly problemOf: (judgeId: string) => string | undefined
}

/** @throws StudioFailure not-found */
export function arenaState(db: ReadableDb, arenaId: string, { window, problemOf }: Asked): ArenaState {
  const arena = arenaOf(db, arenaId)
  const { contenders } = arena
  const meetings = knownMeetings(contenders, judgedMeetingsOf(db, arenaId))
  const matches = meetings.filter(saysSomething)
  const own = meetings.filter((each) => each.window === window).at(-1)
  const ratings = ratingsOf(matches)
  return {
    contenders: contenderCounts(contenders.length, matches),
    pairs: pairCounts(matches),
    judged: matches.length,
    annotators: new Set(matches.map(({ annotator }) => annotator)).size,
    judges: judgeAgreements(db, arena, meetings, problemOf),
    ...(ratings && { ratings }),
    ...(own && { last: revealed(own) }),
  }
}

const saysSomething = (each: KnownMeeting): each is KnownMeeting & JudgedMatch => each.verdict !== 'skip'

const revealed = ({ place, verdict, margin, left, right }: KnownMeeting): RevealedVerdict => ({
  place,
  verdict,
  left,
  right,
  ...(margin && { margin }),
})
