import { describe, expect, it } from 'vitest'
import { seeded } from '../../src-main/maths/random'
import { generate, openTextWriter } from '../../src-main/model/writing/generation'
import { createLanguageModel } from '../../src-main/model/language-model'
import type { LanguageModel, RewardModel } from '../../src-main/model/model'
import { byteTokenizer } from '../../src-main/model/tokenizers/byte'
import { huggingFaceTokenizer } from '../../src-main/model/tokenizers/hugging-face'
import type { Tokenizer } from '../../src-main/model/tokenizers/tokenizer'
import { trainBpeTokenizer } from '../../src-main/model/tokenizers/train-bpe'
import { rewardModelReward } from '../../src-main/rewards/reward-model'
import { trainPpo } from '../../src-main/trainers/ppo'
import { trainRewardModel } from '../../src-main/trainers/reward'
import { trainSft } from '../../src-main/trainers/sft'
import { made } from '../model/tokenizers/fixtures'
import { ppoSettings, rewardSettings, rewardedBy, run, sftSettings, testEngine } from './tiny'

const contextTokens = 48
const modelWith = (tokenizer: Tokenizer): LanguageModel =>
  createLanguageModel(
    {
      architecture: 'gpt',
      layers: 1,
      heads: 2,
      width: 16,
      contextTokens,
      vocabulary: tokenizer.vocabulary,
      isTied: true,
    },
    tokenizer,
    seeded(1, 'weights'),
  )

const { tokenizer, config } = made('smollm')
const chatTemplate =
  '{% for message in messages %}<|im_start|>{{ message.content }}<|im_end|>{% endfor %}<|im_start|>a\n'
const kinds: readonly (readonly [string, Tokenizer])[] = [
  ['bytes', byteTokenizer],
  [
    'learned BPE',
    trainBpeTokenizer(
      Array.from({ length: 20 }, () => 'the sea is blue, the sky is grey 🙂'),
      { vocabulary: 290 },
    ),
  ],
  [
    'a chat model',
    huggingFaceTokenizer({
      type: 'hugging-face',
      tokenizer,
      config: { ...config, chat_template: chatTemplate },
      prompts: 'chat',
    }),
  ],
]

describe.each(kinds)('with the tokenizer of %s', (_, tokenizer) => {
  const demonstrations = ['sea', 'sky'].flatMap((prompt) =>
    Array.from({ length: 12 }, () => ({ prompt, completion: prompt === 'sea' ? 'blue 🙂' : 'grey' })),
  )
  const sft = run(
    trainSft(
      testEngine(),
      modelWith(tokenizer),
      demonstrations,
      sftSettings({ epochs: 40, heldOutFraction: 0, learningRate: 2e-2 }),
    ),
  )

  it('a model is fine-tuned, and writes what it was shown', async () => {
    const model = (await sft).last.model as LanguageModel
    const completions = await generate(testEngine(), model, ['sea', 'sky'], {
      temperature: 0,
      topK: 0,
      topP: 1,
      maxTokens: 16,
      seed: 1,
    })
    expect(completions.map(({ text, hasEnded }) => [text, hasEnded])).toEqual([
      ['blue 🙂', true],
      ['grey', true],
    ])
    const writer = openTextWriter(testEngine(), model)
    const pieces: string[] = []
    for await (const { text } of writer.stream('sea', {
      temperature: 0,
      topK: 0,
      topP: 1,
      maxTokens: 16,
      seed: 1,
    }))
      pieces.push(text)
    writer.dispose()
    expect(pieces.join('')).toBe('blue 🙂')
    expect(pieces.join('|')).not.toContain('�')
  })

  it('a reward model learns, and a policy learns from it', async () => {
    const policy = (await sft).last.model as LanguageModel
    const pairs = Array.from({ length: 24 }, () => ({
      prompt: 'sea',
      chosen: 'grey',
      rejected: 'blue 🙂',
      margin: 1,
    }))
    const engine = testEngine()
    const { last } = await run(trainRewardModel(engine, policy, pairs, rewardSettings({ epochs: 20 })))
    const reward = rewardModelReward(engine, last.model as RewardModel, { readPrompt: true })
    const [grey, blue] = await reward([
      { prompt: 'sea', completion: 'grey', hasEnded: true },
      { prompt: 'sea', completion: 'blue 🙂', hasEnded: true },
    ])
    expect(grey).toBeGreaterThan(blue as number)
    const inputs = {
      policy,
      rewards: rewardedBy(reward),
      prompts: ['sea'],
    }
    for (const klEstimator of ['exact', 'sampled'] as const) {
      const { updates } = await run(
        trainPpo(testEngine(), inputs, ppoSettings({ updates: 2, maxTokens: 12, topK: 20, klEstimator })),
      )
      expect(Object.values(updates.at(-1)!.values).every((value) => Number.isFinite(value))).toBe(true)
    }
  })
})
