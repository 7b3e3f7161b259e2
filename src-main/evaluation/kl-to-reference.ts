/** How far a policy has moved from its reference, measured on what the policy writes. */
import type { Engine, Float2D, Float3D, HostTensor, Int2D } from '../compute/engine'
import * as tf from '../compute/tf'
import { meanWithInterval, type Interval } from '../maths/interval'
import { klDivergence } from '../maths/kl'
import type { Completion } from '../model/writing/sequence'
import { nextTokenLogits } from '../model/language-model'
import type { LanguageModel } from '../model/model'

const rows = 64

/**
 * KL(π ‖ π_ref) a text: the full softmax's KL at every state that a completion of π visits, summed up to and
 * with the end token, averaged over completions.
 *
 * Source: chain rule of relative entropy (Cover & Thomas 2006, Theorem 2.5.3).
 *
 * @param completions drawn from `policy`, at least two
 * @returns nats a text, with its 95 % interval
 */
export async function klToReference(
  engine: Engine,
  policy: LanguageModel,
  reference: LanguageModel,
  completions: readonly Completion[],
): Promise<{ readonly mean: number; readonly interval: Interval }> {
  const { config } = policy
  const logits = engine.program<{ ids: Int2D }>((weights, { ids }) => ({
    logits: nextTokenLogits(config, weights, ids), // [rows, time, V]
  }))
  const compare = engine.program<{ ours: Float3D; theirs: Float3D; mask: Float2D }>(
    (_weights, { ours, theirs, mask }) => ({ kl: tf.sum(tf.mul(klDivergence(ours, theirs), mask), 1) }),
  )
  const time = Math.max(...completions.map(({ ids }) => ids.length)) - 1
  try {
    const nats: number[] = []
    for (let start = 0; start < completions.length; start += rows) {
      const part = completions.slice(start, start + rows)
      const { ids, mask } = collate(part, time)
      const [ours, theirs] = [
        await logits.run(policy.parameters, { ids }),
        await logits.run(reference.parameters, { ids }),
      ]
      const { kl } = await compare.run(reference.parameters, {
        ours: ours['logits'] as HostTensor,
        theirs: theirs['logits'] as HostTensor,
        mask,
      })
      nats.push(...(kl as HostTensor).data.slice(0, part.length))
    }
    return meanWithInterval(nats)
  } finally {
    logits.dispose()
    compare.dispose()
  }
}

/** `ids` int32 [rows, time + 1]; `mask` float32 [rows, time], 1 where the next token was drawn. */
function collate(completions: readonly Completion[], time: number): Record<'ids' | 'mask', HostTensor> {
  const ids = new Int32Array(rows * (time + 1))
  const mask = new Float32Array(rows * time)
  for (const [row, completion] of completions.entries()) {
    ids.set(completion.ids, row * (time + 1))
    mask.fill(1, row * time + completion.promptTokens - 1, row * time + completion.ids.length - 1)
  }
  return { ids: { shape: [rows, time + 1], data: ids }, mask: { shape: [rows, time], data: mask } }
}
