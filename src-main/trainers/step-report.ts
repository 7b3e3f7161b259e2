/** What a process reward model is worth, from solutions it never saw. */
import type { ReportRow } from '../../src-shared/records/reward-report'
import { heldOutAccuracy } from './held-out-accuracy'
import { calibrationRows, shareRow } from './reward-report'
import type { MetricValues } from './trainer'

/** A solution's labels, and what the model says of its steps. */
export interface SaidOfSteps {
  readonly labels: readonly (number | undefined)[]
  readonly logits: readonly number[]
}

/**
 * Loss and share of the labelled steps that are told, and the share of solutions whose first wrong step is named, or
 * of which it is said that there is none (Zheng et al. 2024, "ProcessBench").
 */
export function stepMetrics(solutions: readonly SaidOfSteps[]): MetricValues {
  const steps = labelledIn(solutions)
  const meanOf = (of: (step: { readonly label: number; readonly logit: number }) => number): number =>
    steps.reduce((sum, step) => sum + of(step), 0) / steps.length
  return {
    'loss/steps-held-out': meanOf(({ label, logit }) => softplus(logit) - label * logit),
    ...heldOutAccuracy(steps.filter(({ label, logit }) => logit > 0 === label > 0.5).length, steps.length),
    'accuracy/first-error': solutions.filter(isFirstErrorFound).length / solutions.length,
  }
}

/** All that is known, to be kept: steps told, as sure as they are told, and first errors. */
export function stepReport(solutions: readonly SaidOfSteps[]): readonly ReportRow[] {
  const steps = labelledIn(solutions)
  const told = steps.filter(({ label, logit }) => logit > 0 === label > 0.5).length
  const found = solutions.filter(isFirstErrorFound).length
  return [
    shareRow('steps', 'told right or wrong', told, steps.length),
    shareRow('first-error', 'found', found, solutions.length),
    ...calibrationRows(steps.map(({ label, logit }) => (label > 0.5 ? logit : -logit))),
  ]
}

interface LabelledStep {
  readonly label: number
  readonly logit: number
}

const labelledIn = (solutions: readonly SaidOfSteps[]): readonly LabelledStep[] =>
  solutions.flatMap(({ labels, logits }) =>
    labels.flatMap((label, step) => (label === undefined ? [] : [{ label, logit: logits[step] as number }])),
  )

/** log(1 + eˣ), which stays finite. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

/** A step of which nothing is said is no error. */
const isFirstErrorFound = ({ labels, logits }: SaidOfSteps): boolean =>
  labels.findIndex((label) => label !== undefined && label <= 0.5) ===
  labels.findIndex((label, step) => label !== undefined && !((logits[step] as number) > 0))
