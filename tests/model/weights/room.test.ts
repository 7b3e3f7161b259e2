import { describe, expect, it } from 'vitest'
import { roomFor } from '../../../src-main/model/weights/room'

const machine = (gigabytes: number) => ({ totalBytes: gigabytes * 1e9, availableBytes: gigabytes * 1e9 })
const layers = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, layer) => [`${layer}.weight`, [10_000, 10_000]]))

describe('the room for a model in a file', () => {
  it('is there for a model of 1.5 billion parameters where there are 24 GB', () => {
    expect(roomFor(layers(15), machine(24)).count).toBe(1.5e9)
  })

  it('is refused with the numbers where the machine has too little', () => {
    // 70 · 100 million numbers of 4 bytes
    expect(() => roomFor(layers(70), machine(24))).toThrow(
      'its 7000 million parameters take 28.0 GB of memory, and this machine has 24.0 GB: choose a smaller model',
    )
    expect(() => roomFor(layers(1), machine(0.4))).toThrow(
      'its 100 million parameters take 400 MB of memory, and this machine has 400 MB',
    )
  })

  it('is refused by the name of a tensor that is too large by itself', () => {
    expect(() => roomFor({ small: [2], large: [600_000, 2048] }, machine(24))).toThrow(
      'the tensor "large" has 1,229 million numbers, and at most 1,074 million fit one',
    )
  })
})
