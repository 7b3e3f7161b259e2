/** A trained reward model as a reward. */
import type { Engine, HostTensor, Int1D, Int2D } from '../compute/engine'
import { bucketOf } from '../model/writing/decoding'
import { rewardScores } from '../model/heads'
import type { RewardModel } from '../model/model'
import { readText, type ReadText } from '../model/reading'
import type { Reward } from './reward'

const mostRows = 64
/** Texts are padded to a multiple of this: few batch shapes, and so few compiled graphs. */
const lengthStep = 16

export interface RewardModelReading {
  /** Whether it reads the prompt before the completion: as it was trained. */
  readonly readPrompt: boolean
}

/** Texts [rows, time] and how many tokens each has, [rows]; of its prompt, where the head tells them apart. */
type ScoredBatch = { ids: Int2D; lengths: Int1D; promptLengths?: Int1D }

/**
 * The model's score of each text, read by `readText`; texts of like length are read together. `dispose` frees
 * the graphs.
 */
export function rewardModelReward(
  engine: Engine,
  model: RewardModel,
  { readPrompt }: RewardModelReading,
): Reward & { dispose(): void } {
  const { config, tokenizer, parameters } = model
  const program = engine.program<ScoredBatch>((weights, batch) => ({
    scores: rewardScores(model, weights, batch),
  }))
  const scoresOf = async (texts: readonly ReadText[]): Promise<Float32Array> => {
    const rows = bucketOf(texts.length)
    const length = Math.min(
      config.contextTokens,
      Math.ceil(Math.max(...texts.map(({ ids }) => ids.length)) / lengthStep) * lengthStep,
    )
    const ids = new Int32Array(rows * length)
    texts.forEach((text, row) => ids.set(text.ids, row * length))
    const perRow = (tokensOf: (text: ReadText) => number): HostTensor => ({
      shape: [rows],
      data: Int32Array.from({ length: rows }, (_, row) => {
        const text = texts[row]
        return text ? tokensOf(text) : 1
      }),
    })
    const read = await program.run(parameters, {
      ids: { shape: [rows, length], data: ids },
      lengths: perRow((text) => text.ids.length),
      ...(model.head?.hasSegments && { promptLengths: perRow((text) => text.promptTokens) }),
    })
    return read['scores']!.data as Float32Array
  }
  const reward: Reward = async (texts) => {
    const read = texts.map((text) => readText(config, tokenizer, text, readPrompt))
    const byLength = read.map((_, index) => index).sort((a, b) => read[a]!.ids.length - read[b]!.ids.length)
    const scores = new Array<number>(texts.length)
    for (let start = 0; start < byLength.length; start += mostRows) {
      const part = byLength.slice(start, start + mostRows)
      const found = await scoresOf(part.map((index) => read[index]!))
      part.forEach((index, row) => {
        scores[index] = found[row]!
      })
    }
    return scores
  }
  return Object.assign(reward, { dispose: () => program.dispose() })
}
