/** The course of each metric of the sample runs: a value follows from its step. */
import { recipeOf } from '../../src-shared/recipes/recipes'
import type { MetricName } from '../../src-shared/metrics'
import type { LogLine, MetricPoint, Run, RunTrend } from '../../src-shared/records/run'
import type { Sample } from '../../src-shared/records/sample'
import { blameAt, praiseAt, promptAt } from './sample-texts'

/** Between −1 and 1, the same for the same step. */
const noise = (step: number): number => Math.sin(step * 12.9898) * Math.cos(step * 78.233)
const falling = (step: number, from: number, to: number): number =>
  to + (from - to) * Math.exp(-step / 150) + 0.06 * noise(step)
const rising = (step: number, to: number): number => to * (1 - Math.exp(-step / 120)) + 0.05 * noise(step)

const curves: Partial<Record<MetricName, (step: number) => number>> = {
  'loss/train': (step) => falling(step, 4.5, 1.6),
  'loss/held-out': (step) => falling(step, 4.5, 1.8),
  'loss/reward': (step) => falling(step, 0.69, 0.4),
  'loss/preference': (step) => falling(step, 0.69, 0.45),
  'policy/chosen-drift': (step) => rising(step, -4),
  'policy/rejected-drift': (step) => rising(step, -11),
  'reward/preferred': (step) => 0.5 + rising(step, 0.3),
  'accuracy/train': (step) => 0.5 + rising(step, 0.3),
  'accuracy/held-out': (step) => 0.5 + rising(step, 0.25),
  'reward/mean': (step) => rising(step, 1.4),
  'reward/judge': (step) => rising(step, 0.9),
  'kl/text': (step) => Math.abs(rising(step, 6)),
  'policy/entropy': (step) => falling(step, 2.4, 1.5),
  'policy/clip-fraction': (step) => Math.abs(0.12 + 0.05 * noise(step)),
  'text/length': (step) => 30 + 6 * noise(step),
  'optimizer/gradient-norm': (step) => Math.abs(falling(step, 2, 0.8)),
  'pace/tokens': (step) => 5200 + 300 * noise(step),
}

const ofRewards: readonly MetricName[] = [
  'reward/mean',
  'reward/judge',
  'kl/text',
  'policy/entropy',
  'policy/clip-fraction',
  'text/length',
]

/** What a run has beside its headline, by what that is. */
const beside: Partial<Record<MetricName, readonly MetricName[]>> = {
  'loss/train': ['loss/held-out'],
  'reward/mean': ofRewards,
  'reward/preferred': ofRewards,
  'accuracy/held-out': ['loss/preference', 'accuracy/train', 'policy/chosen-drift', 'policy/rejected-drift'],
}
const besideOf: Readonly<Record<string, readonly MetricName[]>> = {
  reward: ['loss/reward', 'accuracy/train'],
}

const metricsOf = ({ recipe }: Run): readonly MetricName[] => {
  const { headline } = recipeOf(recipe)
  const others = besideOf[recipe] ?? beside[headline] ?? []
  return [headline, ...others, 'optimizer/gradient-norm', 'pace/tokens']
}

/** Points of a run after one step and up to another. */
export function pointsOf(run: Run, after: number, last: number): readonly MetricPoint[] {
  const points: MetricPoint[] = []
  for (let step = Math.max(after + 1, 1); step <= last; step++)
    for (const name of new Set(metricsOf(run))) points.push({ step, name, value: curves[name]?.(step) ?? 0 })
  return points
}

const trendPoints = 60

export function trendOf(run: Run): RunTrend {
  const pace = Math.max(1, Math.ceil(run.step / trendPoints))
  const steps = Array.from({ length: Math.floor(run.step / pace) }, (_, index) => (index + 1) * pace)
  const curve = curves[recipeOf(run.recipe).headline]
  return { runId: run.id, steps, values: steps.map((step) => curve?.(step) ?? 0), last: lastOf(run) }
}

const lastOf = (run: Run): NonNullable<RunTrend['last']> =>
  Object.fromEntries(pointsOf(run, run.step - 1, run.step).map(({ name, value }) => [name, value]))

const sampleEvery = 20

export function samplesOf(run: Run, after: number, last: number): readonly Sample[] {
  if (run.recipe === 'reward') return []
  const samples: Sample[] = []
  for (let step = sampleEvery; step <= last; step += sampleEvery)
    if (step > after)
      samples.push({
        id: `${run.id} ${step}`,
        runId: run.id,
        step,
        prompt: promptAt(0),
        completion: step < 60 ? blameAt(6 * step) : praiseAt(6 * step),
        tokens: 14,
        hasEnded: step % 60 !== 0,
        ...(recipeOf(run.recipe).headline.startsWith('reward/') && {
          reward: rising(step, 1.4),
          judge: rising(step, 0.9),
        }),
      })
  return samples
}

export function logOf(run: Run): readonly LogLine[] {
  const atMs = run.startedAtMs
  if (atMs === undefined) return []
  return [
    { atMs, level: 'info', text: `Began on ${run.device}.` },
    ...(run.recipe === 'ppo'
      ? [{ atMs, step: 30, level: 'alarm' as const, text: 'Completions grow short. Look at a few of them.' }]
      : []),
    ...(run.error === undefined ? [] : [{ atMs, step: run.step, level: 'error' as const, text: run.error }]),
  ]
}
