import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import type { Engine } from '../../../src-main/compute/engine'
import { seeded } from '../../../src-main/maths/random'
import { addValueHead } from '../../../src-main/model/heads'
import { generate, openTextWriter, type Sampling } from '../../../src-main/model/writing/generation'
import { PromptTooLongError, type Completion } from '../../../src-main/model/writing/sequence'
import { createLanguageModel } from '../../../src-main/model/language-model'
import type { LanguageModel } from '../../../src-main/model/model'
import { weight } from '../../../src-main/model/network'
import { createSampler } from '../../../src-main/model/writing/sampling'
import { byteTokenizer } from '../../../src-main/model/tokenizers/byte'
import { trainCharacterTokenizer, UnknownCharacterError } from '../../../src-main/model/tokenizers/character'
import { engines, logits, tinyConfig, tinyModel, tinyTokenizer } from '../tiny'

const sampling: Sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 30, seed: 7 }
const prompts = ['', 'ab', 'cafe bad.', '', 'ab', 'h', 'abc', 'bad', 'face', '', 'a', 'head', 'ab']

/**
 * The same without a cache, for the prompts at these places: the whole text is read again for every token.
 */
async function slowGenerate(
  engine: Engine,
  model: LanguageModel,
  prompts: readonly string[],
  rule: Sampling,
  places = prompts.map((_, i) => i),
): Promise<number[][]> {
  const program = engine.program((weights, batch) => ({
    logits: logits(model.config, weights, weight(batch, 'ids')),
  }))
  const written: number[][] = []
  for (const index of places) {
    const ids = [0, ...tinyTokenizer.encode(prompts[index]!)]
    const begin = ids.length
    const random = seeded(rule.seed, index)
    const sampler = createSampler(model.config.vocabulary, rule)
    while (ids.length < Math.min(begin + rule.maxTokens, model.config.contextTokens + 1)) {
      const padded = new Int32Array(model.config.contextTokens)
      padded.set(ids)
      const read = await program.run(model.parameters, { ids: { shape: [1, padded.length], data: padded } })
      const at = (ids.length - 1) * model.config.vocabulary
      const next = read['logits']!.data.subarray(at, at + model.config.vocabulary) as Float32Array
      ids.push(sampler.draw(next, random, ids))
      if (ids.at(-1) === 0) break
    }
    written.push(ids)
  }
  program.dispose()
  return written
}

const idsOf = (completions: readonly Completion[]): number[][] => completions.map(({ ids }) => [...ids])

describe.each(engines)('writing on the %s engine', (_, open) => {
  it('with a cache draws what reading the whole text again would draw', async () => {
    const engine = open()
    const model = tinyModel()
    const rules = [
      sampling,
      { ...sampling, temperature: 0.8, topK: 4 },
      { ...sampling, topP: 0.7 },
      { ...sampling, minP: 0.3, typicalP: 0.8, repetitionPenalty: 1.4, uniqueNgram: 2 },
    ]
    for (const rule of rules) {
      expect(idsOf(await generate(engine, model, prompts, rule))).toEqual(
        await slowGenerate(engine, model, prompts, rule),
      )
    }
    engine.dispose()
  })

  it('takes the likeliest tokens at temperature 0, whatever the seed', async () => {
    const engine = open()
    const model = tinyModel()
    const greedy = { ...sampling, temperature: 0 }
    const written = idsOf(await generate(engine, model, prompts, greedy))
    expect(written).toEqual(await slowGenerate(engine, model, prompts, greedy))
    expect(idsOf(await generate(engine, model, prompts, { ...greedy, seed: 8 }))).toEqual(written)
    engine.dispose()
  })

  it('does not depend on what is written beside it', async () => {
    const engine = open()
    const model = tinyModel()
    const alone = idsOf(await generate(engine, model, prompts, sampling, { batch: 1 }))
    for (const batch of [2, 4, 16])
      expect(idsOf(await generate(engine, model, prompts, sampling, { batch }))).toEqual(alone)
    expect(idsOf(await generate(engine, model, prompts.slice(0, 5), sampling, { batch: 4 }))).toEqual(
      alone.slice(0, 5),
    )
    engine.dispose()
  })

  it('reads each of many prompts, also when more come than it remembers', async () => {
    const engine = open()
    const model = tinyModel()
    const letters = 'abcdefgh'
    const many = Array.from(
      { length: 80 },
      (_, i) => `${letters[i % 8]}${letters[Math.floor(i / 8) % 8]}${i >= 64 ? 'a' : ''}`,
    )
    const twice = [...many, ...many]
    const written = idsOf(await generate(engine, model, twice, { ...sampling, maxTokens: 3 }))
    const looked = [0, 15, 16, 79, 80, 159]
    expect(looked.map((i) => written[i])).toEqual(
      await slowGenerate(engine, model, twice, { ...sampling, maxTokens: 3 }, looked),
    )
    engine.dispose()
  })

  it('repeats itself with the same seed and not with another', async () => {
    const engine = open()
    const model = tinyModel()
    const first = idsOf(await generate(engine, model, prompts, sampling))
    expect(idsOf(await generate(engine, model, prompts, sampling))).toEqual(first)
    expect(idsOf(await generate(engine, model, prompts, { ...sampling, seed: 8 }))).not.toEqual(first)
    engine.dispose()
  })

  it('streams what it writes at once', async () => {
    const engine = open()
    const model = tinyModel()
    const writer = openTextWriter(engine, model)
    for (const prompt of ['', 'cafe bad.']) {
      const [whole] = await writer.generate([prompt], sampling)
      const pieces = []
      for await (const piece of writer.stream(prompt, sampling)) pieces.push(piece)
      expect(pieces.map(({ id }) => id)).toEqual([...whole!.ids.subarray(whole!.promptTokens)])
      expect(pieces.map(({ text }) => text).join('')).toBe(whole!.text)
      expect(pieces.map(({ hasEnded }) => hasEnded)).toEqual(
        pieces.map((_, i) => whole!.hasEnded && i === pieces.length - 1),
      )
    }
    writer.dispose()
    engine.dispose()
  })

  it('sees weights that change between two calls', async () => {
    const engine = open()
    const model = tinyModel()
    const other = tinyModel(2)
    const writer = openTextWriter(engine, model)
    await writer.generate(prompts, sampling)
    model.parameters.flat.set(other.parameters.flat)
    expect(idsOf(await writer.generate(prompts, sampling))).toEqual(
      idsOf(await generate(engine, other, prompts, sampling)),
    )
    writer.dispose()
    engine.dispose()
  })

  it('leaves nothing behind, also when stopped early', async () => {
    const engine = open()
    const model = tinyModel()
    const before = engine.memory()
    await generate(engine, model, prompts, sampling)
    const writer = openTextWriter(engine, model)
    for await (const piece of writer.stream('ab', sampling)) if (piece.text !== '') break
    writer.dispose()
    expect(engine.memory()).toEqual(before)
    engine.dispose()
  })
})

describe('a completion', () => {
  const open = engines[1]![1]

  it('has its prompt, what was drawn, and says whether it ended', async () => {
    const engine = open()
    const model = tinyModel()
    const completions = await generate(engine, model, prompts, sampling)
    completions.forEach(({ prompt, text, ids, promptTokens, completionTokens, hasEnded }, i) => {
      expect(prompt).toBe(prompts[i])
      expect([...ids.subarray(0, promptTokens)]).toEqual([0, ...tinyTokenizer.encode(prompts[i]!)])
      expect(text).toBe(tinyTokenizer.decode(ids.subarray(promptTokens)))
      expect(ids.length).toBe(promptTokens + completionTokens + (hasEnded ? 1 : 0))
      expect(ids.at(-1) === 0 && ids.length > promptTokens).toBe(hasEnded)
      expect([...ids.subarray(promptTokens, -1)]).not.toContain(0)
    })
    expect(completions.some(({ hasEnded }) => hasEnded)).toBe(true)
    expect(completions.some(({ hasEnded }) => !hasEnded)).toBe(true)
    engine.dispose()
  })

  it('has at most as many tokens as asked for, and one more than the context at most', async () => {
    const engine = open()
    const model = tinyModel()
    model.parameters.view('transformer.wte.weight').fill(0, 0, 16) // the end token's row: never the likeliest
    const lengths = async (maxTokens: number): Promise<number[]> =>
      (await generate(engine, model, ['', 'abc'], { ...sampling, temperature: 0, maxTokens })).map(
        ({ completionTokens }) => completionTokens,
      )
    expect(await lengths(5)).toEqual([5, 5])
    expect(await lengths(100)).toEqual([20, 17]) // 1 + 20 = 4 + 17 = 21 ids, the last one never read
    engine.dispose()
  })

  it('says which tokens could have been drawn, when asked', async () => {
    const engine = open()
    const model = tinyModel()
    const [kept] = await generate(engine, model, ['ab'], { ...sampling, topK: 3 }, { keepAllowed: true })
    const [plain] = await generate(engine, model, ['ab'], { ...sampling, topK: 3 })
    const drawn = [...kept!.ids.subarray(kept!.promptTokens)]
    expect(kept!.allowed).toHaveLength(drawn.length * 11)
    drawn.forEach((id, t) => {
      const row = [...kept!.allowed!.subarray(t * 11, (t + 1) * 11)]
      expect(row.reduce((total, isAllowed) => total + isAllowed, 0)).toBe(3)
      expect(row[id]).toBe(1)
    })
    expect(plain).toEqual({ ...kept, allowed: undefined })
    engine.dispose()
  })

  it('is written by a policy with a value head beside its trunk as well', async () => {
    const engine = open()
    const model = tinyModel()
    expect(idsOf(await generate(engine, addValueHead(model), prompts, sampling))).toEqual(
      idsOf(await generate(engine, model, prompts, sampling)),
    )
    engine.dispose()
  })

  it('of no prompt is none', async () => {
    const engine = open()
    expect(await generate(engine, tinyModel(), [], sampling)).toEqual([])
    engine.dispose()
  })
})

describe('a stop text', () => {
  const open = engines[1]![1]
  const stop = 'be, d'

  it('ends a completion before itself, where else it would have gone on', async () => {
    const engine = open()
    const plain = await generate(engine, tinyModel(), prompts, sampling)
    const stopped = await generate(engine, tinyModel(), prompts, { ...sampling, stop })
    const isStopped = plain.map(({ text }) => /be|d/.test(text))
    expect(new Set(isStopped).size).toBe(2)
    stopped.forEach(({ text, hasEnded, ids, promptTokens, completionTokens }, index) => {
      const whole = plain[index]!
      expect(text).toBe(whole.text.split(/be|d/)[0])
      expect([...ids]).toEqual([...whole.ids.subarray(0, ids.length)])
      if (!isStopped[index]) return
      expect(hasEnded).toBe(true)
      expect(completionTokens).toBe(ids.length - promptTokens)
      expect(tinyTokenizer.decode(ids.subarray(promptTokens))).toMatch(/(be|d)$/)
    })
    engine.dispose()
  })

  it('is never shown to who reads along, and nothing before it is held back for good', async () => {
    const engine = open()
    const writer = openTextWriter(engine, tinyModel())
    const endings = new Set<string>()
    for (let seed = 0; seed < 12; seed++) {
      const rule = { ...sampling, seed, stop }
      const [whole] = await writer.generate([''], rule)
      const pieces = []
      for await (const piece of writer.stream('', rule)) pieces.push(piece)
      expect(pieces.map(({ text }) => text).join('')).toBe(whole!.text)
      expect(pieces.at(-1)!.hasEnded).toBe(whole!.hasEnded)
      expect(pieces).toHaveLength(whole!.ids.length - whole!.promptTokens)
      endings.add(tinyTokenizer.decode(whole!.ids).slice(-1))
    }
    expect(endings.size).toBeGreaterThan(1)
    writer.dispose()
    engine.dispose()
  })
})

describe('a prompt', () => {
  const open = engines[1]![1]

  it('that leaves no room is refused in words, before anything is written', async () => {
    const engine = open()
    const model = tinyModel()
    await expect(generate(engine, model, ['', 'a'.repeat(70)], sampling)).rejects.toThrow(
      new PromptTooLongError(70, 19),
    )
    await expect(generate(engine, model, ['a'.repeat(20)], sampling)).rejects.toThrow(
      'the prompt has 20 tokens; this model reads at most 19',
    )
    const [longest] = await generate(engine, model, ['a'.repeat(19)], sampling)
    expect(longest!.ids).toHaveLength(21)
    engine.dispose()
  })

  it('with a character the model does not know is refused', async () => {
    const engine = open()
    await expect(generate(engine, tinyModel(), ['ab', 'naïve'], sampling)).rejects.toThrow(
      UnknownCharacterError,
    )
    engine.dispose()
  })
})

describe('stopping', () => {
  const open = engines[1]![1]

  it('ends a call within a token', async () => {
    const engine = open()
    const closing = new AbortController()
    closing.abort(new Error('enough'))
    await expect(
      generate(engine, tinyModel(), prompts, sampling, { signal: closing.signal }),
    ).rejects.toThrow('enough')
    engine.dispose()
  })

  it('ends a stream within a token', async () => {
    const engine = open()
    const closing = new AbortController()
    const writer = openTextWriter(engine, tinyModel())
    let seen = 0
    const reading = (async () => {
      for await (const _ of writer.stream('', { ...sampling, temperature: 0 }, closing.signal))
        if (++seen === 3) closing.abort(new Error('enough'))
    })()
    await expect(reading).rejects.toThrow('enough')
    expect(seen).toBe(3)
    writer.dispose()
    engine.dispose()
  })
})

describe('a model whose embedding is larger than its tokenizer', () => {
  it.each(engines)('draws nothing that is no token (%s)', async (_, makeEngine) => {
    const padded = { ...tinyModel(), tokenizer: trainCharacterTokenizer(['abc']) } // 11 rows, 4 tokens
    const completions = await generate(makeEngine(), padded, ['', 'a', 'b', 'c'], sampling)
    expect(Math.max(...completions.flatMap(({ ids }) => [...ids]))).toBeLessThan(4)
    expect(completions.map(({ text }) => text).join('')).toMatch(/^[abc]+$/)
    const [likeliest] = await generate(makeEngine(), padded, ['a'], { ...sampling, temperature: 0 })
    expect(Math.max(...likeliest!.ids)).toBeLessThan(4)
  })
})

describe('a stream of bytes', () => {
  // A model of bytes with random weights writes bytes that are seldom characters.
  const model = createLanguageModel(
    { ...tinyConfig, vocabulary: byteTokenizer.vocabulary },
    byteTokenizer,
    seeded(3),
  )

  it('shows a character when its last byte is there, and what is no character once the text is over', async () => {
    const engine = compiledEngine({ threads: 1 })
    const writer = openTextWriter(engine, model)
    try {
      for (const seed of [1, 2, 3, 4]) {
        const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 12, seed }
        const [whole] = await writer.generate(['🙂'], sampling)
        const pieces: string[] = []
        for await (const { text } of writer.stream('🙂', sampling)) pieces.push(text)
        expect(pieces.join('')).toBe(whole!.text)
        expect(pieces).toHaveLength(whole!.ids.length - whole!.promptTokens)
        expect(whole!.text).toContain('�')
      }
    } finally {
      writer.dispose()
    }
  })
})
