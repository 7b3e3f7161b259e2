import { describe, expect, it } from 'vitest'
import { weight } from '../../../src-main/model/network'
import { drawChance, dropOf, withChance } from '../../../src-main/model/layers/dropout'
import { seeded } from '../../../src-main/maths/random'
import * as tf from '../../../src-main/compute/tf'
import { engines, runOnce, tinyConfig, tinyModel } from '../tiny'

const rows = 8
const time = 60
const width = 16
const config = { ...tinyConfig, heads: 1, contextTokens: time }

/** What becomes of ones at the first two places of an update. */
async function dropped(
  open: (typeof engines)[number][1],
  rate: number,
  seed: number,
): Promise<readonly [readonly number[], readonly number[]]> {
  const engine = open()
  const read = await runOnce(
    engine,
    tinyModel(),
    drawChance(config, { rows, time, first: 0 }, rate, (row = -1) => seeded(seed, row)),
    (weights, batch) => {
      const drop = dropOf(withChance(weights, batch))!
      const ones = tf.add(tf.mul(weight(batch, 'dropout.kept'), 0), tf.ones([rows * time, width]))
      return { first: drop(ones), second: drop(ones) }
    },
  )
  engine.dispose()
  return [read['first']!, read['second']!]
}

const shareOf = (values: readonly number[]): number =>
  values.filter((value) => value === 0).length / values.length

describe.each(engines)('dropout on the %s engine', (_, open) => {
  it.each([0.1, 0.5])('drops its share of %d, and what stays makes up for it', async (rate) => {
    const [first] = await dropped(open, rate, 1)
    const error = Math.sqrt((rate * (1 - rate)) / first.length) // of a share of 7,680 numbers: 0.003, 0.006
    expect(Math.abs(shareOf(first) - rate)).toBeLessThan(4 * error + 0.0005)
    expect(Math.abs(first.reduce((sum, value) => sum + value, 0) / first.length - 1)).toBeLessThan(
      (4 * error) / (1 - rate) + 0.001,
    )
    expect(new Set(first).size).toBe(2)
  })

  it('drops each row, each column, each place and each update by a chance of its own', async () => {
    const [first, second] = await dropped(open, 0.5, 1)
    const [other] = await dropped(open, 0.5, 2)
    const together = (a: readonly number[], b: readonly number[]): number =>
      shareOf(a.map((value, i) => value + b[i]!))
    for (const [a, b] of [
      [first, second],
      [first, other],
      [first.slice(width), first.slice(0, -width)],
      [first.slice(1), first.slice(0, -1)],
    ] as const) {
      expect(Math.abs(together(a, b) - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / first.length))
    }
  })

  it('is the same with the same seed', async () => {
    expect(await dropped(open, 0.2, 3)).toEqual(await dropped(open, 0.2, 3))
  })
})

describe('dropout', () => {
  it('is not there when the batch has none', () => {
    expect(dropOf({})).toBeUndefined()
    const weights = {}
    expect(withChance(weights, {})).toBe(weights)
  })

  it('drops the same numbers of a row in whatever part of a batch it is', () => {
    const draws = (row = -1) => seeded(5, row)
    const ofRows = (first: number, count: number) =>
      drawChance(config, { rows: count, time, first }, 0.3, draws)['dropout.rows']!.data
    expect([...ofRows(0, 3), ...ofRows(3, 5)]).toEqual([...ofRows(0, 8)])
  })

  it('drops the same numbers on every engine', async () => {
    const [[, eager], [, compiled]] = engines as [(typeof engines)[0], (typeof engines)[0]]
    expect(await dropped(compiled, 0.3, 5)).toEqual(await dropped(eager, 0.3, 5))
  })
})
