/**
 * What a rollout holds in memory where a vocabulary has many thousands of tokens. Logits are there a chunk of positions
 * at a time, in scoring and learning alike; which tokens could be drawn is known at every position.
 */
import { bytesText } from '../../src-shared/sizes'
import { isExactKl, type PpoSettings } from '../../src-shared/recipes/ppo'
import type { FieldProblem } from '../../src-shared/result'
import { usableShare } from '../compute/machine-memory'
import { chunkPositions } from '../model/language-model'
import type { ModelConfig } from '../model/model'
import { leavesOut } from '../model/writing/sampling'

export interface RolloutMemory {
  /**
   * From the rollout to its last update: which tokens could be drawn, a byte each, and the reference's states when the
   * KL is exact.
   */
  readonly keptBytes: number
  /** While a minibatch goes through the models. */
  readonly minibatchBytes: number
}

/**
 * Arrays of a chunk's logits that are there at once at the peak of an update: those of policy and reference, their
 * softmaxes and gradients (`liveBytes` of a graph of PPO with the exact KL and an entropy bonus: 5.9).
 */
const logitsAtOnce = 6
/** Arrays of which token could be drawn at each position of a minibatch, as numbers: as given and as added. */
const allowedAtOnce = 2

/** @param promptTokens of the longest prompt */
export function rolloutMemory(
  settings: Pick<
    PpoSettings,
    'completions' | 'minibatches' | 'maxTokens' | 'klEstimator' | 'topK' | 'topP' | 'minP'
  >,
  { vocabulary, width }: Pick<ModelConfig, 'vocabulary' | 'width'>,
  promptTokens: number,
): RolloutMemory {
  const { completions, minibatches, maxTokens, klEstimator, topK, topP, minP } = settings
  const isPart = leavesOut({ topK, topP, minP })
  const positions = Math.ceil(completions / minibatches) * (promptTokens + maxTokens)
  const inChunk = Math.min(positions, chunkPositions({ vocabulary }))
  const kept = (isExactKl(klEstimator) ? 4 * width : 0) + (isPart ? vocabulary : 0)
  return {
    keptBytes: completions * maxTokens * kept,
    minibatchBytes: 4 * vocabulary * (inChunk * logitsAtOnce + (isPart ? positions * allowedAtOnce : 0)),
  }
}

/** What to change when a rollout cannot fit; undefined when it can. */
export function memoryProblem(
  { keptBytes, minibatchBytes }: RolloutMemory,
  { vocabulary, totalBytes }: { readonly vocabulary: number; readonly totalBytes: number },
): FieldProblem | undefined {
  if (keptBytes + minibatchBytes <= usableShare * totalBytes) return undefined
  const tokens = `${vocabulary.toLocaleString('en')} tokens`
  const machine = `this machine has ${bytesText(totalBytes)}`
  if (keptBytes > minibatchBytes)
    return {
      field: 'completions',
      problem:
        `must be fewer or shorter: ${bytesText(keptBytes)} would be kept of them, and ${machine}. Without ` +
        `top-k, top-p and min-p it is not kept which of ${tokens} could be drawn.`,
    }
  return {
    field: 'minibatches',
    problem:
      `must be more: one of them holds ${bytesText(minibatchBytes)} of numbers for ${tokens} a position, and ` +
      `${machine}. Shorter or fewer completions help, too, and so does drawing without top-k, top-p and min-p.`,
  }
}
