/**
 * Completions sampled for training, with all that is known of each drawn token: its log-probability under the
 * policy that drew it and under the reference, what the critic expected before it, the KL and the entropy
 * where it was drawn.
 */
import type { PpoSettings } from '../../src-shared/recipes/ppo'
import type { Float3D, HostBatch, Int2D } from '../compute/engine'
import type { Sampling } from '../model/writing/generation'
import type { Completion } from '../model/writing/sequence'
import type { SampledFrom } from '../model/language-model'
import type { LanguageModel } from '../model/model'
import { allowedMask } from '../model/writing/sampling'

/** One completion. Every array has one number a drawn token, the end token counted. */
export interface Drawn {
  readonly completion: Completion
  /** log π of the distribution it was drawn from, nats. */
  readonly logProbs: Float32Array
  /** log π_ref over the same tokens with the same temperature, nats. */
  readonly referenceLogProbs: Float32Array
  /** KL(π ‖ π_ref) of the full softmax, nats. */
  readonly kl: Float32Array
  /** The same of the distribution it was drawn from: over the tokens that could be drawn, nats. */
  readonly klDrawn: Float32Array
  /** What the reference makes its logits of: [drawn tokens · C]. Kept only when asked for. */
  readonly referenceStates?: Float32Array
  /** Entropy of the distribution it was drawn from, nats. */
  readonly entropy: Float32Array
  /** The critic's expectation, in units of reward; 0 where there is no critic. */
  readonly values: Float32Array
}

export interface RolloutShape {
  /** Completions that go through the model at once. */
  readonly rows: number
  /** Positions of a row. */
  readonly time: number
}

/**
 * `ids` [rows, time + 1], right-padded; where tokens are left out also `allowed` [rows, time, V], those that could be
 * drawn.
 */
export type DrawnBatch = { ids: Int2D; allowed?: Float3D }

/** How a rollout is drawn: by rules that leave tokens out, for whose distribution log-probabilities can be taken. */
export const rolloutSampling = ({
  temperature,
  topK,
  topP,
  minP,
  stop,
  maxTokens,
}: Pick<PpoSettings, 'temperature' | 'topK' | 'topP' | 'minP' | 'stop' | 'maxTokens'>): Omit<
  Sampling,
  'seed'
> => ({
  temperature,
  topK,
  topP,
  minP,
  stop,
  maxTokens,
})

export interface Measuring {
  readonly temperature: number
  readonly keepReferenceStates: boolean
}

export interface RollerModels {
  readonly policy: LanguageModel
  readonly reference: LanguageModel
  /** Bears a value head; the policy itself, when they share the trunk. Absent: nothing is expected. */
  readonly critic?: LanguageModel
  /** Only what is in the nucleus of this one is drawn (NLPO). */
  readonly mask?: { readonly model: LanguageModel; readonly topP: number }
}

/** What a policy's tokens are drawn from, top-k aside. */
export const drawnFrom = ({ tokenizer }: LanguageModel, temperature: number): SampledFrom => ({
  temperature,
  tokens: tokenizer.vocabulary,
})

/** Completions as a batch; missing rows are padding. */
export function collateDrawn(
  completions: readonly Completion[],
  { rows, time }: RolloutShape,
  vocabulary: number,
): HostBatch<DrawnBatch> {
  const ids = new Int32Array(rows * (time + 1))
  for (const [row, completion] of completions.entries()) ids.set(completion.ids, row * (time + 1))
  const shaped = { ids: { shape: [rows, time + 1], data: ids } }
  if (!completions[0]?.allowed) return shaped
  const kept = Array.from({ length: rows }, (_, row) => ({
    promptTokens: completions[row]?.promptTokens ?? 1,
    allowed: completions[row]?.allowed ?? new Uint8Array(0),
  }))
  return { ...shaped, allowed: allowedMask(kept, time + 1, vocabulary) }
}

/** Positions of a text. */
export const positionsOf = ({ ids }: Completion): number => ids.length - 1
