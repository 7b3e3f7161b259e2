/**
 * A process reward model: the trunk of a language model with a head read at the end of each step, which says whether
 * the solution is right so far (Lightman et al. 2023; Wang et al. 2024, "Math-Shepherd").
 *
 *   L = mean over the labelled steps of −y log σ(s) − (1 − y) log(1 − σ(s))
 *
 * Departures, all on purpose:
 * 1. a head of its own says it, not two words of the vocabulary (both papers) and no classes (TRL's PRMTrainer);
 * 2. a step ends with the line's end, the last one with the end token: there is no separator that texts do not have;
 * 3. PRM800K's neutral steps count as right, as in its paper's scores: labels below 0 are wrong, others right.
 */
import type { RewardSettings } from '../../src-shared/recipes/reward-fields'
import type { Engine, Float2D, HostBatch, HostTensor } from '../compute/engine'
import * as tf from '../compute/tf'
import { steppedTexts, type SteppedText } from '../data/stepped'
import type { RatedText } from '../data/training-data'
import { seeded } from '../maths/random'
import { stepLosses } from '../maths/steps'
import { createRewardModel, stepLogits } from '../model/heads'
import type { LanguageModel, RewardModel } from '../model/model'
import { collateTexts, type ScoredBatch } from '../model/scored-batch'
import { readSteps, splitSteps, type ReadSteps } from '../model/steps'
import { splitHeldOut } from './held-out'
import { learnFromLabels, lengthOf, type HeldOutLabels, type LabelLearning } from './label-run'
import { partsOfLikeLength, type LengthPlan } from './real-lengths'
import { refuse, refuseEmpty, readEach } from './refuse'
import { sameTexts } from './sameness'
import { stepMetrics, stepReport, type SaidOfSteps } from './step-report'
import { toTrain } from './trained-part'
import type { Snapshot, TrainerEvent } from './trainer'

/** A solution as the model reads it, with labels of the steps that fit. */
type LabelledSteps = ReadSteps & { readonly labels: readonly (number | undefined)[] }

/** `labels` [rows, steps], `labelled` 1 where there is one; `total` labelled steps of the whole batch. */
type StepBatch = ScoredBatch & { labels: Float2D; labelled: Float2D; total: tf.Scalar }

interface Shape {
  readonly rows: number
  readonly time: number
  readonly steps: number
}

/**
 * @param base   whose trunk it reads with; it is never changed
 * @param rated  beginnings of solutions, the label of each that of its last step
 * @param resume the last snapshot of a run with the same inputs and settings; its model is trained on in place
 * @throws StudioFailure when there are no steps, all are said to be alike or a character is unknown
 */
export async function* trainProcessReward(
  engine: Engine,
  base: LanguageModel,
  rated: readonly RatedText[],
  settings: RewardSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  const model = toTrain(
    createRewardModel(base, seeded(settings.seed, 'head'), {
      hasSegments: settings.segments === 'on',
      steps: { joined: settings.stepsJoined },
    }),
    settings,
    'reward',
    resume?.model,
  )
  const { read, notes } = readSolutions(model, rated, settings)
  const {
    trained,
    heldOut,
    notes: ofSplit,
  } = splitHeldOut(read, settings.heldOutFraction, settings.seed, sameTexts)
  const steps = read.reduce((most, { stepEnds }) => Math.max(most, stepEnds.length), 1)
  const learning: LabelLearning<LabelledSteps, StepBatch> = {
    model,
    trained,
    heldOut,
    notes: [...notes, ...ofSplit],
    metric: 'loss/steps',
    loss: (weights, batch) => {
      const losses = stepLosses(stepLogits(model, weights, batch), batch.labels)
      return { loss: tf.div(tf.sum(tf.mul(losses, batch.labelled)), batch.total) }
    },
    totalOf: labelledSteps,
    collate: (some, shape, total) => collateSteps(model, some, { ...shape, steps }, total),
    openHeldOut: (plan) => heldOutSteps(engine, model, heldOut, { ...plan, steps }),
  }
  yield* learnFromLabels(engine, learning, settings, resume)
}

function readSolutions(
  model: RewardModel,
  rated: readonly RatedText[],
  { readPrompt }: RewardSettings,
): { readonly read: readonly LabelledSteps[]; readonly notes: readonly string[] } {
  refuseEmpty('steps', rated, 'labelled steps')
  const solutions = steppedTexts(asRight(rated), splitSteps)
  const read = readEach('steps', solutions, ({ prompt, completion, labels }) => {
    const text = { prompt, completion, hasEnded: true }
    const steps = readSteps(model.config, model.tokenizer, text, readPrompt === 'with-prompt')
    // of a text that is cut the last step that is read may not be whole
    const whole =
      steps.ids.at(-1) === model.tokenizer.endToken ? steps.stepEnds.length : steps.stepEnds.length - 1
    return { ...steps, labels: labels.slice(0, whole) }
  })
  const labelled = read.filter(({ labels }) => labels.some((label) => label !== undefined))
  if (labelled.length === 0)
    refuse('steps', `have no labelled step within ${model.config.contextTokens} tokens`)
  refuseOneClass(labelled)
  const cut = read.filter(({ isCut }) => isCut).length
  return { read: labelled, notes: [said(solutions), ...cutNote(cut, model)] }
}

const said = (solutions: readonly SteppedText[]): string =>
  `${solutions.length} solutions with ${labelledSteps(solutions)} labelled steps.`

const cutNote = (cut: number, { config }: RewardModel): readonly string[] =>
  cut > 0 ? [`Longer than ${config.contextTokens} tokens and cut to fit: ${cut} solutions.`] : []

/** Labels of PRM800K are −1, 0 and 1; those of others how likely a step is right. @throws StudioFailure */
function asRight(rated: readonly RatedText[]): readonly RatedText[] {
  const strange = rated.findIndex(({ rating }) => rating < -1 || rating > 1)
  if (strange >= 0)
    refuse(
      'steps',
      `text ${strange + 1}: ${rated[strange]!.rating} is no label of a step; 0 is wrong, 1 is right, between them is ` +
        'doubt',
    )
  if (rated.every(({ rating }) => rating >= 0)) return rated
  return rated.map((each) => ({ ...each, rating: each.rating < 0 ? 0 : 1 }))
}

function refuseOneClass(read: readonly LabelledSteps[]): void {
  const labels = new Set(read.flatMap(({ labels: each }) => each.filter((label) => label !== undefined)))
  if (labels.size === 1) refuse('steps', `call all steps ${[...labels][0]}: there is nothing to tell apart`)
}

const labelledSteps = (solutions: readonly { readonly labels: LabelledSteps['labels'] }[]): number =>
  solutions.reduce((sum, { labels }) => sum + labels.filter((label) => label !== undefined).length, 0)

/** @param total labelled steps of the whole batch; missing solutions are padding */
function collateSteps(
  model: RewardModel,
  solutions: readonly LabelledSteps[],
  shape: Shape,
  total: number,
): HostBatch<StepBatch> {
  const size = [shape.rows, shape.steps] as const
  const labels = new Float32Array(shape.rows * shape.steps)
  const labelled = new Float32Array(shape.rows * shape.steps)
  solutions.forEach((solution, row) =>
    solution.labels.forEach((label, step) => {
      if (label === undefined) return
      labels[row * shape.steps + step] = label
      labelled[row * shape.steps + step] = 1
    }),
  )
  return {
    ...collateTexts(model, solutions, shape),
    labels: { shape: size, data: labels },
    labelled: { shape: size, data: labelled },
    total: { shape: [], data: Float32Array.of(total) },
  }
}

function heldOutSteps(
  engine: Engine,
  model: RewardModel,
  solutions: readonly LabelledSteps[],
  plan: LengthPlan & Pick<Shape, 'steps'>,
): HeldOutLabels {
  const program = engine.program<StepBatch>((weights, batch) => ({
    logits: stepLogits(model, weights, batch),
  }))
  let all: SaidOfSteps[] = []
  return {
    async measure() {
      all = []
      for (const { rows, time } of partsOfLikeLength(solutions, lengthOf, plan)) {
        const answer = await program.run(model.parameters, collateSteps(model, rows, { ...plan, time }, 1))
        const { data } = answer['logits'] as HostTensor
        rows.forEach(({ labels }, row) =>
          all.push({ labels, logits: [...data.subarray(row * plan.steps, (row + 1) * plan.steps)] }),
        )
      }
      return stepMetrics(all)
    },
    report: () => stepReport(all),
    dispose: () => program.dispose(),
  }
}
