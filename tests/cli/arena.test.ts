import { describe, expect, it } from 'vitest'
import { arenaCommand } from '../../src-main/cli/arena'
import { openTerminal } from '../../src-main/cli/terminal'
import { addComparisons } from '../../src-main/store/comparisons'
import { createArena } from '../../src-main/store/contenders'
import type { WritableDb } from '../../src-main/store/handle'
import { judge } from '../../src-main/store/judgments'
import type { Arena } from '../../src-shared/records/arena'
import { testCheckpoint } from '../helpers/labels'
import { importedDataset, testRegistry } from '../helpers/registry'

const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 48, seed: 7 }
const cooler = { ...sampling, temperature: 0.5 }

/** An arena of one checkpoint in two ways of sampling, whose first one won nine of twelve. */
function judgedArena(db: WritableDb): Arena {
  const prompts = importedDataset(db, 'prompts', [{ prompt: 'Write:' }], 'prompts')
  const checkpointId = testCheckpoint(db).id
  const arena = createArena(db, {
    ...{ name: 'Warm and cool', promptDatasetId: prompts.id, goal: 20, guidance: '', createdAtMs: 1 },
    contenders: [sampling, cooler].map((each) => ({ checkpointId, sampling: each })),
  })
  const side = (text: string, settings: typeof sampling) => ({
    ...{ text, tokens: 5, hasEnded: true, writer: { checkpointId, sampling: { ...settings, seed: 99 } } },
  })
  const made = Array.from({ length: 12 }, (_, i) => ({
    prompt: `prompt ${i}`,
    left: side(`left ${i}`, sampling),
    right: side(`right ${i}`, cooler),
  }))
  for (const [i, { id }] of addComparisons(db, arena.id, made, 2).entries())
    judge(db, {
      comparisonId: id,
      verdict: i < 9 ? 'left' : 'right',
      judgedAtMs: 3,
      window: 'w',
      annotator: 'Ada',
    })
  return arena
}

function said(db: WritableDb, asked: Parameters<typeof arenaCommand>[1], isJson = false): string {
  let out = ''
  const write = (text: string): void => {
    out += text
  }
  arenaCommand(
    db,
    asked,
    openTerminal({ out: { write }, err: { write } }, isJson, () => 0),
  )
  return out
}

describe('studio arena', () => {
  it('says that there is none, and lists those there are', () => {
    const db = testRegistry()
    expect(said(db, { arena: undefined })).toContain('No arenas yet')
    judgedArena(db)
    expect(said(db, { arena: undefined })).toMatch(/queue-\d+ +Warm and cool +at 0, at 0 +20/)
  })

  it('has the standings with their intervals and counts', () => {
    const db = testRegistry()
    judgedArena(db)
    const text = said(db, { arena: 'Warm and cool' })
    // 9 of 12: 400·log10(3) = 191 points, more or less 1.96·173.7·√(12/11 · 1/(12·¾·¼)) = 237, by prompt
    expect(text).toMatch(/at 0 \(T 0\.5\) +−191 +−428 to \+46 +12 +25 % \(9 % to 53 %\) of 12 +about \d+/)
    expect(text).toContain('at 0 (T 1)')
    expect(text).toContain('12 judgments by 1 person; ties half; 0 both bad, in no rating.')
  })

  it('has all of it as JSON', () => {
    const db = testRegistry()
    const { id } = judgedArena(db)
    const { rows, state } = JSON.parse(said(db, { arena: id }, true)) as {
      rows: { points?: { value: number } }[]
      state: { judged: number }
    }
    expect(state.judged).toBe(12)
    expect(rows.find(({ points }) => points)?.points?.value).toBeCloseTo(-400 * Math.log10(3), 6)
  })

  it('refuses a name that is not there', () => {
    const db = testRegistry()
    judgedArena(db)
    expect(() => said(db, { arena: 'Wram' })).toThrow('ARENA “Wram” is not there')
    expect(() => said(db, { arena: 'Warm and cool', baseline: 'nobody' })).toThrow(
      'BASELINE “nobody” is not there',
    )
  })
})
