/**
 * What every train step does around its gradients: wait for them, look at them, clip, apply AdamW, answer with numbers.
 */
import { createAdamW } from './adamw'
import type { Batch, OptimizerSettings, OptimizerState, TrainStep } from './engine'
import type { Ledger } from './ledger'
import { NumericalError } from './numerical-error'
import { trainedPart, type Parameters } from './parameters'

export interface Gradients {
  readonly scalars: Readonly<Record<string, number>>
  /** The parameters the loss depends on; the others are not touched. */
  readonly trained: ReadonlySet<string>
}
/** By the names of parameters. */
export type GradientArrays = Readonly<Record<string, Float32Array>>
/** Forward and backward of all parts of a batch, added. @param into receives the gradient of each parameter the loss depends on */
export type ComputeGradients = (parts: readonly Batch[], into: GradientArrays) => Promise<Gradients>

/** The work of a train step, wherever it is done. */
export interface TrainWork {
  /** Of what the step holds. */
  readonly bytes: number
  /** Forward and backward of all parts of a batch, added. The gradients wait where they were made. */
  compute(parts: readonly Batch[]): Promise<{ readonly scalars: Readonly<Record<string, number>>; readonly gradientNorm: number }>
  /** Clips the gradients and applies them. @param gradientNorm what `compute` said */
  apply(learningRate: number, gradientNorm: number): void
  /** How many updates were applied. */
  updates(): number
  state(): OptimizerState
  restore(state: OptimizerState): void
  dispose(): void
}

/** Gradients of one more part of a batch, in all threads but the first: so many bytes are worth their time. */
const MOST_LANE_BYTES = 256 * 2 ** 20

/** How many parts of a batch so many threads compute side by side: one each, unless the gradients they keep apart grow large. */
export function partsFor(threads: number, parameters: Parameters): number {
  return Math.min(threads, 1 + Math.floor(MOST_LANE_BYTES / (trainedPart(parameters).count * Float32Array.BYTES_PER_ELEMENT)))
}

const BYTES_PER_PARAMETER = 4 * Float32Array.BYTES_PER_ELEMENT // the value, two moments, the gradient

/** A train step whose gradients come to the host. @param disposeCompute lets go what `compute` holds */
export function createTrainStep(parameters: Parameters, optimizer: OptimizerSettings, ledger: Ledger, compute: ComputeGradients, disposeCompute: () => void): TrainStep {
  const adamw = createAdamW(parameters, optimizer)
  let trained: ReadonlySet<string> = new Set()
  return guardedTrainStep(ledger, {
    bytes: parameters.count * BYTES_PER_PARAMETER,
    async compute(parts) {
      const gradients = await compute(parts, adamw.gradients)
      trained = gradients.trained
      return { scalars: gradients.scalars, gradientNorm: adamw.gradientNorm(trained) }
    },
    apply: (learningRate, gradientNorm) => adamw.update(trained, learningRate, gradientNorm),
    updates: adamw.updates,
    state: adamw.state,
    restore: adamw.restore,
    dispose() {
      disposeCompute()
      adamw.dispose()
    },
  })
}

/** Lets no update overlap another, and applies none whose numbers are no numbers. */
export function guardedTrainStep(ledger: Ledger, work: TrainWork): TrainStep {
  let isUpdating = false, isDisposed = false
  const dispose = ledger.hold({
    graphs: 0,
    bytes: work.bytes,
    dispose() {
      isDisposed = true
      work.dispose()
    },
  })

  async function update(parts: readonly Batch[], learningRate: number): Promise<Record<string, number>> {
    if (parts.length === 0) throw new Error('a batch has at least one part')
    const { scalars, gradientNorm } = await work.compute(parts)
    const number = work.updates() + 1
    const loss = scalars['loss'] ?? NaN
    if (!Number.isFinite(loss)) throw new NumericalError(`the loss became ${loss} at update ${number}; the update was not applied`)
    if (!Number.isFinite(gradientNorm)) throw new NumericalError(`the gradient norm became ${gradientNorm} at update ${number}; the update was not applied`)
    work.apply(learningRate, gradientNorm)
    return { ...scalars, gradientNorm }
  }

  return {
    async update(batch, learningRate) {
      if (isDisposed) throw new Error('this train step is disposed')
      if (isUpdating) throw new Error('an update is still running: wait for it')
      isUpdating = true
      try {
        return await update(isInParts(batch) ? batch : [batch], learningRate)
      } finally {
        isUpdating = false
      }
    },
    state: () => work.state(),
    restore: state => work.restore(state),
    dispose,
  }
}

const isInParts = (batch: Batch | readonly Batch[]): batch is readonly Batch[] => Array.isArray(batch)

/** Scalars of several parts, name by name. */
export function addedScalars(parts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const [first = {}, ...others] = parts
  return Object.fromEntries(Object.entries(first).map(([name, value]) => [name, others.reduce((sum, part) => sum + (part[name] ?? NaN), value)]))
}
