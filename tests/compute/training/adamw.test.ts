import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
// @ts-expect-error a script without types
import { buildWasm } from '../../../scripts/build-wasm.mjs'
import { createAdamW } from '../../../src-main/compute/training/adamw'
import type { OptimizerSettings } from '../../../src-main/compute/engine'
import { allocate, spansOf, type ParameterSpec } from '../../../src-main/compute/parameters'

const settings: OptimizerSettings = {
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
  isDecayed: (name) => name.startsWith('d'),
  clipNorm: 1,
}
const alone = { lanes: 1, threads: 1 }

/** AdamW as its paper writes it, in doubles, one number at a time. */
interface InDoubles {
  readonly p: Float64Array
  readonly m: Float64Array
  readonly v: Float64Array
  readonly g: Float64Array
}
function reference(
  spec: ParameterSpec,
  { p, m, v, g }: InDoubles,
  update: number,
  rate: number,
  trained: ReadonlySet<string>,
): number {
  const isTrained = (name: string) => trained.has(name)
  const spans = spansOf(spec).filter(({ name }) => isTrained(name))
  let squares = 0
  for (const { start, end } of spans) for (let i = start; i < end; i++) squares += (g[i] as number) ** 2
  const norm = Math.sqrt(squares)
  const scale = Math.min(1, settings.clipNorm / (norm + 1e-6))
  for (const { name, shape, start, end } of spans) {
    for (let i = start; i < end; i++) {
      const gradient = (g[i] as number) * scale
      m[i] = settings.beta1 * (m[i] as number) + (1 - settings.beta1) * gradient
      v[i] = settings.beta2 * (v[i] as number) + (1 - settings.beta2) * gradient ** 2
      const mHat = (m[i] as number) / (1 - settings.beta1 ** update)
      const vHat = (v[i] as number) / (1 - settings.beta2 ** update)
      const decay = settings.isDecayed(name, shape) ? rate * settings.weightDecay : 0
      p[i] = (p[i] as number) * (1 - decay) - (rate * mHat) / (Math.sqrt(vHat) + settings.epsilon)
    }
  }
  return norm
}

describe('AdamW in WebAssembly', () => {
  it('is AdamW in doubles, for parameters of any size, some decayed, some untouched', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 21 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 0, max: 31 }),
        fc.double({ min: 0.01, max: 5, noNaN: true }),
        (lengths, untouched, size) => {
          const spec = Object.fromEntries(
            lengths.map((length, i) => [`${i % 2 === 0 ? 'd' : 'p'}${i}`, [length]]),
          )
          const trained = new Set(Object.keys(spec).filter((_, i) => ((untouched >> i) & 1) === 0))
          const parameters = allocate(spec)
          const n = parameters.count
          parameters.flat.forEach((_, i) => {
            parameters.flat[i] = Math.cos(i)
          })
          const adamw = createAdamW(parameters, settings, alone)
          const p = Float64Array.from(parameters.flat)
          const m = new Float64Array(n)
          const v = new Float64Array(n)
          for (let update = 1; update <= 5; update++) {
            const g = Float64Array.from({ length: n }, (_, i) =>
              Math.fround(size * Math.sin(3.7 * i + update)),
            )
            for (const { name, start, end } of spansOf(spec))
              adamw.gradients[0]?.[name]?.set(g.subarray(start, end))
            const norm = adamw.gradientNorm(trained)
            expect(Math.abs(norm - reference(spec, { p, m, v, g }, update, 0.02, trained))).toBeLessThan(
              1e-9 * (1 + norm),
            )
            adamw.update(trained, 0.02, norm)
          }
          const { firstMoment, secondMoment, updates } = adamw.state()
          const distance = (a: Float32Array, b: Float64Array) =>
            a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0)
          expect(updates).toBe(5)
          expect(distance(parameters.flat, p)).toBeLessThan(2e-6)
          expect(distance(firstMoment, m)).toBeLessThan(2e-6)
          expect(distance(secondMoment, v)).toBeLessThan(2e-6)
          adamw.dispose()
        },
      ),
      { numRuns: 100, seed: 7 },
    )
  })

  it('takes the first step by hand', () => {
    // g = 3 clipped to norm 1: m = 0.1, v = 0.05; m̂ = 1, v̂ = 1: p = 2·(1 − 0.1·0.1) − 0.1·1/(1 + 1e-8) =
    // 1.98 − 0.1
    const parameters = allocate({ d: [1] })
    parameters.flat[0] = 2
    const adamw = createAdamW(parameters, settings, alone)
    const trained = new Set(['d'])
    adamw.gradients[0]?.['d']?.fill(3)
    expect(adamw.gradientNorm(trained)).toBe(3)
    adamw.update(trained, 0.1, 3)
    expect(parameters.flat[0]).toBeCloseTo(1.88, 6)
  })

  it('sums squares in float64: a large number does not swallow many small ones', () => {
    // 4096² + 4095 · 1: in float32 the ones would be lost.
    const parameters = allocate({ p: [4096] })
    const adamw = createAdamW(parameters, settings, alone)
    adamw.gradients[0]?.['p']?.fill(1)
    adamw.gradients[0]?.['p']?.fill(4096, 0, 1)
    expect(adamw.gradientNorm(new Set(['p']))).toBeCloseTo(Math.sqrt(4096 ** 2 + 4095), 9)
  })

  it('is the same to the bit with any number of threads, and in several memories', () => {
    const spec = { d: [3, 1_000_001], p: [1_500_000] }
    const gradient = Float32Array.from({ length: 4_500_003 }, (_, i) => Math.sin(i))
    const [one, ...others] = [
      [undefined, 1],
      [undefined, 3],
      [3_500_000, 2],
    ].map(([most, threads]) => {
      const parameters = allocate(spec, most)
      const adamw = createAdamW(parameters, settings, { lanes: 1, threads: threads as number })
      const trained = new Set(['d', 'p'])
      const norms = Array.from({ length: 3 }, () => {
        for (const { name, start, end } of spansOf(spec))
          adamw.gradients[0]?.[name]?.set(gradient.subarray(start, end))
        const norm = adamw.gradientNorm(trained)
        adamw.update(trained, 0.1, norm)
        return norm
      })
      adamw.dispose()
      return {
        norms,
        d: Buffer.from(parameters.view('d').slice().buffer),
        p: Buffer.from(parameters.view('p').slice().buffer),
        state: adamw.state(),
      }
    })
    expect(one?.norms[0]).toBeCloseTo(Math.sqrt(gradient.reduce((sum, each) => sum + each ** 2, 0)), 6)
    for (const other of others) {
      expect(other.norms).toEqual(one?.norms)
      for (const name of ['d', 'p'] as const) expect(other[name].equals(one?.[name] as Buffer)).toBe(true)
      for (const moment of ['firstMoment', 'secondMoment'] as const)
        expect(
          Buffer.from(other.state[moment].buffer).equals(
            Buffer.from(one?.state[moment].buffer as ArrayBuffer),
          ),
        ).toBe(true)
    }
  })

  it('adds what several lanes have made, of what is trained alone', () => {
    const parameters = allocate({ a: [5], b: [7] })
    const adamw = createAdamW(parameters, settings, { lanes: 3, threads: 1 })
    for (const [lane, gradients] of adamw.gradients.entries())
      for (const values of Object.values(gradients)) values.fill(10 ** lane)
    adamw.gather(new Set(['b']), 2)
    expect(adamw.gradients.map(({ a, b }) => [a?.[4], b?.[0], b?.[6]])).toEqual([
      [1, 11, 11],
      [10, 10, 10],
      [100, 100, 100],
    ])
    adamw.gather(new Set(['b']), 3)
    expect(adamw.gradients[0]?.['b']).toEqual(new Float32Array(7).fill(121))
  })

  it('is built from the source beside it', async () => {
    expect(Buffer.from((await buildWasm()) as Uint8Array).equals(readFileSync('resources/adamw.wasm'))).toBe(
      true,
    )
  })
})
