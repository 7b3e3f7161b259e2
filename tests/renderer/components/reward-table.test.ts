// @vitest-environment happy-dom
import { enableAutoUnmount, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import RunDetails from '../../../src-renderer/components/runs/RunDetails.vue'
import { aRun } from '../../../src-renderer/dev/records'
import type { RewardReport } from '../../../src-shared/records/reward-report'

enableAutoUnmount(afterEach)

const report: RewardReport = {
  step: 60,
  rows: [
    { part: 'accuracy', name: 'all', count: 40, value: 0.8, low: 0.652, high: 0.895 },
    { part: 'calibration', name: '60 % sure', count: 10, value: 0.5, low: 0.24, high: 0.76, said: 0.6 },
    { part: 'calibration', name: '90 % sure', count: 30, value: 0.9, low: 0.74, high: 0.96, said: 0.9 },
  ],
}
const details = (shown: RewardReport | undefined) =>
  mount(RunDetails, { props: { run: aRun({ id: 'a' }), other: undefined, log: [], report: shown } })

describe('beside the samples', () => {
  it('a reward model shows what it is worth, with intervals, counts and its calibration', async () => {
    const one = details(report)
    await one
      .findAll('button')
      .find((button) => button.text() === 'Held out')!
      .trigger('click')
    expect(one.find('table[aria-label="Told apart"] tbody').text()).toMatch(
      /all\s*0\.800\s*0\.652 to 0\.895\s*40/,
    )
    expect(one.find('svg[role="img"]').attributes('aria-label')).toBe(
      'Calibration: 60 % sure, 50 % right; 90 % sure, 90 % right',
    )
    expect(one.findAll('circle')).toHaveLength(2)
  })

  it('nothing is offered that was not measured', () => {
    expect(
      details(undefined)
        .findAll('button')
        .map((button) => button.text()),
    ).toEqual(['Settings', 'Log'])
  })

  it('a run without a report, opened after one with, shows its settings', async () => {
    const one = details(report)
    await one
      .findAll('button')
      .find((button) => button.text() === 'Held out')!
      .trigger('click')
    await one.setProps({ report: undefined })
    expect(one.find('svg').exists()).toBe(false)
    expect(one.find('button[aria-pressed="true"]').text()).toBe('Settings')
  })
})
