/**
 * What every train step does around its gradients: wait for them, look at them, clip, apply AdamW, answer
 * with numbers.
 */
import { createAdamW, type AdamWRoom, type GradientArrays } from './adamw'
import type { Batch, OptimizerSettings, OptimizerState, TrainStep } from '../engine'
import type { Ledger } from '../ledger'
import { NumericalError } from '../numerical-error'
import { mostLaneBytes, regionsBeforeGradients } from '../parameter-blocks'
import { trainedPart, type Parameters } from '../parameters'

export interface Gradients {
  readonly scalars: Readonly<Record<string, number>>
  /** The parameters the loss depends on; the others are not touched. */
  readonly trained: ReadonlySet<string>
  /** How many lanes have made gradients: their sum is that of the batch. */
  readonly lanes: number
}
/**
 * Forward and backward of all parts of a batch.
 * @param into one set a lane: receives the gradient of each parameter the loss depends on
 */
export type ComputeGradients = (
  parts: readonly Batch[],
  into: readonly GradientArrays[],
) => Promise<Gradients>

/** The work of a train step, wherever it is done. */
export interface TrainWork {
  /** Of what the step holds. */
  readonly bytes: number
  /** Forward and backward of all parts of a batch, added. The gradients wait where they were made. */
  compute(
    parts: readonly Batch[],
  ): Promise<{ readonly scalars: Readonly<Record<string, number>>; readonly gradientNorm: number }>
  /** Clips the gradients and applies them. @param gradientNorm what `compute` said */
  apply(learningRate: number, gradientNorm: number): void
  /** How many updates were applied. */
  updates(): number
  state(): OptimizerState
  restore(state: OptimizerState): void
  dispose(): void
}

/**
 * How many parts of a batch so many threads compute side by side: one each, unless the gradients they keep
 * apart grow large.
 */
export function partsFor(threads: number, parameters: Parameters): number {
  return Math.min(
    threads,
    1 + Math.floor(mostLaneBytes / (trainedPart(parameters).count * Float32Array.BYTES_PER_ELEMENT)),
  )
}

/** What makes the gradients of a train step. */
export interface GradientSource {
  readonly compute: ComputeGradients
  dispose(): void
}

/** A train step whose gradients come to the host. */
export function createTrainStep(
  parameters: Parameters,
  optimizer: OptimizerSettings,
  ledger: Ledger,
  source: GradientSource,
  room: AdamWRoom,
): TrainStep {
  const adamw = createAdamW(parameters, optimizer, room)
  let trained: ReadonlySet<string> = new Set()
  return guardedTrainStep(ledger, {
    bytes: parameters.count * (regionsBeforeGradients + room.lanes) * Float32Array.BYTES_PER_ELEMENT,
    async compute(parts) {
      const gradients = await source.compute(parts, adamw.gradients)
      trained = gradients.trained
      adamw.gather(trained, gradients.lanes)
      return { scalars: gradients.scalars, gradientNorm: adamw.gradientNorm(trained) }
    },
    apply: (learningRate, gradientNorm) => adamw.update(trained, learningRate, gradientNorm),
    updates: adamw.updates,
    state: adamw.state,
    restore: adamw.restore,
    dispose() {
      source.dispose()
      adamw.dispose()
    },
  })
}

/** Lets no update overlap another, and applies none whose numbers are no numbers. */
export function guardedTrainStep(ledger: Ledger, work: TrainWork): TrainStep {
  let isUpdating = false
  let isDisposed = false
  const dispose = ledger.hold({
    graphs: 0,
    bytes: work.bytes,
    dispose() {
      isDisposed = true
      work.dispose()
    },
  })

  return {
    async update(batch, learningRate) {
      if (isDisposed) throw new Error('this train step is disposed')
      if (isUpdating) throw new Error('an update is still running: wait for it')
      isUpdating = true
      try {
        return await updated(work, isInParts(batch) ? batch : [batch], learningRate)
      } finally {
        isUpdating = false
      }
    },
    state: () => work.state(),
    restore: (state) => work.restore(state),
    dispose,
  }
}

/** @throws NumericalError when a number is none: nothing is applied */
async function updated(
  work: TrainWork,
  parts: readonly Batch[],
  learningRate: number,
): Promise<Record<string, number>> {
  if (parts.length === 0) throw new Error('a batch has at least one part')
  const { scalars, gradientNorm } = await work.compute(parts)
  const number = work.updates() + 1
  checkIsNumber('loss', scalars['loss'] ?? NaN, number)
  checkIsNumber('gradient norm', gradientNorm, number)
  work.apply(learningRate, gradientNorm)
  return { ...scalars, gradientNorm }
}

function checkIsNumber(name: string, value: number, update: number): void {
  if (!Number.isFinite(value))
    throw new NumericalError(`the ${name} became ${value} at update ${update}; the update was not applied`)
}

const isInParts = (batch: Batch | readonly Batch[]): batch is readonly Batch[] => Array.isArray(batch)

/** Scalars of several parts, name by name: their sum, or the largest of those that say so. */
export function addedScalars(parts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const [first = {}, ...others] = parts
  return Object.fromEntries(
    Object.entries(first).map(([name, value]) => [
      name,
      others.reduce((found, part) => joined(name, found, part[name] ?? NaN), value),
    ]),
  )
}

const joined = (name: string, a: number, b: number): number =>
  name.startsWith('largest') ? Math.max(a, b) : a + b
