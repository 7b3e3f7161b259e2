/** How a policy stands to preference pairs that are never trained on. */
import type { Engine, HostTensor, Weights } from '../compute/engine'
import type * as tf from '../compute/tf'
import type { LanguageModel } from '../model/model'
import { pairsInParts, type PairBatch, type PairShape, type ReferredPair } from './pair-rows'
import type { MetricValues } from './trainer'

export interface HeldOutPairs {
  measure(): Promise<MetricValues>
  dispose(): void
}

/** What an objective says of each pair of a batch, and its β. */
export interface Judgement {
  judge(weights: Weights, batch: PairBatch): Readonly<Record<'losses' | 'lead', tf.Tensor1D>>
  readonly beta: number
}

export function heldOutPairs(
  engine: Engine,
  { parameters }: LanguageModel,
  pairs: readonly ReferredPair[],
  shape: PairShape,
  { judge, beta }: Judgement,
): HeldOutPairs {
  const program = engine.program<PairBatch>((weights, batch) => {
    const { losses, lead } = judge(weights, batch)
    return { losses, lead }
  })
  return {
    async measure() {
      const losses: number[] = []
      const leads: number[] = []
      for (const part of pairsInParts(pairs, shape.pairs, shape.time)) {
        const answer = await program.run(parameters, part)
        const count = Math.min(shape.pairs, pairs.length - losses.length)
        losses.push(...(answer['losses'] as HostTensor).data.slice(0, count))
        leads.push(...(answer['lead'] as HostTensor).data.slice(0, count))
      }
      const mean = (values: readonly number[]) =>
        values.reduce((sum, value) => sum + value, 0) / values.length
      return {
        'loss/preference-held-out': mean(losses),
        'accuracy/held-out': mean(leads.map((lead) => (Math.sign(lead) + 1) / 2)),
        'margin/held-out': mean(leads.map((lead) => beta * lead)),
      }
    },
    dispose: () => program.dispose(),
  }
}
