/** A trained reward model as a reward. */
import { rewardModel } from '../../src-shared/rewards/reward-model'
import type { Engine, Program } from '../compute/engine'
import { rewardScores } from '../model/heads'
import type { RewardModel } from '../model/model'
import type { ReadText } from '../model/reading'
import { readFor } from '../model/steps'
import { collateTexts, type ScoredBatch } from '../model/scored-batch'
import { bucketOf } from '../model/writing/decoding'
import { rewardRow, type ReadRewardModel, type Reward } from './reward'

const mostRows = 64
/** Texts are padded to a multiple of this: few batch shapes, and so few compiled graphs. */
const lengthStep = 16

/**
 * The model's score of each text, read by `readFor`; texts of like length are read together. `dispose` frees
 * the graphs.
 */
export function rewardModelReward(
  engine: Engine,
  model: RewardModel,
  { readPrompt }: Pick<ReadRewardModel, 'readPrompt'>,
): Reward & { dispose(): void } {
  const program = engine.program<ScoredBatch>((weights, batch) => ({
    scores: rewardScores(model, weights, batch),
  }))
  const reward: Reward = async (texts) => {
    const read = texts.map((text) => readFor(model, text, readPrompt))
    const byLength = read.map((_, index) => index).sort((a, b) => read[a]!.ids.length - read[b]!.ids.length)
    const scores = new Array<number>(texts.length)
    for (let start = 0; start < byLength.length; start += mostRows) {
      const part = byLength.slice(start, start + mostRows)
      const found = await scoresOfFew(
        program,
        model,
        part.map((index) => read[index]!),
      )
      part.forEach((index, row) => {
        scores[index] = found[row]!
      })
    }
    return scores
  }
  return Object.assign(reward, { dispose: () => program.dispose() })
}

/** Scores of a few texts that are read together. */
async function scoresOfFew(
  program: Program<ScoredBatch>,
  model: RewardModel,
  texts: readonly ReadText[],
): Promise<Float32Array> {
  const longest = Math.max(...texts.map(({ ids }) => ids.length))
  const time = Math.min(model.config.contextTokens, Math.ceil(longest / lengthStep) * lengthStep)
  const batch = collateTexts(model, texts, { rows: bucketOf(texts.length), time })
  const read = await program.run(model.parameters, batch)
  return read['scores']!.data as Float32Array
}

export const rewardModelSource = rewardRow(rewardModel, {
  open({ engine, model }) {
    if (!model) throw new Error('a reward model scores with a checkpoint, and none was given')
    return rewardModelReward(engine, model.model, model)
  },
})
