import { describe, expect, it } from 'vitest'
import { generate } from '../../src-main/model/writing/generation'
import type { LanguageModel } from '../../src-main/model/model'
import { trainSft } from '../../src-main/trainers/sft'
import { logsOf, run, sftSettings, testEngine, tinyModel, valuesOf } from './tiny'

const letters = 'abcdefgh?'
/** Each letter asks for the next one, twice. */
const answers = Array.from({ length: 48 }, (_, row) => ({
  prompt: `${letters[row % 4]}?`,
  completion: (letters[(row % 4) + 1] ?? '').repeat(2),
}))
const greedy = { temperature: 0, topK: 0, topP: 1, maxTokens: 4, seed: 1 }

describe('fine-tuning', () => {
  it('teaches what was demonstrated, and where it ends', async () => {
    const engine = testEngine()
    const { last } = await run(trainSft(engine, tinyModel(letters), answers, sftSettings({ epochs: 30 })))
    const written = await generate(engine, last.model as LanguageModel, ['a?', 'c?'], greedy)
    expect(written.map(({ text, hasEnded }) => ({ text, hasEnded }))).toEqual([
      { text: 'bb', hasEnded: true },
      { text: 'dd', hasEnded: true },
    ])
  })

  it('repeats itself exactly with the same seed, and not with another', async () => {
    const values = async (seed: number) =>
      valuesOf(
        (await run(trainSft(testEngine(), tinyModel(letters), answers, sftSettings({ seed })))).updates,
      )
    expect(await values(7)).toEqual(await values(7))
    expect(await values(7)).not.toEqual(await values(8))
  })

  it('gives the same weights to the bit when it is stopped and resumed', async () => {
    const settings = sftSettings({ epochs: 1 })
    const whole = await run(trainSft(testEngine(), tinyModel(letters), answers, settings))
    const stopped = await run(trainSft(testEngine(), tinyModel(letters), answers, settings), 2)
    const resumed = await run(trainSft(testEngine(), tinyModel(letters), answers, settings, stopped.last))
    expect(resumed.updates[0]?.step).toBe(3)
    expect(resumed.last.model.parameters.flat).toEqual(whole.last.model.parameters.flat)
    expect(resumed.last.resume).toEqual(whole.last.resume)
  })

  it('makes the same updates from batches in parts', async () => {
    const losses = async (accumulation: number) =>
      (
        await run(
          trainSft(testEngine(), tinyModel(letters), answers, sftSettings({ epochs: 2, accumulation })),
        )
      ).updates.map(({ values }) => values['loss/train'] as number)
    const whole = await losses(1)
    for (const accumulation of [2, 3, 8, 100])
      (await losses(accumulation)).forEach((loss, update) =>
        expect(Math.abs(loss - whole[update]!), `${accumulation} parts, update ${update}`).toBeLessThan(1e-5),
      )
  })

  it('makes the same updates when it computes again what it has not kept', async () => {
    const losses = async (recompute: 'on' | 'off') =>
      (
        await run(trainSft(testEngine(), tinyModel(letters), answers, sftSettings({ recompute })))
      ).updates.map(({ values }) => values['loss/train'] as number)
    const kept = await losses('off')
    ;(await losses('on')).forEach((loss, update) =>
      expect(Math.abs(loss - kept[update]!), `update ${update}`).toBeLessThan(1e-5),
    )
  })

  it('leaves the model it starts from as it was', async () => {
    const start = tinyModel(letters)
    const before = start.parameters.flat.slice()
    await run(trainSft(testEngine(), start, answers, sftSettings({})))
    expect(start.parameters.flat).toEqual(before)
  })

  it('leaves nothing behind when stopped early', async () => {
    const engine = testEngine()
    const before = engine.memory()
    await run(trainSft(engine, tinyModel(letters), answers, sftSettings({ samplesEvery: 1 })), 2)
    expect(engine.memory()).toEqual(before)
  })

  it('learns the completion alone, or the prompt too', async () => {
    const tokens = async (trainOn: 'completion' | 'prompt-and-completion') =>
      (await run(trainSft(testEngine(), tinyModel(letters), answers, sftSettings({ trainOn })), 1)).updates[0]
        ?.tokens
    expect(await tokens('completion')).toBe(8 * 3) // "bb" and the end token
    expect(await tokens('prompt-and-completion')).toBe(8 * 5) // "a?", "bb" and the end token
  })

  it('measures every held-out row, in however many parts a batch is computed', async () => {
    // 24 of 48 texts are held out, of four kinds: 4 batches of the part's one row would be four of them
    const mixed = ['b', 'bcb', 'bcdcb', 'bcdedcb'].flatMap((completion) =>
      Array.from({ length: 12 }, () => ({ prompt: 'a', completion })),
    )
    const heldOut = async (accumulation: number) => {
      const settings = sftSettings({ accumulation, batchExamples: 4, heldOutFraction: 0.5, samplesEvery: 1 })
      const { updates } = await run(trainSft(testEngine(), tinyModel(letters), mixed, settings), 1)
      return updates[0]?.values['loss/held-out'] as number
    }
    expect(await heldOut(4)).toBeCloseTo(await heldOut(1), 5)
  })

  it('does not teach a text to end where it was cut', async () => {
    const endless = Array.from({ length: 16 }, () => ({ prompt: '', completion: 'ab'.repeat(10) }))
    const engine = testEngine()
    const { events, last } = await run(
      trainSft(engine, tinyModel(letters), endless, sftSettings({ epochs: 40, heldOutFraction: 0 })),
    )
    expect(logsOf(events)).toEqual([
      'Longer than 12 tokens and cut there, without an end token: 16 of 16 demonstrations.',
    ])
    const [written] = await generate(engine, last.model as LanguageModel, [''], { ...greedy, maxTokens: 20 })
    expect(written).toMatchObject({ text: 'abababababab', hasEnded: false })
  })

  it(
    'refuses no demonstrations, a character the model does not know, and a prompt without room for a ' +
      'completion',
    async () => {
      const refused = (demonstrations: { prompt: string; completion: string }[]) =>
        run(trainSft(testEngine(), tinyModel(letters), demonstrations, sftSettings({})))
      await expect(refused([])).rejects.toThrow(
        'demonstrations: has no demonstrations: choose a dataset with at least one',
      )
      await expect(refused([{ prompt: 'a', completion: 'bx' }])).rejects.toThrow(
        'demonstrations: text 1: "x" (U+0078) at character 2 is not among the 9 characters of this tokenizer',
      )
      await expect(refused([{ prompt: 'abcdefghabcd', completion: 'a' }])).rejects.toThrow(
        'demonstrations: text 1: the prompt has 12 tokens; this model reads 12 tokens in all, so its ' +
          'prompts can have at most 11',
      )
    },
  )
})
