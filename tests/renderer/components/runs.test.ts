// @vitest-environment happy-dom
import { enableAutoUnmount, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import ChartReading from '../../../src-renderer/components/charts/ChartReading.vue'
import CompareSide from '../../../src-renderer/components/compare/CompareSide.vue'
import LineageStrip from '../../../src-renderer/components/runs/LineageStrip.vue'
import RunAlarms from '../../../src-renderer/components/runs/RunAlarms.vue'
import RunFailure from '../../../src-renderer/components/runs/RunFailure.vue'
import RunHeader from '../../../src-renderer/components/runs/RunHeader.vue'
import RunList from '../../../src-renderer/components/runs/RunList.vue'
import RunLog from '../../../src-renderer/components/runs/RunLog.vue'
import SampleTable from '../../../src-renderer/components/runs/SampleTable.vue'
import SettingsTable from '../../../src-renderer/components/runs/SettingsTable.vue'
import type { Run } from '../../../src-shared/records/run'
import { defaultsOf } from '../../../src-shared/fields'
import { recipes } from '../../../src-shared/recipes/recipes'
import { aCheckpoint, aRun, aSample } from '../../../src-renderer/dev/records'

enableAutoUnmount(afterEach)
const texts = (found: readonly { text(): string }[]): readonly string[] =>
  found.map((one) => one.text().replace(/\s+/g, ' '))

describe('the header of a run', () => {
  const header = (run: Run, props: object = {}) =>
    mount(RunHeader, {
      props: {
        run,
        now: 100_000,
        stepUnit: 'updates',
        place: undefined,
        canCompare: true,
        hasPrimaryBelow: false,
        ...props,
      },
      attachTo: document.body,
    })

  it('says how far it is, how fast, and how long it will take', () => {
    const run = aRun({ id: 'ppo-07', state: 'running', step: 247, totalSteps: 400, leftMs: 198_900 })
    // 198.9 s for 153 updates: 1.3 s each
    expect(header(run).find('.sub').text()).toBe(
      'Update 247 of 400, 1.3 s an update, 3 min left. Seed 424242',
    )
  })

  it('says when it ended and what it took', () => {
    expect(
      header(aRun({ id: 'a', endedAtMs: 62_000, startedAtMs: 2000 }), { now: 62_000 + 7_300_000 })
        .find('.sub')
        .text(),
    ).toBe('Ended 2 h ago at update 60 of 60, after 1 min. Seed 424242')
    expect(
      header(aRun({ id: 'a', endedAtMs: 99_000 }))
        .find('.sub')
        .text(),
    ).toContain('Ended just now at update 60')
  })

  it.each([
    ['running', true, false],
    ['queued', true, false],
    ['finished', false, false],
    ['stopped', false, true],
    ['stopping', false, false],
  ] as const)('of a run that is %s never has Stop and Resume together', (state, canStop, canResume) => {
    const words = texts(header(aRun({ id: 'a', state, step: 20, resumableStep: 20 })).findAll('button'))
    expect([words.includes('Stop'), words.includes('Resume from 20')]).toEqual([canStop, canResume])
  })

  it('says what it is busy with while it stops', () => {
    expect(
      texts(header(aRun({ id: 'a', state: 'stopping', step: 247 })).findAll('[aria-busy=true]')),
    ).toEqual(['Stopping, saving update 247'])
  })

  it('takes a new name with Enter and keeps the old one with Escape', async () => {
    const one = header(aRun({ id: 'ppo-07' }))
    await one.find('h1 span').trigger('dblclick')
    await one.find('input').setValue('  the good one ')
    await one.find('input').trigger('keydown', { key: 'Enter' })
    await one.find('h1 span').trigger('dblclick')
    await one.find('input').setValue('never mind')
    await one.find('input').trigger('keydown', { key: 'Escape' })
    expect(one.emitted('rename')).toEqual([['the good one']])
  })
})

describe('the list of runs', () => {
  const groups = [
    { recipe: 'ppo', runs: [aRun({ id: 'ppo-02', state: 'failed' }), aRun({ id: 'ppo-01' })] },
    { recipe: 'sft', runs: [aRun({ id: 'sft-01', recipe: 'sft' })] },
  ] as const
  const list = (props: object = {}) =>
    mount(RunList, {
      props: {
        groups,
        trends: new Map([['ppo-01', { runId: 'ppo-01', steps: [1, 60], values: [0.1, 0.58] }]]),
        openIds: ['ppo-01'],
        now: 62_000 + 3 * 60_000,
        isLoaded: true,
        ...props,
      },
    })

  it('says of each run its state, where it stands and its age', () => {
    const rows = list().findAll('tr:not(.grp)')
    expect(rows[1]?.find('[role=img]').attributes('aria-label')).toBe('finished')
    expect(texts(rows[1]?.findAll('td') ?? [])).toEqual(['ppo-01', '', '0.580', '3 min'])
    expect(texts(rows[0]?.findAll('td') ?? [])).toEqual(['ppo-02', '', 'failed', '3 min'])
  })

  it('opens with a click and lays over with Ctrl', async () => {
    const one = list()
    const rows = one.findAll('tr:not(.grp)')
    await rows[0]?.trigger('click')
    await rows[2]?.trigger('click', { ctrlKey: true })
    expect([one.emitted('open'), one.emitted('toggle')]).toEqual([[['ppo-02']], [['sft-01']]])
  })

  it('finds by name, and goes up and down what is found', async () => {
    const one = list()
    expect([one.vm.neighbour(-1), one.vm.neighbour(1)]).toEqual(['ppo-02', 'sft-01'])
    await one.find('input').setValue('PPO')
    expect(texts(one.findAll('.run-name'))).toEqual(['ppo-02', 'ppo-01'])
    expect(one.vm.neighbour(1)).toBeUndefined()
    await one.find('input').setValue('nothing like it')
    expect(one.text()).toContain('No run is called “nothing like it”.')
  })
})

describe('the samples of a run', () => {
  const samples = [
    aSample({ id: 'a', step: 10, prompt: 'Film: ', completion: 'Great.', reward: 0.5 }),
    aSample({
      id: 'b',
      step: 10,
      prompt: 'Food: ',
      completion: 'Tasty and',
      hasEnded: false,
      tokens: 64,
      reward: -0.25,
    }),
    aSample({ id: 'c', step: 20, prompt: 'Film: ', completion: '' }),
  ]
  const choose = (one: ReturnType<typeof table>, option: number) => {
    one.find<HTMLSelectElement>('select').element.selectedIndex = option
    return one.find('select').trigger('change')
  }
  const table = (props: object = {}) => mount(SampleTable, { props: { samples, isLive: false, ...props } })

  it('stand by update, with their reward, and say where one was cut', async () => {
    const all = table()
    await choose(all, 0)
    expect(texts(all.findAll('tbody tr'))).toEqual([
      '10Film: Great.0.500',
      '10Food: Tasty and cut at 64 tokens−0.250',
      '20Film: nothing',
    ])
  })

  it('leave out a column that none of them fills', () => {
    expect(texts(table().findAll('th'))).toEqual(['Step', 'Completion', 'Reward'])
  })

  it('are those of one prompt, so that it can be followed', async () => {
    const one = table()
    expect(texts(one.findAll('tbody tr'))).toEqual(['10Great.0.500', '20nothing'])
    await choose(one, 2)
    expect(texts(one.findAll('tbody tr'))).toEqual(['10Tasty and cut at 64 tokens−0.250'])
  })

  it('open to the whole text', async () => {
    const one = table()
    const button = one.findAll('.sample-text')[0]
    await button?.trigger('click')
    expect(button?.attributes('aria-expanded')).toBe('true')
  })

  it('say what is to come, or that nothing was kept', () => {
    expect(table({ samples: [], isLive: true }).text()).toContain('The first completions come')
    expect(table({ samples: [] }).text()).toContain('kept no completions')
  })
})

describe('the settings of a run', () => {
  const settings = defaultsOf(recipes.ppo.fields)
  const changed = aRun({ id: 'ppo-07', settings: { ...settings, klBeta: 0.1, learningRate: 1e-5 } })

  it('stand with those that were changed first, beside their defaults', () => {
    const rows = texts(mount(SettingsTable, { props: { run: changed } }).findAll('tbody tr'))
    expect(rows.slice(0, 2)).toEqual([
      `KL beta ${settings.klBeta}0.1`,
      expect.stringMatching(/^Learning rate .*1e-5$/),
    ])
    expect(rows).toHaveLength(Object.keys(settings).length)
  })

  it('of two runs are what differs, and how many are the same', () => {
    const table = mount(SettingsTable, {
      props: { run: changed, other: aRun({ id: 'ppo-06', settings: { ...settings, learningRate: 1e-5 } }) },
    })
    expect(texts(table.findAll('tbody tr'))).toEqual([`KL beta ${settings.klBeta}0.1`])
    expect(table.text()).toContain(`${Object.keys(settings).length - 1} the same`)
  })
})

describe('a run that failed', () => {
  const failure = (run: Run, props: object = {}) =>
    mount(RunFailure, {
      props: {
        run,
        charted: { id: run.id, name: run.name, series: new Map() },
        samples: [aSample({ id: 'a', step: 220 })],
        checkpoints: [aCheckpoint({ id: 'c', step: 200, bytes: 19_200_000 })],
        log: [],
        stepUnit: 'updates',
        headlineTitle: 'Reward',
        isBusy: false,
        ...props,
      },
    })
  const run = aRun({
    id: 'ppo-05',
    state: 'failed',
    step: 230,
    totalSteps: 400,
    resumableStep: 200,
    error: 'the loss became NaN at update 231; the update was not applied. Training stopped itself.',
  })

  it('says what happened, then why', () => {
    const one = failure(run)
    expect(one.find('h2').text()).toBe('The loss became NaN at update 231')
    expect(one.find('.reason').text()).toBe('The update was not applied. Training stopped itself.')
  })

  it('says what was kept and what will be done again', () => {
    expect(texts(failure(run).findAll('.next li'))).toEqual([
      'Checkpoint at update 200 weights, optimizer and counters, 19.2 MB',
      '1 sample to update 220',
      'Your judgments not touched by any run',
      '30 updates after 200 will be done again',
    ])
  })

  it('offers to go on, and to change the settings', async () => {
    const one = failure(run)
    await one.find('.primary').trigger('click')
    await one.find('.quiet').trigger('click')
    expect(one.find('.primary').text()).toContain('Resume from 200')
    expect([one.emitted('resume'), one.emitted('fork')]).toEqual([[[]], [[]]])
  })

  it('offers only a new start where nothing was kept', () => {
    const { resumableStep: _none, ...lost } = run
    const one = failure(lost, { checkpoints: [] })
    expect(texts(one.findAll('.next button'))).toEqual(['Fork with changes F'])
    expect(one.text()).toContain('No checkpoint')
  })
})

describe('what a run says of itself', () => {
  const log = [
    { atMs: 0, level: 'info', text: 'Began.' },
    { atMs: 1, level: 'alarm', text: 'Entropy fell. It is collapsing.' },
    { atMs: 2, level: 'alarm', text: 'The judge falls: look.' },
  ] as const

  it('stands in the log in the order it came', () => {
    expect(
      mount(RunLog, { props: { log } })
        .findAll('li')
        .map((line) => line.find('span:last-child').text()),
    ).toEqual(['Began.', 'Entropy fell. It is collapsing.', 'The judge falls: look.'])
  })

  it('stands above the charts where it is an alarm: the newest, and all on request', async () => {
    const alarms = mount(RunAlarms, { props: { log, canStop: true } })
    expect(texts(alarms.findAll('p'))).toEqual(['The judge falls: look.'])
    expect(alarms.find('.strong').text()).toBe('The judge falls:')
    await alarms.find('.link').trigger('click')
    expect(texts(alarms.findAll('p'))).toEqual(['The judge falls: look.', 'Entropy fell. It is collapsing.'])
  })
})

describe('reading a chart', () => {
  it('names the smoothed value and the measured one', () => {
    const reading = mount(ChartReading, {
      props: {
        readings: [{ key: 'a', name: 'reward model', colour: 0, step: 120, raw: 0.71, smoothed: 0.6234 }],
        step: 121,
        stepUnit: 'updates',
        at: '30%',
        isLeft: false,
        hasRaw: true,
      },
    })
    expect(reading.text().replace(/\s+/g, ' ')).toBe('update 120reward model0.623 raw 0.710')
  })
})

describe('the lineage strip', () => {
  it('opens the step that is pressed', async () => {
    const steps = [
      { kind: 'dataset', id: 'd', name: 'Reviews', detail: '2,572 texts', isCurrent: false },
      { kind: 'run', id: 'r', name: 'ppo-07', detail: 'PPO', isCurrent: true },
    ] as const
    const strip = mount(LineageStrip, { props: { steps } })
    expect(strip.find('[aria-current=step]').text()).toContain('ppo-07')
    await strip.findAll('button')[0]?.trigger('click')
    expect(strip.emitted('open')).toEqual([[steps[0]]])
  })
})

describe('one side of a comparison', () => {
  const side = (props: object) =>
    mount(CompareSide, {
      props: {
        side: 'left',
        name: 'ppo-07',
        text: '',
        tokens: 0,
        state: 'empty',
        tokensASecond: undefined,
        ...props,
      },
    })

  it.each([
    ['waiting', 'loading the checkpoint'],
    ['writing', 'writing, 52 tokens'],
    ['ended', 'ended by itself, 52 tokens'],
    ['cut', 'cut at 52 tokens'],
    ['stopped', 'stopped, 52 tokens'],
  ] as const)('that is %s says “%s”', (state, words) => {
    expect(side({ state, text: 'Great phone', tokens: 52 }).find('footer').text()).toBe(words)
  })

  it('announces its end once, not each token', async () => {
    const one = side({ state: 'writing', text: 'Gre', tokens: 3 })
    expect(one.find('[role=status]').text()).toBe('')
    await one.setProps({ state: 'ended', text: 'Great', tokens: 5, tokensASecond: 61.4 })
    expect(one.find('[role=status]').text()).toBe('The left completion has ended after 5 tokens.')
    expect(one.find('footer').text()).toContain('61 tokens a second')
  })

  it('names no checkpoint while names are hidden', () => {
    expect(side({ name: undefined }).find('header').text()).toBe('Left')
  })

  it('says so when a checkpoint ends at once', () => {
    expect(side({ state: 'ended' }).text()).toContain('wrote nothing')
  })
})
