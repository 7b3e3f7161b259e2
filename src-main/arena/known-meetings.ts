/** What was said of two contenders that are known, by their indices. */
import type { Contender } from '../../src-shared/records/arena'
import { contenderOf } from '../evaluation/contender-of'
import type { JudgedMeeting } from '../store/arena-verdicts'

export type KnownMeeting = Omit<JudgedMeeting, 'left' | 'right'> & {
  readonly left: number
  readonly right: number
}

/** What two different contenders wrote, with their indices. */
export function knownMeetings(
  contenders: readonly Contender[],
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
