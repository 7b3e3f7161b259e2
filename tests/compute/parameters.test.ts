import { describe, expect, it } from 'vitest'
import { mostTogether } from '../../src-main/compute/parameter-blocks'
import { allocate, blocksToTrain, copyParameters } from '../../src-main/compute/parameters'

describe('parameters', () => {
  it('stand in one memory, in the order of the spec', () => {
    const parameters = allocate({ matrix: [2, 3], scalar: [], vector: [5] })
    expect(parameters.count).toBe(6 + 1 + 5)
    parameters.view('scalar').fill(7)
    parameters.view('vector').fill(9)
    expect(parameters.flat).toEqual(Float32Array.of(0, 0, 0, 0, 0, 0, 7, 9, 9, 9, 9, 9))
  })

  it('are views: what is written through one is read through the other', () => {
    const parameters = allocate({ a: [2], b: [2] })
    parameters.flat.set([1, 2, 3, 4])
    expect(parameters.view('b')).toEqual(Float32Array.of(3, 4))
    expect(parameters.view('b').buffer).toBe(parameters.flat.buffer)
  })

  it('are copied into a buffer of their own', () => {
    const parameters = allocate({ a: [2] })
    parameters.flat.set([1, 2])
    const copy = copyParameters(parameters)
    parameters.flat.fill(0)
    expect(copy.flat).toEqual(Float32Array.of(1, 2))
  })

  it('have no parameter of another name', () => {
    expect(() => allocate({ a: [2] }).view('b')).toThrow('there is no parameter "b"')
  })

  it('fill as many memories as they need: whole tensors, in order', () => {
    // at most 6 together: a and b are 5, and with c they would be 7; c and d are 6
    const parameters = allocate({ a: [2, 2], b: [], c: [2], d: [4], e: [1] }, 6)
    const placed = Object.keys(parameters.spec).map((name) => ({ name, ...parameters.place(name) }))
    const memories = [...new Set(placed.map(({ memory }) => memory))]
    expect(
      placed.map(({ name, memory, start, end }) => [name, memories.indexOf(memory), start, end]),
    ).toEqual([
      ['a', 0, 0, 4],
      ['b', 0, 4, 5],
      ['c', 1, 0, 2],
      ['d', 1, 2, 6],
      ['e', 2, 0, 1],
    ])
    expect(parameters.count).toBe(12)
    parameters.view('d').set([1, 2, 3, 4])
    expect(copyParameters(parameters).flat).toEqual(Float32Array.of(0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 0))
    expect(() => parameters.flat).toThrow(
      'these parameters lie in several memories: ask for their tensors one by one',
    )
  })

  it('may be a thousand million, which take no memory until they are written', () => {
    const before = process.memoryUsage.rss()
    const parameters = allocate(
      Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`w${i}`, [1000, 128, 1024]])),
    )
    parameters.view('w7').fill(1, 0, 10)
    expect(parameters.count).toBe(8 * 131_072_000)
    expect(process.memoryUsage.rss() - before).toBeLessThan(50e6)
  })

  it('have room for an optimizer once there is one', () => {
    const parameters = allocate({ a: [100_000], b: [100_000] }, 100_000)
    const bytesOf = () => parameters.place('b').memory.byteLength
    parameters.view('b').fill(3)
    expect(bytesOf()).toBe(7 * 65_536) // 400,000 bytes in pages
    const [first, second, ...others] = blocksToTrain(parameters, 1)
    expect([first?.count, second?.count, others]).toEqual([100_000, 100_000, []])
    expect(bytesOf()).toBe(25 * 65_536) // 1,600,000 bytes
    blocksToTrain(parameters, 3)
    expect(bytesOf()).toBe(37 * 65_536) // 800,000 bytes more, for two further gradients
    expect(parameters.view('b').every((value) => value === 3)).toBe(true)
  })

  it('are refused when a single tensor cannot lie in one memory', () => {
    expect(() => allocate({ a: [2], b: [1_100_000_000] })).toThrow(
      'the tensor "b" has 1,100 million numbers, and at most 1,074 million fit one: choose a model with a ' +
        'smaller vocabulary, or a narrower one',
    )
    expect(allocate({ a: [mostTogether] }).count).toBe(mostTogether)
  })

  it('hold a tensor too large to be trained, alone, beside others that are', () => {
    // Gemma 3 1B: 262,144 tokens of 1,152 numbers
    const parameters = allocate({ table: [262_144, 1152], a: [3], b: [4] })
    const table = parameters.view('table')
    table[table.length - 1] = 7
    expect([table.length, table.at(-1), parameters.view('a').length]).toEqual([301_989_888, 7, 3])
    expect(parameters.place('table').memory).not.toBe(parameters.place('a').memory)
    expect(parameters.place('b').memory).toBe(parameters.place('a').memory)
    expect(() => blocksToTrain(parameters, 1)).toThrow(
      'The tensor "table" has 302 million numbers, and at most 268 million of one can be trained: train an ' +
        'adapter alone, or keep it as it is.',
    )
  })
})
