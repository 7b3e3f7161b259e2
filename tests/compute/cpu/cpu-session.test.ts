import { describe, expect, it } from 'vitest'
import { makeTogether } from '../../../src-main/compute/cpu/lanes'
import { lower } from '../../../src-main/compute/lower/lower'
import { openSession } from '../../../src-main/compute/cpu/cpu-session'
import { runSession, type Session } from '../../../src-main/compute/session'
import { simplify } from '../../../src-main/compute/graph/simplify'
import * as tf from '../../../src-main/compute/tf'
import { trace } from '../../../src-main/compute/recording/trace'

/** As large as what JavaScript keeps in its own heap, and larger. */
const sizes = { many: 70_000, few: 7 }

function doubling(size: number): Session {
  const graph = simplify(
    trace([{ kind: 'input', name: 'x', shape: [size], dtype: 'float32' }], ({ x }) => ({
      twice: tf.mul(x as tf.Tensor, 2),
      isPositive: tf.greater(x as tf.Tensor, 0),
    })),
  )
  return openSession(lower(graph), { threads: 2 })
}

const ramp = (size: number) => Float32Array.from({ length: size }, (_, i) => i - 3)
const vector = (data: Float32Array) => ({ shape: [data.length], data })

describe.each(Object.entries(sizes))('a session with outputs of %s numbers', (_, size) => {
  it('writes them into the arrays it is given', () => {
    const session = doubling(size)
    const twice = new Float32Array(size)
    const results = runSession(session, { x: vector(ramp(size)) }, { twice: vector(twice) })
    expect(results['twice']?.data).toBe(twice)
    expect(twice).toEqual(ramp(size).map((value) => 2 * value))
    session.dispose()
  })

  it('makes new arrays for the others with each run', () => {
    const session = doubling(size)
    const [first, second] = [
      runSession(session, { x: vector(ramp(size)) }),
      runSession(session, { x: vector(new Float32Array(size)) }),
    ]
    expect(first['isPositive']).toEqual({
      shape: [size],
      data: Int32Array.from({ length: size }, (_, i) => Number(i > 3)),
    })
    expect(second['isPositive']?.data.every((value) => value === 0)).toBe(true)
    session.dispose()
  })

  it('reads what is in its input now, also when it was bound before', () => {
    const session = doubling(size)
    const x = ramp(size)
    runSession(session, { x: vector(x) })
    x.fill(21)
    expect(runSession(session, { x: vector(x) })['twice']?.data.every((value) => value === 42)).toBe(true)
    session.dispose()
  })

  it('says what went wrong in a run', () => {
    const session = doubling(size)
    expect(() => runSession(session, { x: vector(new Float32Array(2)) })).toThrow(/Got: 2 Expected/)
    session.dispose()
  })
})

describe('a session', () => {
  it('does not run once it is disposed', () => {
    const session = doubling(2)
    session.dispose()
    session.dispose()
    expect(() => runSession(session, { x: vector(ramp(2)) })).toThrow('disposed')
  })
})

describe('sessions side by side', () => {
  const three = [5, 5000, 500]

  it('compute what each computes alone, as often as wanted', () => {
    const sessions = three.map(doubling)
    for (let time = 0; time < 20; time++) {
      const runs = sessions.map((session, index) =>
        session.ready({ x: vector(ramp(three[index] as number)) }),
      )
      makeTogether(runs)
      runs.forEach((run, index) =>
        expect(run.results()['twice']?.data).toEqual(ramp(three[index] as number).map((value) => 2 * value)),
      )
    }
    for (const session of sessions) session.dispose()
  })

  it('say what went wrong in one of them, and go on to work', () => {
    const sessions = [doubling(2), doubling(2)]
    const wrong = () =>
      sessions.map((session, index) => session.ready({ x: vector(new Float32Array(2 + index)) }))
    expect(() => makeTogether(wrong())).toThrow(/Got: 3 Expected: 2/)
    expect(() => makeTogether(wrong().reverse())).toThrow(/Got: 3 Expected: 2/)
    const runs = sessions.map((session) => session.ready({ x: vector(Float32Array.of(1, 2)) }))
    makeTogether(runs)
    for (const run of runs) expect(run.results()['twice']?.data).toEqual(Float32Array.of(2, 4))
    for (const session of sessions) session.dispose()
  })
})
