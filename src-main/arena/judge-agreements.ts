/** What an arena's automatic judges, and length alone, say of what people said. */
import type { Arena, ArenaJudge, JudgeAgreement } from '../../src-shared/records/arena'
import { agreementOf, type Opinion } from '../evaluation/agreement'
import { judgesOf, leadsOf } from '../store/arena-judges'
import type { ReadableDb } from '../store/handle'
import type { KnownMeeting } from './known-meetings'
import { hasTrained } from './trained-by'

type Sided = KnownMeeting & { readonly verdict: Opinion['person'] }

export function judgeAgreements(
  db: ReadableDb,
  { id, contenders }: Arena,
  meetings: readonly KnownMeeting[],
  problemOf: (judgeId: string) => string | undefined,
): readonly JudgeAgreement[] {
  const sided = meetings.filter((each): each is Sided => each.verdict === 'left' || each.verdict === 'right')
  const longer = sided.map(({ verdict, leftTokens, rightTokens }) => ({
    person: verdict,
    lead: leftTokens - rightTokens,
  }))
  const check = { ...agreementOf(longer), waiting: 0, trained: [] }
  return [check, ...judgesOf(db, id).map(agreement)]

  function agreement(judge: ArenaJudge): JudgeAgreement {
    const trained = contenders.flatMap(({ checkpointId }, index) =>
      hasTrained(db, judge, checkpointId) ? [index] : [],
    )
    const leads = leadsOf(db, judge.id)
    const counted = sided.filter(({ left, right }) => !trained.includes(left) && !trained.includes(right))
    const opinions = counted.flatMap(({ comparisonKey, verdict }): Opinion[] => {
      const lead = leads.get(comparisonKey)
      return lead === undefined ? [] : [{ person: verdict, lead }]
    })
    const problem = problemOf(judge.id)
    const waiting = counted.length - opinions.length
    return { judge, ...agreementOf(opinions), waiting, trained, ...(problem !== undefined && { problem }) }
  }
}
