import { describe, expect, it } from 'vitest'
import { markRuns } from '../../src-main/runs/mark-runs'
import { appendPoints, newestValues } from '../../src-main/store/metric-points'
import { createRun, endRun, listRuns, runOf, startRun } from '../../src-main/store/runs'
import { testRegistry } from '../helpers/registry'

function twoRuns() {
  const db = testRegistry()
  const facts = { recipe: 'sft', settings: {}, inputs: {}, device: 'cpu', programVersion: '0' } as const
  const first = createRun(db, { name: 'first', ...facts, createdAtMs: 1 })
  const second = createRun(db, { name: 'second', ...facts, createdAtMs: 1 })
  startRun(db, first.id, 2)
  endRun(db, first.id, { state: 'finished', endedAtMs: 3 })
  return { db, first: first.id, second: second.id }
}

describe('marks of runs', () => {
  it('are kept, each changing only what it says', () => {
    const { db, first } = twoRuns()
    markRuns(db, [{ runId: first, tags: ['keep', 'keep', 'old'], note: 'reads well' }])
    markRuns(db, [{ runId: first, isPinned: true }])
    expect(runOf(db, first)).toMatchObject({ tags: ['keep', 'old'], note: 'reads well', isPinned: true })
    markRuns(db, [{ runId: first, tags: [], note: '', isPinned: false, shelf: 'archive' }])
    expect(runOf(db, first)).not.toHaveProperty('tags')
    expect(runOf(db, first)).not.toHaveProperty('note')
    expect(runOf(db, first)).not.toHaveProperty('isPinned')
    expect(runOf(db, first).shelf).toBe('archive')
    markRuns(db, [{ runId: first, shelf: 'desk' }])
    expect(runOf(db, first)).not.toHaveProperty('shelf')
  })

  it('throw no run at work into the bin, and then none of those asked for', () => {
    const { db, first, second } = twoRuns()
    const marks = [first, second].map((runId) => ({ runId, shelf: 'bin' as const }))
    expect(() => markRuns(db, marks)).toThrow('“second” is queued')
    expect(listRuns(db).filter(({ shelf }) => shelf === 'bin')).toEqual([])
  })

  it('of a damaged row are none, and the run is still there', () => {
    const { db, first } = twoRuns()
    db.run('UPDATE runs SET tags = ?', '[not json')
    expect(runOf(db, first)).not.toHaveProperty('tags')
  })
})

describe('the newest values of a run', () => {
  it('are the last of each metric, whatever its steps, without what is no number or unknown', () => {
    const { db, first, second } = twoRuns()
    appendPoints(db, first, [
      { name: 'loss/train', step: 1, value: 3 },
      { name: 'loss/train', step: 7, value: 2 },
      { name: 'text/length', step: 4, value: 12 },
      { name: 'kl/text', step: 4, value: NaN },
    ])
    db.run(
      'INSERT INTO metric_points (run_id, name, step, value) ' +
        "SELECT run_id, 'gone/metric', 1, 1 FROM metric_points LIMIT 1",
    )
    expect(newestValues(db, first)).toEqual({ 'loss/train': 2, 'text/length': 12 })
    expect(newestValues(db, second)).toEqual({})
  })
})
