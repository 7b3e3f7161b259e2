/** What a reward model's scores are worth on preferences it never saw; and where their zero lies. */
import type { ReportRow } from '../../src-shared/records/reward-report'
import type { Engine, HostTensor } from '../compute/engine'
import { deviationOf, offsetsToZero } from '../maths/ensemble'
import { kendallTau } from '../maths/concordance'
import { tiesTold } from '../maths/tied'
import { headOutputs, scoreOf } from '../model/heads'
import type { RewardModel } from '../model/model'
import { copyModel } from '../model/language-model'
import type { ScoredBatch } from '../model/scored-batch'
import { collateTexts } from '../model/scored-batch'
import type { ReadText } from '../model/reading'
import type { RankedPair, RankedTexts } from './ranked-texts'
import { partsOfLikeLength, type LengthPlan } from './real-lengths'
import { orderMetrics, rewardMetrics, rewardReport, type ScoredOrder, type ScoredPair } from './reward-report'
import type { MetricValues } from './trainer'

export interface ScoredRankings {
  /** What the scores are worth on held-out rankings, not empty. */
  measure(): Promise<MetricValues>
  /** What the last measurement says, row by row; nothing before the first. */
  report(): readonly ReportRow[]
  /** What must be added to each head's bias so that these texts' mean score is 0. */
  offsets(texts: readonly ReadText[]): Promise<readonly number[]>
  dispose(): void
}

/** A text's score, and what each head says of it. */
interface Scored {
  readonly score: number
  readonly heads: readonly number[]
}

/** @param plan texts that are read at once, and what they are padded to */
export function scoredRankings(
  engine: Engine,
  model: RewardModel,
  heldOut: readonly RankedTexts[],
  plan: LengthPlan,
): ScoredRankings {
  const program = engine.program<ScoredBatch>((weights, batch) => {
    const heads = headOutputs(model, weights, batch)
    return { heads, scores: scoreOf(model.head, heads) }
  })
  const scoresOf = async (texts: readonly ReadText[]): Promise<readonly Scored[]> => {
    const scored = new Array<Scored>(texts.length)
    const numbered = texts.map((text, index) => ({ text, index }))
    for (const { rows, time } of partsOfLikeLength(numbered, ({ text }) => text.ids.length, plan)) {
      const some = rows.map(({ text }) => text)
      const answer = await program.run(model.parameters, collateTexts(model, some, { rows: plan.rows, time }))
      const { data, shape } = answer['heads'] as HostTensor
      const heads = shape[1] as number
      rows.forEach(({ index }, row) => {
        const score = answer['scores']!.data[row] as number
        scored[index] = { score, heads: [...data.subarray(row * heads, (row + 1) * heads)] }
      })
    }
    return scored
  }
  let pairs: readonly ScoredPair[] = []
  let orders: readonly ScoredOrder[] = []
  return {
    async measure() {
      const found = await scoresOf(heldOut.flatMap(({ texts }) => texts))
      const measured = measuredPairs(heldOut, found)
      pairs = measured.map(({ scored }) => scored)
      orders = ordersOf(heldOut, found)
      return { ...lossesOf(measured), ...rewardMetrics(pairs), ...orderMetrics(orders) }
    },
    report: () => (pairs.length > 0 ? rewardReport(pairs, orders) : []),
    offsets: async (texts) =>
      offsetsToZero(
        (await scoresOf(texts)).map(({ heads }) => heads),
        model.head?.ensemble?.caution ?? 0,
      ),
    dispose: () => program.dispose(),
  }
}

interface MeasuredPair {
  readonly pair: RankedPair
  readonly scored: ScoredPair
  /** r⁺ − r⁻ of each head. */
  readonly leads: readonly number[]
}

function measuredPairs(rankings: readonly RankedTexts[], scores: readonly Scored[]): readonly MeasuredPair[] {
  let first = 0
  return rankings.flatMap(({ texts, pairs }) => {
    const start = first
    first += texts.length
    return pairs.map((pair) => {
      const [better, worse] = [scores[start + pair.better]!, scores[start + pair.worse]!]
      return {
        pair,
        scored: {
          lead: better.score - worse.score,
          lengthLead: texts[pair.better]!.ids.length - texts[pair.worse]!.ids.length,
          isSlight: pair.isSlight,
        },
        leads: better.heads.map((score, head) => score - (worse.heads[head] as number)),
      }
    })
  })
}

function lossesOf(measured: readonly MeasuredPair[]): MetricValues {
  const of = (value: (pair: MeasuredPair) => number): number =>
    measured.reduce((sum, pair) => sum + value(pair), 0) / measured.length
  return {
    'loss/reward-held-out': of(({ pair, scored }) => Math.log1p(Math.exp(pair.margin - scored.lead))),
    'margin/held-out': of(({ scored }) => scored.lead),
    ...(measured[0]!.leads.length > 1 && { 'margin/between-heads': of(({ leads }) => deviationOf(leads)) }),
  }
}

/** Of rankings whose completions have a worth each: how their order is kept, and what is told of ties. */
function ordersOf(rankings: readonly RankedTexts[], scores: readonly Scored[]): readonly ScoredOrder[] {
  let first = 0
  return rankings.flatMap(({ texts, worths }) => {
    const own = scores.slice(first, first + texts.length).map(({ score }) => score)
    first += texts.length
    return worths ? [{ tau: kendallTau(own, worths), ...tiesTold(own, worths) }] : []
  })
}

/** A copy of the model whose heads' biases are moved by so much. */
export function shiftedBy(model: RewardModel, offsets: readonly number[] | undefined): RewardModel {
  const copy = copyModel(model)
  const bias = copy.parameters.view('score.bias')
  offsets?.forEach((offset, head) => {
    bias[head]! += offset
  })
  return copy
}
