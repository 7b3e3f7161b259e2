import { describe, expect, it } from 'vitest'
import { pretrain } from '../../src-main/trainers/pretrain'
import { logsOf, pretrainSettings, run, testEngine, valuesOf } from './tiny'

const wholeText = (completion: string) => ({ prompt: '', completion })
const counting = Array.from({ length: 40 }, (_, start) =>
  wholeText('abcdefgh'.slice(start % 4, 4 + (start % 4))),
)

describe('pretraining', () => {
  it('learns which letter follows which', async () => {
    const { updates } = await run(pretrain(testEngine(), counting, pretrainSettings({ updates: 60 })))
    const losses = updates.map((update) => update.values['loss/train'] as number)
    expect(losses[0]).toBeGreaterThan(4) // ln 98 = 4.58: every character is as likely as any other
    expect(losses.at(-1)).toBeLessThan(1) // only where a text starts and ends is left to guess
  })

  it('repeats itself exactly with the same seed, and not with another', async () => {
    const values = async (seed: number) =>
      valuesOf((await run(pretrain(testEngine(), counting, pretrainSettings({ seed })))).updates)
    expect(await values(7)).toEqual(await values(7))
    expect(await values(7)).not.toEqual(await values(8))
  })

  it('makes the same updates from batches in parts', async () => {
    const losses = async (accumulation: number) =>
      (await run(pretrain(testEngine(), counting, pretrainSettings({ accumulation })))).updates.map(
        ({ values }) => values['loss/train'] as number,
      )
    const whole = await losses(1)
    for (const accumulation of [2, 3, 8])
      (await losses(accumulation)).forEach((loss, update) =>
        expect(Math.abs(loss - whole[update]!), `${accumulation} parts, update ${update}`).toBeLessThan(1e-5),
      )
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
    const { events } = await run(
      pretrain(testEngine(), [...counting, wholeText('abcdefghijklmnop')], pretrainSettings({ updates: 1 })),
    )
    expect(logsOf(events)).toEqual([
      'Longer than 12 tokens and cut there, without an end token: 1 of 41 texts.',
    ])
  })

  it('measures held-out texts that it never trains on', async () => {
    const { updates } = await run(
      pretrain(testEngine(), counting, pretrainSettings({ heldOutFraction: 0.2, samplesEvery: 3 })),
    )
    expect(updates.map((update) => 'loss/held-out' in update.values)).toEqual([
      false,
      false,
      true,
      false,
      false,
      true,
    ])
  })

  it('knows all printable characters, so that later datasets can be read', async () => {
    const { last } = await run(pretrain(testEngine(), [wholeText('é')], pretrainSettings({ updates: 1 })))
    expect(last.model.tokenizer.decode(last.model.tokenizer.encode('Why not?\né~'))).toBe('Why not?\né~')
  })

  it.each([
    ['character', '96 characters', 97],
    ['byte', '256 bytes', 257],
    ['bpe', 'BPE of 262 tokens', 262],
    ['gpt2', 'GPT-2', 50_257],
  ] as const)('reads %s tokens when told to', async (tokenizer, name, vocabulary) => {
    const { last } = await run(
      pretrain(testEngine(), counting, pretrainSettings({ tokenizer, vocabulary: 262, updates: 1 })),
    )
    expect([last.model.tokenizer.name, last.model.config.vocabulary]).toEqual([name, vocabulary])
    expect(last.model.tokenizer.decode(last.model.tokenizer.encode('hedgehog'))).toBe('hedgehog')
  })

  it('fits more text in a context with tokens learned from it', async () => {
    const alphabet = [wholeText('abcdefghijklmnopqrstuvwxyz'), wholeText('abcdefghijklmnopqrstuvwxyz')]
    const cut = async (tokenizer: 'byte' | 'bpe') =>
      logsOf(
        (
          await run(
            pretrain(
              testEngine(),
              alphabet,
              pretrainSettings({ tokenizer, vocabulary: 300, updates: 1, heldOutFraction: 0 }),
            ),
          )
        ).events,
      )
    expect(await cut('byte')).toEqual([
      'Longer than 12 tokens and cut there, without an end token: 2 of 2 texts.',
    ])
    expect(await cut('bpe')).toEqual([])
  })

  it('packs short texts, so that an update trains more tokens', async () => {
    const tokens = async (packing: 'packed' | 'one-text-a-row') =>
      (await run(pretrain(testEngine(), counting, pretrainSettings({ packing, updates: 1 })))).updates[0]
        ?.tokens
    expect(await tokens('one-text-a-row')).toBe(8 * 5) // 8 rows of four letters and an end token
    expect(await tokens('packed')).toBe(8 * 10) // two texts in each row of 12
  })

  it('streams texts end to end, so that nothing of a long one is cut away', async () => {
    const book = [
      wholeText('abcdefgh'.repeat(20)),
      wholeText('hgfedcba'.repeat(20)),
      wholeText('aaaabbbb'.repeat(20)),
    ]
    const { events, updates } = await run(
      pretrain(
        testEngine(),
        book,
        pretrainSettings({ packing: 'stream', heldOutFraction: 0.3, updates: 3, samplesEvery: 3 }),
      ),
    )
    expect(logsOf(events)).toEqual([])
    // every position of every row is learned
    expect(updates.map(({ tokens }) => tokens)).toEqual([8 * 12, 8 * 12, 8 * 12])
    expect(updates.at(-1)?.values['loss/held-out']).toBeGreaterThan(1)
  })

  it('reads a stream from where the whole run would have when it is resumed', async () => {
    const settings = pretrainSettings({ packing: 'stream', updates: 4, dropout: 0.2 })
    const whole = await run(pretrain(testEngine(), counting, settings))
    const stopped = await run(pretrain(testEngine(), counting, settings), 2)
    const resumed = await run(pretrain(testEngine(), counting, settings, stopped.last))
    expect(resumed.last.model.parameters.flat).toEqual(whole.last.model.parameters.flat)
  })

  it.each(['gpt', 'llama', 'palm', 'rwkv4', 'rwkv7'] as const)(
    'trains a model of the architecture %s, and leaves nothing behind',
    async (architecture) => {
      const engine = testEngine()
      const before = engine.memory()
      const { updates, last } = await run(
        pretrain(engine, counting, pretrainSettings({ architecture, updates: 40 })),
      )
      expect(last.model.config.architecture).toBe(architecture)
      expect(updates.at(-1)!.values['loss/train']!).toBeLessThan(0.6 * updates[0]!.values['loss/train']!)
      expect(engine.memory()).toEqual(before)
    },
  )

  it('gives the output a matrix of its own where it is asked for or published', async () => {
    const names = async (settings: Parameters<typeof pretrainSettings>[0]) =>
      Object.keys(
        (await run(pretrain(testEngine(), counting, pretrainSettings({ updates: 1, ...settings })))).last
          .model.parameters.spec,
      )
    expect(await names({})).not.toContain('lm_head.weight')
    expect(await names({ outputMatrix: 'own' })).toContain('lm_head.weight')
    expect(await names({ architecture: 'rwkv4' })).toContain('head.weight')
    expect(await names({ architecture: 'palm', queryNorm: 'on' })).toContain('layers.0.fn.q_scale')
  })

  it('drops while it trains and not while it measures', async () => {
    const last = async (dropout: number) =>
      (
        await run(
          pretrain(
            testEngine(),
            counting,
            pretrainSettings({
              dropout,
              updates: 1,
              samplesEvery: 1,
              learningRate: 1e-8,
              heldOutFraction: 0.2,
            }),
          ),
        )
      ).updates[0]!.values
    const [plain, dropping] = [await last(0), await last(0.5)]
    expect(dropping['loss/train']).not.toBe(plain['loss/train'])
    expect(dropping['loss/held-out']).toBeCloseTo(plain['loss/held-out']!, 5)
  })

  it('learns a task from some of its problems, and solves all others exactly', async () => {
    const letters = [...'abcdef']
    const tasks = letters.flatMap((a) =>
      letters.flatMap((b) => letters.map((c) => ({ prompt: a + b + c, completion: c + b + a }))),
    )
    const settings = pretrainSettings({
      trainOn: 'completion',
      exactMatch: 'on',
      packing: 'one-text-a-row',
      width: 32,
      batchRows: 64,
      updates: 250,
      samplesEvery: 250,
      heldOutFraction: 0.2,
      warmupUpdates: 10,
    })
    const { updates, events } = await run(pretrain(testEngine(), tasks, settings))
    expect(updates[0]?.tokens).toBe(64 * 4) // three letters and the end token of each row
    expect(updates.at(-1)?.values['accuracy/exact']).toBe(1)
    const shown = events.flatMap((event) => (event.kind === 'samples' ? event.samples : []))
    expect(shown[0]?.completion).toBe([...(shown[0]!.prompt as string)].reverse().join(''))
  })

  it('counts only what is exactly right as right', async () => {
    const tasks = Array.from({ length: 20 }, (_, index) => ({
      prompt: 'a'.repeat(1 + (index % 5)),
      completion: 'b',
    }))
    const { updates } = await run(
      pretrain(
        testEngine(),
        tasks,
        pretrainSettings({
          exactMatch: 'on',
          updates: 1,
          samplesEvery: 1,
          learningRate: 1e-8,
          heldOutFraction: 0.5,
        }),
      ),
    )
    expect(updates[0]?.values['accuracy/exact']).toBe(0)
  })

  it.each([
    [{ heads: 3 }, 'heads: must divide the width: 16 channels cannot be split over 3 heads'],
    [
      { architecture: 'llama', heads: 16 },
      'heads: must leave each head an even width, which its positions rotate: 16 channels over 16 heads ' +
        'are 1 each',
    ],
    [
      { architecture: 'rwkv7', outputMatrix: 'tied' },
      'outputMatrix: cannot be the embedding: RWKV has one of its own',
    ],
    [{ queryNorm: 'on' }, 'queryNorm: is for PaLM alone'],
    [{ trainOn: 'completion' }, 'packing: must be one text a row where the loss is on the completion alone'],
    [
      { exactMatch: 'on', heldOutFraction: 0 },
      'exactMatch: needs held-out texts: raise the held-out fraction',
    ],
    [
      { exactMatch: 'on', contextTokens: 8 },
      'texts: text 1: the prompt has 8 tokens; this model reads 8 tokens in all, so its prompts can have ' +
        'at most 7',
    ],
  ] as const)('refuses %j', async (settings, problem) => {
    const tasks = Array.from({ length: 20 }, () => ({ prompt: 'abcdefgh', completion: 'a' }))
    await expect(run(pretrain(testEngine(), tasks, pretrainSettings(settings)))).rejects.toThrow(problem)
  })

  it('refuses to learn from nothing', async () => {
    await expect(run(pretrain(testEngine(), [], pretrainSettings({})))).rejects.toThrow(
      'texts: has no texts: choose a dataset with at least one',
    )
  })
})
