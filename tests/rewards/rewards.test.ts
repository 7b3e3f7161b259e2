import { describe, expect, it } from 'vitest'
import { rewardRows } from '../../src-main/rewards/rewards'
import { metrics, rewardMetricOf } from '../../src-shared/metrics'
import { rewardSources, rewardSourceNames } from '../../src-shared/rewards/rewards'

describe('every reward source', () => {
  it.each(rewardSourceNames)('%s can be said, is at work, and has a metric of its own', (name) => {
    expect(Object.keys(rewardRows)).toContain(name)
    expect(metrics[rewardMetricOf(name)].label).toBe(rewardSources[name].title)
    for (const other of ['mean', 'judge', 'objective']) expect(name).not.toBe(other)
  })
})
