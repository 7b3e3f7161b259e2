/**
 * The eager engine: programs run as they stand, kernel by kernel, on a TensorFlow.js backend. It is the
 * reference the compiled engine is tested against, and the way to a GPU that only TensorFlow.js knows.
 */
import { onBackend } from '../recording/backend'
import { differentiate } from '../recording/differentiate'
import type { Batch, Engine, HostTensor, Program, ProgramBody, Tensors, TrainBody, Weights } from '../engine'
import { refuseHeld, withoutEightBits } from '../without-eight-bits'
import { inTurn } from '../in-turn'
import { createLedger, type Ledger } from '../ledger'
import { trainedPart, type Parameters } from '../parameters'
import { nothingPlaced } from '../placement'
import { placed } from '../session'
import * as tf from '../tf'
import { addedScalars, createTrainStep, type ComputeGradients } from '../training/train-step'

/** @param backend of TensorFlow.js; it must be registered and start synchronously */
export function eagerEngine(backend = 'cpu', device = `TensorFlow.js ${backend}`): Engine {
  const ledger = createLedger()
  return {
    device,
    program: (body) => withoutEightBits(eagerProgram(body, backend, ledger)),
    partsAtOnce: () => 1,
    trainStep(parameters, body, optimizer) {
      refuseHeld(parameters)
      const source = { compute: computeGradients(parameters, body, backend), dispose() {} }
      return createTrainStep(trainedPart(parameters), optimizer, ledger, source, { lanes: 1, threads: 1 })
    },
    memory: () => ledger.memory(),
    placement: () => nothingPlaced,
    dispose: () => ledger.disposeAll(),
  }
}

function eagerProgram(body: ProgramBody, backend: string, ledger: Ledger): Program {
  let isDisposed = false
  const run: Program['run'] = async (parameters, batch, into) => {
    if (isDisposed) throw new Error('this program is disposed')
    return onBackend(backend, () =>
      hostTensors(() => body(weightTensors(parameters), batchTensors(batch)), into),
    )
  }
  return {
    run,
    runParts: inTurn(run),
    freeze(parameters) {
      // They stay on the device: a model that writes token by token is sent there once.
      const weights = onBackend(backend, () => frozenTensors(parameters))
      let isReleased = false
      const bytes = Object.values(weights).reduce(
        (sum, { size }) => sum + size * Float32Array.BYTES_PER_ELEMENT,
        0,
      )
      const dispose = ledger.hold({
        graphs: 0,
        bytes,
        dispose() {
          isReleased = true
          tf.dispose(weights)
        },
      })
      return {
        async run(batch, into) {
          if (isReleased) throw new Error('this program is disposed')
          return onBackend(backend, () => hostTensors(() => body(weights, batchTensors(batch)), into))
        },
        dispose,
      }
    },
    dispose: () => {
      isDisposed = true
    },
  }
}

function computeGradients(parameters: Parameters, body: TrainBody, backend: string): ComputeGradients {
  const names = Object.keys(trainedPart(parameters).spec)
  return async (parts, [into = {}]) =>
    onBackend(backend, () => {
      const trained = new Set<string>()
      const scalars = parts.map((part) => {
        const ofPart: Record<string, number> = {}
        tf.tidy(() => {
          const result = differentiate(body, weightTensors(parameters), batchTensors(part), names)
          for (const [name, gradient] of Object.entries(result.gradients)) {
            const values = gradient.dataSync<'float32'>()
            const sum = into[name]
            if (trained.has(name))
              sum?.forEach((value, i) => {
                sum[i] = value + (values[i] ?? NaN)
              })
            else sum?.set(values)
            trained.add(name)
          }
          for (const [name, scalar] of Object.entries(result.scalars))
            ofPart[name] = scalar.dataSync<'float32'>()[0] ?? NaN
        })
        return ofPart
      })
      return { scalars: addedScalars(scalars), trained, lanes: 1 }
    })
}

/** For one run: a backend may keep the parameters' own memory, which nobody changes meanwhile. */
function weightTensors(parameters: Parameters): Weights {
  return Object.fromEntries(
    Object.entries(parameters.spec).map(([name, shape]) => [
      name,
      tf.tensor(parameters.view(name), [...shape]),
    ]),
  )
}

/** Copies, which stay as they are when the parameters change. */
function frozenTensors(parameters: Parameters): Weights {
  return Object.fromEntries(
    Object.entries(parameters.spec).map(([name, shape]) => [
      name,
      tf.keep(tf.tensor(parameters.view(name).slice(), [...shape])),
    ]),
  )
}

function batchTensors(batch: Batch): Tensors {
  return Object.fromEntries(
    Object.entries(batch).map(([name, { shape, data }]) => [
      name,
      tf.tensor(data, [...shape], data instanceof Float32Array ? 'float32' : 'int32'),
    ]),
  )
}

function hostTensors(compute: () => Tensors, into: Batch = {}): Record<string, HostTensor> {
  const host: Record<string, HostTensor> = {}
  tf.tidy(() => {
    for (const [name, tensor] of Object.entries(compute())) {
      const data = tensor.dataSync()
      host[name] = placed(
        {
          shape: tensor.shape,
          data:
            tensor.dtype === 'float32'
              ? Float32Array.from(data as Float32Array)
              : Int32Array.from(data as Int32Array),
        },
        into[name],
      )
    }
  })
  return host
}
