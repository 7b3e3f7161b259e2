import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { eagerEngine } from '../../../src-main/compute/tensorflow/eager'
import type { Batch, Engine, Program } from '../../../src-main/compute/engine'
import * as tf from '../../../src-main/compute/tf'
import { seeded } from '../../../src-main/maths/random'
import { drawChance, withChance } from '../../../src-main/model/layers/dropout'
import { generate, type Sampling } from '../../../src-main/model/writing/generation'
import { tokenLogProbs } from '../../../src-main/model/language-model'
import { readPrefixes, readingProgram } from '../../../src-main/model/writing/decoding'
import type { LanguageModel } from '../../../src-main/model/model'
import { idle, nothingRead, weight, type Memory, type Prefix } from '../../../src-main/model/network'
import { networkOf } from '../../../src-main/model/architectures/networks'
import { createSampler } from '../../../src-main/model/writing/sampling'
import { isDecayed } from '../../../src-main/model/trunk-parameters'
import { architectures, wideModel } from '../architectures'
import { engines, intMatrix, logits, runOnce, tinyTokenizer } from '../tiny'

const prompts = ['', 'ab', 'cafe bad.', 'ab', 'h', 'abc', 'face']
const sampling: Sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 12, seed: 7 }

/** Reads the whole text again for every token. */
async function slowGenerate(engine: Engine, { config, parameters }: LanguageModel): Promise<number[][]> {
  const program = engine.program((weights, batch) => ({
    logits: logits(config, weights, weight(batch, 'ids')),
  }))
  const written: number[][] = []
  for (const [index, prompt] of prompts.entries()) {
    const ids = [0, ...tinyTokenizer.encode(prompt)]
    const random = seeded(sampling.seed, index)
    const sampler = createSampler(config.vocabulary, sampling)
    const limit = Math.min(ids.length + sampling.maxTokens, config.contextTokens + 1)
    while (ids.length < limit && (ids.length === 1 || ids.at(-1) !== 0)) {
      const padded = new Int32Array(config.contextTokens)
      padded.set(ids)
      const read = await program.run(parameters, { ids: { shape: [1, padded.length], data: padded } })
      const at = (ids.length - 1) * config.vocabulary
      ids.push(
        sampler.draw(read['logits']!.data.subarray(at, at + config.vocabulary) as Float32Array, random),
      )
    }
    written.push(ids)
  }
  program.dispose()
  return written
}

describe.each(architectures)('%s', (_, config) => {
  it('says the same compiled and eager', async () => {
    const model = wideModel(config)
    const ids = intMatrix([0, 3, 1, 4, 1, 5, 9], [0, 2, 2, 7, 1, 8, 10])
    const [eager, compiled] = await Promise.all(
      engines.map(([, open]) =>
        runOnce(open(), model, { ids }, (weights, batch) => ({
          logits: logits(config, weights, weight(batch, 'ids')),
        })),
      ),
    )
    const largest = Math.max(...eager!['logits']!.map(Math.abs))
    expect(largest).toBeGreaterThan(0.5)
    compiled!['logits']!.forEach((value, i) =>
      expect(Math.abs(value - eager!['logits']![i]!)).toBeLessThan(1e-5 * largest),
    )
  })

  it('sees nothing of what comes later, and all that came before', async () => {
    const model = wideModel(config)
    const read = await runOnce(
      compiledEngine({ threads: 1 }),
      model,
      { ids: intMatrix([0, 1, 2, 3, 4], [0, 1, 2, 8, 9], [0, 5, 2, 3, 4]) },
      (weights, batch) => ({ logits: logits(config, weights, weight(batch, 'ids')) }),
    )
    const at = (row: number, position: number): number[] =>
      read['logits']!.slice(
        (row * 5 + position) * config.vocabulary,
        (row * 5 + position + 1) * config.vocabulary,
      )
    for (const position of [0, 1, 2])
      at(1, position).forEach((value, i) => expect(value).toBeCloseTo(at(0, position)[i]!, 4))
    expect(at(1, 3)).not.toEqual(at(0, 3))
    for (const position of [1, 2, 3, 4])
      expect(
        Math.max(...at(2, position).map((value, i) => Math.abs(value - at(0, position)[i]!))),
      ).toBeGreaterThan(1e-3)
  })

  it('has the same gradients compiled and eager, parameter by parameter', async () => {
    const before = wideModel(config).parameters.flat.slice()
    const changeOn = async (engine: Engine): Promise<(name: string) => Float32Array> => {
      const { parameters } = wideModel(config)
      // so large an ε leaves a step along the gradient itself
      const plain = { beta1: 0, beta2: 0, epsilon: 1e10, weightDecay: 0, isDecayed, clipNorm: Infinity }
      const step = engine.trainStep(
        parameters,
        (weights, batch) => ({
          loss: tf.neg(tf.mean(tokenLogProbs(config, weights, weight(batch, 'ids')))) as tf.Scalar,
        }),
        plain,
      )
      await step.update({ ids: intMatrix([0, 3, 1, 4, 1, 5, 9], [0, 2, 2, 7, 1, 8, 10]) }, 1e10)
      step.dispose()
      return (name) => parameters.view(name)
    }
    const eager = await changeOn(eagerEngine())
    const compiled = await changeOn(compiledEngine({ threads: 2 }))
    const start = wideModel(config).parameters
    expect(start.flat).toEqual(before)
    for (const name of Object.keys(start.spec)) {
      const of = (after: Float32Array): number[] => [...after].map((value, i) => value - start.view(name)[i]!)
      const expected = of(eager(name))
      const got = of(compiled(name))
      const size = Math.hypot(...expected)
      expect(Math.hypot(...got.map((value, i) => value - expected[i]!)), name).toBeLessThanOrEqual(
        1e-4 * size + 1e-6,
      )
    }
  })

  it('drops alike compiled and eager, otherwise with other chances, and nothing without', async () => {
    const model = wideModel(config)
    const ids = intMatrix([0, 3, 1, 4, 1, 5, 9], [0, 2, 2, 7, 1, 8, 10])
    const read = async (open: () => Engine, chance: Batch): Promise<number[]> =>
      (
        await runOnce(open(), model, { ids, ...chance }, (weights, batch) => ({
          logits: logits(config, withChance(weights, batch), weight(batch, 'ids')),
        }))
      )['logits']!
    const chance = (seed: number): Batch =>
      drawChance(config, { rows: 2, time: 7, first: 0 }, 0.3, (row = -1) => seeded(seed, row))
    const [[, eagerly], [, compiled]] = engines as [(typeof engines)[0], (typeof engines)[0]]
    const eager = await read(eagerly, chance(1))
    const largest = Math.max(...eager.map(Math.abs))
    ;(await read(compiled, chance(1))).forEach((value, i) =>
      expect(Math.abs(value - eager[i]!)).toBeLessThan(2e-5 * largest),
    )
    expect(await read(compiled, chance(2))).not.toEqual(await read(compiled, chance(1)))
    expect(await read(compiled, {})).not.toEqual(await read(compiled, chance(1)))
    expect(
      await read(
        compiled,
        drawChance(config, { rows: 2, time: 7, first: 0 }, 0, () => seeded(1)),
      ),
    ).toEqual(await read(compiled, {}))
  })

  it('enters its first block with what is added to the tokens', async () => {
    const model = wideModel(config)
    const added = {
      shape: [1, 3, 16],
      data: Float32Array.from({ length: 48 }, (_, i) => (i >= 16 && i < 32 ? Math.sin(i) : 0)),
    }
    const read = await runOnce(
      compiledEngine({ threads: 1 }),
      model,
      { ids: intMatrix([0, 3, 1]), added },
      (weights, batch) => ({
        plain: networkOf(config).hiddenStates(weights, weight(batch, 'ids')),
        more: networkOf(config).hiddenStates(
          weights,
          weight(batch, 'ids'),
          weight(batch, 'added') as tf.Tensor3D,
        ),
      }),
    )
    read['more']!.slice(0, 16).forEach((value, i) => expect(value).toBeCloseTo(read['plain']![i]!, 5))
    for (const position of [1, 2])
      expect(
        Math.max(
          ...read['more']!.slice(16 * position, 16 * position + 16).map((value, i) =>
            Math.abs(value - read['plain']![16 * position + i]!),
          ),
        ),
      ).toBeGreaterThan(0.01)
  })

  it('with a memory draws what reading the whole text again would draw', async () => {
    const engine = compiledEngine({ threads: 1 })
    const model = wideModel(config)
    const written = (await generate(engine, model, prompts, sampling)).map(({ ids }) => [...ids])
    expect(written).toEqual(await slowGenerate(engine, model))
    engine.dispose()
  })

  it('reads token by token what it reads at once', async () => {
    const engine = compiledEngine({ threads: 1 })
    const model = wideModel(config)
    const ids = [0, 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8]
    const whole = (
      await runOnce(engine, model, { ids: intMatrix(ids) }, (weights, batch) => ({
        logits: logits(config, weights, weight(batch, 'ids')),
      }))
    )['logits']!
    const one = await readOn(engine, model, nothingRead, ids)
    const largest = Math.max(...whole.map(Math.abs))
    one.forEach((value, i) => expect(Math.abs(value - whole[i]!)).toBeLessThan(1e-5 * largest))
    engine.dispose()
  })

  it('goes on after a prompt that was read at once, whatever it is padded with and read beside', async () => {
    const engine = compiledEngine({ threads: 1 })
    const model = wideModel(config)
    const reading = readingProgram(engine, config)
    const beginnings = [[0, 3, 1, 4, 1], [0], [0, 2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5, 9, 0, 4, 5, 2]]
    const rest = [6, 9]
    const prefixes = await readPrefixes(
      reading,
      model,
      beginnings.map((ids) => Int32Array.from(ids)),
    )
    for (const [i, beginning] of beginnings.entries()) {
      const expected = (await readOn(engine, model, nothingRead, [...beginning, ...rest])).slice(
        -rest.length * config.vocabulary,
      )
      const got = await readOn(engine, model, prefixes[i]!, rest)
      const largest = Math.max(...expected.map(Math.abs))
      got.forEach((value, at) => expect(Math.abs(value - expected[at]!)).toBeLessThan(2e-5 * largest))
    }
    reading.dispose()
    engine.dispose()
  })

  it(
    'goes on to the bit from what was saved of a row, again and again, in another memory and beside ' +
      'another text',
    async () => {
      const engine = compiledEngine({ threads: 1 })
      const model = wideModel(config)
      const { decoder } = networkOf(config)
      const program = engine.program((weights, batch) => decoder.readToken(weights, batch))
      const first = decoder.createMemory(2)
      await readInto(program, model, first, 0, [0, 3, 1, 4])
      const saved = first.savedRow(1, 4)
      const straightOn = await readInto(program, model, first, 4, [1, 5, 9])
      for (const memory of [first, decoder.createMemory(2)]) {
        memory.startRow(1, saved)
        expect(await readInto(program, model, memory, 4, [1, 5, 9])).toEqual(straightOn)
      }
      program.dispose()
      engine.dispose()
    },
  )
})

/**
 * Logits of the tokens after each of these, [tokens · V], read one by one in the second of two rows; the
 * first is idle.
 */
async function readOn(
  engine: Engine,
  model: LanguageModel,
  from: Prefix,
  ids: readonly number[],
): Promise<number[]> {
  const { decoder } = networkOf(model.config)
  const memory = decoder.createMemory(2)
  const program = engine.program((weights, batch) => decoder.readToken(weights, batch))
  memory.startRow(1, from)
  const logits = await readInto(program, model, memory, from.tokens, ids)
  program.dispose()
  return logits
}

async function readInto(
  program: Program,
  { config, parameters }: LanguageModel,
  memory: Memory,
  read: number,
  ids: readonly number[],
): Promise<number[]> {
  const logits: number[] = []
  for (const [i, id] of ids.entries()) {
    const positions = Int32Array.of(idle, read + i)
    const answer = await program.run(
      parameters,
      {
        ids: { shape: [2], data: Int32Array.of(0, id) },
        positions: { shape: [2], data: positions.map((position) => Math.max(0, position)) },
        ...memory.inputs(positions),
      },
      memory.outputs(),
    )
    memory.take(answer, positions)
    logits.push(...answer['logits']!.data.slice(config.vocabulary))
  }
  return logits
}
