/** What is said after a rollout and its updates: the numbers, what they warn of, and at times samples. */
import type { TrainStep } from '../compute/engine'
import { copyModel } from '../model/language-model'
import type { LanguageModel } from '../model/model'
import type { OpenTerm } from '../rewards/terms'
import type { Watch } from './health/watch'
import type { Look } from './look'
import { storedOptimizer } from './optimizer'
import { scoredSamples } from './rollout-scores'
import type { MetricValues, TrainerEvent } from './trainer'

export interface Saying {
  readonly policy: LanguageModel
  readonly update: Pick<TrainStep, 'state'>
  readonly watch: Watch
  readonly look: Look
  readonly rewards: readonly OpenTerm[]
  readonly settings: { readonly samplesEvery: number; readonly updates: number }
}

/** @param done rollouts, from 1 @param tokens drawn and learned */
export async function* afterRollout(
  { policy, update, watch, look, rewards, settings }: Saying,
  done: number,
  values: MetricValues,
  tokens: number,
): AsyncGenerator<TrainerEvent> {
  const alarms = watch.see(done, values)
  yield {
    kind: 'update',
    step: done,
    values,
    tokens,
    snapshot: () => {
      const { tensors, numbers } = storedOptimizer('policy', update)
      return {
        model: copyModel(policy),
        resume: { step: done, tensors, numbers: { ...numbers, ...watch.numbers() } },
      }
    },
  }
  for (const text of alarms) yield { kind: 'log', level: 'alarm', text }
  if (done % settings.samplesEvery === 0 || done === settings.updates)
    yield { kind: 'samples', step: done, samples: await scoredSamples(await look.take(), rewards) }
}
