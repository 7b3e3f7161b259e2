/** How a policy stands to completions called good or bad that are never trained on. */
import type { Engine } from '../compute/engine'
import type { UnpairedLossName } from '../maths/unpaired-losses'
import { tokenLogProbs } from '../model/language-model'
import type { LanguageModel } from '../model/model'
import { heldOutConcordance } from './held-out-accuracy'
import type { MetricValues } from './trainer'
import type { Baseline } from './unpaired-baseline'
import {
  judgedInParts,
  judgedRows,
  logRatios,
  type ReferredRow,
  type UnpairedBatch,
  type UnpairedShape,
} from './unpaired-rows'

export interface HeldOutJudged {
  measure(): Promise<MetricValues>
  dispose(): void
}

export function heldOutJudged(
  engine: Engine,
  { config, parameters }: LanguageModel,
  rows: readonly ReferredRow[],
  shape: UnpairedShape,
  asked: { readonly loss: UnpairedLossName; readonly beta: number; readonly baselines: Baseline },
): HeldOutJudged {
  const program = engine.program<UnpairedBatch>((weights, batch) => {
    const logProbs = tokenLogProbs(config, weights, batch.ids)
    return { ...judgedRows(logProbs, batch, asked), ratios: logRatios(logProbs, batch) }
  })
  return {
    async measure() {
      if (rows.length === 0) return {}
      const sums = { loss: 0, good: 0, bad: 0 }
      const ratios: number[] = []
      const labels: number[] = []
      for (const { rows: some, batch } of judgedInParts(rows, shape, await asked.baselines.ofHeldOut(rows))) {
        const answer = await program.run(parameters, batch)
        for (const name of ['loss', 'good', 'bad'] as const) sums[name] += answer[name]?.data[0] ?? NaN
        ratios.push(...(answer['ratios']?.data ?? []).slice(0, some.length))
        labels.push(...some.map(({ isGood }) => Number(isGood)))
      }
      const isOfBoth = new Set(labels).size === 2
      return {
        'loss/preference-held-out': sums.loss,
        ...(isOfBoth && {
          ...heldOutConcordance(ratios, labels),
          'margin/held-out': asked.beta * (sums.good - sums.bad),
        }),
      }
    },
    dispose: () => program.dispose(),
  }
}
