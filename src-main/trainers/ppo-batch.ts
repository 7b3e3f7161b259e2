/** What an update of proximal policy optimization reads: drawn tokens in parts of texts of like length. */
import type { Float2D, Float3D, HostBatch, HostTensor, Int2D } from '../compute/engine'
import type * as tf from '../compute/tf'
import { drawnMask, placed } from './placed'
import { partsOfLikeLength, type LengthPlan } from './real-lengths'
import { collateDrawn, positionsOf, type Drawn, type DrawnBatch, type RolloutShape } from './rollout'

/** A completion with what its update needs: one number a drawn token. */
export interface Experience extends Drawn {
  readonly advantages: Float32Array
  readonly returns: Float32Array
}

/** What an update reads: numbers of drawn tokens at their positions [rows, time], 0 where nothing was drawn. */
export type CriticBatch = {
  ids: Int2D
  mask: Float2D
  values: Float2D
  returns: Float2D
  /** Of the drawn tokens of the whole update those in this part. */
  share: tf.Scalar
}
export type PpoBatch = DrawnBatch &
  CriticBatch & {
    logProbs: Float2D
    advantages: Float2D
    referenceLogProbs: Float2D
    /** With the exact KL: [rows, time, C]. */
    referenceStates?: Float3D
    /** β in the unit of the advantages. */
    klWeight: tf.Scalar
  }

const scalar = (value: number): HostTensor => ({ shape: [], data: Float32Array.of(value) })

/** The batch of an update in parts of texts of like length. */
export function inParts(
  experience: readonly Experience[],
  plan: LengthPlan,
  vocabulary: number,
  klWeight: number,
): readonly HostBatch<PpoBatch>[] {
  const count = (texts: readonly Experience[]): number =>
    texts.reduce((sum, { logProbs }) => sum + logProbs.length, 0)
  const all = count(experience)
  return partsOfLikeLength(experience, ({ completion }) => positionsOf(completion), plan).map(
    ({ rows, time }) => ({
      ...collate(rows, { rows: plan.rows, time }, vocabulary),
      klWeight: scalar(klWeight),
      share: scalar(count(rows) / all),
    }),
  )
}

/** Rows of a rollout as a part's batch; the exact KL is part of it when the reference's states were kept. */
function collate(
  experience: readonly Experience[],
  shape: RolloutShape,
  vocabulary: number,
): Omit<HostBatch<PpoBatch>, 'klWeight' | 'share'> {
  const of = (numbersOf: (each: Experience) => Float32Array): HostTensor =>
    placed(experience, shape, numbersOf)
  const completions = experience.map((each) => each.completion)
  const [first] = experience
  const width = first?.referenceStates && first.referenceStates.length / first.logProbs.length
  return {
    ...collateDrawn(completions, shape, vocabulary),
    mask: drawnMask(experience, shape),
    logProbs: of((each) => each.logProbs),
    referenceLogProbs: of((each) => each.referenceLogProbs),
    advantages: of((each) => each.advantages),
    values: of((each) => each.values),
    returns: of((each) => each.returns),
    ...(width && {
      referenceStates: placed(experience, shape, (each) => each.referenceStates ?? none, width),
    }),
  }
}

const none = new Float32Array(0)
