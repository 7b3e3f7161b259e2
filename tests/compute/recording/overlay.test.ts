import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { differentiate } from '../../../src-main/compute/recording/differentiate'
import { eagerEngine } from '../../../src-main/compute/tensorflow/eager'
import type { Engine } from '../../../src-main/compute/engine'
import type { Graph, Input } from '../../../src-main/compute/graph/graph'
import {
  allocate,
  copyParameters,
  overlay,
  partOf,
  trainedPart,
  type Parameters,
} from '../../../src-main/compute/parameters'
import { simplify } from '../../../src-main/compute/graph/simplify'
import type * as tf from '../../../src-main/compute/tf'
import { trace } from '../../../src-main/compute/recording/trace'
import { adamw, batch, initial, logits, lossOf, spec } from '../../../src-main/compute/selftest/transformer'

const engines: readonly (readonly [string, () => Engine])[] = [
  ['compiled', () => compiledEngine({ threads: 2 })],
  ['eager', () => eagerEngine('cpu')],
]

/** The last layer on top of the whole model, at the same values. */
const topNames = Object.keys(spec).filter((name) => name.startsWith('1.'))
function lastLayerOver(frozen: Parameters): Parameters {
  const own = allocate(Object.fromEntries(topNames.map((name) => [name, spec[name]!])))
  for (const name of topNames) own.view(name).set(frozen.view(name))
  return overlay(frozen, own)
}

const all = (parameters: Parameters) =>
  Object.fromEntries(Object.keys(parameters.spec).map((name) => [name, [...parameters.view(name)]]))

describe('parameters over frozen ones', () => {
  it('show what lies on top, and below it what is frozen, without a copy', () => {
    const frozen = allocate({ a: [2], b: [1] })
    const own = allocate({ b: [1], c: [3] })
    frozen.flat.set([1, 2, 3])
    own.flat.set([4, 5, 6, 7])
    const both = overlay(frozen, own)
    expect(both.spec).toEqual({ a: [2], b: [1], c: [3] })
    expect(both.count).toBe(6)
    expect(all(both)).toEqual({ a: [1, 2], b: [4], c: [5, 6, 7] })
    expect(both.view('a').buffer).toBe(frozen.flat.buffer)
    expect(trainedPart(both)).toBe(own)
    expect(() => both.view('d')).toThrow('there is no parameter "d"')
    expect(() => both.flat).toThrow('lie in several memories')
  })

  it('are copied where they are trained, and shared where they are frozen', () => {
    const frozen = allocate({ a: [2] })
    const own = allocate({ b: [1] })
    const both = overlay(frozen, own)
    const copy = copyParameters(both)
    own.flat.fill(8)
    expect(all(copy)).toEqual({ a: [0, 0], b: [0] })
    expect(copy.view('a').buffer).toBe(frozen.flat.buffer)
  })

  it('can be read in part', () => {
    const both = overlay(allocate({ a: [2], b: [1] }), allocate({ b: [1], c: [1] }))
    trainedPart(both).flat.fill(8)
    const part = partOf(both, (name) => name !== 'c')
    expect(all(part)).toEqual({ a: [0, 0], b: [8] })
    expect(partOf(part, () => true)).toBe(part)
    expect(all(partOf(both, (name) => name === 'a'))).toEqual({ a: [0, 0] })
  })

  it('refuse a tensor whose shape is not that of the frozen one below it', () => {
    expect(() => overlay(allocate({ a: [2] }), allocate({ a: [3] }))).toThrow(
      '"a" has the shape [3], the frozen one [2]',
    )
  })
})

describe.each(engines)('on the %s engine a step over frozen parameters', (_, open) => {
  it('changes what lies on top as if all were trained, and leaves the rest alone', async () => {
    const engine = open()
    const all = initial()
    const frozen = initial()
    const over = lastLayerOver(frozen)
    const plain = { ...adamw, clipNorm: Infinity }
    const [full, top] = [engine.trainStep(all, lossOf, plain), engine.trainStep(over, lossOf, plain)]
    const { loss } = await full.update(batch(0), 0.01)
    expect((await top.update(batch(0), 0.01))['loss']).toBe(loss)
    for (const name of topNames)
      over
        .view(name)
        .forEach((value, i) => expect(Math.abs(value - all.view(name)[i]!), name).toBeLessThan(1e-5))
    expect(over.view('1.up')).not.toEqual(frozen.view('1.up'))
    expect(frozen.flat).toEqual(initial().flat)
    engine.dispose()
  })

  it('keeps moments of what lies on top alone, and goes on from them', async () => {
    const engine = open()
    const frozen = initial()
    const over = lastLayerOver(frozen)
    const step = engine.trainStep(over, lossOf, adamw)
    await step.update(batch(0), 0.01)
    const state = step.state()
    const then = copyParameters(over)
    expect(state.firstMoment.length).toBe(trainedPart(over).count)
    await step.update(batch(1), 0.01)
    const again = engine.trainStep(then, lossOf, adamw)
    again.restore(state)
    await again.update(batch(1), 0.01)
    expect(all(then)).toEqual(all(over))
    engine.dispose()
  })

  it('lets two models stand on the same frozen one', async () => {
    const engine = open()
    const frozen = initial()
    const one = lastLayerOver(frozen)
    const other = lastLayerOver(frozen)
    const program = engine.program((weights, { ids }) => ({ logits: logits(weights, ids as tf.Tensor) }))
    const before = await program.run(frozen, batch(0))
    const steps = [engine.trainStep(one, lossOf, adamw), engine.trainStep(other, lossOf, adamw)] as const
    await steps[0].update(batch(0), 0.01)
    await steps[1].update(batch(1), 0.01)
    expect(await program.run(frozen, batch(0))).toEqual(before)
    expect(await program.run(one, batch(0))).not.toEqual(before)
    expect(await program.run(one, batch(0))).not.toEqual(await program.run(other, batch(0)))
    engine.dispose()
  })
})

describe('the recorded graph of a step over frozen parameters', () => {
  const inputs: readonly Input[] = [
    ...Object.entries(spec).map(
      ([name, shape]) => ({ kind: 'input', name, shape, dtype: 'float32' }) as const,
    ),
    ...Object.entries(batch(0)).map(
      ([name, { shape }]) => ({ kind: 'input', name, shape, dtype: 'int32' }) as const,
    ),
  ]
  const recorded = (names: readonly string[]): Graph =>
    simplify(
      trace(inputs, (tensors) => {
        const weights = Object.fromEntries(Object.keys(spec).map((name) => [name, tensors[name]!]))
        return differentiate(lossOf, weights, { ids: tensors['ids']!, next: tensors['next']! }, names)
          .gradients as Record<string, tf.Tensor>
      }),
    )
  const products = (graph: Graph) => graph.nodes.filter(({ kernel }) => /MatMul|Linear/.test(kernel)).length

  it('computes no gradient of what is frozen, nor of what lies before all that is trained', () => {
    // Forward: per layer 4 linear maps and 2 products of attention, and the output. Back: each of them twice,
    // or once where the matrix is frozen; the norms have 2 more products each.
    const all = recorded(Object.keys(spec))
    const last = recorded(['1.down', '1.downBias'])
    expect(Object.keys(last.outputs)).toEqual(['1.down', '1.downBias'])
    expect(products(all)).toBeGreaterThan(13 + 2 * 13)
    // Forward 13; back: the output towards its states, the last norm's 2, and the matrix itself.
    expect(products(last)).toBe(13 + 1 + 2 + 1)
  })
})
