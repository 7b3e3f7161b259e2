import { describe, expect, it } from 'vitest'
import { aCheckpoint, aDataset, aRun } from '../../../src-renderer/dev/records'
import { nextSteps } from '../../../src-renderer/words/next-steps'
import type { Checkpoint } from '../../../src-shared/records/checkpoint'
import type { Run } from '../../../src-shared/records/run'
import { recipeNames, recipeOf } from '../../../src-shared/recipes/recipes'

const base = aCheckpoint({ id: 'c-base' })
const writer = aCheckpoint({ id: 'c-made', runId: 'run' })
const judge = aCheckpoint({ id: 'c-made', runId: 'run', kind: 'reward-model' })
const known = {
  checkpoints: new Map([base, writer].map((one) => [one.id, one])),
  datasets: new Map(
    [
      aDataset({ id: 'pairs', kind: 'preferences' }),
      aDataset({ id: 'more', kind: 'preferences' }),
      aDataset({ id: 'texts', kind: 'text' }),
    ].map((one) => [one.id, one]),
  ),
}
const stepsOf = (run: Partial<Run>, made: Checkpoint | undefined = writer) =>
  nextSteps(aRun({ id: 'run', state: 'finished', ...run }), made, known)

describe('what comes after a run', () => {
  it('is, of a reward model, PPO with policy, reward model and prompts filled in', () => {
    const run = { recipe: 'reward', inputs: { base: ['c-base'], pairs: ['pairs', 'more'] } } as const
    expect(stepsOf(run, judge).map(({ label, room, query }) => ({ label, room, query }))).toEqual([
      {
        label: 'Use it in PPO',
        room: 'launch',
        query: { recipe: 'ppo', rewardModel: 'c-made', policy: 'c-base', prompts: ['pairs', 'more'] },
      },
    ])
  })

  it('is, of a policy, the comparison with where it started, seen and blind, then labelling what it writes', () => {
    const run = { recipe: 'dpo', inputs: { policy: ['c-base'], pairs: ['pairs'] } } as const
    expect(stepsOf(run).map(({ label, room, query }) => ({ label, room, query }))).toEqual([
      {
        label: 'Compare with where it started',
        room: 'compare',
        query: { left: 'c-base', right: 'c-made' },
      },
      {
        label: 'Judge both blind',
        room: 'compare',
        query: { mode: 'arena', meet: ['c-base', 'c-made'], prompts: 'pairs' },
      },
      { label: 'Label what it writes', room: 'label', query: { writer: 'c-made', prompts: 'pairs' } },
    ])
  })

  it('is, of a model made from texts alone, fine-tuning first', () => {
    expect(stepsOf({ recipe: 'pretrain', inputs: { texts: ['texts'] } })[0]).toMatchObject({
      room: 'launch',
      query: { recipe: 'sft', policy: 'c-made' },
    })
  })

  it.each(['queued', 'running', 'stopping', 'failed'] as const)('is nothing while the run is %s', (state) => {
    expect(stepsOf({ recipe: 'dpo', state, inputs: { policy: ['c-base'] } })).toEqual([])
  })

  it('is nothing where no checkpoint was kept', () => {
    expect(nextSteps(aRun({ id: 'run', recipe: 'dpo', state: 'stopped' }), undefined, known)).toEqual([])
  })

  it('leaves out what is gone', () => {
    const run = { recipe: 'dpo', inputs: { policy: ['c-gone'], pairs: ['gone'] } } as const
    expect(stepsOf(run)).toMatchObject([{ label: 'Label what it writes', query: { writer: 'c-made' } }])
  })

  it.each(recipeNames)('names only inputs that the recipe has: after %s', (recipe) => {
    const made = recipeOf(recipe).makes === 'reward-model' ? judge : writer
    const inputs = Object.fromEntries(
      Object.entries(recipeOf(recipe).inputs).map(([name, { type }]) => [
        name,
        [type === 'dataset' ? 'pairs' : 'c-base'],
      ]),
    )
    const steps = stepsOf({ recipe, inputs }, made)
    expect(steps.length).toBeGreaterThan(0)
    for (const { room, query } of steps) {
      const next = recipeNames.find((name) => name === query['recipe'])
      if (room !== 'launch' || !next) continue
      const filled = Object.keys(query).filter((name) => name !== 'recipe')
      expect(Object.keys(recipeOf(next).inputs)).toEqual(expect.arrayContaining(filled))
    }
  })
})
