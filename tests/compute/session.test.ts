import { describe, expect, it } from 'vitest'
import { lower } from '../../src-main/compute/lower/lower'
import { feedOf, openSession } from '../../src-main/compute/session'
import { simplify } from '../../src-main/compute/simplify'
import * as tf from '../../src-main/compute/tf'
import { trace } from '../../src-main/compute/trace'

/** Of so many numbers the binding's copies are avoided, of so few they are not. */
const sizes = { many: 70_000, few: 7 }

async function doubling(size: number) {
  const graph = simplify(trace([{ kind: 'input', name: 'x', shape: [size], dtype: 'float32' }], ({ x }) => ({ twice: tf.mul(x as tf.Tensor, 2), isPositive: tf.greater(x as tf.Tensor, 0) })))
  return openSession(lower(graph), { threads: 2 })
}

const ramp = (size: number) => Float32Array.from({ length: size }, (_, i) => i - 3)

describe.each(Object.entries(sizes))('a session with outputs of %s numbers', (_, size) => {
  it('writes them into the arrays it is given', async () => {
    const session = await doubling(size), twice = new Float32Array(size)
    const results = await session.run({ x: feedOf([size], ramp(size)) }, { twice: feedOf([size], twice) })
    expect(results['twice']?.data).toBe(twice)
    expect(twice).toEqual(ramp(size).map(value => 2 * value))
    session.dispose()
  })

  it('makes new arrays for the others with each run', async () => {
    const session = await doubling(size)
    const [first, second] = [await session.run({ x: feedOf([size], ramp(size)) }), await session.run({ x: feedOf([size], new Float32Array(size)) })]
    expect(first['isPositive']).toEqual({ shape: [size], data: Int32Array.from({ length: size }, (_, i) => Number(i > 3)) })
    expect(second['isPositive']?.data.every(value => value === 0)).toBe(true)
    session.dispose()
  })

  it('says what went wrong in a run', async () => {
    const session = await doubling(size)
    await expect(session.run({ x: feedOf([2], new Float32Array(2)) })).rejects.toThrow(/Got: 2 Expected/)
    session.dispose()
  })
})
