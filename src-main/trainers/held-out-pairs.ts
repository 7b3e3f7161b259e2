/** How a policy stands to preference pairs that are never trained on. */
import type { Engine, HostBatch, HostTensor, Weights } from '../compute/engine'
import type * as tf from '../compute/tf'
import type { LanguageModel } from '../model/model'
import { heldOutAccuracy } from './held-out-accuracy'
import type { PairBatch } from './pair-rows'
import type { MetricValues } from './trainer'

export interface HeldOutPairs {
  measure(): Promise<MetricValues>
  dispose(): void
}

type Parts = readonly HostBatch<PairBatch>[]

/** What an objective says of each pair of a batch, and its β. */
export interface Judgement {
  judge(weights: Weights, batch: PairBatch): Readonly<Record<'losses' | 'lead', tf.Tensor1D>>
  readonly beta: number
  /** What a part must be given before it is judged. */
  beforehand?(parts: Parts, count: number): Promise<Parts>
}

/** @param parts of all held-out pairs; the last may hold padding. None measures nothing */
export function heldOutPairs(
  engine: Engine,
  { parameters }: LanguageModel,
  parts: Parts,
  { judge, beta, beforehand = async (given) => given }: Judgement,
): HeldOutPairs {
  const program = engine.program<PairBatch>((weights, batch) => {
    const { losses, lead } = judge(weights, batch)
    return { losses, lead }
  })
  const count = parts.reduce((sum, { counts }) => sum + pairsIn(counts), 0)
  return {
    async measure() {
      if (count === 0) return {}
      const losses: number[] = []
      const leads: number[] = []
      for (const part of await beforehand(parts, count)) {
        const answer = await program.run(parameters, part)
        losses.push(...(answer['losses'] as HostTensor).data.slice(0, pairsIn(part.counts)))
        leads.push(...(answer['lead'] as HostTensor).data.slice(0, pairsIn(part.counts)))
      }
      return {
        'loss/preference-held-out': mean(losses),
        ...heldOutAccuracy(
          leads.reduce((sum, lead) => sum + (Math.sign(lead) + 1) / 2, 0),
          leads.length,
        ),
        'margin/held-out': mean(leads.map((lead) => beta * lead)),
      }
    },
    dispose: () => program.dispose(),
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Pairs that are none of the padding. */
const pairsIn = ({ data }: HostTensor): number => Array.from(data).reduce((sum, one) => sum + one, 0)
