import { describe, expect, it } from 'vitest'
import { onBackend } from '../../../src-main/compute/recording/backend'
import { logProbsOf } from '../../../src-main/compute/recording/fused'
import type { Graph, Input } from '../../../src-main/compute/graph/graph'
import { lower } from '../../../src-main/compute/lower/lower'
import { gradientsOf, runOn } from '../../../src-main/compute/selftest/agreement'
import { simplify } from '../../../src-main/compute/graph/simplify'
import * as tf from '../../../src-main/compute/tf'
import { trace } from '../../../src-main/compute/recording/trace'
import { compiled } from '../differential'

const x: Input = { kind: 'input', name: 'x', shape: [2, 3], dtype: 'float32' }
const ids: Input = { kind: 'input', name: 'ids', shape: [4], dtype: 'int32' }

type Tensors = Readonly<Record<string, tf.Tensor>>
const kernels = (graph: Graph) => graph.nodes.map(({ kernel }) => kernel)
const record = (body: (x: tf.Tensor) => tf.Tensor) => trace([x], ({ x }) => ({ y: body(x as tf.Tensor) }))

describe('recording', () => {
  it('refuses a kernel it cannot lower, and says which and where', () => {
    expect(() => record((x) => tf.atan(x))).toThrow(
      /the kernel Atan cannot be compiled yet \(.*trace\.test\.ts:\d+/,
    )
  })

  it('refuses a kernel that only the way back needs, and says so', () => {
    expect(() => record((x) => tf.grad((v) => tf.sum(tf.relu6(v)))(x))).toThrow(
      /the kernel Relu6 cannot be compiled yet \(.*trace\.test\.ts:\d+/,
    )
  })

  it('refuses to read a value, and says where', () => {
    expect(() => record((x) => tf.add(x, x.dataSync()[0] ?? 0))).toThrow(
      /a value is read while the program is recorded.* \(.*trace\.test\.ts:\d+/,
    )
    expect(() => record((x) => tf.mul(x, x.arraySync() as number[][]))).toThrow(
      /a value is read while the program is recorded/,
    )
  })

  it('refuses what a kernel cannot do, in its name and with the line', () => {
    expect(() => record((x) => tf.log1p(tf.cast(x, 'int32')))).toThrow(
      /the kernel Log1p cannot be compiled like this: a tensor of type int32 is used as one of float32: cast it first \(.*trace\.test\.ts:\d+/,
    )
    expect(() => record((x) => tf.add(tf.greater(x, 0), tf.greater(x, 0)))).toThrow(
      /the kernel Add cannot be compiled like this: a bool tensor is used as a number/,
    )
  })

  it.each([
    ['Max', tf.max],
    ['Min', tf.min],
    ['Mean', tf.mean],
    ['Any', (x: tf.Tensor) => tf.any(tf.greater(x, 0))],
    ['ArgMax', tf.argMax],
  ] as const)('refuses the %s of no numbers, which is none', (kernel, of) => {
    expect(() => record((x) => of(tf.slice(x, [0, 0], [0, 3])))).toThrow(
      new RegExp(`the kernel ${kernel} cannot be compiled like this: .*no numbers`),
    )
  })

  it('leaves an error of the program itself as it is', () => {
    expect(() =>
      record(() => {
        throw new RangeError('mine')
      }),
    ).toThrow(new RangeError('mine'))
  })

  it('refuses a tensor made outside the program', () => {
    const outside = onBackend('cpu', () => tf.tensor([1, 2, 3]))
    expect(() => record((x) => tf.add(x, outside))).toThrow(
      /a tensor made outside the program is used in it.* \(.*trace\.test\.ts:\d+/,
    )
    expect(() => trace([x], () => ({ y: outside }))).toThrow(/a tensor made outside the program/)
    outside.dispose()
  })

  it('refuses an asynchronous program', () => {
    expect(() => trace([x], (async () => ({})) as unknown as (tensors: Tensors) => Tensors)).toThrow(
      'a program is synchronous',
    )
  })

  it('gives the backend back, also when the program throws', () => {
    tf.backend()
    const before = tf.getBackend()
    record((x) => tf.exp(x))
    expect(tf.getBackend()).toBe(before)
    expect(() =>
      record(() => {
        throw new Error('in the program')
      }),
    ).toThrow('in the program')
    expect(tf.getBackend()).toBe(before)
    expect(tf.memory().numTensors).toBe(0)
  })

  it('counts no tensor as alive when it is done, aliases and gradients among them', () => {
    const before = tf.memory().numTensors
    trace([x], ({ x }) => ({
      y: tf.clone(tf.reshape(tf.cast(x as tf.Tensor, 'float32'), [2, 3])),
      g: tf.grad((v) => tf.sum(tf.softmax(v)))(x as tf.Tensor),
    }))
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('a program that is another one each time', () => {
  const run = (body: (x: tf.Tensor) => tf.Tensor) =>
    runOn(compiled, body, [{ shape: [2, 3], data: new Float32Array(6) }])

  it('is refused, because its first draw would be used for ever', async () => {
    await expect(run((x) => tf.dropout(x, 0.5))).rejects.toThrow(
      /another one each time it is recorded: what changes, such as a random draw, a counter or a time, must come in with the batch/,
    )
    let calls = 0
    await expect(run((x) => tf.mul(x, ++calls))).rejects.toThrow(/another one each time it is recorded/)
    await expect(run((x) => (++calls % 2 ? tf.exp(x) : tf.sin(x)))).rejects.toThrow(
      /another one each time it is recorded/,
    )
  })

  it('is not one that makes the same constants twice', async () => {
    const [result] = await run((x) =>
      tf.add(
        x,
        tf.tensor2d([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      ),
    )
    expect([...(result?.['y0']?.data ?? [])]).toEqual([1, 2, 3, 4, 5, 6])
  })
})

describe('simplifying', () => {
  it('computes the same thing once', () => {
    expect(kernels(simplify(record((x) => tf.add(tf.exp(x), tf.exp(x)))))).toEqual(['Exp', 'Add'])
  })

  it('drops what nobody needs', () => {
    expect(
      kernels(
        simplify(
          record((x) => {
            tf.sin(x)
            return tf.exp(x)
          }),
        ),
      ),
    ).toEqual(['Exp'])
  })

  it('drops products with one, sums with zero and movements that move nothing', () => {
    expect(
      kernels(simplify(record((x) => tf.transpose(tf.transpose(tf.add(tf.mul(x, tf.onesLike(x)), 0)))))),
    ).toEqual([])
  })

  it('does not drop a product with zero, which may be not-a-number', () => {
    expect(kernels(simplify(record((x) => tf.mul(x, 0))))).toEqual(['Multiply'])
  })

  it('works before it broadcasts', () => {
    // The gradient of a mean is the same number everywhere: nothing of the full shape but the last product.
    const graph = simplify(record((x) => tf.grad((v) => tf.mean(tf.square(v)))(x)))
    expect(kernels(graph)).toEqual(['Multiply', 'Multiply'])
  })

  it('keeps large constants of one number as that number', () => {
    const { graph } = lower(simplify(record((x) => tf.add(x, tf.sum(tf.ones([1000, 1000]))))))
    expect(Math.max(...graph.constants.map(({ data }) => data.length))).toBeLessThan(64)
  })
})

describe('sums by index', () => {
  const rows = 4096
  const vocabulary = 96
  const width = 16
  const table = {
    shape: [vocabulary, width],
    data: Float32Array.from({ length: vocabulary * width }, (_, i) => Math.sin(i)),
  }
  // seven ids, 585 times each
  const indices = { shape: [rows], data: Int32Array.from({ length: rows }, (_, i) => (i * i) % 7) }

  it('are never lowered to ScatterND, which loses repeated indices when it runs on two threads', () => {
    const embeddingLarge: Input = { kind: 'input', name: 'table', shape: [2_000_000, 2], dtype: 'float32' }
    const graphs = [
      trace([{ ...x, shape: [5, 3] }, ids], ({ x, ids }) => ({
        y: tf.grad((v) => tf.sum(tf.gather(v, ids as tf.Tensor1D)))(x as tf.Tensor),
      })),
      trace([embeddingLarge, ids], ({ table, ids }) => ({
        y: tf.grad((v) => tf.sum(tf.gather(v, ids as tf.Tensor1D)))(table as tf.Tensor),
      })),
      trace([{ ...x, shape: [4, 3] }, ids], ({ x, ids }) => ({
        y: tf.grad((v) => tf.sum(logProbsOf(v as tf.Tensor2D, ids as tf.Tensor1D)))(x as tf.Tensor),
      })),
    ]
    const operators = new Set(
      graphs.flatMap((graph) => lower(simplify(graph)).graph.nodes.map(({ op }) => op)),
    )
    expect(operators).not.toContain('ScatterND')
    expect(operators).toContain('ScatterElements')
    expect(operators).toContain('OneHot')
  })

  it.each([
    ['a small vocabulary', vocabulary],
    ['a large vocabulary', 4096],
  ])('are exact with repeated indices at two threads, every time: %s', async (_, segments) => {
    const wide = {
      shape: [segments, width],
      data: Float32Array.from({ length: segments * width }, (_, i) => Math.sin(i)),
    }
    const runs = await runOn(
      compiled,
      gradientsOf((x, i) => tf.gather(x as tf.Tensor, i as tf.Tensor1D)),
      [segments === vocabulary ? table : wide, indices],
      50,
    )
    const expected = new Float64Array(segments * width)
    indices.data.forEach((id, row) => {
      for (let column = 0; column < width; column++)
        expected[id * width + column] =
          (expected[id * width + column] as number) + 1 + Math.sin(row * width + column)
    })
    for (const run of runs) {
      const difference = Math.max(
        ...(run['y0']?.data as Float32Array).map((value, i) => Math.abs(value - (expected[i] as number))),
      )
      expect(difference).toBeLessThan(0.01) // a lost update is about 1
      expect(run).toEqual(runs[0])
    }
  })
})
