import { describe, expect, it } from 'vitest'
import { reportLines, reportTitle } from '../../src-main/cli/report-lines'
import { replaceReport, reportOf } from '../../src-main/store/reward-reports'
import { createRun, forgetAfter } from '../../src-main/store/runs'
import type { RewardReport } from '../../src-shared/records/reward-report'
import { testRegistry } from '../helpers/registry'

const report: RewardReport = {
  step: 1200,
  rows: [
    { part: 'accuracy', name: 'all', count: 40, value: 0.8, low: 0.652, high: 0.895 },
    { part: 'calibration', name: '70 % sure', count: 40, value: 0.8, low: 0.652, high: 0.895, said: 0.7 },
    { part: 'calibration', name: 'mean distance', count: 40, value: 0.1 },
  ],
}

function aRun() {
  const db = testRegistry()
  const run = createRun(db, {
    name: 'reward-01',
    recipe: 'reward',
    settings: {},
    inputs: {},
    device: 'cpu',
    programVersion: '0',
    createdAtMs: 1,
  })
  return { db, run }
}

describe('the report of a reward model', () => {
  it('is said part by part, with intervals and counts', () => {
    expect(reportTitle(report)).toBe('Held out, measured at update 1,200')
    expect(reportLines(report)).toEqual([
      '  Told apart',
      '    all: 0.800 (0.652 to 0.895), 40 pairs',
      '  Calibration',
      '    70 % sure: 0.800 (0.652 to 0.895), 40 verdicts',
      '    mean distance: 0.100, 40 verdicts',
    ])
  })

  it('is kept as it was measured, and the newest counts', () => {
    const { db, run } = aRun()
    expect(reportOf(db, run.id)).toBeUndefined()
    replaceReport(db, run.id, { step: 600, rows: report.rows.slice(1) })
    replaceReport(db, run.id, report)
    expect(reportOf(db, run.id)).toEqual(report)
  })

  it('is gone where the run goes on from before it', () => {
    const { db, run } = aRun()
    replaceReport(db, run.id, report)
    forgetAfter(db, run.id, 1200)
    expect(reportOf(db, run.id)).toEqual(report)
    forgetAfter(db, run.id, 1100)
    expect(reportOf(db, run.id)).toBeUndefined()
  })
})
