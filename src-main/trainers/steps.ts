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
import type { ReportRow } from '../../src-shared/records/reward-report'
import type { Engine, Float2D, HostBatch, HostTensor } from '../compute/engine'
import * as tf from '../compute/tf'
import { steppedTexts, type SteppedText } from '../data/stepped'
import type { RatedText } from '../data/training-data'
import { seeded } from '../maths/random'
import { warmupThenCosine } from '../maths/schedule'
import { stepLosses } from '../maths/steps'
import { createRewardModel, stepLogits } from '../model/heads'
import { copyModel } from '../model/language-model'
import type { LanguageModel, RewardModel } from '../model/model'
import { withDropout } from '../model/layers/projection'
import { collateTexts, type ScoredBatch } from '../model/scored-batch'
import { readSteps, splitSteps, type ReadSteps } from '../model/steps'
import { splitHeldOut } from './held-out'
import { rowsOfPart } from './next-token'
import { optimizerOf, restoreOptimizer, scheduleOf, storedOptimizer } from './optimizer'
import { examplesAt, updatesOf } from './order'
import { refuse, refuseEmpty, readEach } from './refuse'
import { longestText } from './scored-texts'
import { stepMetrics, stepReport, type SaidOfSteps } from './step-report'
import { dropped, toTrain } from './trained-part'
import type { MetricValues, Snapshot, TrainerEvent } from './trainer'

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
  const { parameters } = model
  const { read, notes } = readSolutions(model, rated, settings)
  const { trained, heldOut } = splitHeldOut(read, settings.heldOutFraction, settings.seed)
  const steps = read.reduce((most, { stepEnds }) => Math.max(most, stepEnds.length), 1)
  const whole = { rows: Math.min(2 * settings.batchPairs, trained.length), time: longestText(read), steps }
  const part = { ...whole, rows: rowsOfPart(whole, settings.accumulation * engine.partsAtOnce(parameters)) }
  const totalSteps = updatesOf(trained.length, whole.rows, settings.epochs)

  yield { kind: 'plan', totalSteps }
  for (const text of notes) yield { kind: 'log', level: 'info', text }

  const update = engine.trainStep<StepBatch>(
    parameters,
    (weights, batch) => {
      const losses = stepLosses(stepLogits(model, withDropout(weights, batch), batch), batch.labels)
      return { loss: tf.div(tf.sum(tf.mul(losses, batch.labelled)), batch.total) }
    },
    optimizerOf(settings),
    { recomputes: settings.recompute === 'on' },
  )
  const held = heldOutSteps(engine, model, heldOut, {
    ...whole,
    rows: rowsOfPart(whole, settings.accumulation),
  })
  try {
    if (resume) restoreOptimizer('model', update, resume.resume)
    for (let step = resume?.resume.step ?? 0; step < totalSteps; step++) {
      const batch = examplesAt(trained, whole.rows, step, settings.seed, settings.epochs)
      const learningRate = warmupThenCosine(step, scheduleOf(settings, totalSteps))
      const { loss, gradientNorm } = await update.update(
        inParts(model, batch, part).map((each, index) => ({
          ...each,
          ...dropped(model, { ...part, first: index * part.rows }, settings.seed, step),
        })),
        learningRate,
      )

      const done = step + 1
      const isMeasured = heldOut.length > 0 && (done % settings.measureEvery === 0 || done === totalSteps)
      yield {
        kind: 'update',
        step: done,
        tokens: batch.reduce((sum, { ids }) => sum + ids.length, 0),
        values: {
          'loss/steps': loss as number,
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

const said = (solutions: readonly SteppedText[]): string => {
  const steps = solutions.reduce(
    (sum, { labels }) => sum + labels.filter((label) => label !== undefined).length,
    0,
  )
  return `${solutions.length} solutions with ${steps} labelled steps.`
}

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

/** A batch in parts of so many solutions, the last padded. */
function inParts(
  model: RewardModel,
  solutions: readonly LabelledSteps[],
  shape: Shape,
): readonly HostBatch<StepBatch>[] {
  const total = solutions.reduce(
    (sum, { labels }) => sum + labels.filter((label) => label !== undefined).length,
    0,
  )
  return Array.from({ length: Math.ceil(solutions.length / shape.rows) }, (_, part) =>
    collateSteps(model, solutions.slice(part * shape.rows, (part + 1) * shape.rows), shape, total),
  )
}

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
  shape: Shape,
): { measure(): Promise<MetricValues>; report(): readonly ReportRow[]; dispose(): void } {
  const program = engine.program<StepBatch>((weights, batch) => ({
    logits: stepLogits(model, weights, batch),
  }))
  let all: SaidOfSteps[] = []
  return {
    async measure() {
      all = []
      for (let start = 0; start < solutions.length; start += shape.rows) {
        const some = solutions.slice(start, start + shape.rows)
        const answer = await program.run(model.parameters, collateSteps(model, some, shape, 1))
        const { data } = answer['logits'] as HostTensor
        some.forEach(({ labels }, row) =>
          all.push({ labels, logits: [...data.subarray(row * shape.steps, (row + 1) * shape.steps)] }),
        )
      }
      return stepMetrics(all)
    },
    report: () => stepReport(all),
    dispose: () => program.dispose(),
  }
}
