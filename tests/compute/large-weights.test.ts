import { describe, expect, it, onTestFinished } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { allocateInEightBits } from '../../src-main/compute/eight-bit-parameters'
import { writeRows } from '../../src-main/compute/eight-bits'
import type { Float2D } from '../../src-main/compute/engine'
import { heldInputs } from '../../src-main/compute/cpu/frozen-weights'
import { recordingsOf } from '../../src-main/compute/recording/graphs'
import { allocate } from '../../src-main/compute/parameters'
import * as tf from '../../src-main/compute/tf'
import { liveBytes } from '../../src-main/compute/graph/footprint'
import { withWeightsWrittenOut } from '../../src-main/compute/lower/written-out'
import { fillUniform, seeded } from '../../src-main/maths/random'

/** More numbers than are written out at once, in pieces of which the last is smaller. */
const [ROWS, COLUMNS] = [65_600, 288]
const spec = { w: [ROWS, COLUMNS] }

describe.each(['in-out', 'out-in'] as const)('a large weight in 8 bits, stored %s,', (way) => {
  const held = allocateInEightBits(spec, () => way)
  const values = new Float32Array(ROWS * COLUMNS)
  fillUniform(values, 1, seeded(1))
  writeRows(held.held('w')!, values, 0)
  const whole = allocate(spec)
  whole.view('w').set(held.view('w'))
  const body = ({ w }: Readonly<Record<string, tf.Tensor>>, { x, y }: { x: Float2D; y: Float2D }) => ({
    forth: tf.sum(tf.square(tf.matMul(x, w as tf.Tensor2D)), 1),
    back: tf.matMul(y, w as tf.Tensor2D, false, true),
  })
  const numbers = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i))
  const batch = {
    x: { shape: [2, ROWS], data: numbers(2 * ROWS) },
    y: { shape: [2, COLUMNS], data: numbers(2 * COLUMNS) },
  }

  it('gives the products of what it is written out as', async () => {
    const engine = compiledEngine({ threads: 2 })
    onTestFinished(() => engine.dispose())
    const program = engine.program<{ x: Float2D; y: Float2D }>(body)
    const found = await program.run(held, batch)
    const wanted = await program.run(whole, batch)
    for (const name of ['forth', 'back'])
      found[name]!.data.forEach((value, i) => {
        const right = wanted[name]!.data[i]!
        expect(Math.abs(value - right)).toBeLessThan(1e-3 * (1 + Math.abs(right)))
      })
  })

  it('is never there as a whole', () => {
    const recorded = recordingsOf((weights, given) => body(weights, given as never))(spec, batch)
    const live = liveBytes(withWeightsWrittenOut(recorded, heldInputs(held)))
    expect(live).toBeLessThan(4 * ROWS * COLUMNS)
  })
})
