import { afterEach, describe, expect, it } from 'vitest'
import { useSweepForm } from '../../../../src-renderer/stores/launch/sweep-form'
import { useLaunch } from '../../../../src-renderer/stores/launch/launch'
import { fakeApi, settled } from '../../../helpers/fake-api'
import { inPage } from '../../../helpers/in-page'

let leave = () => {}
afterEach(() => leave())

function form() {
  const api = fakeApi({
    calls: {
      'devices.list': () => [],
      'runs.check': () => ({ problems: [] }),
      'sweeps.check': ({ plan }) => ({
        problems: [],
        tries: plan.axes.flatMap((axis) => ('values' in axis ? axis.values : []).map((value) => ({ value }))),
      }),
      'sweeps.launch': ({ plan, recipe }) => ({
        id: 'sweep-1',
        name: 's',
        recipe,
        plan,
        createdAtMs: 1,
        runIds: [],
      }),
    },
  })
  const page = inPage(api, () => ({ sweep: useSweepForm(), launch: useLaunch() }))
  leave = page.leave
  return { api, ...page.store }
}

describe('the sweep of the launch form', () => {
  it('says how many runs it makes, and sends what the form holds', async () => {
    const { api, sweep } = form()
    sweep.add('updates')
    expect(sweep.problem).toBe('updates has no values to try')
    sweep.write('updates', '10, 20')
    sweep.stopAfter = '5'
    await settled(300)
    expect(sweep.runs).toBe(2)
    expect(sweep.problem).toBeUndefined()
    expect((await sweep.start())?.id).toBe('sweep-1')
    expect(api.asked.at(-1)?.input).toMatchObject({
      recipe: 'pretrain',
      plan: {
        axes: [{ setting: 'updates', values: [10, 20] }],
        draw: { by: 'grid' },
        stopping: { afterStep: 5, leastOthers: 3 },
      },
    })
  })

  it('takes whole numbers only, and begins anew with another recipe', async () => {
    const { sweep, launch } = form()
    sweep.add('updates')
    sweep.write('updates', '1..9')
    sweep.random = 'some'
    expect(sweep.problem).toBe('Runs, seed and update must be whole numbers.')
    expect(await sweep.start()).toBeUndefined()
    launch.choose('dpo')
    await settled(1)
    expect(sweep.axes).toEqual([])
  })
})
