/** Which metrics stand in one chart, and what the chart is called. Every metric has exactly one place. */
import { metrics, rewardMetricNames, type MetricName } from '../../src-shared/metrics'

export interface Panel {
  readonly title: string
  /** All of one unit. The first is drawn in the first colour. */
  readonly metrics: readonly MetricName[]
  /** Whether the axis takes zero in, because zero means something. */
  readonly hasZero: boolean
  /** The whole range, where values cannot leave it. */
  readonly range?: readonly [number, number]
  /** Set rather than measured: there is no noise to smooth away. */
  readonly isExact?: true
  /** A value worth knowing, drawn as a dashed line with these words. */
  readonly guide?: { readonly value: number; readonly text: string }
}

/** In the order in which a person asks: is it learning, what does it cost, is it healthy, how fast is it. */
export const panels: readonly Panel[] = [
  { title: 'Reward', metrics: ['reward/mean', 'reward/judge', 'reward/objective'], hasZero: true },
  {
    title: 'Preferred to the mixture',
    metrics: ['reward/preferred'],
    hasZero: true,
    range: [0, 1],
    guide: { value: 0.5, text: 'as often as not' },
  },
  { title: 'Rewards one by one', metrics: rewardMetricNames, hasZero: true },
  {
    title: 'Judge: verdicts that do not count',
    metrics: ['judge/inconsistent', 'judge/unreadable'],
    hasZero: true,
    range: [0, 1],
  },
  { title: 'Judge: tokens', metrics: ['judge/tokens-read', 'judge/tokens-written'], hasZero: true },
  { title: 'Judge: cost', metrics: ['judge/cost'], hasZero: true },
  { title: 'Deviation of the reward', metrics: ['reward/spread'], hasZero: true },
  { title: 'Share of the largest reward', metrics: ['reward/largest-share'], hasZero: true, range: [0, 1] },
  { title: 'KL to the reference', metrics: ['kl/text', 'kl/drawn'], hasZero: true },
  { title: 'KL to the teacher', metrics: ['kl/teacher'], hasZero: true },
  {
    title: 'Accuracy',
    metrics: ['accuracy/train', 'accuracy/held-out'],
    hasZero: true,
    range: [0, 1],
    guide: { value: 0.5, text: 'chance' },
  },
  {
    title: 'Accuracy held out, 95 %',
    metrics: ['accuracy/held-out-low', 'accuracy/held-out-high'],
    hasZero: true,
    range: [0, 1],
    guide: { value: 0.5, text: 'chance' },
  },
  { title: 'Held out', metrics: ['accuracy/held-out-count'], hasZero: true, isExact: true },
  {
    title: 'Accuracy by length',
    metrics: ['accuracy/chosen-longer', 'accuracy/chosen-shorter'],
    hasZero: true,
    range: [0, 1],
    guide: { value: 0.5, text: 'chance' },
  },
  { title: 'Calibration error', metrics: ['accuracy/calibration-error'], hasZero: true },
  { title: 'Order of rated texts', metrics: ['accuracy/rank-correlation'], hasZero: true },
  { title: 'First error found', metrics: ['accuracy/first-error'], hasZero: true, range: [0, 1] },
  { title: 'Ties told', metrics: ['accuracy/ties'], hasZero: true, range: [0, 1] },
  { title: 'Exactly right', metrics: ['accuracy/exact'], hasZero: true, range: [0, 1] },
  { title: 'Loss', metrics: ['loss/train', 'loss/held-out'], hasZero: true },
  {
    title: 'Pair loss',
    metrics: ['loss/reward', 'loss/reward-held-out'],
    hasZero: true,
    guide: { value: Math.LN2, text: 'chance without a margin, log 2' },
  },
  { title: 'Preference loss', metrics: ['loss/preference', 'loss/preference-held-out'], hasZero: true },
  {
    title: 'Drift from the reference',
    metrics: ['policy/chosen-drift', 'policy/rejected-drift'],
    hasZero: true,
  },
  {
    title: 'Log-probability of pairs',
    metrics: ['policy/chosen-log-prob', 'policy/rejected-log-prob'],
    hasZero: true,
  },
  { title: 'Baseline of implicit rewards', metrics: ['reward/baseline'], hasZero: true },
  { title: 'Rating loss', metrics: ['loss/rating', 'loss/rating-held-out'], hasZero: true },
  {
    title: 'Step loss',
    metrics: ['loss/steps', 'loss/steps-held-out'],
    hasZero: true,
    guide: { value: Math.LN2, text: 'chance, log 2' },
  },
  { title: 'Margin of held-out pairs', metrics: ['margin/held-out', 'margin/between-heads'], hasZero: true },
  {
    title: 'Clip fraction',
    metrics: ['policy/clip-fraction'],
    hasZero: true,
    guide: { value: 0.2, text: 'healthy below 0.2' },
  },
  { title: 'Groups of equal rewards', metrics: ['reward/equal-groups'], hasZero: true, range: [0, 1] },
  { title: 'Entropy', metrics: ['policy/entropy'], hasZero: false },
  { title: 'Ended by themselves', metrics: ['text/ended'], hasZero: true, range: [0, 1] },
  { title: 'Length', metrics: ['text/length'], hasZero: true },
  { title: 'Distinct word pairs', metrics: ['text/distinct-2'], hasZero: true, range: [0, 1] },
  { title: 'Share of the step', metrics: ['policy/step-share'], hasZero: true, range: [0, 1] },
  { title: 'KL of one update', metrics: ['policy/approx-kl'], hasZero: true },
  {
    title: 'Largest first ratio',
    metrics: ['policy/ratio'],
    hasZero: false,
    guide: { value: 1, text: 'must be 1' },
  },
  { title: 'Policy loss', metrics: ['loss/policy'], hasZero: true },
  { title: 'Q loss', metrics: ['loss/q'], hasZero: true },
  { title: 'Pretraining loss', metrics: ['loss/pretraining'], hasZero: true },
  { title: 'Value loss', metrics: ['loss/value'], hasZero: true },
  { title: 'Explained variance', metrics: ['value/explained'], hasZero: true },
  { title: 'KL beta', metrics: ['policy/kl-beta'], hasZero: true, isExact: true },
  { title: 'Gradient norm', metrics: ['optimizer/gradient-norm'], hasZero: true },
  { title: 'Learning rate', metrics: ['optimizer/learning-rate'], hasZero: true, isExact: true },
  { title: 'Pace', metrics: ['pace/tokens'], hasZero: true },
]

/** The unit under a panel's title. */
export const unitOf = (panel: Panel): string => {
  const first = panel.metrics[0]
  return first ? metrics[first].unit : ''
}

/** The title of the panel in which a metric stands. */
export const panelTitleOf = (metric: MetricName): string =>
  panels.find((panel) => panel.metrics.includes(metric))?.title ?? ''
