import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { eagerEngine } from '../../src-main/compute/tensorflow/eager'
import { BLOCK, inEightBits } from '../../src-main/compute/eight-bits'
import type { Batch, Engine, Tensors, Weights } from '../../src-main/compute/engine'
import { linear } from '../../src-main/compute/recording/fused'
import { allocate, type Parameters } from '../../src-main/compute/parameters'
import { eightBitProblem } from '../../src-main/compute/selftest/eight-bits'
import * as tf from '../../src-main/compute/tf'
import { fillNormal, seeded } from '../../src-main/maths/random'

const normal = (count: number, name: string): Float32Array => {
  const values = new Float32Array(count)
  fillNormal(values, 1, seeded('eight bits', name))
  return values
}

describe('a matrix in 8 bits', () => {
  it('has for each block of an output its largest number as 127, and the others in proportion', () => {
    // Scale 254 / 127 = 2: 254 → 128 + 127, −254 → 128 − 127, 3 → 128 + round(1.5), −3 → 128 + round(−1.5) =
    // 128 − 1, 0.9 → 128 + round(0.45)
    const column = Float32Array.from({ length: BLOCK }, (_, i) => [254, -254, 3, -3, 0.9][i] ?? 0)
    const { blocks, numbers, scales } = inEightBits(column, { inner: BLOCK, columns: 1, isTransposed: false })
    expect(blocks).toBe(1)
    expect([...scales]).toEqual([2])
    expect([...numbers.subarray(0, 6)]).toEqual([255, 1, 130, 127, 128, 128])
  })

  it('lies output by output, each filled up to whole blocks with zeros', () => {
    // [inner 33, columns 2], column 0 all 1, column 1 all −2: two blocks an output, the second of one number
    const matrix = Float32Array.from({ length: 66 }, (_, i) => [1, -2][i % 2]!)
    const { blocks, numbers, scales } = inEightBits(matrix, { inner: 33, columns: 2, isTransposed: false })
    expect(blocks).toBe(2)
    expect([...scales]).toEqual([1, 1, 2, 2].map((most) => Math.fround(most / 127)))
    const ends = (column: number) => [
      ...numbers.subarray((2 * column + 1) * BLOCK, (2 * column + 1) * BLOCK + 2),
    ]
    expect([ends(0), ends(1)]).toEqual([
      [255, 128],
      [1, 128],
    ])
  })

  it('is the same whichever way round it was stored, and off by half a scale at most', () => {
    const [inner, columns] = [70, 9]
    const matrix = normal(inner * columns, 'matrix')
    const turned = Float32Array.from(
      { length: inner * columns },
      (_, i) => matrix[(i % inner) * columns + Math.floor(i / inner)]!,
    )
    const made = inEightBits(matrix, { inner, columns, isTransposed: false })
    expect(inEightBits(turned, { inner, columns, isTransposed: true })).toEqual(made)
    for (let i = 0; i < inner; i++) {
      for (let column = 0; column < columns; column++) {
        const block = column * made.blocks + Math.floor(i / BLOCK)
        const scale = made.scales[block]!
        expect(
          Math.abs(
            scale * (made.numbers[block * BLOCK + (i % BLOCK)]! - 128) - matrix[i * columns + column]!,
          ),
        ).toBeLessThanOrEqual((scale / 2) * (1 + 1e-5))
      }
    }
  })

  it('of zeros is zeros, and keeps it when a number is none', () => {
    expect(
      inEightBits(new Float32Array(BLOCK), { inner: BLOCK, columns: 1, isTransposed: false }),
    ).toMatchObject({ numbers: new Uint8Array(BLOCK).fill(128), scales: Float32Array.of(0) })
    expect(
      inEightBits(new Float32Array(BLOCK).fill(NaN), { inner: BLOCK, columns: 1, isTransposed: false })
        .scales,
    ).toEqual(Float32Array.of(NaN))
  })
})

/** How a product reads its weights: [inner, columns], with a bias, or [columns, inner]. */
const products: Readonly<Record<string, (x: tf.Tensor2D, weights: Weights) => tf.Tensor>> = {
  plain: (x, { w }) => tf.matMul(x, w as tf.Tensor2D),
  'with a bias': (x, { w, bias }) => linear(x, w as tf.Tensor2D, bias as tf.Tensor1D),
  transposed: (x, { w }) => tf.matMul(x, w as tf.Tensor2D, false, true),
}

/** w as the product reads it, [inner, columns], and what its bias adds to each column. */
interface Sizes {
  readonly rows: number
  readonly inner: number
  readonly columns: number
}

function weightsOf(name: string, { inner, columns }: Sizes): Parameters {
  const parameters = allocate({
    w: name === 'transposed' ? [columns, inner] : [inner, columns],
    ...(name === 'with a bias' && { bias: [columns] }),
  })
  for (const [tensor] of Object.entries(parameters.spec))
    parameters.view(tensor).set(normal(parameters.view(tensor).length, tensor))
  return parameters
}

/**
 * The product in double precision, and how far 8 bits may be from it. With x̂, ŵ for what x, w became, of
 * scales s and t in a block:
 * |Σ x̂·ŵ − Σ x·w| ≤ Σ |x̂|·|ŵ − w| + |x̂ − x|·|w| ≤ Σ (|x| + s/2)·t/2 + s/2·|w|, and what float32 loses.
 */
function bounded(
  name: string,
  x: Float32Array,
  parameters: Parameters,
  { rows, inner, columns }: Sizes,
): { readonly exact: number[]; readonly bounds: number[] } {
  const w = parameters.view('w')
  const bias = name === 'with a bias' ? parameters.view('bias') : new Float32Array(columns)
  const weight = (i: number, column: number): number =>
    w[name === 'transposed' ? column * inner + i : i * columns + column]!
  const exact: number[] = []
  const bounds: number[] = []
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = bias[column]!
      let bound = 1e-6 * Math.abs(sum)
      for (let start = 0; start < inner; start += BLOCK) {
        const places = Array.from({ length: Math.min(BLOCK, inner - start) }, (_, i) => start + i)
        const xs = places.map((i) => x[row * inner + i]!)
        const ws = places.map((i) => weight(i, column))
        const s = Math.max(...xs.map(Math.abs)) / 127
        const t = Math.max(...ws.map(Math.abs)) / 127
        for (const [i, each] of xs.entries()) {
          sum += each * ws[i]!
          bound +=
            ((Math.abs(each) + s / 2) * t) / 2 + (s / 2) * Math.abs(ws[i]!) + 1e-6 * Math.abs(each * ws[i]!)
        }
      }
      exact.push(sum)
      bounds.push(bound)
    }
  }
  return { exact, bounds }
}

describe('a frozen program in 8 bits', () => {
  const cases = Object.keys(products).flatMap((name) =>
    [
      { rows: 1, inner: 769, columns: 96 },
      { rows: 7, inner: 100, columns: 700 },
      { rows: 33, inner: 256, columns: 256 },
    ].map((sizes) => ({ name, ...sizes })),
  )

  it.each(cases)(
    'multiplies $rows × $inner with $inner × $columns, $name, within what the digits allow',
    async ({ name, ...sizes }) => {
      const parameters = weightsOf(name, sizes)
      const x = normal(sizes.rows * sizes.inner, 'x')
      const batch: Batch = { x: { shape: [sizes.rows, sizes.inner], data: x } }
      const { exact, bounds } = bounded(name, x, parameters, sizes)
      for (const threads of [1, 2]) {
        const engine = compiledEngine({ threads })
        const before = engine.memory()
        const program = engine.program((weights, { x }) => ({
          y: products[name]!(x as tf.Tensor2D, weights),
        }))
        const frozen = program.freeze(parameters, '8-bit')
        const [first, second] = [(await frozen.run(batch))['y']!, (await frozen.run(batch))['y']!]
        expect(second).toEqual(first)
        expect(first.shape).toEqual([sizes.rows, sizes.columns])
        const apart = exact.map((value, i) => Math.abs(first.data[i]! - value))
        expect(apart.findIndex((each, i) => !(each <= bounds[i]!))).toBe(-1)
        expect(Math.max(...apart)).toBeGreaterThan(1e-3) // float32 would be closer: these were 8 bits
        frozen.dispose()
        program.dispose()
        expect(engine.memory()).toEqual(before)
      }
    },
  )

  const run = async (
    body: (weights: Weights, batch: Tensors) => Tensors,
    parameters: Parameters,
    batch: Batch,
  ) => {
    const engine = compiledEngine({ threads: 2 })
    const program = engine.program(body)
    const [plain, inBits] = [program.freeze(parameters), program.freeze(parameters, '8-bit')]
    const results = { plain: await plain.run(batch), inBits: await inBits.run(batch) }
    engine.dispose()
    return results
  }

  it('looks rows up with all their digits in a table that a product beside it reads in 8 bits', async () => {
    const parameters = allocate({ table: [300, 256] })
    const batch: Batch = { ids: { shape: [3], data: Int32Array.of(299, 0, 17) } }
    parameters.view('table').set(normal(300 * 256, 'table'))
    const { plain, inBits } = await run(
      ({ table }, { ids }) => {
        const rows = tf.gather(table as tf.Tensor2D, ids as tf.Tensor1D)
        return { rows, scores: tf.matMul(rows, table as tf.Tensor2D, false, true) }
      },
      parameters,
      batch,
    )
    expect(inBits['rows']).toEqual(plain['rows'])
    expect(inBits['scores']).not.toEqual(plain['scores'])
  })

  it('leaves small matrices as they are, and products that read a weight otherwise', async () => {
    const parameters = allocate({ large: [256, 256], small: [256, 8] })
    const batch: Batch = { x: { shape: [256, 256], data: normal(256 * 256, 'x') } }
    for (const name of Object.keys(parameters.spec))
      parameters.view(name).set(normal(parameters.view(name).length, name))
    const { plain, inBits } = await run(
      ({ large, small }, { x }) => ({
        narrow: tf.matMul(x as tf.Tensor2D, small as tf.Tensor2D),
        left: tf.matMul(large as tf.Tensor2D, x as tf.Tensor2D),
        acrossRows: tf.matMul(x as tf.Tensor2D, large as tf.Tensor2D, true, false),
      }),
      parameters,
      batch,
    )
    expect(inBits).toEqual(plain)
  })

  it('reads the parameters as they were, for every shape', async () => {
    const engine = compiledEngine({ threads: 1 })
    const parameters = weightsOf('plain', { rows: 1, inner: 256, columns: 256 })
    const program = engine.program((weights, { x }) => ({
      y: tf.matMul(x as tf.Tensor2D, weights['w'] as tf.Tensor2D),
    }))
    const batch = (rows: number): Batch => ({ x: { shape: [rows, 256], data: normal(rows * 256, 'x') } })
    const frozen = program.freeze(parameters, '8-bit')
    const before = (await frozen.run(batch(1)))['y']!.data
    parameters.flat.fill(0)
    expect((await frozen.run(batch(3)))['y']!.data[0]).toBeCloseTo(before[0]!, 4)
    engine.dispose()
  })

  it(
    'multiplies signs exactly: they are whole numbers of 8 bits (the self-test asks this of every ' +
      'processor)',
    async () => {
      for (const threads of [1, 2])
        expect(await eightBitProblem(compiledEngine({ threads }), eagerEngine())).toBeUndefined()
      const zeros = eagerEngine().program(() => ({ product: tf.zeros([1, 257]) }))
      const wrong: Engine = {
        ...eagerEngine(),
        program: () => ({ ...zeros, freeze: (parameters) => zeros.freeze(parameters) }),
      }
      expect(await eightBitProblem(wrong, eagerEngine())).toMatch(
        /^product of 1 rows\[0\] is 0, TensorFlow.js says -?\d+/,
      )
      expect(await eightBitProblem(eagerEngine(), eagerEngine())).toBeUndefined() // it has no such products
    },
  )

  it('is refused in words by a device that has no such products', () => {
    const program = eagerEngine().program((weights) => weights)
    expect(() => program.freeze(allocate({}), '8-bit')).toThrow(
      'Only the compiled CPU writes with 8-bit weights: choose the device “cpu”, or the weights as they are.',
    )
    program.dispose()
  })
})
