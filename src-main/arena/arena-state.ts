/** How an arena stands, from what was said in it. */
import type { Arena, ArenaState, RevealedVerdict } from '../../src-shared/records/arena'
import { contenderCounts, pairCounts, type JudgedMatch } from '../evaluation/arena-counts'
import { contenderOf } from '../evaluation/contender-of'
import { ratingsOf } from '../evaluation/ratings'
import { judgedMeetingsOf, type JudgedMeeting } from '../store/arena-verdicts'
import { arenaOf } from '../store/contenders'
import type { ReadableDb } from '../store/handle'

/** @param window whose last verdict is told. @throws StudioFailure not-found */
export function arenaState(db: ReadableDb, arenaId: string, window: string): ArenaState {
  const { contenders } = arenaOf(db, arenaId)
  const meetings = knownMeetings(contenders, judgedMeetingsOf(db, arenaId))
  const matches = meetings.filter(saysSomething)
  const own = meetings.filter((each) => each.window === window).at(-1)
  const ratings = ratingsOf(matches)
  return {
    contenders: contenderCounts(contenders.length, matches),
    pairs: pairCounts(matches),
    prompts: promptCounts(matches),
    judged: matches.length,
    annotators: new Set(matches.map(({ annotator }) => annotator)).size,
    ...(ratings && { ratings }),
    ...(own && { last: revealed(own) }),
  }
}

export type KnownMeeting = Omit<JudgedMeeting, 'left' | 'right'> & {
  readonly left: number
  readonly right: number
}

/** What two different contenders wrote, with their indices. */
function knownMeetings(
  contenders: Arena['contenders'],
  meetings: readonly JudgedMeeting[],
): readonly KnownMeeting[] {
  return meetings
    .map((each) => ({
      ...each,
      left: contenderOf(contenders, each.left),
      right: contenderOf(contenders, each.right),
    }))
    .filter(({ left, right }) => left >= 0 && right >= 0 && left !== right)
}

const saysSomething = (each: KnownMeeting): each is KnownMeeting & JudgedMatch => each.verdict !== 'skip'

function promptCounts(matches: readonly KnownMeeting[]): ArenaState['prompts'] {
  const counts = new Map<string, number>()
  for (const { prompt } of matches) counts.set(prompt, (counts.get(prompt) ?? 0) + 1)
  return [...counts].map(([prompt, judged]) => ({ prompt, judged }))
}

const revealed = ({ place, prompt, verdict, margin, left, right }: KnownMeeting): RevealedVerdict => ({
  place,
  prompt,
  verdict,
  left,
  right,
  ...(margin && { margin }),
})
