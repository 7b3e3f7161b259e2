/** The whole demo with models so small that it takes seconds. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { openTerminal } from '../../src-main/cli/terminal'
import { runDemo, type DemoOptions } from '../../src-main/demo/demo-job'
import { demoPlan, type DemoPlan } from '../../src-main/demo/plan'
import { DemoStopped } from '../../src-main/demo/runs'
import { resourcesFolder } from '../../src-main/places/resources-folder'
import { checkpointsOfRun } from '../../src-main/store/checkpoints'
import { openRegistry } from '../../src-main/store/database'
import { pointsSince } from '../../src-main/store/metric-points'
import { listRuns } from '../../src-main/store/runs'

// Five trainings take as long as the machine has other things to do.
vi.setConfig({ testTimeout: 600_000 })

const folder = mkdtempSync(join(tmpdir(), 'demo-'))
afterAll(() => rmSync(folder, { recursive: true }))

const plan = demoPlan({ seed: 3, isQuick: true })
const tiny: DemoPlan = {
  pretrain: { ...plan.pretrain, layers: 1, heads: 2, width: 16, updates: 6, batchRows: 8 },
  sft: { ...plan.sft, epochs: 1, batchExamples: 256 },
  reward: { ...plan.reward, epochs: 1, batchPairs: 128 },
  ppoLexicon: { ...plan.ppoLexicon, updates: 3, completions: 16, minibatches: 2, criticWarmup: 1 },
  ppoRewardModel: { ...plan.ppoRewardModel, updates: 3, completions: 16, minibatches: 2, criticWarmup: 1 },
  texts: 50,
  pool: 1024,
}

const said: string[] = []
const stream = { write: (text: string) => said.push(text) }
const options = (into: string, signal = new AbortController().signal): DemoOptions => ({
  folder: into,
  plan: tiny,
  seed: 3,
  isQuick: true,
  device: 'cpu',
  resources: resourcesFolder(),
  programVersion: '0.0.0',
  terminal: openTerminal({ out: stream, err: stream }, false, () => performance.now()),
  now: () => Date.now(),
  signal,
})

/** The first training has made an update. */
const isTraining = (text: string): boolean => /^2\/\d+ pretrain .* [1-9][\d,]* of /.test(text)

describe('the demo', () => {
  const done = runDemo(options(join(folder, 'whole')))

  it('reports every stage with all its numbers and their intervals', async () => {
    const report = await done
    expect(JSON.parse(readFileSync(join(folder, 'whole', 'report.json'), 'utf8'))).toEqual(report)
    expect(report.stages.map((stage) => stage.name)).toEqual([
      'pretrained',
      'sft',
      'ppo-lexicon',
      'ppo-reward-model',
    ])
    const numbers = [
      'copiedShare',
      'distinct2',
      'endedShare',
      'judgeShare',
      'klToSft',
      'meanLength',
      'meanReward',
      'positiveShare',
    ]
    for (const stage of report.stages) {
      expect(Object.keys(stage).sort()).toEqual(['ci95', ...numbers, 'name'].sort())
      expect(Object.keys(stage.ci95).sort()).toEqual(numbers)
    }
    expect(report.stages[1]?.klToSft).toBe(0)
    expect(report.bestOfN.map(({ n }) => n)).toEqual([1, 2, 4, 8, 16, 32, 64, 128])
    expect(report.rewardModel.heldOutPairs).toBe(111) // a tenth of 1,108
  })

  it('leaves a registry with its five runs, each with points, samples and a checkpoint', async () => {
    await done
    const db = openRegistry(join(folder, 'whole', 'registry.sqlite'))
    const runs = listRuns(db)
    expect(runs.map(({ recipe, state }) => `${recipe} ${state}`).sort()).toEqual([
      'ppo finished',
      'ppo finished',
      'pretrain finished',
      'reward finished',
      'sft finished',
    ])
    for (const run of runs) {
      expect(pointsSince(db, run.id, -1).length).toBeGreaterThan(0)
      expect(checkpointsOfRun(db, run.id).at(-1)?.step).toBe(run.totalSteps)
    }
    db.close()
  })

  it('makes a page that needs nothing from elsewhere', async () => {
    await done
    const page = readFileSync(join(folder, 'whole', 'report.html'), 'utf8')
    expect(page.match(/<svg/g)?.length).toBeGreaterThan(8)
    expect(page).not.toMatch(/https?:|<script|<link|@import|url\(/)
    expect(page).not.toMatch(/NaN|undefined|Infinity/)
  })

  it('says how far it is and how long it takes', async () => {
    await done
    expect(said.join('')).toMatch(/SFT on positive sentences: \d+ updates in/)
    expect(said.join('')).toMatch(/Report: .*report\.html/)
  })

  it('stops when asked, and what was done stays', async () => {
    const stopping = new AbortController()
    stopping.abort()
    await expect(runDemo(options(join(folder, 'stopped'), stopping.signal))).rejects.toThrow()
    const stopSoon = new AbortController()
    const soon = options(join(folder, 'soon'), stopSoon.signal)
    await expect(
      runDemo({
        ...soon,
        terminal: { ...soon.terminal, progress: (text) => isTraining(text) && stopSoon.abort() },
        plan: { ...tiny, pretrain: { ...tiny.pretrain, updates: 100_000 } },
      }),
    ).rejects.toBeInstanceOf(DemoStopped)
    const db = openRegistry(join(folder, 'soon', 'registry.sqlite'))
    expect(listRuns(db).map(({ state }) => state)).toEqual(['stopped'])
    db.close()
  })
})
