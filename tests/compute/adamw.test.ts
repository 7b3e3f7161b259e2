import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
// @ts-expect-error a script without types
import { buildWasm } from '../../scripts/build-wasm.mjs'
import { createAdamW } from '../../src-main/compute/adamw'
import type { OptimizerSettings } from '../../src-main/compute/engine'
import { allocate, spansOf, type ParameterSpec } from '../../src-main/compute/parameters'

const settings: OptimizerSettings = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, isDecayed: name => name.startsWith('d'), clipNorm: 1 }

/** AdamW as its paper writes it, in doubles, one number at a time. */
interface InDoubles { readonly p: Float64Array; readonly m: Float64Array; readonly v: Float64Array; readonly g: Float64Array }
function reference(spec: ParameterSpec, { p, m, v, g }: InDoubles, update: number, rate: number, trained: ReadonlySet<string>): number {
  const isTrained = (name: string) => trained.has(name)
  const spans = spansOf(spec).filter(({ name }) => isTrained(name))
  let squares = 0
  for (const { start, end } of spans) for (let i = start; i < end; i++) squares += (g[i] as number) ** 2
  const norm = Math.sqrt(squares), scale = Math.min(1, settings.clipNorm / (norm + 1e-6))
  for (const { name, shape, start, end } of spans) {
    for (let i = start; i < end; i++) {
      const gradient = (g[i] as number) * scale
      m[i] = settings.beta1 * (m[i] as number) + (1 - settings.beta1) * gradient
      v[i] = settings.beta2 * (v[i] as number) + (1 - settings.beta2) * gradient ** 2
      const mHat = (m[i] as number) / (1 - settings.beta1 ** update), vHat = (v[i] as number) / (1 - settings.beta2 ** update)
      const decay = settings.isDecayed(name, shape) ? rate * settings.weightDecay : 0
      p[i] = (p[i] as number) * (1 - decay) - (rate * mHat) / (Math.sqrt(vHat) + settings.epsilon)
    }
  }
  return norm
}

describe('AdamW in WebAssembly', () => {
  it('is AdamW in doubles, for parameters of any size, some decayed, some untouched', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 21 }), { minLength: 1, maxLength: 5 })
    fc.assert(fc.property(sizes, fc.integer({ min: 0, max: 31 }), fc.double({ min: 0.01, max: 5, noNaN: true }), (lengths, untouched, size) => {
      const spec = Object.fromEntries(lengths.map((length, i) => [`${i % 2 === 0 ? 'd' : 'p'}${i}`, [length]]))
      const trained = new Set(Object.keys(spec).filter((_, i) => ((untouched >> i) & 1) === 0))
      const parameters = allocate(spec), n = parameters.count
      parameters.flat.forEach((_, i) => { parameters.flat[i] = Math.cos(i) })
      const adamw = createAdamW(parameters, settings)
      const p = Float64Array.from(parameters.flat), m = new Float64Array(n), v = new Float64Array(n)
      for (let update = 1; update <= 5; update++) {
        const g = Float64Array.from({ length: n }, (_, i) => Math.fround(size * Math.sin(3.7 * i + update)))
        for (const { name, start, end } of spansOf(spec)) adamw.gradients[name]?.set(g.subarray(start, end))
        const norm = adamw.gradientNorm(trained)
        expect(Math.abs(norm - reference(spec, { p, m, v, g }, update, 0.02, trained))).toBeLessThan(1e-9 * (1 + norm))
        adamw.update(trained, 0.02, norm)
      }
      const { firstMoment, secondMoment, updates } = adamw.state()
      const distance = (a: Float32Array, b: Float64Array) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0)
      expect(updates).toBe(5)
      expect(distance(parameters.flat, p)).toBeLessThan(2e-6)
      expect(distance(firstMoment, m)).toBeLessThan(2e-6)
      expect(distance(secondMoment, v)).toBeLessThan(2e-6)
      adamw.dispose()
    }), { numRuns: 100, seed: 7 })
  })

  it('takes the first step by hand', () => {
    // g = 3 clipped to norm 1: m = 0.1, v = 0.05; m̂ = 1, v̂ = 1: p = 2·(1 − 0.1·0.1) − 0.1·1/(1 + 1e-8) = 1.98 − 0.1
    const parameters = allocate({ d: [1] })
    parameters.flat[0] = 2
    const adamw = createAdamW(parameters, settings), trained = new Set(['d'])
    adamw.gradients['d']?.fill(3)
    expect(adamw.gradientNorm(trained)).toBe(3)
    adamw.update(trained, 0.1, 3)
    expect(parameters.flat[0]).toBeCloseTo(1.88, 6)
  })

  it('sums squares in float64: a large number does not swallow many small ones', () => {
    // 4096² + 4095 · 1: in float32 the ones would be lost.
    const parameters = allocate({ p: [4096] })
    const adamw = createAdamW(parameters, settings)
    adamw.gradients['p']?.fill(1)
    adamw.gradients['p']?.fill(4096, 0, 1)
    expect(adamw.gradientNorm(new Set(['p']))).toBeCloseTo(Math.sqrt(4096 ** 2 + 4095), 9)
  })

  it('is built from the source beside it', async () => {
    expect(Buffer.from(await buildWasm() as Uint8Array).equals(readFileSync('resources/adamw.wasm'))).toBe(true)
  })
})
