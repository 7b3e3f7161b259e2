import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { judgmentsIn } from '../../src-main/labels/judgments-elsewhere'
import { isTaskOf, tasksFor } from '../../src-main/labels/tasks-elsewhere'
import type { LabelModeName } from '../../src-shared/records/labelling'
import type { Comparison } from '../../src-shared/records/comparison'
import { skipped } from '../helpers/skipping'
import { saidBy, whyNoPython } from './peers'

const side = (text: string) => ({ text, tokens: 3, hasEnded: true })
const item = (place: number): Comparison => ({
  ...{
    id: `comparison-${place}`,
    queueId: 'queue-1',
    place,
    prompt: `“Why?” ${place}\nTell`,
    left: side('one'),
    right: side('two'),
  },
  candidates: ['one', 'two', 'three'].map(side),
})
const items = [item(1), item(2)]

/** As they stand in the page of help. */
const documented = readFileSync(join(import.meta.dirname, '../../resources/docs/labelling.md'), 'utf8')
const configOf = (control: string): string =>
  [...documented.matchAll(/<View>[^]*?<\/View>/g)]
    .map(([config]) => config)
    .find((each) => each.includes(control)) ?? ''
const configs: Readonly<Partial<Record<LabelModeName, string>>> = {
  pair: configOf('<Pairwise'),
  ranking: configOf('<Ranker'),
  rating: configOf('<Rating'),
  'yes-no': configOf('<Choices'),
}

const answer = (given: unknown) => ({ verdict: 'answer', answer: given })
/** What each mode's first and second item were answered, in Argilla and in Label Studio. */
const answered = {
  pair: [
    [{ verdict: 'left', margin: 'slightly' }, { verdict: 'both-bad' }],
    [{ verdict: 'left' }, { verdict: 'right' }],
  ],
  ranking: [
    [answer({ groups: [[1], [0, 2]] }), answer({ groups: [[2], [1], [0]] })],
    [answer({ groups: [[1], [0], [2]] }), answer({ groups: [[2], [1], [0]] })],
  ],
  rating: [
    [answer({ rating: 4 }), answer({ rating: 1 })],
    [answer({ rating: 4 }), answer({ rating: 1 })],
  ],
  'yes-no': [
    [answer({ isGood: true }), answer({ isGood: false })],
    [answer({ isGood: true }), answer({ isGood: false })],
  ],
} as const

function judgedIn(file: string, mode: LabelModeName) {
  const { judged, passedOver } = judgmentsIn(readFileSync(file, 'utf8'), file, mode)
  expect(passedOver).toBe(0)
  expect(judged.map(({ task }, index) => isTaskOf(items[index]!, mode, task))).toEqual([true, true])
  return judged.map(({ task: _, ...said }) => said)
}

describe.skipIf(whyNoPython !== undefined)(`tasks out and judgments in${skipped(whyNoPython)}`, () => {
  it.each(['pair', 'ranking', 'rating', 'yes-no'] as const)('pass through Argilla by %s', (mode) => {
    const folder = mkdtempSync(join(tmpdir(), 'studio-peers-'))
    const [tasks, out] = [join(folder, 'tasks.json'), join(folder, 'records.json')]
    writeFileSync(tasks, tasksFor('argilla', mode, items))
    expect(saidBy('elsewhere.py', 'argilla', mode, tasks, out)).toMatchObject([{ records: 2 }])
    const people = [1, 2].map((person) => `00000000-0000-0000-0000-00000000000${person}`)
    expect(judgedIn(out, mode)).toEqual(
      answered[mode][0].map((said, index) => ({
        comparisonId: items[index]!.id,
        annotator: people[index],
        ...said,
      })),
    )
  })

  it.each(['pair', 'ranking', 'rating', 'yes-no'] as const)('pass through Label Studio by %s', (mode) => {
    const folder = mkdtempSync(join(tmpdir(), 'studio-peers-'))
    const [tasks, out, min] = ['tasks.json', 'export.json', 'min.json'].map((name) => join(folder, name))
    writeFileSync(tasks!, tasksFor('label-studio', mode, items))
    expect(saidBy('elsewhere.py', 'label-studio', mode, tasks!, out!, min!, configs[mode]!)).toMatchObject([
      { tasks: 2 },
    ])
    const expected = answered[mode][1].map((said, index) => ({
      ...{ comparisonId: items[index]!.id, annotator: `person${index + 1}@labels.example`, ...said },
    }))
    expect(judgedIn(out!, mode)).toEqual(expected)
    expect(judgedIn(min!, mode)).toEqual(expected)
  })
})
