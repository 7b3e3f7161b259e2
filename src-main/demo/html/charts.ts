/** The report's pictures: reward against KL, and the curves of every run. */
import { metrics, type MetricName } from '../../../src-shared/metrics'
import type { DemoReport } from '../report'
import { lineChart, type Series } from '../svg'
import { stageTitles, type ReportedRun, type ReportMaterial } from './material'

/** The best-of-n line, the way of a policy, and a dot for each trained stage. */
export function rewardAgainstKl({ report, runs }: ReportMaterial): string {
  return lineChart({
    title: 'Mean reward (VADER)',
    xLabel: 'KL to the fine-tuned model, nats a text',
    width: 760,
    height: 380,
    series: [
      {
        label: 'best of n',
        points: report.bestOfN.map(({ kl, meanReward }) => [kl, meanReward] as const),
        isDashed: true,
      },
      { label: 'PPO, lexicon: its way', points: wayOf(runs.ppoLexicon) },
      ...stageDots(report),
    ],
  })
}

/** Reward over KL, update by update. */
function wayOf(run: ReportedRun): Series['points'] {
  const rewards = valuesOf(run, 'reward/mean')
  return [...valuesOf(run, 'kl/text')].flatMap(([step, kl]) => {
    const reward = rewards.get(step)
    return reward === undefined ? [] : [[kl, reward] as const]
  })
}

const stageDots = ({ stages }: DemoReport): readonly Series[] =>
  stages
    .filter(({ name }) => name !== 'pretrained')
    .map((stage) => ({
      label: stageTitles[stage.name],
      points: [[stage.klToSft, stage.meanReward]],
      isScatter: true,
    }))

const ppoMetrics: readonly (readonly MetricName[])[] = [
  ['reward/mean', 'reward/judge'],
  ['kl/text'],
  ['policy/entropy'],
  ['text/distinct-2', 'text/ended'],
  ['text/length'],
  ['value/explained'],
]

/** The metrics that share a picture, run by run. */
const shownMetrics: Readonly<Record<keyof ReportMaterial['runs'], readonly (readonly MetricName[])[]>> = {
  pretrain: [['loss/train', 'loss/held-out']],
  sft: [['loss/train', 'loss/held-out']],
  reward: [
    ['loss/reward', 'loss/reward-held-out'],
    ['accuracy/train', 'accuracy/held-out'],
  ],
  ppoLexicon: ppoMetrics,
  ppoRewardModel: ppoMetrics,
}

export function runCharts({ runs }: ReportMaterial): string {
  return Object.entries(runs)
    .flatMap(([key, run]) => {
      const xLabel = key.startsWith('ppo') ? 'rollouts' : 'updates'
      return shownMetrics[key as keyof typeof runs].map((names) => runChart(run, names, xLabel))
    })
    .join('\n')
}

function runChart(run: ReportedRun, names: readonly MetricName[], xLabel: string): string {
  return lineChart({
    title: `${run.name}: ${metrics[names[0]!].unit}`,
    xLabel,
    series: names
      .map((name) => ({ label: metrics[name].label, points: thinned([...valuesOf(run, name)]) }))
      .filter(({ points }) => points.length > 0),
  })
}

/** Means of neighbours, so that a line has at most 200 points. */
function thinned(points: readonly (readonly [number, number])[]): Series['points'] {
  const every = Math.ceil(points.length / 200)
  return Array.from({ length: Math.ceil(points.length / every) }, (_, index) => {
    const part = points.slice(index * every, (index + 1) * every)
    return [part.at(-1)![0], part.reduce((sum, [, value]) => sum + value, 0) / part.length] as const
  })
}

const valuesOf = ({ points }: ReportedRun, name: MetricName): Map<number, number> =>
  new Map(points.filter((point) => point.name === name).map(({ step, value }) => [step, value]))
