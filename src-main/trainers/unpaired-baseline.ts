/** What KTO and BCO compare the implicit rewards of a batch with. It has no gradient and is of the whole batch. */
import type { Engine } from '../compute/engine'
import { unpairedLosses, type UnpairedLoss, type UnpairedLossName } from '../maths/unpaired-losses'
import type { LanguageModel } from '../model/model'
import type { LengthPlan } from './real-lengths'
import { openCompletionLogProbs } from './reference-log-probs'
import type { Row } from './rows'
import { mismatched, type ReferredRow } from './unpaired-rows'

export interface Baseline {
  /** In nats of implicit reward, for a batch that is trained on next: what it remembers, it learns here. */
  ofBatch(rows: readonly ReferredRow[]): Promise<number>
  /** The same for rows that are only measured. */
  ofHeldOut(rows: readonly ReferredRow[]): Promise<number>
  /** All that it remembers, for a resumed run. */
  numbers(): Readonly<Record<string, number>>
  dispose(): void
}

interface Models {
  readonly policy: LanguageModel
  readonly reference: LanguageModel
}

/** @param remembered the numbers of the run's last snapshot */
export function openBaseline(
  engine: Engine,
  models: Models,
  { loss, beta }: { readonly loss: UnpairedLossName; readonly beta: number },
  plan: LengthPlan,
  remembered: Readonly<Record<string, number>> = {},
): Baseline {
  const { baseline }: UnpairedLoss = unpairedLosses[loss]
  if (baseline === 'none')
    return forgetful(
      async () => 0,
      () => undefined,
    )
  const asked = openCompletionLogProbs(engine, models.policy.config, { ...plan, tailWeight: 1 })
  const sums = async ({ parameters }: LanguageModel, rows: readonly Row[]): Promise<readonly number[]> =>
    Array.from(await asked.of(parameters, rows))
  if (baseline === 'shift')
    return remembering((rows) => sums(models.policy, rows), asked.dispose, beta, remembered)
  return forgetful(async (rows) => {
    const others = mismatched(rows, 1 + (plan.lengths.at(-1) as number))
    const ofPolicy = await sums(models.policy, others)
    const ofReference = await sums(models.reference, others)
    const kl = ofPolicy.reduce((sum, value, index) => sum + value - (ofReference[index] as number), 0)
    return beta * Math.max(0, kl / rows.length)
  }, asked.dispose)
}

const forgetful = (of: Baseline['ofBatch'], dispose: () => void): Baseline => ({
  ofBatch: of,
  ofHeldOut: of,
  numbers: () => ({}),
  dispose,
})

/** δ = ½ (mean reward of all good ones so far + that of all bad ones); of one kind while there is but one. */
function remembering(
  sums: (rows: readonly Row[]) => Promise<readonly number[]>,
  dispose: () => void,
  beta: number,
  remembered: Readonly<Record<string, number>>,
): Baseline {
  const seen = {
    'shift/good-sum': 0,
    'shift/good-count': 0,
    'shift/bad-sum': 0,
    'shift/bad-count': 0,
    ...Object.fromEntries(Object.entries(remembered).filter(([name]) => name.startsWith('shift/'))),
  }
  const shift = (): number => {
    const means = (['good', 'bad'] as const).flatMap((kind) =>
      seen[`shift/${kind}-count`] > 0 ? [seen[`shift/${kind}-sum`] / seen[`shift/${kind}-count`]] : [],
    )
    return means.reduce((sum, mean) => sum + mean, 0) / Math.max(1, means.length)
  }
  return {
    async ofBatch(rows) {
      const found = await sums(rows)
      for (const [index, { isGood, reference }] of rows.entries()) {
        const kind = isGood ? 'good' : 'bad'
        seen[`shift/${kind}-sum`] += beta * ((found[index] as number) - reference)
        seen[`shift/${kind}-count`]++
      }
      return shift()
    },
    ofHeldOut: async () => shift(),
    numbers: () => ({ ...seen }),
    dispose,
  }
}
