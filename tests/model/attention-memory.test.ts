import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../src-main/compute/compile'
import { attentionMemory } from '../../src-main/model/attention-memory'
import { generate } from '../../src-main/model/generation'
import { idle } from '../../src-main/model/network'
import { tinyModel } from './tiny'

const shape = { layers: 1, keyValueHeads: 2, headWidth: 2, contextTokens: 200 }
const keysOf = (memory: ReturnType<typeof attentionMemory>) => memory.inputs()['keys.0']!
/** Keys of a position say row, position and head. */
const read = (positions: readonly number[]) => {
  const data = Float32Array.from(positions.flatMap((position, row) => [0, 1].flatMap((head) => [1000 * row + position + head / 10, -1])))
  return { 'key.0': { shape: [positions.length, 4], data }, 'value.0': { shape: [positions.length, 4], data } }
}

describe('the memory of attention', () => {
  it('grows with what is read, and what was read stands where it stood', () => {
    const memory = attentionMemory(shape, 2)
    expect(keysOf(memory).shape).toEqual([4, 64, 2])
    for (let position = 0; position < 130; position++) memory.take(read([position, position < 3 ? position : idle]), Int32Array.of(position, position < 3 ? position : idle))
    const { shape: grown, data } = keysOf(memory)
    expect(grown).toEqual([4, 200, 2])                 // 64, 128, then all that the model has
    const at = (row: number, head: number, position: number): number => data[((row * 2 + head) * 200 + position) * 2]!
    for (const position of [0, 63, 64, 127, 128, 129]) expect(at(0, 1, position)).toBeCloseTo(position + 0.1, 4)
    expect(at(1, 0, 2)).toBe(1002)
    const mask = memory.inputs()['mask']!
    expect(mask.shape).toEqual([2, 1, 1, 200])
    expect([...mask.data].map((value, i) => (value === 0 ? i : -1)).filter((i) => i >= 0)).toEqual([...Array.from({ length: 130 }, (_, i) => i), 200, 201, 202])
  })

  it('keeps its size in the rows that are kept, and has room for a long prompt at once', () => {
    const memory = attentionMemory(shape, 2)
    memory.startRow(1, { tokens: 100, parts: { 'keys.0': new Float32Array(400).fill(7), 'values.0': new Float32Array(400) } })
    expect(keysOf(memory).shape).toEqual([4, 128, 2])
    const kept = memory.keepRows([1], 1)
    expect(keysOf(kept).shape).toEqual([2, 128, 2])
    expect(keysOf(kept).data[(128 + 99) * 2]).toBe(7)
  })

  it('writes the same text whether there was room from the start or not', async () => {
    const engine = compiledEngine({ threads: 1 })
    const long = tinyModel(1, { contextTokens: 150 })
    long.parameters.view('transformer.wte.weight').fill(0, 0, 16)    // the end token is never the likeliest
    const prompts = ['', 'abc'], sampling = { temperature: 0, topK: 0, topP: 1, maxTokens: 140, seed: 1 }
    const [alone, beside] = await generate(engine, long, prompts, sampling)
    expect(alone!.completionTokens).toBe(140)
    const [first] = await generate(engine, long, prompts.slice(0, 1), sampling)
    expect(first!.text).toBe(alone!.text)
    expect(beside!.completionTokens).toBe(140)
    engine.dispose()
  })
})
