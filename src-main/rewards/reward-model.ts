/** A trained reward model as a reward. */
import { rewardModel } from '../../src-shared/rewards/reward-model'
import type { Engine, Program } from '../compute/engine'
import { joinedSoFar } from '../maths/steps'
import { headOutputs, rewardScores, stepLogits } from '../model/heads'
import type { RewardModel } from '../model/model'
import type { ReadText } from '../model/reading'
import { readFor, splitSteps } from '../model/steps'
import { collateTexts, type ScoredBatch } from '../model/scored-batch'
import { bucketOf } from '../model/writing/decoding'
import { rewardRow, type ReadRewardModel, type Reward, type RewardPart, type ScoredText } from './reward'

const mostRows = 64
/** Texts are padded to a multiple of this: few batch shapes, and so few compiled graphs. */
const lengthStep = 16

/**
 * The model's score of each text, read by `readFor`; texts of like length are read together. Of one that reads steps
 * the parts of a score are what each step changes of it: they add up to it, whatever the steps. `dispose` frees the
 * graphs.
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
  const { steps } = model.head ?? {}
  if (!steps) return Object.assign(reward, { dispose: () => program.dispose() })
  const asked = engine.program<ScoredBatch>((weights, batch) => ({
    scores: stepLogits(model, weights, batch),
  }))
  const logitsOf = textReader(asked, model, readPrompt)
  const inParts: NonNullable<Reward['inParts']> = async (texts) => {
    const logits = await logitsOf(texts)
    return texts.map((text, index) => {
      const read = readFor(model, text, readPrompt)
      const count = 'stepEnds' in read ? read.stepEnds.length : 0
      return partsOf(text, joinedSoFar(logits[index]!.slice(0, count), steps.joined))
    })
  }
  return Object.assign(reward, {
    inParts,
    dispose: () => {
      program.dispose()
      asked.dispose()
    },
  })
}

/** @param scores of the text after each of its steps that were read */
function partsOf({ completion }: ScoredText, scores: readonly number[]): readonly RewardPart[] {
  const ends: number[] = []
  for (const { length } of splitSteps(completion)) ends.push((ends.at(-1) ?? 0) + length)
  return scores.map((score, step) => ({
    after: ends[step] ?? completion.length,
    reward: score - (scores[step - 1] ?? 0),
  }))
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
