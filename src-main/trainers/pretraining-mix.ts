/**
 * Texts that a policy goes on reading while it learns from a reward, so that it forgets less of what it could
 * (Ouyang et al. 2022, Eq. 2).
 */
import type { Float2D, HostBatch, HostTensor, Int2D } from '../compute/engine'
import type * as tf from '../compute/tf'
import type { Demonstration } from '../data/training-data'
import type { LanguageModel } from '../model/model'
import { plainText } from '../model/rendering'
import { positionsOf } from './next-token'
import { examplesAt } from './order'
import { paddedLengths, paddedTo } from './real-lengths'
import { readEach, refuseEmpty } from './refuse'
import { collate, learnedTokens, rowOf, type Row } from './rows'

/** What a part of an update reads of them: `pretrainTokens` are the learned ones of the whole update. */
export type MixBatch = { pretrainIds: Int2D; pretrainMask: Float2D; pretrainTokens: tf.Scalar }

export interface PretrainingMix {
  /**
   * The texts of one update, dealt to its parts; one that gets none reads padding.
   * @param update done before this one, from 0 @param parts of the update
   */
  at(update: number, parts: number): readonly HostBatch<MixBatch>[]
}

/** Shapes of what is read beside a rollout: each is a graph more of every shape that a rollout has. */
const mostLengths = 2

/**
 * @param texts what the recipe's input `pretraining` has
 * @returns undefined where nothing is read
 * @throws StudioFailure when there are no texts, or a character is unknown
 */
export function openPretrainingMix(
  { config: { contextTokens }, tokenizer }: LanguageModel,
  texts: readonly Demonstration[],
  { ptxWeight, ptxExamples, seed }: Record<'ptxWeight' | 'ptxExamples' | 'seed', number>,
): PretrainingMix | undefined {
  if (ptxWeight === 0) return undefined
  refuseEmpty('pretraining', texts, 'texts')
  const rows = readEach('pretraining', texts, ({ prompt, completion }) =>
    rowOf(tokenizer, { prompt: '', completion: plainText(prompt, completion) }, contextTokens),
  )
  const lengths = paddedLengths(rows.map(positionsOf), mostLengths)
  return {
    at(update, parts) {
      const drawn = [...examplesAt(rows, ptxExamples, update, seed)]
      drawn.sort((a, b) => positionsOf(b) - positionsOf(a))
      const size = Math.ceil(drawn.length / parts)
      const pretrainTokens: HostTensor = { shape: [], data: Float32Array.of(learnedTokens(drawn)) }
      return Array.from({ length: parts }, (_, part) => {
        const own: readonly Row[] = drawn.slice(part * size, (part + 1) * size)
        const time = paddedTo(own[0] ? positionsOf(own[0]) : 0, { lengths })
        const { ids, mask } = collate(own, size, time)
        return { pretrainIds: ids, pretrainMask: mask, pretrainTokens }
      })
    },
  }
}
