/** How much a queue's people and its reward models agree, from what was said in it. */
import type { LabelAgreement, LabelPerson, ModelAgreement } from '../../src-shared/records/agreement'
import type { ArenaJudge } from '../../src-shared/records/arena'
import { labelModes } from '../../src-shared/label-modes/modes'
import { agreementOf, type Opinion } from '../evaluation/agreement'
import { alphaOf, betweenPeople, withOneself, type ValueOf } from '../evaluation/people'
import { judgesOf, leadsOf } from '../store/arena-judges'
import { checkpointOf } from '../store/checkpoints'
import type { ReadableDb } from '../store/handle'
import { judgmentsAMinute } from '../store/judgments'
import { saidInQueue, type SaidOfItem } from '../store/opinions'
import { queueOf } from '../store/queues'
import { runOf } from '../store/runs'

/**
 * @param problemOf why a reward model scores no more
 * @throws StudioFailure not-found
 */
export function labelAgreement(
  db: ReadableDb,
  queueId: string,
  problemOf: (judgeId: string) => string | undefined,
): LabelAgreement {
  const { labelling } = queueOf(db, queueId)
  const said = saidInQueue(db, queueId)
  const values = said.filter(({ repeats }) => repeats === undefined).flatMap(valuesOf)
  const alpha = alphaOf(values, labelModes[labelling.mode].scale)
  return {
    people: peopleOf(said),
    between: betweenPeople(values),
    self: withOneself(repeatsIn(said)),
    models: judgesOf(db, queueId).map((judge) => modelAgreement({ db, queueId, said, problemOf }, judge)),
    ...(alpha && { alpha }),
  }
}

const valuesOf = ({ root, annotator, opinions }: SaidOfItem): readonly ValueOf[] =>
  opinions.map(({ about, value }) => ({ annotator, thing: `${root} ${about}`, value }))

function peopleOf(said: readonly SaidOfItem[]): readonly LabelPerson[] {
  const names = [...new Set(said.map(({ annotator }) => annotator))]
  return names
    .map((annotator): LabelPerson => {
      const own = said.filter((each) => each.annotator === annotator)
      const pace = judgmentsAMinute(own.map(({ judgedAtMs }) => judgedAtMs).reverse())
      return { annotator, judged: own.length, ...(pace !== undefined && { judgmentsAMinute: pace }) }
    })
    .sort((a, b) => b.judged - a.judged)
}

/** What was asked again, against what the same person said first. */
function repeatsIn(said: readonly SaidOfItem[]) {
  const first = new Map(said.map((each) => [each.comparisonKey, each]))
  return said.flatMap((again) => {
    const before = again.repeats === undefined ? undefined : first.get(again.repeats)
    if (!before || before.annotator !== again.annotator || again.opinions.length === 0) return []
    const known = new Map(before.opinions.map(({ about, value }) => [about, value]))
    const isSame =
      known.size === again.opinions.length &&
      again.opinions.every(({ about, value }) => known.get(about) === value)
    return [{ annotator: again.annotator, isSame }]
  })
}

interface Known {
  readonly db: ReadableDb
  readonly queueId: string
  readonly said: readonly SaidOfItem[]
  readonly problemOf: (judgeId: string) => string | undefined
}

/** What it learned from is not counted: of a reward model made from the queue, only what was judged since. */
function modelAgreement({ db, queueId, said, problemOf }: Known, judge: ArenaJudge): ModelAgreement {
  const watermark = watermarkOf(db, queueId, judge)
  const leads = leadsOf(db, judge.id)
  const sided = said.filter(
    ({ judgmentId, verdict, repeats }) =>
      judgmentId > (watermark ?? 0) && repeats === undefined && (verdict === 'left' || verdict === 'right'),
  )
  const opinions = sided.flatMap(({ comparisonKey, verdict }): Opinion[] => {
    const lead = leads.get(comparisonKey)
    return lead === undefined ? [] : [{ person: verdict as Opinion['person'], lead }]
  })
  const problem = problemOf(judge.id)
  return {
    judge,
    ...agreementOf(opinions),
    waiting: sided.length - opinions.length,
    sinceTraining: watermark !== undefined,
    ...(problem !== undefined && { problem }),
  }
}

/** The newest judgment that a reward model has learned from; undefined where it never read this queue. */
function watermarkOf(db: ReadableDb, queueId: string, { checkpointId }: ArenaJudge): number | undefined {
  if (checkpointId === undefined) return undefined
  const { runId } = checkpointOf(db, checkpointId)
  if (runId === undefined) return undefined
  const { inputs, judgmentWatermark } = runOf(db, runId)
  const { datasetId } = queueOf(db, queueId)
  return Object.values(inputs).flat().includes(datasetId) ? judgmentWatermark : undefined
}
