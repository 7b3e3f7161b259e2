/** The demo's parts: warnings, progress, pictures. */
import { describe, expect, it } from 'vitest'
import { demoProgress } from '../../src-main/demo/progress'
import type { Stage } from '../../src-main/demo/report'
import { lineChart } from '../../src-main/demo/svg'
import { warningsOf } from '../../src-main/demo/warnings'

const around = (value: number) => ({ low: value - 0.01, high: value + 0.01 })
function stage(numbers: Partial<Record<keyof Stage['ci95'], number>>): Stage {
  const all = {
    meanReward: 0.25,
    positiveShare: 0.5,
    judgeShare: 0.5,
    klToSft: 0,
    distinct2: 0.85,
    meanLength: 47,
    endedShare: 0.6,
    copiedShare: 0,
    ...numbers,
  }
  return {
    name: 'ppo-lexicon',
    ...all,
    ci95: Object.fromEntries(
      Object.entries(all).map(([name, value]) => [name, around(value)]),
    ) as Stage['ci95'],
  }
}
const sft = stage({})

describe('the warnings of a trained policy', () => {
  it('are none for a policy that is happier and otherwise as it was', () => {
    expect(
      warningsOf(
        stage({
          meanReward: 0.8,
          positiveShare: 0.97,
          judgeShare: 0.96,
          klToSft: 3,
          distinct2: 0.75,
          endedShare: 0.7,
        }),
        sft,
      ),
    ).toEqual([])
  })

  it('name repetition, length, ending, distance and a doubting judge', () => {
    const gamed = stage({
      meanReward: 0.7,
      positiveShare: 0.99,
      judgeShare: 0.7,
      klToSft: 12,
      distinct2: 0.2,
      meanLength: 20,
      endedShare: 0.1,
    })
    expect(warningsOf(gamed, sft)).toEqual([
      'It repeats itself: only 20 % of its word pairs are different, 85 % before.',
      'Its texts have 20 characters, 47 before: length was learned, not only tone.',
      'Fewer texts end by themselves: 10 %, 60 % before.',
      'It is 12.0 nats a text from the fine-tuned model: little of that model is left.',
      'The held-out judge likes 70 % of what the reward calls positive in 99 %: the reward is being gamed.',
    ])
  })
})

describe('the demo’s progress', () => {
  it('counts stages by their share of the whole', () => {
    let now = 0
    const progress = demoProgress({ data: 10, train: 90 }, () => now)
    progress.begin('data')
    now = 10_000
    progress.begin('train')
    // 10 of 100 took 10 s: 90 s are left
    expect(progress.line(0, 'begun')).toBe('2/2 train ░░░░░░░░░░░░░░░░░░░░ begun · about 1 min 30 s left')
    now = 55_000
    expect(progress.line(0.5, '')).toContain('about 45 s left')
    expect(progress.seconds()).toEqual({ data: 10, train: 45 })
  })
})

describe('a chart', () => {
  it('places points between its axes and says its last values in words', () => {
    const svg = lineChart({
      title: 'Reward <b>',
      xLabel: 'KL',
      series: [
        {
          label: 'policy',
          points: [
            [0, 0],
            [10, 1],
          ],
        },
      ],
      width: 300,
      height: 200,
    })
    expect(svg).toContain('aria-label="Reward &#60;b&#62;. policy: 1 at the end"')
    // from the left margin at the bottom to the right margin at the top
    expect(svg).toContain('d="M44 166L190 30"')
  })

  it('is nothing without points', () => {
    expect(lineChart({ title: 'x', xLabel: 'y', series: [] })).toBe('')
  })
})
