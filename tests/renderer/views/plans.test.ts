// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import RunsPlans from '../../../src-renderer/views/RunsPlans.vue'
import { aCheckpoint, aDataset, aRun } from '../../../src-renderer/dev/records'
import type { Plan } from '../../../src-shared/records/plan'
import { usualSampling } from '../../../src-shared/sampling'
import { aRoom } from '../../helpers/a-room'
import { channel, fakeApi } from '../../helpers/fake-api'

const run = { kind: 'run', recipe: 'sft', settings: {}, inputs: {} } as const
const judging = {
  ...{ name: 'judgments', promptDatasetId: 'p', sampling: usualSampling, goal: 5, guidance: '' },
}
const plan: Plan = {
  ...{ id: 'plan-1', name: 'A chain', createdAtMs: 1, isStopped: false },
  steps: [
    { step: run, state: 'done', madeId: 'sft' },
    {
      ...{ step: { kind: 'label', ...judging, writer: { step: 0 } }, state: 'waits', madeId: 'queue-1' },
      ...{ judged: 2, goal: 5, hasEnough: true },
    },
    { step: { ...run, recipe: 'reward' }, state: 'later' },
  ],
}

describe('the plans in Runs', () => {
  let room: Awaited<ReturnType<typeof aRoom>>
  let started: unknown[]
  let acted: unknown[]
  async function opened(all: readonly Plan[], address = '/runs?show=plans') {
    started = []
    acted = []
    const api = fakeApi({
      calls: {
        'plans.start': (asked) => (started.push(asked), { ...plan, id: 'plan-2' }),
        'plans.enough': (asked) => (acted.push(asked), plan),
      },
      streams: {
        'plans.changes': channel(() => all).items,
        'runs.changes': channel(() => ({
          runs: [aRun({ id: 'sft', name: 'sft-07' })],
          removed: [],
          trends: [],
        })).items,
        'datasets.watch': channel(() => [aDataset({ id: 'p', kind: 'prompts' })]).items,
        'checkpoints.watch': channel(() => [aCheckpoint({ id: 'c', kind: 'language-model' })]).items,
      },
    })
    room = await aRoom(RunsPlans, api, address)
  }
  beforeEach(() => opened([plan]))
  afterEach(() => room.leave())
  const button = (name: string) => room.view.findAll('button').find((each) => each.text().includes(name))

  it('say of each step how it stands, and lead to where a person goes on', async () => {
    const steps = room.view.findAll('.plan-steps > li').map((each) => each.text().replace(/\s+/g, ' '))
    expect(steps[0]).toContain('1. Fine-tune (SFT), done')
    expect(steps[0]).toContain('sft-07')
    expect(steps[1]).toContain('2. Label, waits for you')
    expect(steps[1]).toContain('2 of 5 judgments')
    expect(room.view.find('[aria-current=step]').text()).toContain('Label')
    await button('Go on with what there is')!.trigger('click')
    expect(acted).toEqual([{ planId: 'plan-1' }])
    await button('Go on labelling')!.trigger('click')
    await expect.poll(() => room.router.currentRoute.value.query).toEqual({ queue: 'queue-1' })
  })

  it('say why a step is held, in place of what it is', async () => {
    room.leave()
    const held = { ...plan.steps[0]!, state: 'held', problem: 'It is out of memory.' } as const
    await opened([{ ...plan, steps: [held] }])
    expect(room.view.find('.plan-steps .fail').text()).toBe('It is out of memory.')
    expect(button('Resume the plan')).toBeDefined()
  })

  it('begin with a form that is filled in, and takes no half a number', async () => {
    room.leave()
    await opened([])
    await room.view.find('form input[inputmode=numeric]').setValue('many')
    await room.view.find('form').trigger('submit')
    expect(room.view.find('[role=alert]').text()).toContain('whole numbers')
    await room.view.find('form input[inputmode=numeric]').setValue('3')
    await room.view.find('form').trigger('submit')
    expect(started).toMatchObject([
      { steps: [{ kind: 'label', goal: 3, writer: 'c' }, {}, {}, { kind: 'arena' }] },
    ])
  })
})
