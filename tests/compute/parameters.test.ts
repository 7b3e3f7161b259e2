import { describe, expect, it } from 'vitest'
import { allocate, copyParameters } from '../../src-main/compute/parameters'

describe('parameters', () => {
  it('stand in one buffer, in the order of the spec', () => {
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

  it('are refused when they cannot fit', () => {
    expect(() => allocate({ a: [300_000_000] })).toThrow(/300000000 parameters are too many/)
  })
})
