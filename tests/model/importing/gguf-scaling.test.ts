import { describe, expect, it } from 'vitest'
import { scalingIn } from '../../../src-main/model/importing/gguf-scaling'
import { ggufMetadata } from '../../../src-main/model/weights/gguf-metadata'

const rotated = { headWidth: 8, ropeBase: 10_000, contextTokens: 64 }
const read = (fields: Readonly<Record<string, string | number>>) =>
  scalingIn(
    rotated,
    ggufMetadata(
      new Map(
        Object.entries({
          'general.architecture': 'llama',
          ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [`llama.rope.${name}`, value])),
        }),
      ),
    ),
    { metadata: new Map(), tensors: new Map() },
  )

describe('stretched positions in a GGUF file', () => {
  it('are divided by a factor that stands there without a kind, under either name', async () => {
    expect(await read({ 'scaling.factor': 4 })).toEqual({ type: 'linear', factor: 4 })
    expect(await read({ scale_linear: 2 })).toEqual({ type: 'linear', factor: 2 })
    expect(await read({ 'scaling.factor': 4, 'scaling.type': 'none' })).toEqual({ type: 'none' })
    for (const factor of [0, 1]) expect(await read({ 'scaling.factor': factor })).toEqual({ type: 'none' })
    expect(await read({})).toEqual({ type: 'none' })
  })

  it('in YaRN’s way have the band and the attention the file says, or those of the paper', async () => {
    // 0.1 · ln 4 + 1 = 1.1386
    const plain = { type: 'yarn', factor: 4, originalContextTokens: 64, betaFast: 32, betaSlow: 1 }
    const found = await read({ 'scaling.type': 'yarn', 'scaling.factor': 4 })
    expect(found).toMatchObject(plain)
    expect(found).toHaveProperty('attentionFactor', expect.closeTo(1.1386, 4))
    expect(
      await read({
        'scaling.type': 'yarn',
        'scaling.factor': 4,
        'scaling.original_context_length': 16,
        'scaling.attn_factor': 0.5,
        'scaling.yarn_beta_fast': 16,
        'scaling.yarn_beta_slow': 2,
      }),
    ).toMatchObject({
      originalContextTokens: 16,
      attentionFactor: expect.closeTo(0.5693, 4) as number,
      betaFast: 16,
      betaSlow: 2,
    })
  })

  it('of another kind are refused by its name', async () => {
    await expect(read({ 'scaling.type': 'longrope', 'scaling.factor': 4 })).rejects.toThrow(
      '“longrope”'.slice(1, -1),
    )
  })
})
