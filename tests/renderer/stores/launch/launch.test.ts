import { afterEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { useLaunch } from '../../../../src-renderer/stores/launch/launch'
import { StudioFailure, type FieldProblem } from '../../../../src-shared/result'
import { fakeApi, settled, type FakeHandlers } from '../../../helpers/fake-api'
import { inPage } from '../../../helpers/in-page'
import { aDataset, aRun } from '../../../../src-renderer/dev/records'
import { pretrainFields } from '../../../../src-shared/recipes/pretrain'
import { recipes } from '../../../../src-shared/recipes/recipes'

/** A main that misses the text dataset until one is chosen. */
function form(extra: () => readonly FieldProblem[] = () => [], calls: FakeHandlers['calls'] = {}) {
  const check = ({
    inputs,
  }: {
    readonly inputs: Readonly<Record<string, readonly string[]>>
  }): readonly FieldProblem[] => [
    ...(inputs['texts']?.length ? [] : [{ field: 'texts', problem: 'Choose a dataset.' }]),
    ...extra(),
  ]
  const api = fakeApi({
    calls: {
      'devices.list': () => [{ id: 'cpu', name: 'CPU', isUsable: true, isDefault: true }],
      'runs.check': (input) => ({ problems: check(input) }),
      ...calls,
      'runs.launch': (input) => {
        const problems = check(input)
        if (problems.length > 0) throw new StudioFailure({ kind: 'refused-settings', problems })
        return aRun({ id: 'base-01', recipe: input.recipe, state: 'queued' })
      },
    },
  })
  const page = inPage(api, useLaunch)
  leave = page.leave
  return {
    api,
    launch: page.store,
    checks: () => api.asked.filter((asked) => asked.name === 'runs.check').length,
  }
}
let leave = () => {}
afterEach(() => leave())

describe('filling in the launch form', () => {
  it('asks main once after the last key, not at each', async () => {
    const { checks, launch } = form()
    for (const text of ['1', '10', '100']) {
      launch.setText('updates', text)
      await nextTick()
    }
    await settled(300)
    expect(checks()).toBe(1)
    expect(launch.problems).toEqual([{ field: 'texts', problem: 'Choose a dataset.' }])
  })

  it('says at once what the fields themselves refuse, and does not ask main', async () => {
    const { checks, launch } = form()
    launch.setText('layers', '0')
    expect(launch.problems).toEqual([{ field: 'layers', problem: 'must be between 1 and 48 blocks' }])
    await settled(300)
    expect(checks()).toBe(0)
  })

  it('sends the device and its threads, and forgets the threads with the device', async () => {
    const { api, launch } = form()
    const sent = () => api.asked.filter(({ name }) => name === 'runs.check').at(-1)?.input
    launch.chooseDevice('cpu')
    launch.threads = 2
    await settled(300)
    expect(sent()).toMatchObject({ device: 'cpu', threads: 2 })
    launch.chooseDevice('webgpu')
    await settled(300)
    expect(sent()).toMatchObject({ device: 'webgpu' })
    expect(sent()).not.toHaveProperty('threads')
  })

  it('is clean when all fits', async () => {
    const { launch } = form()
    launch.setInput('texts', ['d1'])
    await settled(300)
    expect([launch.problems, launch.isChecked]).toEqual([[], true])
  })

  it('asks what the run needs of the memory once all fits, and refuses what does not', async () => {
    const need = { parameters: 1, gradients: 1, optimizer: 2, activations: 5, cache: 0, workspace: 1 }
    const needs = (problems: readonly FieldProblem[]) => ({
      need,
      bytes: 10,
      machineBytes: 100,
      freeBytes: 50,
      problems,
    })
    const tooLarge = [{ field: 'batchRows', problem: 'The run needs about 30 GB.' }]
    const { launch } = form(undefined, {
      'runs.check': ({ inputs, settings }) =>
        inputs['texts']?.length
          ? { problems: [], needs: needs(settings['batchRows'] === 4000 ? tooLarge : []) }
          : { problems: [{ field: 'texts', problem: 'Choose a dataset.' }] },
    })
    await settled(300)
    expect(launch.needs).toBeUndefined()
    launch.setInput('texts', ['d1'])
    await settled(300)
    expect([launch.needs, launch.problems]).toEqual([needs([]), []])
    launch.setText('batchRows', '4000')
    await nextTick()
    expect(launch.needs).toBeUndefined()
    await settled(300)
    expect(launch.problems).toEqual(tooLarge)
  })

  it('takes a preset with the dataset that comes with it', async () => {
    const { api, launch } = form(undefined, {
      'datasets.bundled': ({ fileName }) => aDataset({ id: `of ${fileName}` }),
    })
    await launch.applyPreset(recipes.pretrain.presets.find(({ name }) => name === 'Adder')!)
    expect(launch.preset?.name).toBe('Adder')
    expect(launch.draft.inputs).toEqual({ texts: ['of two-digit-sums.csv'] })
    expect(api.asked.filter(({ name }) => name === 'datasets.bundled')).toHaveLength(1)
  })

  it('says why the dataset of a preset could not be brought in', async () => {
    const { launch } = form(undefined, {
      'datasets.bundled': () => {
        throw new StudioFailure({ kind: 'storage', problem: 'The disk is full.' })
      },
    })
    await launch.applyPreset(recipes.pretrain.presets.find(({ name }) => name === 'Adder')!)
    expect([launch.preset?.name, launch.failure]).toEqual(['Adder', 'The disk is full.'])
  })

  it('keeps what was typed while another recipe is looked at', () => {
    const { launch } = form()
    launch.setText('updates', '77')
    launch.choose('ppo')
    launch.choose('pretrain')
    expect(launch.draft.texts['updates']).toBe('77')
  })

  it.each([
    ['text', 'pretrain', 'texts'],
    ['labelled', 'sft', 'demonstrations'],
    ['demonstrations', 'sft', 'demonstrations'],
    ['preferences', 'reward', 'pairs'],
    ['prompts', 'ppo', 'prompts'],
  ] as const)('with a dataset of %s begins %s', (kind, recipe, input) => {
    const { launch } = form()
    launch.useDataset(aDataset({ id: 'd9', kind }))
    expect([launch.recipe, launch.draft.inputs[input]]).toEqual([recipe, ['d9']])
  })

  it('with a reward model begins PPO, with a language model fine-tuning', () => {
    const { launch } = form()
    launch.useCheckpoint('c1', 'reward-model')
    expect([launch.recipe, launch.draft.inputs['rewardModel']]).toEqual(['ppo', ['c1']])
    launch.useCheckpoint('c2', 'language-model')
    expect([launch.recipe, launch.draft.inputs['policy']]).toEqual(['sft', ['c2']])
  })
})

describe('starting', () => {
  it('gives the run that was launched', async () => {
    const { launch } = form()
    launch.setInput('texts', ['d1'])
    expect((await launch.start())?.id).toBe('base-01')
  })

  it('sends the whole settings, so that a run can be repeated after a default changed', async () => {
    const { api, launch } = form()
    launch.setInput('texts', ['d1'])
    await launch.start()
    const sent = api.asked.find((asked) => asked.name === 'runs.launch')?.input as {
      readonly settings: Readonly<Record<string, unknown>>
    }
    expect(sent.settings).toMatchObject({
      layers: 4,
      packing: 'packed',
      learningRate: pretrainFields.learningRate.default,
    })
  })

  it('asks nothing of main while a setting is refused', async () => {
    const { api, launch } = form()
    launch.setText('layers', 'many')
    expect(await launch.start()).toBeUndefined()
    expect(api.asked.some((asked) => asked.name === 'runs.launch')).toBe(false)
  })

  it('puts main’s refusal where it belongs', async () => {
    const { launch } = form(() => [
      { field: 'heads', problem: 'must divide the width: 128 channels cannot be split over 5 heads' },
    ])
    launch.setInput('texts', ['d1'])
    expect(await launch.start()).toBeUndefined()
    expect(launch.problems.map((problem) => problem.field)).toEqual(['heads'])
    expect(launch.isStarting).toBe(false)
  })

  it('says in words that main is gone', async () => {
    const { api, launch } = form()
    launch.setInput('texts', ['d1'])
    api.disconnect()
    expect(await launch.start()).toBeUndefined()
    expect(launch.failure).toContain('does not answer')
  })
})
