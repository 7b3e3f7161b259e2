/** The part of the self-test that trains: a transformer of two layers on a device and on the reference. */
import type { Engine } from '../engine'
import { NumericalError } from '../numerical-error'
import type { Placement } from '../placement'
import { adamw, batch, initial, lossOf } from './transformer'

export interface TrainingResult {
  readonly updates: number
  /** Largest difference of a loss from the reference's, relative. */
  readonly lossDifference: number
  /** Largest difference of a gradient norm, relative. */
  readonly gradientDifference: number
  /** Loss of the first and of the last update on the device. */
  readonly losses: readonly [first: number, last: number]
  /** What is wrong, in sentences; empty when it trains right. */
  readonly problems: readonly string[]
  readonly onCpu: Placement['onCpu']
}

const UPDATES = 12
const RATE = 0.01
const TOLERANCE = 1e-4

interface Curve {
  readonly losses: readonly number[]
  readonly norms: readonly number[]
}

export async function testTraining(engine: Engine, reference: Engine): Promise<TrainingResult> {
  const before = engine.placement().onCpu
  const expected = await train(reference)
  const first = await train(engine)
  const second = await train(engine)
  const lossDifference = largestDifference(first.losses, expected.losses)
  const gradientDifference = largestDifference(first.norms, expected.norms)
  const losses = [first.losses[0] ?? NaN, first.losses.at(-1) ?? NaN] as const
  const problems = [
    ...(lossDifference <= TOLERANCE
      ? []
      : [`The losses differ from the reference by up to ${lossDifference.toExponential(1)}.`]),
    ...(gradientDifference <= TOLERANCE
      ? []
      : [`The gradient norms differ from the reference by up to ${gradientDifference.toExponential(1)}.`]),
    ...(first.losses.join() === second.losses.join()
      ? []
      : ['The same training gave other losses the second time.']),
    ...(losses[1] < losses[0] ? [] : ['The loss did not fall.']),
    ...((await noticesNoNumbers(engine))
      ? []
      : ['A model whose weights are not numbers trained on as if nothing were wrong.']),
  ]
  const after = engine.placement().onCpu
  return {
    updates: UPDATES,
    lossDifference,
    gradientDifference,
    losses,
    problems,
    onCpu: Object.fromEntries(Object.entries(after).filter(([op, count]) => count > (before[op] ?? 0))),
  }
}

/** Always on the same batch, so that the loss falls. */
async function train(engine: Engine): Promise<Curve> {
  const step = engine.trainStep(initial(), lossOf, adamw)
  const losses: number[] = []
  const norms: number[] = []
  try {
    for (let update = 0; update < UPDATES; update++) {
      const { loss = NaN, gradientNorm = NaN } = await step.update(batch(0), RATE)
      losses.push(loss)
      norms.push(gradientNorm)
    }
    return { losses, norms }
  } finally {
    step.dispose()
  }
}

function largestDifference(actual: readonly number[], expected: readonly number[]): number {
  return Math.max(
    ...actual.map((value, i) => Math.abs(value - (expected[i] ?? NaN)) / Math.abs(expected[i] ?? NaN)),
  )
}

async function noticesNoNumbers(engine: Engine): Promise<boolean> {
  const parameters = initial()
  parameters.view('positions').fill(NaN)
  const step = engine.trainStep(parameters, lossOf, adamw)
  try {
    await step.update(batch(0), RATE)
    return false
  } catch (error) {
    if (error instanceof NumericalError) return true
    throw error
  } finally {
    step.dispose()
  }
}
