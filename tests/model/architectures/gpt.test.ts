import { describe, expect, it } from 'vitest'
import { allocate } from '../../../src-main/compute/parameters'
import { seeded } from '../../../src-main/maths/random'
import type { GptConfig } from '../../../src-main/model/architectures/gpt-parameters'
import { weight } from '../../../src-main/model/network'
import { networkOf } from '../../../src-main/model/architectures/networks'
import { initialise, isDecayed, trunkSpec } from '../../../src-main/model/trunk-parameters'
import { mean } from '../../maths/tensors'
import { engines, intMatrix, logits, runOnce, tinyConfig, tinyModel } from '../tiny'

const micro: GptConfig = {
  architecture: 'gpt',
  layers: 4,
  heads: 4,
  width: 128,
  contextTokens: 64,
  vocabulary: 96,
  isTied: true,
}

describe('the parameters of a GPT', () => {
  it('are as many as minGPT’s gpt-micro has: 0.80 million in its transformer', () => {
    const { count } = allocate(trunkSpec(micro))
    // a block: 2·2·128 + (128 + 1)·384 + (128 + 1)·128 + (128 + 1)·512 + (512 + 1)·128 = 198,272; four
    // blocks, last norm, two embeddings
    expect(count).toBe(4 * 198_272 + 2 * 128 + 96 * 128 + 64 * 128)
    expect(count - 96 * 128).toBeCloseTo(0.8e6, -4)
  })

  it('are 124 million for GPT-2', () => {
    const spec = trunkSpec({
      architecture: 'gpt',
      layers: 12,
      heads: 12,
      width: 768,
      contextTokens: 1024,
      vocabulary: 50_257,
      isTied: true,
    })
    expect(
      Object.values(spec).reduce(
        (total, shape) => total + shape.reduce((size, length) => size * length, 1),
        0,
      ),
    ).toBe(124_439_808)
  })

  it('bear Hugging Face’s names', () => {
    expect(Object.keys(trunkSpec({ ...micro, layers: 1 }))).toEqual([
      'transformer.wte.weight',
      'transformer.wpe.weight',
      'transformer.h.0.ln_1.weight',
      'transformer.h.0.ln_1.bias',
      'transformer.h.0.attn.c_attn.weight',
      'transformer.h.0.attn.c_attn.bias',
      'transformer.h.0.attn.c_proj.weight',
      'transformer.h.0.attn.c_proj.bias',
      'transformer.h.0.ln_2.weight',
      'transformer.h.0.ln_2.bias',
      'transformer.h.0.mlp.c_fc.weight',
      'transformer.h.0.mlp.c_fc.bias',
      'transformer.h.0.mlp.c_proj.weight',
      'transformer.h.0.mlp.c_proj.bias',
      'transformer.ln_f.weight',
      'transformer.ln_f.bias',
    ])
  })

  it('begin as GPT-2’s do', () => {
    const parameters = allocate(trunkSpec(micro))
    initialise(parameters, micro, seeded(1))
    const deviation = (name: string): number =>
      Math.sqrt(mean([...parameters.view(name)].map((value) => value ** 2)))
    expect(deviation('transformer.wte.weight')).toBeCloseTo(0.02, 3)
    expect(deviation('transformer.h.3.attn.c_attn.weight')).toBeCloseTo(0.02, 3)
    // 0.02 / √(2·4)
    expect(deviation('transformer.h.0.attn.c_proj.weight')).toBeCloseTo(0.00707, 3)
    expect(deviation('transformer.h.0.mlp.c_proj.weight')).toBeCloseTo(0.00707, 3)
    expect(new Set(parameters.view('transformer.h.2.ln_2.weight'))).toEqual(new Set([1]))
    expect(new Set(parameters.view('transformer.h.2.mlp.c_fc.bias'))).toEqual(new Set([0]))
  })

  it('repeat themselves with the same seed and differ with another', () => {
    expect(tinyModel(7).parameters.flat).toEqual(tinyModel(7).parameters.flat)
    expect(tinyModel(8).parameters.flat).not.toEqual(tinyModel(7).parameters.flat)
  })

  it('are decayed only where they are matrices of linear layers', () => {
    const decayed = Object.entries(trunkSpec({ ...micro, layers: 1 }))
      .filter(([name, shape]) => isDecayed(name, shape))
      .map(([name]) => name.replace('transformer.h.0.', ''))
    expect(decayed).toEqual([
      'attn.c_attn.weight',
      'attn.c_proj.weight',
      'mlp.c_fc.weight',
      'mlp.c_proj.weight',
    ])
  })

  it('refuse sizes that do not fit together', () => {
    expect(() => trunkSpec({ ...micro, heads: 3 })).toThrow('3 heads do not divide a width of 128')
    expect(() => trunkSpec({ ...micro, layers: 0 })).toThrow('layers must be a whole number from 1, not 0')
  })
})

/**
 * The network as loops over plain numbers, from the definition: ids → logits of each position's next token.
 */
function slowLogits(
  config: GptConfig,
  view: (name: string) => Float32Array,
  ids: readonly number[],
): number[][] {
  const { heads, width } = config
  const depth = width / heads
  const row = (name: string, at: number): number[] => [...view(name).subarray(at * width, (at + 1) * width)]
  const norm = (x: number[], name: string): number[] => {
    const m = mean(x)
    const deviation = Math.sqrt(mean(x.map((value) => (value - m) ** 2)) + 1e-5)
    return x.map(
      (value, i) => ((value - m) / deviation) * view(`${name}.weight`)[i]! + view(`${name}.bias`)[i]!,
    )
  }
  const dense = (x: number[], name: string): number[] =>
    Array.from(view(`${name}.bias`), (bias, j) =>
      x.reduce(
        (total, value, i) => total + value * view(`${name}.weight`)[i * view(`${name}.bias`).length + j]!,
        bias,
      ),
    )
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((total, value, i) => total + value * b[i]!, 0)
  const add = (a: readonly number[], b: readonly number[]): number[] => a.map((value, i) => value + b[i]!)
  const gelu = (x: number): number =>
    0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
  let stream = ids.map((id, t) => add(row('transformer.wte.weight', id), row('transformer.wpe.weight', t)))
  for (let layer = 0; layer < config.layers; layer++) {
    const name = `transformer.h.${layer}`
    const qkv = stream.map((x) => dense(norm(x, `${name}.ln_1`), `${name}.attn.c_attn`))
    const attended = qkv.map((own, t) =>
      Array.from({ length: heads }, (_, head) => {
        const part = (of: number[], which: number): number[] =>
          of.slice(which * width + head * depth, which * width + (head + 1) * depth)
        const weights = qkv
          .slice(0, t + 1)
          .map((seen) => Math.exp(dot(part(own, 0), part(seen, 1)) / Math.sqrt(depth)))
        const total = weights.reduce((a, b) => a + b, 0)
        return qkv
          .slice(0, t + 1)
          .map((seen, s) => part(seen, 2).map((value) => (value * weights[s]!) / total))
          .reduce(add)
      }).flat(),
    )
    stream = stream.map((x, t) => add(x, dense(attended[t]!, `${name}.attn.c_proj`)))
    stream = stream.map((x) =>
      add(x, dense(dense(norm(x, `${name}.ln_2`), `${name}.mlp.c_fc`).map(gelu), `${name}.mlp.c_proj`)),
    )
  }
  return stream
    .map((x) => norm(x, 'transformer.ln_f'))
    .map((x) => Array.from({ length: config.vocabulary }, (_, v) => dot(x, row('transformer.wte.weight', v))))
}

describe.each(engines)('a GPT on the %s engine', (_, open) => {
  it('computes what its definition says', async () => {
    const engine = open()
    const model = tinyModel()
    const ids = [0, 3, 1, 4, 1, 5, 9]
    const read = await runOnce(engine, model, { ids: intMatrix(ids) }, (weights, batch) => ({
      logits: logits(model.config, weights, weight(batch, 'ids')),
    }))
    const expected = slowLogits(tinyConfig, (name) => model.parameters.view(name), ids).flat()
    read['logits']!.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 3))
    engine.dispose()
  })

  it('sees nothing of what comes later', async () => {
    const engine = open()
    const model = tinyModel()
    const read = await runOnce(
      engine,
      model,
      { ids: intMatrix([0, 1, 2, 3, 4], [0, 1, 2, 8, 9]) },
      (weights, batch) => ({ states: networkOf(model.config).hiddenStates(weights, weight(batch, 'ids')) }),
    )
    const states = (row: number, from: number, to: number): number[] =>
      read['states']!.slice((row * 5 + from) * 16, (row * 5 + to) * 16)
    expect(states(1, 0, 3)).toEqual(states(0, 0, 3))
    expect(states(1, 3, 4)).not.toEqual(states(0, 3, 4))
    engine.dispose()
  })

  it('refuses a text longer than its context', async () => {
    const engine = open()
    const model = tinyModel()
    const run = runOnce(
      engine,
      model,
      { ids: { shape: [1, 21], data: new Int32Array(21) } },
      (weights, batch) => ({ states: networkOf(tinyConfig).hiddenStates(weights, weight(batch, 'ids')) }),
    )
    await expect(run).rejects.toThrow('the text has 21 tokens; this model reads at most 20')
    engine.dispose()
  })
})
