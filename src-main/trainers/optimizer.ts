/**
 * From a recipe's optimizer settings to the engine's, and an optimizer's state to and from a run's resume
 * state.
 */
import type { OptimizerSettings, TrainStep } from '../compute/engine'
import type { Schedule } from '../maths/schedule'
import { isDecayed } from '../model/trunk-parameters'
import type { ResumeState } from './trainer'

interface Settings {
  readonly weightDecay: number
  readonly beta2: number
  readonly clipNorm: number
}

interface StepSizes {
  readonly learningRate: number
  readonly warmupUpdates: number
  readonly finalLearningRateFraction: number
}

export const scheduleOf = (
  { learningRate, warmupUpdates, finalLearningRateFraction }: StepSizes,
  totalUpdates: number,
): Schedule => ({ peak: learningRate, warmupUpdates, totalUpdates, finalFraction: finalLearningRateFraction })

/** AdamW (Loshchilov & Hutter 2019) with β₁ = 0.9 and ε = 1e-8 as in minGPT. */
export const optimizerOf = ({ weightDecay, beta2, clipNorm }: Settings): OptimizerSettings => ({
  beta1: 0.9,
  beta2,
  epsilon: 1e-8,
  weightDecay,
  isDecayed,
  clipNorm,
})

/** A copy of an optimizer's state under a name, for a snapshot. */
export function storedOptimizer(name: string, step: Pick<TrainStep, 'state'>): Omit<ResumeState, 'step'> {
  const state = step.state()
  return {
    tensors: { [`${name}/first-moment`]: state.firstMoment, [`${name}/second-moment`]: state.secondMoment },
    numbers: { [`${name}/updates`]: state.updates },
  }
}

/**
 * Gives an optimizer back what `storedOptimizer` kept.
 * @throws when the resume state is of another trainer
 */
export function restoreOptimizer(name: string, step: Pick<TrainStep, 'restore'>, resume: ResumeState): void {
  const updates = resume.numbers[`${name}/updates`]
  const firstMoment = resume.tensors[`${name}/first-moment`]
  const secondMoment = resume.tensors[`${name}/second-moment`]
  if (updates === undefined || !firstMoment || !secondMoment)
    throw new Error(`this checkpoint does not hold the optimizer of ${name}: it cannot be resumed from`)
  step.restore({ updates, firstMoment, secondMoment })
}
