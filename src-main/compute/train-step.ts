/**
 * What every train step does around its gradients: wait for them, look at them, clip, apply AdamW, answer with numbers.
 */
import { createAdamW } from './adamw'
import type { Batch, OptimizerSettings, TrainStep } from './engine'
import type { Ledger } from './ledger'
import { NumericalError } from './numerical-error'
import type { Parameters } from './parameters'

export interface Gradients {
  readonly scalars: Readonly<Record<string, number>>
  /** The parameters the loss depends on; the others are not touched. */
  readonly trained: ReadonlySet<string>
}
/** Forward and backward. @param into receives the gradient of each parameter the loss depends on, by name */
export type ComputeGradients = (batch: Batch, into: Readonly<Record<string, Float32Array>>) => Promise<Gradients>

const BYTES_PER_PARAMETER = 4 * Float32Array.BYTES_PER_ELEMENT // the value, two moments, the gradient

/** @param disposeCompute lets go what `compute` holds */
export function createTrainStep(parameters: Parameters, optimizer: OptimizerSettings, ledger: Ledger, compute: ComputeGradients, disposeCompute: () => void): TrainStep {
  const adamw = createAdamW(parameters, optimizer)
  let isUpdating = false, isDisposed = false
  const dispose = ledger.hold({
    graphs: 0,
    bytes: parameters.count * BYTES_PER_PARAMETER,
    dispose() {
      isDisposed = true
      disposeCompute()
      adamw.dispose()
    },
  })

  async function update(batch: Batch, learningRate: number): Promise<Record<string, number>> {
    const { scalars, trained } = await compute(batch, adamw.gradients)
    const number = adamw.updates() + 1
    const loss = scalars['loss'] ?? NaN
    if (!Number.isFinite(loss)) throw new NumericalError(`the loss became ${loss} at update ${number}; the update was not applied`)
    const gradientNorm = adamw.gradientNorm(trained)
    if (!Number.isFinite(gradientNorm)) throw new NumericalError(`the gradient norm became ${gradientNorm} at update ${number}; the update was not applied`)
    adamw.update(trained, learningRate, gradientNorm)
    return { ...scalars, gradientNorm }
  }

  return {
    async update(batch, learningRate) {
      if (isDisposed) throw new Error('this train step is disposed')
      if (isUpdating) throw new Error('an update is still running: wait for it')
      isUpdating = true
      try {
        return await update(batch, learningRate)
      } finally {
        isUpdating = false
      }
    },
    state: () => adamw.state(),
    restore: state => adamw.restore(state),
    dispose,
  }
}
