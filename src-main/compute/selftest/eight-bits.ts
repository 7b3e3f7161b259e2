/**
 * The part of the self-test that multiplies with 8-bit weights: ONNX Runtime has a kernel of its own for each
 * family of processors.
 */
import { DeviceFailure } from '../device-failure'
import type { Engine, Float2D, HostBatch, HostTensor } from '../engine'
import { allocate } from '../parameters'
import * as tf from '../tf'
import { differenceOf } from './agreement'
import { uniform } from './case'

const INNER = 300
const COLUMNS = 257

/** One row takes another kernel than several. */
const ROWS = [1, 7]

/**
 * Signs are exact in 8 bits, 127 of 127, and their products the largest there are: a sum that overflows
 * shows.
 * @returns the first number that differs; `undefined` also for a device that has no such products
 */
export async function eightBitProblem(engine: Engine, reference: Engine): Promise<string | undefined> {
  const random = uniform(8)
  const sign = () => (random() < 0.5 ? -1 : 1)
  const parameters = allocate({ w: [INNER, COLUMNS] })
  parameters.flat.forEach((_, at, all) => {
    all[at] = sign()
  })
  const batches = ROWS.map((rows): HostBatch<{ x: Float2D }> => ({
    x: { shape: [rows, INNER], data: Float32Array.from({ length: rows * INNER }, sign) },
  }))
  const run = async (on: Engine, format: 'as-they-are' | '8-bit'): Promise<Record<string, HostTensor>> => {
    const program = on.program<{ x: Float2D }>(({ w }, { x }) => ({
      product: tf.matMul(x, w as tf.Tensor2D),
    }))
    try {
      const frozen = program.freeze(parameters, format)
      const products: Record<string, HostTensor> = {}
      for (const [index, batch] of batches.entries())
        products[`product of ${ROWS[index]} rows`] = (await frozen.run(batch))['product'] as HostTensor
      frozen.dispose()
      return products
    } finally {
      program.dispose()
    }
  }
  try {
    return differenceOf(await run(engine, '8-bit'), await run(reference, 'as-they-are'))
  } catch (error) {
    if (error instanceof DeviceFailure) return undefined
    return error instanceof Error ? error.message : String(error)
  }
}
