/**
 * Completions sampled for training, with all that is known of each drawn token: its log-probability under the
 * policy that drew it and under the reference, what the critic expected before it, the KL and the entropy
 * where it was drawn.
 */
import type { PpoSettings } from '../../src-shared/recipes/ppo'
import type { Prompt } from '../../src-shared/records/turn'
import type { Engine, Float3D, HostBatch, HostTensor, Int2D } from '../compute/engine'
import * as tf from '../compute/tf'
import { entropy } from '../maths/entropy'
import { klDivergence } from '../maths/kl'
import { openMaskedWriter } from '../model/writing/mixture-writer'
import { openTextWriter, type Sampling } from '../model/writing/generation'
import type { Completion } from '../model/writing/sequence'
import { values } from '../model/heads'
import { chosenLogProbs, nextTokenLogitsOf, readStates, type SampledFrom } from '../model/language-model'
import type { LanguageModel, ModelConfig } from '../model/model'
import { allowedMask, leavesOut } from '../model/writing/sampling'

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
  /** Logits of the reference, divided by the temperature: [drawn tokens · V]. Kept only when asked for. */
  readonly referenceLogits?: Float32Array
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
  maxTokens,
}: Pick<PpoSettings, 'temperature' | 'topK' | 'topP' | 'minP' | 'maxTokens'>): Omit<Sampling, 'seed'> => ({
  temperature,
  topK,
  topP,
  minP,
  maxTokens,
})

export interface Measuring {
  readonly temperature: number
  readonly keepReferenceLogits: boolean
}

export interface Roller {
  /** @param seed of this rollout's draws */
  roll(prompts: readonly Prompt[], sampling: Sampling): Promise<readonly Drawn[]>
  dispose(): void
}

interface RollerModels {
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

export function openRoller(
  engine: Engine,
  models: RollerModels,
  shape: RolloutShape,
  measuring: Measuring,
): Roller {
  const { policy, mask } = models
  const writer = mask
    ? openMaskedWriter(engine, policy, mask.model, mask.topP)
    : openTextWriter(engine, policy)
  const measures = openMeasures(engine, models, shape, measuring)
  return {
    async roll(prompts, sampling) {
      const completions = await writer.generate(prompts, sampling, {
        keepAllowed: leavesOut(sampling) || mask !== undefined,
      })
      const drawn: Drawn[] = []
      for (let start = 0; start < completions.length; start += shape.rows)
        drawn.push(...(await measures.of(completions.slice(start, start + shape.rows))))
      return drawn
    },
    dispose() {
      writer.dispose()
      measures.dispose()
    },
  }
}

interface Measures {
  /** @param completions as many as go through the model at once */
  of(completions: readonly Completion[]): Promise<readonly Drawn[]>
  dispose(): void
}

/** All that is known of drawn tokens, by policy, reference and critic. */
function openMeasures(
  engine: Engine,
  { policy, reference, critic }: RollerModels,
  shape: RolloutShape,
  { temperature, keepReferenceLogits }: Measuring,
): Measures {
  const { vocabulary } = policy.config
  const { measure, expect, compare } = openPrograms(
    engine,
    policy.config,
    drawnFrom(policy, temperature),
    critic?.config,
  )
  return {
    async of(completions) {
      const batch = collateDrawn(completions, shape, vocabulary)
      const ours = await measure.run(policy.parameters, batch)
      const theirs = await measure.run(reference.parameters, batch)
      const expected = critic && (await expect.run(critic.parameters, { ids: batch.ids }))
      const distance = await compare.run(reference.parameters, {
        policy: ours['full'] as HostTensor,
        reference: theirs['full'] as HostTensor,
        ...(batch.allowed && { allowed: batch.allowed }),
      })
      return completions.map((completion, row) => {
        const drawn = (tensor: HostTensor | undefined, width = 1): Float32Array =>
          drawnTokens(tensor, { row, completion, time: shape.time, width })
        return {
          completion,
          logProbs: drawn(ours['logProbs']),
          referenceLogProbs: drawn(theirs['logProbs']),
          kl: drawn(distance['kl']),
          klDrawn: drawn(distance['klDrawn'] ?? distance['kl']),
          entropy: drawn(ours['entropy']),
          values: expected ? drawn(expected['values']) : new Float32Array(drawnCount(completion)),
          ...(keepReferenceLogits ? { referenceLogits: drawn(theirs['full'], vocabulary) } : {}),
        }
      })
    },
    dispose() {
      for (const program of [measure, expect, compare]) program.dispose()
    },
  }
}

/** What is computed of drawn tokens, for any model of the policy's shape. */
function openPrograms(engine: Engine, config: ModelConfig, from: SampledFrom, critic = config) {
  return {
    /**
     * Logits [rows, time, V] of the full softmax; log-probability and entropy [rows, time] of the
     * distribution drawn from.
     */
    measure: engine.program<DrawnBatch>((weights, { ids, allowed }) => {
      const full = nextTokenLogitsOf(config, weights, readStates(config, weights, ids), from)
      const drawnFrom: tf.Tensor3D = allowed ? tf.add(full, allowed) : full
      return { full, logProbs: chosenLogProbs(drawnFrom, ids), entropy: entropy(drawnFrom) }
    }),
    /** What the critic expects at each position: [rows, time]. */
    expect: engine.program<{ ids: Int2D }>((weights, { ids }) => ({
      values: values(critic, weights, readStates(critic, weights, ids)),
    })),
    /** KL of the full softmax at each position, and under top-k of what could be drawn: [rows, time]. */
    compare: engine.program<{ policy: Float3D; reference: Float3D; allowed?: Float3D }>((_, logits) => ({
      kl: klDivergence(logits.policy, logits.reference),
      ...(logits.allowed && {
        klDrawn: klDivergence(
          tf.add(logits.policy, logits.allowed),
          tf.add(logits.reference, logits.allowed),
        ),
      }),
    })),
  }
}

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

const drawnCount = ({ ids, promptTokens }: Completion): number => ids.length - promptTokens

interface Part {
  readonly row: number
  readonly completion: Completion
  readonly time: number
  readonly width: number
}

/** The drawn tokens' part of one row of [rows, time, width]: token t + 1 stands at position t. */
function drawnTokens(
  tensor: HostTensor | undefined,
  { row, completion: { ids, promptTokens }, time, width }: Part,
): Float32Array {
  const start = row * time + promptTokens - 1
  return (tensor?.data as Float32Array).slice(start * width, (start + ids.length - promptTokens) * width)
}
