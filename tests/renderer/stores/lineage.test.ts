import { describe, expect, it } from 'vitest'
import { familiesOf } from '../../../src-renderer/stores/families'
import { lineageOf } from '../../../src-renderer/stores/lineage'
import { parametersText } from '../../../src-renderer/words/model-words'
import type { Checkpoint } from '../../../src-shared/records/checkpoint'
import type { Dataset } from '../../../src-shared/records/dataset'
import type { Run } from '../../../src-shared/records/run'
import { aCheckpoint, aDataset, aRun } from '../../../src-renderer/dev/records'

const byId = <T extends { readonly id: string }>(...all: readonly T[]): ReadonlyMap<string, T> =>
  new Map(all.map((one) => [one.id, one]))

const datasets = byId<Dataset>(
  aDataset({ id: 'text', name: 'Review sentences', rows: 2572 }),
  aDataset({ id: 'happy', name: 'Happy', kind: 'labelled', rows: 1284 }),
  aDataset({ id: 'pairs', name: 'Pairs', kind: 'preferences', rows: 1108 }),
)
const runs = byId<Run>(
  aRun({ id: 'base', name: 'base-02', recipe: 'pretrain', inputs: { texts: ['text'] } }),
  aRun({
    id: 'sft',
    name: 'sft-01',
    recipe: 'sft',
    inputs: { policy: ['c-base'], demonstrations: ['happy'] },
  }),
  aRun({ id: 'rm', name: 'rm-02', recipe: 'reward', inputs: { base: ['c-sft'], pairs: ['pairs'] } }),
  aRun({ id: 'ppo', name: 'ppo-07', recipe: 'ppo', inputs: { policy: ['c-sft'], rewardModel: ['c-rm'] } }),
)
const checkpoints = byId<Checkpoint>(
  aCheckpoint({ id: 'c-base', runId: 'base' }),
  aCheckpoint({ id: 'c-sft', runId: 'sft' }),
  aCheckpoint({ id: 'c-rm', runId: 'rm', kind: 'reward-model' }),
)
const words = (runId: string, over: Partial<Parameters<typeof lineageOf>[1]> = {}) =>
  lineageOf(runs.get(runId) as Run, { runs, checkpoints, datasets, ...over }).map(
    (step) => `${step.name}, ${step.detail}${step.isCurrent ? ' *' : ''}`,
  )

describe('the lineage of a run', () => {
  it('is dataset, base, fine-tuning, reward model, PPO, each once', () => {
    expect(words('ppo')).toEqual([
      'Review sentences, 2,572 texts',
      'base-02, pretrained',
      'sft-01, 1,284 labelled texts',
      'rm-02, 1,108 pairs',
      'ppo-07, PPO *',
    ])
  })

  it('ends with the run itself, not with what came of it', () => {
    expect(words('sft')).toEqual([
      'Review sentences, 2,572 texts',
      'base-02, pretrained',
      'sft-01, 1,284 labelled texts *',
    ])
  })

  it('begins with the checkpoint where no run here made it', () => {
    const bundled = byId(aCheckpoint({ id: 'c-base', name: 'HappyGPT, base', parameters: 804_096 }))
    expect(words('sft', { checkpoints: bundled })).toEqual([
      'HappyGPT, base, 0.8M',
      'sft-01, 1,284 labelled texts *',
    ])
  })

  it('says what a run was made from then, not what judgments have added since', () => {
    const then = aRun({ ...runs.get('rm')!, judgedRows: { pairs: 411 } })
    expect(words('ppo', { runs: new Map([...runs, ['rm', then]]) })).toContain('rm-02, 411 pairs')
  })

  it('holds what is known when a parent is gone', () => {
    expect(words('ppo', { checkpoints: new Map() })).toEqual(['ppo-07, PPO *'])
  })
})

describe('a number of parameters', () => {
  it.each([
    [804_096, '0.8M'],
    [124_000_000, '124M'],
    [9_500_000, '9.5M'],
    [1_300_000_000, '1.3B'],
    [54_321, '54,321'],
  ])('%i reads %s', (parameters, text) => {
    expect(parametersText(parameters)).toBe(text)
  })
})

describe('the checkpoints in Models', () => {
  it('stand by the run that made them, with what it was made from', () => {
    const families = familiesOf(
      [...checkpoints.values()].map((one) => ({ ...one, name: `${one.runId}, update 200` })),
      runs,
    )
    expect(families.map((family) => [family.title, family.origin])).toEqual([
      ['base-02', 'Pretrain, from random weights'],
      ['sft-01', 'Fine-tune (SFT), from base, update 200'],
      ['rm-02', 'Reward model, from sft, update 200'],
    ])
  })

  it('keep those whose run is gone', () => {
    expect(familiesOf([aCheckpoint({ id: 'c', runId: 'deleted' })], new Map())).toMatchObject([
      { run: undefined, checkpoints: [{ id: 'c' }] },
    ])
  })
})
