import { describe, expect, it } from 'vitest'
import { changesOf, nowAndOnChange, only, pause, topic } from '../../src-main/changes/topic'
import { mergeRuns, mergeUpdates } from '../../src-main/changes/studio-changes'
import type { MetricPoint, Run, RunUpdate } from '../../src-shared/records/run'

const joined = (before: readonly number[], now: readonly number[]) => [...before, ...now]

/** Reads until `count` numbers have come. */
async function read(
  items: AsyncIterable<readonly number[]>,
  count: number,
): Promise<{ readonly batches: number; readonly all: readonly number[] }> {
  const all: number[] = []
  let batches = 0
  for await (const batch of items) {
    batches++
    all.push(...batch)
    if (all.length >= count) break
  }
  return { batches, all }
}

describe('what a topic publishes', () => {
  it('reaches a listener from the call on, before it has asked for the first item', async () => {
    const source = topic<readonly number[]>()
    const items = changesOf(source, joined, new AbortController().signal)
    source.publish([1])
    source.publish([2])
    expect((await read(items, 2)).all).toEqual([1, 2])
  })

  it('comes merged, at most ten times a second, with nothing lost', async () => {
    const source = topic<readonly number[]>()
    const items = changesOf(source, joined, new AbortController().signal)
    const numbers = Array.from({ length: 200 }, (_, i) => i)
    const publishing = (async () => {
      for (const each of numbers) {
        source.publish([each])
        await pause(2, new AbortController().signal)
      }
    })()
    const startedMs = performance.now()
    const { batches, all } = await read(items, numbers.length)
    const tookMs = performance.now() - startedMs
    expect(all).toEqual(numbers)
    expect(batches).toBeLessThanOrEqual(Math.ceil(tookMs / 100) + 1)
    await publishing
  })

  it('reaches nobody who has left', async () => {
    const source = topic<readonly number[]>()
    const closing = new AbortController()
    const items = changesOf(source, joined, closing.signal)
    closing.abort()
    source.publish([1])
    expect((await read(items, 1)).all).toEqual([])
  })

  it('can be narrowed', async () => {
    const source = topic<readonly number[]>()
    const items = changesOf(
      only(source, ([first = 0]) => first > 5),
      joined,
      new AbortController().signal,
    )
    for (const each of [1, 9, 3, 7]) source.publish([each])
    expect((await read(items, 2)).all).toEqual([9, 7])
  })
})

describe('a list that is watched', () => {
  it('comes as it is, and again after a change', async () => {
    const source = topic<void>()
    let value = 1
    const seen: number[] = []
    for await (const each of nowAndOnChange(source, () => value, new AbortController().signal)) {
      seen.push(each)
      if (seen.length === 2) break
      value = 2
      source.publish()
    }
    expect(seen).toEqual([1, 2])
  })
})

describe('merged changes', () => {
  const run = (id: string, step: number) => ({ id, step }) as Run
  const point = (step: number): MetricPoint => ({ step, name: 'loss/train', value: step })

  it('of runs keep the newest row of each, and know which are gone', () => {
    const merged = mergeRuns(
      { runs: [run('a', 1), run('b', 1)], removed: [] },
      { runs: [run('a', 2)], removed: ['b'] },
    )
    expect(merged).toEqual({ runs: [run('a', 2)], removed: ['b'] })
  })

  it('of one run join what came and keep the newest row', () => {
    const merged = mergeUpdates(
      { run: run('a', 1), points: [point(1)] },
      { run: run('a', 2), points: [point(2)], log: [] },
    )
    expect(merged).toEqual({ run: run('a', 2), points: [point(1), point(2)], log: [] })
  })

  it('forget what a resumed run takes back, and say so', () => {
    const before: RunUpdate = { points: [point(5), point(6), point(7)] }
    const merged = mergeUpdates(mergeUpdates(before, { rewoundTo: 5 }), { points: [point(6)] })
    expect(merged).toEqual({ rewoundTo: 5, points: [point(5), point(6)] })
  })
})
