import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { attentionMemory } from '../../../src-main/model/writing/attention-memory'
import { generate } from '../../../src-main/model/writing/generation'
import { idle } from '../../../src-main/model/network'
import { tinyModel } from '../tiny'

const shape = { layers: 1, keyValueHeads: 2, headWidth: 2, contextTokens: 200 }
type Written = ReturnType<typeof attentionMemory>
const keysOf = (memory: Written) => memory.outputs()['keys.0']!
/** What a device does: a key says row, position and head. */
function read(memory: Written, positions: readonly number[]): void {
  const {
    shape: [, heads = 0, most = 0, width = 0],
    data,
  } = memory.inputs(Int32Array.from(positions))['keys.0']!
  positions.forEach((position, row) => {
    for (let head = 0; head < heads; head++)
      if (position !== idle)
        data[((row * heads + head) * most + position) * width] = 1000 * row + position + head / 10
  })
}

describe('the memory of attention', () => {
  it('grows with what is read, and what was read stands where it stood', () => {
    const memory = attentionMemory(shape, 2)
    expect(keysOf(memory).shape).toEqual([2, 2, 64, 2])
    for (let position = 0; position < 130; position++)
      read(memory, [position, position < 3 ? position : idle])
    const { shape: grown, data } = keysOf(memory)
    expect(grown).toEqual([2, 2, 200, 2]) // 64, 128, then all that the model has
    const at = (row: number, head: number, position: number): number =>
      data[((row * 2 + head) * 200 + position) * 2]!
    for (const position of [0, 63, 64, 127, 128, 129])
      expect(at(0, 1, position)).toBeCloseTo(position + 0.1, 4)
    expect(at(1, 0, 2)).toBe(1002)
  })

  it('is read and written in the same arrays', () => {
    const memory = attentionMemory(shape, 2)
    expect(memory.inputs(Int32Array.of(70, idle))['values.0']).toBe(memory.outputs()['values.0'])
  })

  it('keeps its size in the rows that are kept, and has room for a long prompt at once', () => {
    const memory = attentionMemory(shape, 2)
    memory.startRow(1, {
      tokens: 100,
      parts: { 'keys.0': new Float32Array(400).fill(7), 'values.0': new Float32Array(400) },
    })
    expect(keysOf(memory).shape).toEqual([2, 2, 128, 2])
    const kept = memory.keepRows([1], 1)
    expect(keysOf(kept).shape).toEqual([1, 2, 128, 2])
    expect(keysOf(kept).data[(128 + 99) * 2]).toBe(7)
  })

  it('writes the same text whether there was room from the start or not', async () => {
    const engine = compiledEngine({ threads: 1 })
    const long = tinyModel(1, { contextTokens: 150 })
    long.parameters.view('transformer.wte.weight').fill(0, 0, 16) // the end token is never the likeliest
    const prompts = ['', 'abc']
    const sampling = { temperature: 0, topK: 0, topP: 1, maxTokens: 140, seed: 1 }
    const [alone, beside] = await generate(engine, long, prompts, sampling)
    expect(alone!.completionTokens).toBe(140)
    const [first] = await generate(engine, long, prompts.slice(0, 1), sampling)
    expect(first!.text).toBe(alone!.text)
    expect(beside!.completionTokens).toBe(140)
    engine.dispose()
  })
})
