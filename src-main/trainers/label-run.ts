/**
 * A run of a reward model from texts with labels, whether of the whole text or of its steps: what both have alike. A
 * batch is cut into parts of texts of like length; what is said of a text, and what follows from it, is the trainer's
 * own.
 */
import type { RewardSettings } from '../../src-shared/recipes/reward-fields'
import type { MetricName } from '../../src-shared/metrics'
import type { ReportRow } from '../../src-shared/records/reward-report'
import type { Engine, HostBatch, LossAndScalars, Tensors, Weights } from '../compute/engine'
import { warmupThenCosine } from '../maths/schedule'
import { copyModel } from '../model/language-model'
import { withDropout } from '../model/layers/projection'
import type { RewardModel } from '../model/model'
import type { ReadText } from '../model/reading'
import { optimizerOf, restoreOptimizer, scheduleOf, storedOptimizer } from './optimizer'
import { examplesAt, updatesOf } from './order'
import { partsOfLikeLength, planLengths, type LengthPlan } from './real-lengths'
import { dropped } from './trained-part'
import type { MetricValues, Snapshot, TrainerEvent } from './trainer'

/** What held-out texts say of the model. */
export interface HeldOutLabels {
  measure(): Promise<MetricValues>
  /** What the last measurement says, row by row. */
  report(): readonly ReportRow[]
  dispose(): void
}

export interface LabelLearning<T extends ReadText, B extends Tensors> {
  readonly model: RewardModel
  readonly trained: readonly T[]
  readonly heldOut: readonly T[]
  readonly notes: readonly string[]
  /** The metric that the loss is shown as. */
  readonly metric: MetricName
  /** @returns sums over a part, which added are means over the whole batch */
  loss(weights: Weights, batch: B): LossAndScalars
  /** What a whole batch has of what its loss is a mean of. */
  totalOf(batch: readonly T[]): number
  /** @param total of the whole batch; missing rows are padding */
  collate(
    texts: readonly T[],
    shape: { readonly rows: number; readonly time: number },
    total: number,
  ): HostBatch<B>
  openHeldOut(plan: LengthPlan): HeldOutLabels
}

/** @param resume the last snapshot of a run with the same inputs and settings; its model is trained on in place */
export async function* learnFromLabels<T extends ReadText, B extends Tensors>(
  engine: Engine,
  { model, trained, heldOut, ...learning }: LabelLearning<T, B>,
  settings: RewardSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  const { parameters } = model
  const size = Math.min(2 * settings.batchPairs, trained.length)
  const whole = { rows: size, parts: settings.accumulation * engine.partsAtOnce(parameters) }
  const plan = planLengths([...trained, ...heldOut].map(lengthOf), whole, settings)
  const totalSteps = updatesOf(trained.length, size, settings.epochs)

  yield { kind: 'plan', totalSteps }
  for (const text of learning.notes) yield { kind: 'log', level: 'info', text }

  const update = engine.trainStep<B>(
    parameters,
    (weights, batch) => learning.loss(withDropout(weights, batch), batch),
    optimizerOf(settings),
    { recomputes: settings.recompute === 'on' },
  )
  const held = learning.openHeldOut(plan)
  try {
    if (resume) restoreOptimizer('model', update, resume.resume)
    for (let step = resume?.resume.step ?? 0; step < totalSteps; step++) {
      const batch = examplesAt(trained, size, step, settings.seed, settings.epochs)
      const learningRate = warmupThenCosine(step, scheduleOf(settings, totalSteps))
      const total = learning.totalOf(batch)
      const parts = partsOfLikeLength(batch, lengthOf, plan).map(({ rows, time, first }) => {
        const shape = { rows: plan.rows, time }
        return {
          ...learning.collate(rows, shape, total),
          ...dropped(model, { ...shape, first }, settings.seed, step),
        }
      })
      const { loss, gradientNorm } = await update.update(parts, learningRate)

      const done = step + 1
      const isMeasured = heldOut.length > 0 && (done % settings.measureEvery === 0 || done === totalSteps)
      yield {
        kind: 'update',
        step: done,
        tokens: batch.reduce((sum, { ids }) => sum + ids.length, 0),
        values: {
          [learning.metric]: loss as number,
          'optimizer/learning-rate': learningRate,
          'optimizer/gradient-norm': gradientNorm as number,
          ...(isMeasured ? await held.measure() : {}),
        },
        snapshot: () => ({
          model: copyModel(model),
          resume: { step: done, ...storedOptimizer('model', update) },
        }),
      }
      if (isMeasured) yield { kind: 'report', step: done, rows: held.report() }
    }
  } finally {
    update.dispose()
    held.dispose()
  }
}

/** Tokens of a text. */
export const lengthOf = ({ ids }: ReadText): number => ids.length
