/**
 * What is known of drawn tokens, in one reading of a text by all models at once: what each says of a token, and how far
 * policy and reference are apart, as one number a token. Logits stay where they are computed.
 */
import type { Engine, HostTensor, Tensors, Weights } from '../compute/engine'
import { sideBySide, weightsOf } from '../compute/parameters'
import { logProbsOf } from '../compute/recording/fused'
import { chunkSizes } from '../compute/recording/in-chunks'
import * as tf from '../compute/tf'
import { entropy } from '../maths/entropy'
import { klDivergence } from '../maths/kl'
import { values } from '../model/heads'
import { cameIn, chunkPositions, nextTokenLogitsOf, readStates } from '../model/language-model'
import type { LanguageModel } from '../model/model'
import type { Completion } from '../model/writing/sequence'
import { partsOfLikeLength, type LengthPlan } from './real-lengths'
import {
  collateDrawn,
  drawnFrom,
  positionsOf,
  type Drawn,
  type DrawnBatch,
  type Measuring,
  type RollerModels,
} from './rollout'

export interface Measures {
  /** @param updates by index: which completions are read together */
  of(completions: readonly Completion[], updates: readonly (readonly number[])[]): Promise<readonly Drawn[]>
  dispose(): void
}

export function openMeasures(
  engine: Engine,
  models: RollerModels,
  plan: LengthPlan,
  measuring: Measuring,
): Measures {
  const { policy, reference, critic } = models
  const parameters = sideBySide({
    policy: policy.parameters,
    reference: reference.parameters,
    ...(critic && critic !== policy && { critic: critic.parameters }),
  })
  const lanes = engine.partsAtOnce(policy.parameters)
  const program = engine.program<DrawnBatch>((weights, batch) => measured(models, weights, batch, measuring))
  return {
    async of(completions, updates) {
      const found: Drawn[] = []
      for (const indices of updates) {
        const parts = partsOfLikeLength(
          indices,
          (index) => positionsOf(completions[index] as Completion),
          plan,
        )
        const batches = parts.map(({ rows, time }) =>
          collateDrawn(
            rows.map((index) => completions[index] as Completion),
            { rows: plan.rows, time },
            policy.config.vocabulary,
          ),
        )
        const answers = await program.runParts(parameters, batches, lanes)
        parts.forEach(({ rows, time }, part) =>
          rows.forEach((index, row) => {
            const at = { row, time, completion: completions[index] as Completion }
            found[index] = drawnOf(answers[part] as Record<string, HostTensor>, at)
          }),
        )
      }
      return found
    },
    dispose: () => program.dispose(),
  }
}

/**
 * All of drawn tokens, [rows, time]: log-probabilities and entropy of the distribution drawn from; the KL of the full
 * softmax, and where tokens are left out of what could be drawn; values where there is a critic. The reference's states
 * [rows, time, C] only where they are asked for. Logits are there a chunk of positions at a time.
 */
function measured(
  { policy, reference, critic }: RollerModels,
  weights: Weights,
  { ids, allowed }: DrawnBatch,
  { temperature, keepReferenceStates }: Measuring,
): Tensors {
  const [ours, theirs] = [weightsOf(weights, 'policy'), weightsOf(weights, 'reference')]
  const from = drawnFrom(policy, temperature)
  const states = readStates(policy.config, ours, ids)
  const referenceStates = readStates(reference.config, theirs, ids)
  const [rows, time] = states.shape
  const logitsOf = ({ config }: LanguageModel, head: Weights, some: tf.Tensor): tf.Tensor2D => {
    const own = tf.reshape(some, [1, -1, config.width]) as tf.Tensor3D
    return tf.reshape(nextTokenLogitsOf(config, head, own, from), [-1, config.vocabulary])
  }
  const chunks = cut(
    [states, referenceStates, cameIn(ids), ...(allowed ? [allowed] : [])],
    rows * time,
    chunkPositions(policy.config),
  )
  const said = chunks.map(([own, their, came, added]) =>
    ofPositions(
      logitsOf(policy, ours, own as tf.Tensor),
      logitsOf(reference, theirs, their as tf.Tensor),
      came as tf.Tensor1D,
      added,
    ),
  )
  const numbers = Object.keys(said[0] ?? {})
  const joined = (name: string) =>
    tf.concat(
      said.map((each) => each[name] as tf.Tensor),
      0,
    )
  return {
    ...Object.fromEntries(numbers.map((name) => [name, tf.reshape(joined(name), [rows, time])])),
    ...(critic && { values: expected() }),
    ...(keepReferenceStates && { referenceStates }),
  }

  function expected(): tf.Tensor2D {
    if (!critic || critic === policy) return values(policy.config, ours, states)
    const own = weightsOf(weights, 'critic')
    return values(critic.config, own, readStates(critic.config, own, ids))
  }
}

/** What both models say of some positions: logits [N, V] → [N] each. */
function ofPositions(
  full: tf.Tensor2D,
  referenceLogits: tf.Tensor2D,
  came: tf.Tensor1D,
  added: tf.Tensor | undefined,
): Tensors {
  const drawn: tf.Tensor2D = added ? tf.add(full, added) : full
  const referenceDrawn: tf.Tensor2D = added ? tf.add(referenceLogits, added) : referenceLogits
  return {
    logProbs: logProbsOf(drawn, came),
    referenceLogProbs: logProbsOf(referenceDrawn, came),
    entropy: entropy(drawn),
    kl: klDivergence(full, referenceLogits),
    ...(added && { klDrawn: klDivergence(drawn, referenceDrawn) }),
  }
}

/** Rows of each in chunks of nearly one size, as an update cuts them: [N, …], flattened to `count` rows first. */
function cut(all: readonly tf.Tensor[], count: number, most: number): readonly (readonly tf.Tensor[])[] {
  const sizes = chunkSizes(count, most)
  const pieces = all.map((each) => tf.split(tf.reshape(each, [count, -1]), sizes, 0))
  return sizes.map((size, chunk) =>
    pieces.map((each, index) => {
      const piece = each[chunk] as tf.Tensor
      return (all[index] as tf.Tensor).rank === 1 ? tf.reshape(piece, [size]) : piece
    }),
  )
}

interface At {
  readonly row: number
  readonly completion: Completion
  readonly time: number
}

/** One row of what was measured. */
function drawnOf(answer: Record<string, HostTensor>, at: At): Drawn {
  const { completion } = at
  const drawn = (name: string): Float32Array => drawnTokens(answer[name], at)
  return {
    completion,
    logProbs: drawn('logProbs'),
    referenceLogProbs: drawn('referenceLogProbs'),
    kl: drawn('kl'),
    klDrawn: drawn(answer['klDrawn'] ? 'klDrawn' : 'kl'),
    entropy: drawn('entropy'),
    values: answer['values'] ? drawn('values') : new Float32Array(drawnCount(completion)),
    ...(answer['referenceStates'] && { referenceStates: drawn('referenceStates') }),
  }
}

const drawnCount = ({ ids, promptTokens }: Completion): number => ids.length - promptTokens

/** The drawn tokens' part of one row of [rows, time] or [rows, time, width]: token t + 1 stands at position t. */
function drawnTokens(tensor: HostTensor | undefined, { row, completion, time }: At): Float32Array {
  const { shape, data } = tensor as HostTensor
  const width = shape[2] ?? 1
  const start = row * time + completion.promptTokens - 1
  return (data as Float32Array).slice(start * width, (start + drawnCount(completion)) * width)
}
