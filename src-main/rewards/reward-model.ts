/** A trained reward model as a reward. */
import { rewardModel } from '../../src-shared/rewards/reward-model'
import type { Engine, Program } from '../compute/engine'
import { headOutputs, rewardScores } from '../model/heads'
import type { RewardModel } from '../model/model'
import type { ReadText } from '../model/reading'
import { readFor } from '../model/steps'
import { collateTexts, type ScoredBatch } from '../model/scored-batch'
import { bucketOf } from '../model/writing/decoding'
import { rewardRow, type ReadRewardModel, type Reward, type ScoredText } from './reward'

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
  const read = textReader(program, model, readPrompt)
  const reward: Reward = async (texts) => (await read(texts)).map(([score]) => score!)
  return Object.assign(reward, { dispose: () => program.dispose() })
}

/** What each head says of each text, where it is an ensemble; else its score alone. */
export function rewardHeads(
  engine: Engine,
  model: RewardModel,
  { readPrompt }: Pick<ReadRewardModel, 'readPrompt'>,
): ReadTexts & { dispose(): void } {
  const program = engine.program<ScoredBatch>((weights, batch) => ({
    scores: model.head?.ensemble ? headOutputs(model, weights, batch) : rewardScores(model, weights, batch),
  }))
  return Object.assign(textReader(program, model, readPrompt), { dispose: () => program.dispose() })
}

type ReadTexts = (texts: readonly ScoredText[]) => Promise<readonly (readonly number[])[]>

/** Of each text what the program says of it. */
function textReader(program: Program<ScoredBatch>, model: RewardModel, readPrompt: boolean): ReadTexts {
  return async (texts) => {
    const read = texts.map((text) => readFor(model, text, readPrompt))
    const byLength = read.map((_, index) => index).sort((a, b) => read[a]!.ids.length - read[b]!.ids.length)
    const said = new Array<readonly number[]>(texts.length)
    for (let start = 0; start < byLength.length; start += mostRows) {
      const part = byLength.slice(start, start + mostRows)
      const found = await readFew(
        program,
        model,
        part.map((index) => read[index]!),
      )
      part.forEach((index, row) => {
        said[index] = found[row]!
      })
    }
    return said
  }
}

/** What is said of a few texts that are read together: [rows] or [rows, heads], a row each. */
async function readFew(
  program: Program<ScoredBatch>,
  model: RewardModel,
  texts: readonly ReadText[],
): Promise<readonly (readonly number[])[]> {
  const longest = Math.max(...texts.map(({ ids }) => ids.length))
  const time = Math.min(model.config.contextTokens, Math.ceil(longest / lengthStep) * lengthStep)
  const rows = bucketOf(texts.length)
  const batch = collateTexts(model, texts, { rows, time })
  const { scores } = await program.run(model.parameters, batch)
  const data = scores!.data as Float32Array
  const width = data.length / rows
  return texts.map((_, row) => [...data.subarray(row * width, (row + 1) * width)])
}

export const rewardModelSource = rewardRow(rewardModel, {
  open({ engine, model }) {
    if (!model) throw new Error('a reward model scores with a checkpoint, and none was given')
    return rewardModelReward(engine, model.model, model)
  },
})
