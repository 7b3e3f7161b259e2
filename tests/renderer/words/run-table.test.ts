import { describe, expect, it } from 'vitest'
import { aRun } from '../../../src-renderer/dev/records'
import {
  cellText,
  differingSettings,
  factColumns,
  isUndecided,
  metricColumn,
  settingColumn,
  type RunFacts,
} from '../../../src-renderer/words/run-columns'
import { runsAsCsv } from '../../../src-renderer/words/run-csv'
import { groupedRuns, sortedRuns } from '../../../src-renderer/words/run-order'
import { readQuery } from '../../../src-renderer/words/run-query'
import { choicesIn } from '../../../src-renderer/stores/run-table-choices'
import type { Run, RunTrend } from '../../../src-shared/records/run'

const column = (id: string) => factColumns.find((one) => one.id === id)!
const trend = (runId: string, value: number, more: Partial<RunTrend> = {}): RunTrend => ({
  runId,
  steps: [1],
  values: [value],
  ...more,
})
const factsOf = (trends: readonly RunTrend[], baseline?: Run): RunFacts => ({
  trendOf: (id) => trends.find(({ runId }) => runId === id),
  dataOf: () => 'pairs',
  baselineOf: () => baseline,
  nowMs: 100_000,
})
const names = (runs: readonly Run[]): readonly string[] => runs.map(({ id }) => id)

describe('what is looked for among runs', () => {
  const one = aRun({ id: 'ppo-1', tags: ['Keep'], note: 'too warm', settings: { beta: 0.1, plain: 'on' } })
  const settings = new Set(['beta', 'learningRate', 'plain'])
  const isFound = (text: string, measured?: RunTrend): boolean =>
    readQuery(text, settings).matches(one, measured)

  it.each([
    ['ppo', true],
    ['PPO warm', true],
    ['dpo', false],
    ['tag:keep', true],
    ['tag:kee', false],
    ['beta<0.2', true],
    ['beta>=0.2', false],
    ['beta=0.1 plain=on', true],
    ['plain!=on', false],
    ['learning-rate<1', false], // known, but not of this run
    ['beta < 0.2 ppo', true],
    ['beta >= 0.2', false],
    ['note "too warm"', false],
    ['"too warm"', true],
    ['plain="on"', true],
  ])('%s: %s', (text, wanted) => expect(isFound(text)).toBe(wanted))

  it('is also what was measured last', () => {
    const measured = trend('ppo-1', 1, { last: { 'kl/text': 3 } })
    expect(isFound('kl/text<=3', measured)).toBe(true)
    expect(isFound('kl/text<3', measured)).toBe(false)
    expect(isFound('kl/text<3')).toBe(false)
  })

  it('says which name it does not know, and does not hide all runs for it', () => {
    const query = readQuery('ppo bta<0.2', settings)
    expect(query.problem).toBe('No setting and no metric here is called “bta”.')
    expect(query.matches(one, undefined)).toBe(true)
    expect(readQuery('kl/text<much', settings).problem).toBe('kl/text is a number, and “much” is none.')
  })
})

describe('the order of runs', () => {
  const [a, b, c] = ['run-2', 'run-10', 'run-1'].map((id) => aRun({ id })) as [Run, Run, Run]
  const facts = factsOf([trend('run-2', 2), trend('run-10', 1)])

  it('puts what has no value last in both directions, and numbers in names as numbers', () => {
    expect(names(sortedRuns([a, b, c], column('headline'), false, facts))).toEqual([
      'run-10',
      'run-2',
      'run-1',
    ])
    expect(names(sortedRuns([a, b, c], column('headline'), true, facts))).toEqual([
      'run-2',
      'run-10',
      'run-1',
    ])
    expect(names(sortedRuns([a, b, c], undefined, false, facts))).toEqual(['run-1', 'run-2', 'run-10'])
  })

  it('puts pinned ones first, and what is no number behind numbers', () => {
    const pinned = { ...c, isPinned: true } as const
    expect(names(sortedRuns([a, b, pinned], column('headline'), false, facts))[0]).toBe('run-1')
    const broken = factsOf([trend('run-2', NaN), trend('run-10', 1)])
    expect(names(sortedRuns([a, b], column('headline'), true, broken))).toEqual(['run-10', 'run-2'])
  })

  it('sorts settings as the numbers they are', () => {
    const runs = [10, 9, 100].map((rate, index) => aRun({ id: String(index), settings: { rate } }))
    const sorted = sortedRuns(runs, settingColumn('rate'), false, facts)
    expect(sorted.map(({ settings }) => settings['rate'])).toEqual([9, 10, 100])
  })

  it('groups by recipe with one headline, and by state without', () => {
    const runs = [aRun({ id: 'x', recipe: 'sft' }), aRun({ id: 'y', recipe: 'ppo', state: 'failed' })]
    const byRecipe = groupedRuns(runs, 'recipe', facts)
    expect(byRecipe.map(({ title }) => title)).toEqual(['PPO', 'Fine-tune (SFT)'])
    expect(byRecipe[1]?.headline).toBe('loss/train, nats a token')
    expect(groupedRuns(runs, 'none', facts)).toMatchObject([{ title: 'All runs', headline: '' }])
  })
})

describe('the columns of runs', () => {
  const base = aRun({ id: 'base', isPinned: true })
  const other = aRun({ id: 'other' })
  const evidence = (value: number, half: number) => ({
    evidence: { count: 100, low: value - half, high: value + half },
  })

  it('hold a difference to the baseline for undecided while its interval holds zero', () => {
    // √(0.03² + 0.04²) = 0.05
    const near = factsOf(
      [trend('base', 0.5, evidence(0.5, 0.03)), trend('other', 0.549, evidence(0.549, 0.04))],
      base,
    )
    const far = factsOf(
      [trend('base', 0.5, evidence(0.5, 0.03)), trend('other', 0.551, evidence(0.551, 0.04))],
      base,
    )
    expect(isUndecided(other, near)).toBe(true)
    expect(isUndecided(other, far)).toBe(false)
    expect(isUndecided(other, factsOf([trend('base', 1), trend('other', 2)], base))).toBeUndefined()
    expect(cellText(column('baseline'), other, far)).toBe('+0.051')
    expect(cellText(column('baseline'), base, far)).toBe('baseline')
  })

  it('of settings are those in which runs differ, also where one has none', () => {
    const [a, b] = [
      aRun({ id: 'a', settings: { beta: 0.1, seed: 1, same: 2 } }),
      aRun({ id: 'b', settings: { beta: 0.2, same: 2 } }),
    ]
    expect(differingSettings([a, b])).toEqual(['beta', 'seed'])
    expect(differingSettings([a])).toEqual([])
  })
})

describe('the table as CSV', () => {
  it('has numbers as they are, quotes what needs it, and leaves a spreadsheet nothing to compute', () => {
    const run = aRun({ id: 'a', name: 'say "hi", you', note: '=1+1', settings: { beta: 0.123456789 } })
    const facts = factsOf([trend('a', -0.25, { last: { 'kl/text': 1e-9 } })])
    const columns = [column('headline'), column('note'), settingColumn('beta'), metricColumn('kl/text')]
    expect(runsAsCsv([run], columns, facts)).toBe(
      'id,name,headline,note,setting:beta,metric:kl/text\r\n' +
        'a,"say ""hi"", you",-0.25,\'=1+1,0.123456789,1e-9\r\n',
    )
  })
})

describe('numbers that share a cell', () => {
  it('have a column each in the file, and lines in a note stay in theirs', () => {
    const run = aRun({ id: 'a', note: 'one\ntwo' })
    const facts = factsOf([trend('a', 0.5, { evidence: { count: 62, low: 0.4, high: 0.6 } })])
    expect(runsAsCsv([run], [column('evidence'), column('note')], facts)).toBe(
      'id,name,evidence:count,evidence:low,evidence:high,note\r\na,a,62,0.4,0.6,"one\ntwo"\r\n',
    )
  })
})

describe('kept choices of the table', () => {
  it('that are damaged are as usual, and what was thrown away is not come upon', () => {
    expect(choicesIn('?')).toBeUndefined()
    const kept = choicesIn({ columns: [1], sort: 3, grouping: 'toString', shelf: 'bin', search: 'beta<1' })
    expect(kept).toMatchObject({
      sort: { by: 'begun', isDescending: true },
      grouping: 'recipe',
      shelf: 'desk',
      search: 'beta<1',
    })
    expect(kept?.columns).toContain('headline')
  })
})
