import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import type { Program } from '../../../src-main/compute/engine'
import { liveBytes } from '../../../src-main/compute/graph/footprint'
import type { Input } from '../../../src-main/compute/graph/graph'
import { createLedger } from '../../../src-main/compute/ledger'
import { machineMemory } from '../../../src-main/compute/machine-memory'
import { allocate } from '../../../src-main/compute/parameters'
import * as tf from '../../../src-main/compute/tf'
import { trace } from '../../../src-main/compute/recording/trace'

const none = allocate({})
const numbers = (length: number) => ({
  x: { shape: [length], data: Float32Array.from({ length }, (_, i) => Math.sin(i)) },
})

describe('opened graphs', () => {
  /** Each shape needs about 8 bytes a number at once, two times that and more with ONNX Runtime's own. */
  const program = (graphBytes: number) => {
    const engine = compiledEngine({ threads: 1, graphBytes })
    return {
      engine,
      program: engine.program((_, { x }) => ({
        y: tf.sum(tf.mul(tf.exp(x as tf.Tensor), tf.cos(x as tf.Tensor))),
      })),
    }
  }
  const lengths = [1000, 2000, 3000, 4000, 5000]

  it('are kept while there is room', async () => {
    const { engine, program: summing } = program(Infinity)
    for (const length of lengths) await summing.run(none, numbers(length))
    expect(engine.memory().graphs).toBe(lengths.length)
    engine.dispose()
  })

  it('are let go when there is none, and give the same when they come back', async () => {
    const ample = program(Infinity)
    const tight = program(150_000)
    const run = async (summing: Program) => {
      const sums: number[] = []
      for (const length of [...lengths, ...lengths, 1000])
        sums.push((await summing.run(none, numbers(length)))['y']?.data[0] ?? NaN)
      return sums
    }
    expect(await run(tight.program)).toEqual(await run(ample.program))
    expect(tight.engine.memory().graphs).toBeLessThan(lengths.length)
    expect(tight.engine.memory().bytes).toBeLessThan(150_000)
    expect(ample.engine.memory().bytes).toBeGreaterThan(150_000)
    for (const { engine } of [ample, tight]) engine.dispose()
  })

  it('are not let go while they run', async () => {
    const { engine, program: summing } = program(1)
    const all = await Promise.all(lengths.map((length) => summing.run(none, numbers(length))))
    const alone = program(Infinity)
    for (const [index, length] of lengths.entries())
      expect(all[index]).toEqual(await alone.program.run(none, numbers(length)))
    for (const each of [engine, alone.engine]) each.dispose()
  })

  it('can be opened again after it failed', async () => {
    const engine = compiledEngine({ threads: 1 })
    let isBroken = true
    const program = engine.program((_, { x }) => {
      if (isBroken) throw new Error('not yet')
      return { y: tf.neg(x as tf.Tensor) }
    })
    await expect(program.run(none, numbers(2))).rejects.toThrow('not yet')
    isBroken = false
    expect((await program.run(none, numbers(2)))['y']?.data).toHaveLength(2)
    engine.dispose()
  })
})

describe('the shelf of opened graphs', () => {
  const graph = (name: string, bytes: number, gone: string[], isIdle = () => true) => ({
    graphs: 1,
    bytes,
    isIdle,
    dispose: () => {
      gone.push(name)
    },
  })

  it('lets those go first that nobody has used for longest', () => {
    const ledger = createLedger(100)
    const gone: string[] = []
    const oldest = ledger.shelve(graph('oldest', 40, gone))
    ledger.shelve(graph('older', 40, gone))
    oldest.used()
    ledger.shelve(graph('new', 40, gone))
    expect(gone).toEqual(['older'])
    expect(ledger.memory()).toMatchObject({ graphs: 2, bytes: 80 })
  })

  it('keeps what is at work, also beyond its room', () => {
    const ledger = createLedger(100)
    const gone: string[] = []
    ledger.shelve(graph('at work', 90, gone, () => false))
    ledger.shelve(graph('idle', 5, gone))
    ledger.shelve(graph('new', 200, gone))
    expect(gone).toEqual(['idle'])
  })

  it('never lets go what is no graph', () => {
    const ledger = createLedger(10)
    const gone: string[] = []
    ledger.hold({
      graphs: 0,
      bytes: 1000,
      dispose: () => {
        gone.push('parameters')
      },
    })
    ledger.shelve(graph('graph', 5, gone))
    expect(gone).toEqual([])
  })
})

describe('what a graph needs at once', () => {
  const x: Input = { kind: 'input', name: 'x', shape: [100], dtype: 'float32' }
  const liveOf = (body: (x: tf.Tensor) => tf.Tensor) =>
    liveBytes(trace([x], ({ x }) => ({ y: body(x as tf.Tensor) })))

  it('is what was computed and is still to be used', () => {
    // exp and sin wait for their sum; the sum is an output and lies in the caller's array.
    expect(liveOf((x) => tf.add(tf.exp(x), tf.sin(x)))).toBe(800)
    // One after the other: while sin is computed, exp is there.
    expect(liveOf((x) => tf.neg(tf.cos(tf.sin(tf.exp(x)))))).toBe(800)
    expect(liveOf((x) => tf.neg(x))).toBe(0)
  })

  it('does not count twice what only has another shape', () => {
    expect(liveOf((x) => tf.neg(tf.reshape(tf.exp(x), [10, 10])))).toBe(400)
  })
})

describe('the memory of the machine', () => {
  const GiB = 2 ** 30
  it('is what the system has, or what a container is allowed', () => {
    expect(machineMemory({ total: 24 * GiB, free: 20 * GiB, limit: 0, leftOfLimit: 20 * GiB })).toEqual({
      totalBytes: 24 * GiB,
      availableBytes: 20 * GiB,
    })
    expect(machineMemory({ total: 24 * GiB, free: 20 * GiB, limit: 4 * GiB, leftOfLimit: 3 * GiB })).toEqual({
      totalBytes: 4 * GiB,
      availableBytes: 3 * GiB,
    })
    expect(machineMemory({ total: 24 * GiB, free: 2 * GiB, limit: 4 * GiB, leftOfLimit: 3 * GiB })).toEqual({
      totalBytes: 4 * GiB,
      availableBytes: 2 * GiB,
    })
    expect(machineMemory({ total: 24 * GiB, free: 20 * GiB, limit: 2 ** 63, leftOfLimit: 20 * GiB })).toEqual(
      { totalBytes: 24 * GiB, availableBytes: 20 * GiB },
    )
  })

  it('can be asked for here', () => {
    const { totalBytes, availableBytes } = machineMemory()
    expect(availableBytes).toBeGreaterThan(0)
    expect(totalBytes).toBeGreaterThanOrEqual(availableBytes)
  })
})
