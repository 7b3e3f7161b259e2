/**
 * What a rollout holds in memory. With a vocabulary of many thousands nearly all of it is logits: one number
 * a token of the vocabulary, at every position.
 */
import { bytesText } from '../../src-shared/sizes'
import { isExactKl, type PpoSettings } from '../../src-shared/recipes/ppo'
import type { FieldProblem } from '../../src-shared/result'
import { usableShare } from '../compute/machine-memory'
import { leavesOut } from '../model/writing/sampling'

export interface RolloutMemory {
  /**
   * From the rollout to its last update: the reference's logits when the KL is exact, and which tokens top-k
   * left.
   */
  readonly keptBytes: number
  /** While a minibatch goes through the models. */
  readonly minibatchBytes: number
}

/**
 * Arrays of a minibatch's logits that are there at once at the peak of an update: logits, their gradient,
 * both softmaxes, and copies on their way.
 */
const logitsAtOnce = 8

/** @param promptTokens of the longest prompt */
export function rolloutMemory(
  settings: Pick<
    PpoSettings,
    'completions' | 'minibatches' | 'maxTokens' | 'klEstimator' | 'topK' | 'topP' | 'minP'
  >,
  vocabulary: number,
  promptTokens: number,
): RolloutMemory {
  const { completions, minibatches, maxTokens, klEstimator, topK, topP, minP } = settings
  const isPart = leavesOut({ topK, topP, minP })
  const positions = Math.ceil(completions / minibatches) * (promptTokens + maxTokens)
  return {
    keptBytes: completions * maxTokens * vocabulary * ((isExactKl(klEstimator) ? 4 : 0) + (isPart ? 1 : 0)),
    minibatchBytes: positions * vocabulary * 4 * logitsAtOnce,
  }
}

/** What to change when a rollout cannot fit; undefined when it can. */
export function memoryProblem(
  memory: RolloutMemory,
  {
    vocabulary,
    totalBytes,
    isExact,
  }: { readonly vocabulary: number; readonly totalBytes: number; readonly isExact: boolean },
): FieldProblem | undefined {
  const { keptBytes, minibatchBytes } = memory
  if (keptBytes + minibatchBytes <= usableShare * totalBytes) return undefined
  const tokens = `${vocabulary.toLocaleString('en')} tokens`
  if (isExact && keptBytes > minibatchBytes) {
    return {
      field: 'klEstimator',
      problem:
        `exact keeps a number for each of ${tokens} wherever one is drawn: ${bytesText(keptBytes)}, and ` +
        `this machine has ${bytesText(totalBytes)}. Choose sampled, or fewer or shorter completions.`,
    }
  }
  return {
    field: 'minibatches',
    problem:
      `must be more: one of them holds ${bytesText(minibatchBytes)} of numbers for ${tokens} a position, ` +
      `and this machine has ${bytesText(totalBytes)}. Shorter or fewer completions help, too.`,
  }
}
