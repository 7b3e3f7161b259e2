import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keptIn } from '../../src-main/runs/kept-results'
import { testFolder } from '../helpers/registry'

describe('results that are kept', () => {
  it('are computed once for the same inputs, and anew for others', async () => {
    const keep = keptIn(join(testFolder(), 'kept'))
    let computed = 0
    const ask = (...inputs: readonly (string | ArrayBufferView)[]) =>
      keep(inputs, async () => Float32Array.of(++computed, 0.5))
    expect(await ask('a', Float32Array.of(1, 2))).toEqual(Float32Array.of(1, 0.5))
    expect(await ask('a', Float32Array.of(1, 2))).toEqual(Float32Array.of(1, 0.5))
    expect(await ask('a', Float32Array.of(1, 3))).toEqual(Float32Array.of(2, 0.5))
    expect(await ask('ab', 'c')).toEqual(Float32Array.of(3, 0.5))
    expect(await ask('a', 'bc')).toEqual(Float32Array.of(4, 0.5))
  })

  it('are computed again where the folder was deleted', async () => {
    const folder = join(testFolder(), 'kept')
    const keep = keptIn(folder)
    await keep(['a'], async () => Float32Array.of(1))
    rmSync(folder, { recursive: true })
    expect(await keep(['a'], async () => Float32Array.of(2))).toEqual(Float32Array.of(2))
  })

  it('are at most 64, the oldest gone first', async () => {
    const folder = join(testFolder(), 'kept')
    const keep = keptIn(folder)
    for (let index = 0; index < 66; index++) await keep([String(index)], async () => Float32Array.of(index))
    expect(readdirSync(folder)).toHaveLength(64)
    expect(await keep(['65'], async () => Float32Array.of(-1))).toEqual(Float32Array.of(65))
  })
})
