/**
 * Runs models on a GPU through ONNX Runtime's webgpu provider, with tensors that stay there: what a run
 * leaves on the device the next one is fed, and nothing crosses the bus.
 *
 * The binding under `onnxruntime-node` is used as it is: it is synchronous, so that the host can fetch
 * numbers the moment somebody asks for them.
 */
import '../no-telemetry'
import type { Tensor } from 'onnxruntime-node'
import { binding, initOrt } from 'onnxruntime-node/dist/binding.js'
import { deviceFailure } from '../device-failure'
import { encodeModel, type OnnxNode } from '../lower/onnx'
import { watchFirstRun, type FirstRun, type Placement } from '../placement'

/** An ONNX model; the names are ONNX's. */
export interface DeviceModel<Input extends string = string, Output extends string = string> {
  readonly bytes: Uint8Array
  readonly inputs?: readonly Input[]
  /** Its outputs, and whether they stay on the device. */
  readonly outputs: Readonly<Record<Output, boolean>>
}

export interface DeviceSession<Input extends string = string, Output extends string = string> {
  readonly bytes: number
  /**
   * @param feeds on the host or the device
   * @returns every output; one that stays on the device belongs to the caller
   * @throws DeviceFailure
   */
  run(feeds: Readonly<Record<Input, Tensor>>): Readonly<Record<Output, Tensor>>
  /**
   * For a tensor it left on the device: the memory is the session's, and letting go of either in the wrong
   * order ends the process.
   * @returns lets the tensor go
   */
  keep(tensor: Tensor): () => void
  /** It goes with the last tensor that is kept. */
  dispose(): void
}

/** What went over the bus so far. */
export interface Crossing {
  toDeviceBytes: number
  toHostBytes: number
}

export interface DeviceSessionSettings {
  /** Is added to with every run. */
  readonly crossing: Crossing
  /** Is told where the operators of the first run ran. */
  readonly onPlacement?: (placement: Placement) => void
}

/** @throws DeviceFailure */
export function openDeviceSession<Input extends string, Output extends string>(
  model: DeviceModel<Input, Output>,
  { crossing, onPlacement }: DeviceSessionSettings,
): DeviceSession<Input, Output> {
  initOrt()
  const session = new binding.InferenceSession()
  const firstRun = watchFirstRun(onPlacement)
  load(session, model, firstRun)
  const fetches = Object.fromEntries(Object.keys(model.outputs).map((name) => [name, null]))
  let kept = 0
  let isDisposed = false
  const leave = () => {
    if (isDisposed && kept === 0) session.dispose()
  }
  return {
    bytes: model.bytes.length,
    run(feeds) {
      const results = deviceFailure(() => session.run(feeds, fetches, {})) as Record<Output, Tensor>
      crossing.toDeviceBytes += hostBytes(Object.values(feeds))
      crossing.toHostBytes += hostBytes(Object.values(results))
      firstRun.ran(session)
      return results
    },
    keep(tensor) {
      kept++
      return () => {
        tensor.dispose()
        kept--
        leave()
      }
    },
    dispose() {
      if (isDisposed) return
      firstRun.discard()
      isDisposed = true
      leave()
    },
  }
}

function load(
  session: InstanceType<typeof binding.InferenceSession>,
  { bytes, outputs }: DeviceModel,
  { options }: FirstRun,
): void {
  deviceFailure(() =>
    session.loadModel(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength, {
      executionProviders: [{ name: 'webgpu', validationMode: 'basic' }],
      preferredOutputLocation: Object.fromEntries(
        Object.entries(outputs).map(([name, stays]) => [name, stays ? 'gpu-buffer' : 'cpu']),
      ),
      graphOptimizationLevel: 'all',
      intraOpNumThreads: 1,
      logSeverityLevel: 4,
      ...options,
    }),
  )
}

function hostBytes(tensors: readonly Tensor[]): number {
  return tensors.reduce(
    (sum, tensor) => sum + (tensor.location === 'cpu' ? (tensor.data as Float32Array).byteLength : 0),
    0,
  )
}

/** A model over flat tensors of any length. */
export function flatModel<Input extends string, Output extends string>(
  nodes: readonly OnnxNode[],
  inputs: readonly Input[],
  outputs: Readonly<Record<Output, boolean>>,
  constants: Readonly<Record<string, number>> = {},
): DeviceModel<Input, Output> {
  const anyLength = (name: string) => ({ name, type: 'float32' as const, shape: [-1] })
  const bytes = encodeModel({
    nodes,
    constants: Object.entries(constants).map(([name, value]) => ({
      name,
      type: 'float32',
      shape: [1],
      data: Float32Array.of(value),
    })),
    inputs: inputs.map(anyLength),
    outputs: Object.keys(outputs).map(anyLength),
  })
  return { bytes, inputs, outputs }
}
