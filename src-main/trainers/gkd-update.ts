/** One update of distillation: what the graph compares, and its batch in parts with the teacher's logits beside. */
import type { GkdSettings } from '../../src-shared/recipes/gkd'
import type { Engine, Float3D, HostBatch, HostTensor, Int2D, TrainStep } from '../compute/engine'
import * as tf from '../compute/tf'
import { generalisedJsd } from '../maths/distillation'
import { klDivergence } from '../maths/kl'
import { nextTokenLogits } from '../model/language-model'
import type { LanguageModel } from '../model/model'
import { positionsOf } from './next-token'
import { optimizerOf } from './optimizer'
import { partsOfLikeLength, type LengthPlan } from './real-lengths'
import { collate, learnedTokens, type Row, type RowBatch } from './rows'

/** `teacher` [rows, time, V]: its logits. `share`: one over the learned tokens of the whole update. */
type GkdBatch = RowBatch & { teacher: Float3D; share: tf.Scalar }

export interface GkdUpdates extends Pick<TrainStep, 'state' | 'restore' | 'dispose'> {
  /** One update. @returns the divergence and KL(policy ‖ teacher), nats a token, and the gradient's norm */
  update(rows: readonly Row[], learningRate: number): Promise<Readonly<Record<string, number>>>
}

/** @param plan texts that go through the models at once, and what they are padded to */
export function openGkdUpdates(
  engine: Engine,
  { policy, teacher }: { readonly policy: LanguageModel; readonly teacher: LanguageModel },
  plan: LengthPlan,
  settings: GkdSettings,
): GkdUpdates {
  // embeddings are often a little larger than the tokenizer, and not alike: what is no token is not compared
  const tokens = policy.tokenizer.vocabulary
  const says = engine.program<{ ids: Int2D }>((weights, { ids }) => ({
    logits: ofTokens(nextTokenLogits(teacher.config, weights, ids), tokens),
  }))
  const step = engine.trainStep<GkdBatch>(
    policy.parameters,
    (weights, { ids, mask, teacher, share }) => {
      const logits = ofTokens(nextTokenLogits(policy.config, weights, ids), tokens)
      const mean = (values: tf.Tensor): tf.Scalar => tf.mul(tf.sum(tf.mul(values, mask)), share)
      return {
        loss: mean(generalisedJsd(logits, teacher, settings.beta)),
        toTeacher: mean(klDivergence(tf.stopGradient(logits), teacher)),
      }
    },
    optimizerOf(settings),
    { recomputes: settings.recompute === 'on' },
  )

  async function inParts(rows: readonly Row[]): Promise<readonly HostBatch<GkdBatch>[]> {
    const share: HostTensor = { shape: [], data: Float32Array.of(1 / Math.max(1, learnedTokens(rows))) }
    const parts: HostBatch<GkdBatch>[] = []
    for (const { rows: some, time } of partsOfLikeLength(rows, positionsOf, plan)) {
      const batch = collate(some, plan.rows, time)
      const { logits } = await says.run(teacher.parameters, { ids: batch.ids })
      parts.push({ ...batch, teacher: logits as HostTensor, share })
    }
    return parts
  }

  return {
    update: async (rows, learningRate) => step.update(await inParts(rows), learningRate),
    state: () => step.state(),
    restore: (state) => step.restore(state),
    dispose() {
      says.dispose()
      step.dispose()
    },
  }
}

/** [rows, time, V] without what stands behind the tokens. */
function ofTokens(logits: tf.Tensor3D, tokens: number): tf.Tensor3D {
  const [rows, time, vocabulary] = logits.shape
  return tokens < vocabulary ? tf.slice(logits, [0, 0, 0], [rows, time, tokens]) : logits
}
