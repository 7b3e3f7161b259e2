import { describe, expect, it } from 'vitest'
import { aCheckpoint, aDataset, aRun } from '../../../src-renderer/dev/records'
import { queue } from '../../../src-renderer/dev/sample-records'
import { firstSteps, type Facts } from '../../../src-renderer/words/first-steps'
import { recipeOf } from '../../../src-shared/recipes/recipes'

const pairs = aDataset({ id: 'pairs', kind: 'preferences', origin: 'bundled', rows: 1108 })
const own = (rows: number) =>
  aDataset({ id: queue.datasetId, kind: 'preferences', origin: 'judgments', rows })
const fresh: Facts = {
  datasets: [pairs, own(0)],
  checkpoints: [],
  runs: [],
  queue,
  taken: new Set(),
}
const rewardRun = aRun({
  id: 'rm',
  recipe: 'reward',
  state: 'finished',
  inputs: { base: [queue.checkpointId], pairs: ['pairs', queue.datasetId] },
})
const rewardModel = aCheckpoint({ id: 'c-rm', runId: 'rm', kind: 'reward-model', step: 90 })
const policyRun = aRun({
  id: 'ppo',
  recipe: 'ppo',
  state: 'finished',
  inputs: { policy: [queue.checkpointId], rewardModel: ['c-rm'] },
})
const policy = aCheckpoint({ id: 'c-ppo', runId: 'ppo', step: 40 })
const trained: Facts = {
  ...fresh,
  datasets: [pairs, own(25)],
  checkpoints: [rewardModel, policy],
  runs: [rewardRun, policyRun],
}
const stepsOf = (more: Partial<Facts>) => firstSteps({ ...fresh, ...more }) ?? []
const states = (more: Partial<Facts>) => stepsOf(more).map(({ state }) => state)

describe('the first steps', () => {
  it('begin with a look at the pairs', () => {
    expect(states({})).toEqual(['next', 'later', 'later', 'later', 'later'])
    expect(stepsOf({})[0]).toMatchObject({
      doc: '1,108 pairs of review sentences: one chosen, one rejected.',
      to: { room: 'datasets', query: { dataset: 'pairs' } },
    })
  })

  it('go on to labelling once they were looked at, and count the pairs made', () => {
    const steps = stepsOf({ taken: new Set(['look']), datasets: [pairs, own(12)] })
    expect(steps.map(({ state }) => state)).toEqual(['done', 'next', 'later', 'later', 'later'])
    expect(steps[1]).toMatchObject({ progress: '12 of 20', act: 'Go on labelling' })
  })

  it('are not locked: whoever labelled without looking is further', () => {
    expect(states({ datasets: [pairs, own(20)] })).toEqual(['done', 'done', 'next', 'later', 'later'])
  })

  it('fill in the reward model: its base, the pairs, and one’s own judgments where there are any', () => {
    const filled = (rows: number) => stepsOf({ datasets: [pairs, own(rows)] })[2]?.to.query
    expect(filled(20)).toEqual({
      recipe: 'reward',
      base: queue.checkpointId,
      pairs: ['pairs', queue.datasetId],
    })
    expect(filled(0)).toMatchObject({ pairs: ['pairs'] })
  })

  it('fill in PPO with the reward model that learned from oneself, then compare what came of it', () => {
    const steps = stepsOf(trained)
    expect(steps.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done', 'next'])
    expect(steps[3]?.to.query).toMatchObject({
      recipe: 'ppo',
      policy: queue.checkpointId,
      rewardModel: 'c-rm',
    })
    expect(steps[4]?.to).toEqual({
      room: 'compare',
      query: { mode: 'arena', meet: [queue.checkpointId, 'c-ppo'], prompts: queue.promptDatasetId },
    })
  })

  it('take a reward model from other pairs for none of them', () => {
    const other = { ...rewardRun, inputs: { base: ['x'], pairs: ['pairs'] } }
    expect(states({ ...trained, runs: [other, policyRun] }).slice(2)).toEqual(['next', 'later', 'later'])
  })

  it.each(['running', 'failed', 'stopped'] as const)('wait for a run that is %s', (state) => {
    expect(states({ ...trained, runs: [{ ...rewardRun, state }] })[2]).toBe('next')
  })

  it('name inputs that the recipes have', () => {
    for (const { to } of stepsOf(trained)) {
      const { recipe, ...inputs } = to.query
      if (recipe === 'reward' || recipe === 'ppo')
        expect(Object.keys(recipeOf(recipe).inputs)).toEqual(expect.arrayContaining(Object.keys(inputs)))
    }
  })

  it('are none where the sample project was removed', () => {
    expect(firstSteps({ ...fresh, datasets: [own(3)] })).toBeUndefined()
    expect(firstSteps({ ...fresh, queue: undefined })).toBeUndefined()
  })
})
