/** The comparison of all algorithms with so little training that it takes seconds. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { openTerminal } from '../../src-main/cli/terminal'
import { algorithms } from '../../src-main/demo/frontier/algorithms'
import { acrossSeeds } from '../../src-main/demo/frontier/across-seeds'
import { runFrontier, type FrontierOptions } from '../../src-main/demo/frontier/frontier-job'
import type { FrontierReport } from '../../src-main/demo/frontier/report'
import { frontierPlan, type FrontierPlan } from '../../src-main/demo/frontier/plan'
import { DemoStopped } from '../../src-main/demo/runs'
import { resourcesFolder } from '../../src-main/places/resources-folder'
import { openRegistry } from '../../src-main/store/database'
import { listRuns } from '../../src-main/store/runs'

vi.setConfig({ testTimeout: 600_000 })

const folder = mkdtempSync(join(tmpdir(), 'frontier-'))
afterAll(() => rmSync(folder, { recursive: true }))

const plan = frontierPlan({ seed: 5, isQuick: true })
const rollouts = { updates: 2, checkpointEvery: 1, groups: 4, groupSize: 2, maxTokens: 16, minibatches: 1 }
const settingsOf = (name: string) => plan.algorithms.find((each) => each.name === name)!
const tiny: FrontierPlan = {
  sft: { ...plan.sft, epochs: 1, batchExamples: 256 },
  seeds: [5, 6],
  algorithms: [
    { ...settingsOf('grpo'), settings: { ...settingsOf('grpo').settings, ...rollouts } },
    { ...settingsOf('dpo'), settings: { ...settingsOf('dpo').settings, epochs: 1 } },
    // asks for a model that is not there: it fails, and alone
    {
      ...settingsOf('rloo'),
      settings: { ...settingsOf('rloo').settings, ...rollouts, rewards: 'reward-model' },
    },
  ],
  texts: 30,
  pool: 96,
}

const options = (signal = new AbortController().signal): FrontierOptions => ({
  folder,
  plan: tiny,
  seed: 5,
  isQuick: true,
  device: 'cpu',
  resources: resourcesFolder(),
  programVersion: '0.0.0',
  terminal: openTerminal({ out: { write: () => 0 }, err: { write: () => 0 } }, false, () =>
    performance.now(),
  ),
  now: () => Date.now(),
  signal,
})

/** The picture, and a page that needs nothing from elsewhere. */
function standsAlone(svg: string, html: string): void {
  const [picture, page] = [readFileSync(svg, 'utf8'), readFileSync(html, 'utf8')]
  expect(picture).toMatch(/aria-label="Reward over KL/)
  expect(picture).toMatch(/class="line ceiling"[^]*class="line best"[^]*>GRPO</)
  expect(page).toContain('RLOO')
  for (const text of [picture, page]) {
    expect(text.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:|<script|<link|@import|url\(/,
    )
    expect(text).not.toMatch(/NaN|undefined|Infinity/)
  }
}

describe('the comparison of all algorithms', () => {
  it('measures each by each seed, tells what failed, and takes up what is there when it is started again', async () => {
    const report = await runFrontier(options())
    expect(report.algorithms.map(({ name, ways }) => [name, ways.length])).toEqual([
      ['grpo', 2],
      ['dpo', 2],
      ['rloo', 0],
    ])
    const [grpo, dpo, rloo] = report.algorithms
    expect(grpo!.ways[0]!.policies.map(({ step }) => step)).toEqual([1, 2])
    expect(dpo!.ways[0]!.policies.length).toBeGreaterThan(0)
    expect(rloo!.failures).toHaveLength(2)
    expect(report.sft.klToSft).toBe(0)
    expect(report.ceiling[0]!.meanReward).toBeCloseTo(report.bestOfN[0]!.meanReward, 6)
    expect(grpo!.last.klToSft.values).toHaveLength(2)

    standsAlone(join(folder, 'frontier.svg'), join(folder, 'frontier.html'))

    const again = await runFrontier(options())
    expect(again.algorithms.map(({ ways }) => ways)).toEqual(report.algorithms.map(({ ways }) => ways))
    const db = openRegistry(join(folder, 'registry.sqlite'))
    const finished = listRuns(db).filter(({ state }) => state === 'finished')
    db.close()
    // the bundled model's runs, SFT, and two seeds of two algorithms: nothing was trained twice
    expect(finished.map(({ name }) => name).sort()).toEqual(
      [
        'DPO, seed 5',
        'DPO, seed 6',
        'GRPO, seed 5',
        'GRPO, seed 6',
        'Pretrained',
        'Review writer',
        'SFT on positive sentences',
      ].sort(),
    )
  })

  it('stops when asked, and reports what is there', async () => {
    const stopping = new AbortController()
    const another = { ...options(stopping.signal), plan: { ...tiny, seeds: [5, 7] } }
    const terminal = {
      ...another.terminal,
      progress: (text: string) => text.startsWith('GRPO, seed 7') && stopping.abort(),
    }
    await expect(runFrontier({ ...another, terminal })).rejects.toBeInstanceOf(DemoStopped)
    const kept = JSON.parse(readFileSync(join(folder, 'frontier.json'), 'utf8')) as FrontierReport
    expect(kept.algorithms.map(({ ways }) => ways.map(({ seed }) => seed))).toEqual([[5], [5], []])
  })
})

describe('the plan', () => {
  it('names each algorithm once, with settings that its recipe takes, in small and in whole', () => {
    expect(new Set(algorithms.map(({ name }) => name)).size).toBe(algorithms.length)
    const [small, whole] = [
      frontierPlan({ seed: 1, isQuick: true }),
      frontierPlan({ seed: 1, isQuick: false }),
    ]
    expect(small.seeds).toHaveLength(1)
    expect(whole.seeds).toHaveLength(3)
    for (const { algorithms: all } of [small, whole])
      for (const { settings } of all.filter(({ pairsInto }) => !pairsInto)) {
        expect(settings['topK'] ?? 0).toBe(0)
        expect(Number(settings['updates']) % Number(settings['checkpointEvery'])).toBe(0)
      }
  })
})

describe('a number over seeds', () => {
  it('has Student’s interval', () => {
    // mean 2, deviation 1, t = 4.303 with two degrees of freedom
    expect(acrossSeeds([1, 2, 3]).half).toBeCloseTo(4.303 / Math.sqrt(3), 3)
    expect(acrossSeeds([1]).half).toBeUndefined()
  })
})
