/** What is held out is never trained on, not under another row either (case 45). */
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { splitHeldOut, type Sameness } from '../../src-main/trainers/held-out'
import {
  sameDemonstrations,
  samePairs,
  sameRankings,
  sameRows,
  sameTexts,
} from '../../src-main/trainers/sameness'
import { preferencePairs } from '../../src-main/data/training-data'
import { trainRewardModel } from '../../src-main/trainers/reward'
import { readAll } from '../helpers/imported-file'
import { asked, assistant, user } from '../helpers/turns'
import { logsOf, rewardSettings, run, testEngine, tinyModel } from './tiny'

interface Row {
  readonly prompt?: string
  readonly text: string
}
const same: Sameness<Row> = {
  prompt: ({ prompt }) => prompt,
  whole: ({ prompt, text }) => `${prompt}\n${text}`,
}
const rows = (prompts: number, each: number): Row[] =>
  Array.from({ length: prompts * each }, (_, index) => ({ prompt: `p${index % prompts}`, text: `t${index}` }))
const promptsOf = (some: readonly Row[]) => new Set(some.map(({ prompt }) => prompt))

describe('what is held out', () => {
  it.each([1, 2, 3, 4, 5])('has no prompt that is trained on (seed %i)', (seed) => {
    const { trained, heldOut, notes } = splitHeldOut(rows(10, 4), 0.1, seed, same)
    expect([trained.length + heldOut.length, heldOut.length]).toEqual([40, 4])
    expect([...promptsOf(heldOut)].filter((prompt) => promptsOf(trained).has(prompt))).toEqual([])
    expect(notes).toEqual([])
  })

  it('is the same for the same seed, and another for another', () => {
    const held = (seed: number) => splitHeldOut(rows(40, 1), 0.2, seed, same).heldOut.map(({ text }) => text)
    expect(held(1)).toEqual(held(1))
    expect(held(1)).not.toEqual(held(2))
    expect(held(1)).toHaveLength(8)
  })

  it('is of prompts that are trained on where there are few of them, and says so', () => {
    const { heldOut, notes } = splitHeldOut(rows(3, 100), 0.05, 1, same)
    expect(heldOut).toHaveLength(15)
    expect(notes).toEqual([
      'There are 3 different prompts: what is held out answers prompts that are trained on, too.',
    ])
  })

  it('holds no row that equals one that is trained on, prompts or none', () => {
    const twice = [...rows(1, 30), ...rows(1, 30)].map(({ text }) => ({ text }))
    const { trained, heldOut } = splitHeldOut(twice, 0.1, 1, same)
    expect(heldOut).toHaveLength(6)
    const texts = new Set(trained.map(({ text }) => text))
    expect(heldOut.filter(({ text }) => texts.has(text))).toEqual([])
  })

  it('is nothing of one row, nothing of equal ones, nothing where nothing is asked for', () => {
    expect(splitHeldOut(rows(1, 1), 0.5, 1, same).heldOut).toEqual([])
    expect(splitHeldOut(rows(9, 1), 0, 1, same)).toEqual({ trained: rows(9, 1), heldOut: [], notes: [] })
    const equal = splitHeldOut(new Array<Row>(20).fill({ prompt: 'p', text: 't' }), 0.2, 1, same)
    expect([equal.trained.length, equal.heldOut.length]).toEqual([20, 0])
    expect(equal.notes.join()).toContain('Nothing is held out')
  })
})

describe('examples are the same', () => {
  const ids = (...each: number[]) => Int32Array.from(each)
  it('by what is read of them', () => {
    const row = { ids: ids(0, 300, 2), learnedFrom: 1 }
    expect(sameRows.prompt(row)).toBe(sameRows.prompt({ ...row, ids: ids(0, 300, 9) }))
    expect(sameRows.prompt(row)).not.toBe(sameRows.prompt({ ...row, ids: ids(0, 301, 2) }))
    expect(sameRows.whole(row)).not.toBe(sameRows.whole({ ...row, ids: ids(0, 300, 9) }))
    expect(sameRows.prompt({ ids: ids(0, 5), learnedFrom: 0 })).toBeUndefined()
    const text = { ids: ids(0, 7, 8), promptTokens: 2, isCut: false }
    expect(sameTexts.prompt(text)).toBe(sameRankings.prompt({ texts: [text] }))
    const [a, b] = [
      { ids: ids(0, 1), learnedFrom: 0 },
      { ids: ids(0, 1, 2), learnedFrom: 0 },
    ]
    const pair = { chosen: a, rejected: b, margin: 1 }
    expect(samePairs.whole(pair)).not.toBe(samePairs.whole({ ...pair, chosen: b, rejected: a }))
  })

  it('as conversations, too', () => {
    const talk = { prompt: asked(user('a')), completion: [assistant('b')] }
    expect(sameDemonstrations.whole(talk)).toBe(sameDemonstrations.whole({ ...talk }))
    expect(sameDemonstrations.whole(talk)).not.toBe(
      sameDemonstrations.whole({ ...talk, completion: [assistant('c')] }),
    )
    expect(sameDemonstrations.prompt({ prompt: '', completion: 'x' })).toBeUndefined()
  })
})

describe('case 45: twenty equal pairs', () => {
  it('hold nothing out, and the log says why', async () => {
    const file = path.resolve('tests/fixtures/field-cases/45-twenty-equal-pairs.jsonl')
    const pairs = preferencePairs((await readAll(file)).examples as never)
    const characters = [...new Set(JSON.stringify(pairs))].join('')
    const model = tinyModel(characters, 64)
    const settings = rewardSettings({ epochs: 1, heldOutFraction: 0.2 })
    const { events, updates } = await run(trainRewardModel(testEngine(), model, pairs, settings))
    expect(logsOf(events).join()).toContain('Nothing is held out')
    expect(updates.at(-1)?.values).not.toHaveProperty('accuracy/held-out')
  })
})
