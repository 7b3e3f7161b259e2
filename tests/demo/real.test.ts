/** The job on a pretrained model, with the bundled one as a folder from elsewhere, in seconds. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { openTerminal } from '../../src-main/cli/terminal'
import { judgedPairs, winRate, type Written } from '../../src-main/demo/real/comparisons'
import { realPlan, type RealPlan } from '../../src-main/demo/real/plan'
import { runReal, type RealOptions } from '../../src-main/demo/real/real-job'
import { loadModel } from '../../src-main/model/checkpoint'
import { exportModel } from '../../src-main/model/exporting/export-model'
import { resourcesFolder } from '../../src-main/places/resources-folder'
import { openRegistry } from '../../src-main/store/database'
import { listRuns } from '../../src-main/store/runs'

vi.setConfig({ testTimeout: 600_000 })

const folder = mkdtempSync(join(tmpdir(), 'real-'))
afterAll(() => rmSync(folder, { recursive: true }))

const plan = realPlan({ seed: 9, isQuick: true })
const tiny: RealPlan = {
  ...plan,
  sft: { ...plan.sft, epochs: 1, batchExamples: 16 },
  reward: { ...plan.reward, epochs: 1 },
  dpo: { ...plan.dpo, epochs: 1 },
  ppo: { ...plan.ppo, updates: 2, completions: 8, minibatches: 1, epochs: 1 },
  demonstrations: 32,
  asked: 150,
  heldOut: 20,
  maxTokens: 48,
}

const options = (model: string, out: string): RealOptions => ({
  folder: join(folder, out),
  model,
  plan: tiny,
  seed: 9,
  isQuick: true,
  device: 'cpu',
  resources: resourcesFolder(),
  programVersion: '0.0.0',
  terminal: openTerminal({ out: { write: () => 0 }, err: { write: () => 0 } }, false, () =>
    performance.now(),
  ),
  now: () => Date.now(),
  signal: new AbortController().signal,
})

const said = (completion: string, gold: number): Written => ({
  prompt: 'p',
  completion,
  hasEnded: true,
  gold,
})

describe('the job on a pretrained model', () => {
  it('goes from a folder to win rates, each step a run', async () => {
    const { model } = await loadModel(join(resourcesFolder(), 'checkpoint', 'review-writer.safetensors'))
    if (model.kind !== 'language-model') throw new Error('the bundled writer writes')
    await exportModel(model, {
      ...{ format: 'hugging-face', parent: folder, name: 'writer', licence: '', lineage: {} },
    })
    const report = await runReal(options(join(folder, 'writer'), 'out'))
    expect(JSON.parse(readFileSync(join(folder, 'out', 'real.json'), 'utf8'))).toEqual(report)
    expect(report.contenders.map(({ name }) => name)).toEqual(['sft', 'dpo', 'ppo'])
    expect(report.pairs).toBeGreaterThan(1)
    for (const { ci95, winRate: won } of report.contenders) {
      expect(ci95.low).toBeLessThanOrEqual(won)
      expect(ci95.high).toBeGreaterThanOrEqual(won)
    }
    const db = openRegistry(join(folder, 'out', 'registry.sqlite'))
    const runs = listRuns(db).map(({ name, state }) => `${name} ${state}`)
    db.close()
    expect(runs.sort()).toEqual(
      ['DPO finished', 'PPO finished', 'Reward model finished', 'SFT on definitions finished'].sort(),
    )
  })

  it('says so where the rule tells no two texts apart: a model that writes no words', async () => {
    const llama = join(import.meta.dirname, '../fixtures/models/llama')
    await expect(runReal(options(llama, 'llama'))).rejects.toThrow(/tells no two|words fit/)
  })
})

describe('a comparison by the gold rule', () => {
  it('chooses the better one, and leaves out what is alike', () => {
    const pairs = judgedPairs(
      [said('good', 0.4), said('so', 0), said('bad', -0.5)],
      [said('bad', -0.5), said('la', 0), said('fine', 0.2)],
    )
    expect(pairs.map(({ completion, rejected }) => `${completion} > ${rejected}`)).toEqual([
      'good > bad',
      'fine > bad',
    ])
  })

  it('counts each prompt once, by the mean of its two verdicts, a tie half', () => {
    // first prompt: won and lost; second: won and tied
    const policy = [
      [said('a', 1), said('b', 1)],
      [said('c', 0), said('d', 0)],
    ]
    const start = [
      [said('e', 0.5), said('f', 0)],
      [said('g', 0.5), said('h', 0)],
    ]
    expect(winRate(policy, start)).toMatchObject({
      winRate: 0.625,
      meanGold: 0.5,
      meanLength: 1,
      endedShare: 1,
    })
    // a policy that is the start is worth half
    expect(winRate(start, [start[0]!, start[1]!]).winRate).toBe(0.5)
  })
})
