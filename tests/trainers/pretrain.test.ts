import { describe, expect, it } from 'vitest'
import { pretrain } from '../../src-main/trainers/pretrain'
import { logsOf, pretrainSettings, run, testEngine, valuesOf } from './tiny'

const counting = Array.from({ length: 40 }, (_, start) => 'abcdefgh'.slice(start % 4, 4 + (start % 4)))

describe('pretraining', () => {
  it('learns which letter follows which', async () => {
    const { updates } = await run(pretrain(testEngine(), counting, pretrainSettings({ updates: 60 })))
    const losses = updates.map((update) => update.values['loss/train'] as number)
    expect(losses[0]).toBeGreaterThan(4)                       // ln 98 = 4.58: every character is as likely as any other
    expect(losses.at(-1)).toBeLessThan(1)                      // only where a text starts and ends is left to guess
  })

  it('repeats itself exactly with the same seed, and not with another', async () => {
    const values = async (seed: number) => valuesOf((await run(pretrain(testEngine(), counting, pretrainSettings({ seed })))).updates)
    expect(await values(7)).toEqual(await values(7))
    expect(await values(7)).not.toEqual(await values(8))
  })

  it('gives the same weights to the bit when it is stopped and resumed', async () => {
    const settings = pretrainSettings({ updates: 7 })
    const whole = await run(pretrain(testEngine(), counting, settings))
    const stopped = await run(pretrain(testEngine(), counting, settings), 3)
    const resumed = await run(pretrain(testEngine(), counting, settings, stopped.last))
    expect(resumed.updates.map((update) => update.step)).toEqual([4, 5, 6, 7])
    expect(resumed.last.model.parameters.flat).toEqual(whole.last.model.parameters.flat)
    expect(resumed.last.resume).toEqual(whole.last.resume)
  })

  it('leaves nothing behind when stopped early', async () => {
    const engine = testEngine()
    const before = engine.memory()
    await run(pretrain(engine, counting, pretrainSettings({ samplesEvery: 1 })), 2)
    expect(engine.memory()).toEqual(before)
  })

  it('counts the texts it cuts, in words', async () => {
    const { events } = await run(pretrain(testEngine(), [...counting, 'abcdefghijklmnop'], pretrainSettings({ updates: 1 })))
    expect(logsOf(events)).toEqual(['Longer than 12 tokens and cut there, without an end token: 1 of 41 texts.'])
  })

  it('measures held-out texts that it never trains on', async () => {
    const { updates } = await run(pretrain(testEngine(), counting, pretrainSettings({ heldOutFraction: 0.2, samplesEvery: 3 })))
    expect(updates.map((update) => 'loss/held-out' in update.values)).toEqual([false, false, true, false, false, true])
  })

  it('knows all printable characters, so that later datasets can be read', async () => {
    const { last } = await run(pretrain(testEngine(), ['é'], pretrainSettings({ updates: 1 })))
    expect(last.model.tokenizer.decode(last.model.tokenizer.encode('Why not?\né~'))).toBe('Why not?\né~')
  })

  it.each([
    ['character', '96 characters', 97],
    ['byte', '256 bytes', 257],
    ['bpe', 'BPE of 262 tokens', 262],
    ['gpt2', 'GPT-2', 50_257],
  ] as const)('reads %s tokens when told to', async (tokenizer, name, vocabulary) => {
    const { last } = await run(pretrain(testEngine(), counting, pretrainSettings({ tokenizer, vocabulary: 262, updates: 1 })))
    expect([last.model.tokenizer.name, last.model.config.vocabulary]).toEqual([name, vocabulary])
    expect(last.model.tokenizer.decode(last.model.tokenizer.encode('hedgehog'))).toBe('hedgehog')
  })

  it('fits more text in a context with tokens learned from it', async () => {
    const alphabet = ['abcdefghijklmnopqrstuvwxyz', 'abcdefghijklmnopqrstuvwxyz']
    const cut = async (tokenizer: 'byte' | 'bpe') => logsOf((await run(pretrain(testEngine(), alphabet, pretrainSettings({ tokenizer, vocabulary: 300, updates: 1, heldOutFraction: 0 })))).events)
    expect(await cut('byte')).toEqual(['Longer than 12 tokens and cut there, without an end token: 2 of 2 texts.'])
    expect(await cut('bpe')).toEqual([])
  })

  it('packs short texts, so that an update trains more tokens', async () => {
    const tokens = async (packing: 'packed' | 'one-text-a-row') => (await run(pretrain(testEngine(), counting, pretrainSettings({ packing, updates: 1 })))).updates[0]?.tokens
    expect(await tokens('one-text-a-row')).toBe(8 * 5)         // 8 rows of four letters and an end token
    expect(await tokens('packed')).toBe(8 * 10)                // two texts in each row of 12
  })

  it('refuses to learn from nothing, and heads that do not divide the width', async () => {
    await expect(run(pretrain(testEngine(), [], pretrainSettings({})))).rejects.toThrow('texts: has no texts: choose a dataset with at least one')
    await expect(run(pretrain(testEngine(), counting, pretrainSettings({ heads: 3 })))).rejects.toThrow('heads: must divide the width: 16 channels cannot be split over 3 heads')
  })
})
