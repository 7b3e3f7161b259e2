/**
 * A simulated human: a known gold reward labels what a small model writes, a small reward model learns from it, and a
 * policy is trained on that (Gao et al. 2022, “Scaling Laws for Reward Model Overoptimization”). Gold wants five a's of
 * ten letters. What is labelled has one on the average, so that the reward model learns that more is better.
 */
import { generate } from '../../src-main/model/writing/generation'
import { seeded } from '../../src-main/maths/random'
import type { LanguageModel, RewardModel } from '../../src-main/model/model'
import type { ScoredText } from '../../src-main/rewards/reward'
import { trainRewardModel } from '../../src-main/trainers/reward'
import { trainSft } from '../../src-main/trainers/sft'
import { rewardSettings, run, sftSettings, testEngine, tinyModel } from '../trainers/tiny'

export const gold = ({ completion }: Pick<ScoredText, 'completion'>): number => {
  const wanted = [...completion].filter((letter) => letter === 'a').length
  return wanted <= 5 ? wanted : 10 - wanted
}

export const letters = 10

/** Writes ten letters of a, b and c, one of them an a. */
export async function aWriter(): Promise<LanguageModel> {
  const random = seeded(4, 'texts')
  const letter = (): string => (random() < 1 / letters ? 'a' : random() < 0.5 ? 'b' : 'c')
  const texts = Array.from({ length: 400 }, () => ({
    prompt: '',
    completion: Array.from({ length: letters }, letter).join(''),
  }))
  const settings = sftSettings({ epochs: 12, batchExamples: 32, heldOutFraction: 0 })
  return (await run(trainSft(testEngine(), tinyModel('abc', 16), texts, settings))).last
    .model as LanguageModel
}

/** What a model writes, so many texts of it. */
export async function writtenBy(model: LanguageModel, count: number, seed: number) {
  const asked = new Array<string>(count).fill('')
  const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: letters + 3, seed }
  const written = await generate(testEngine(), model, asked, sampling)
  return written.map(({ text }) => ({ completion: text }))
}

/** A reward model that has learned what gold says of pairs of the writer's texts; of ties it says nothing. */
export async function learnedFromGold(writer: LanguageModel, pairs = 400): Promise<RewardModel> {
  const written = await writtenBy(writer, 2 * pairs, 5)
  const labelled = Array.from({ length: pairs }, (_, pair) => written.slice(2 * pair, 2 * pair + 2))
    .map((pair) => pair.sort((a, b) => gold(b) - gold(a)))
    .filter(([best, worst]) => gold(best!) > gold(worst!))
    .map(([best, worst]) => ({
      prompt: '',
      chosen: best!.completion,
      rejected: worst!.completion,
      margin: 1,
    }))
  const settings = rewardSettings({ epochs: 6, margin: 0, batchPairs: 16 })
  return (await run(trainRewardModel(testEngine(), writer, labelled, settings))).last.model as RewardModel
}
