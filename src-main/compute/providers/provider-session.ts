/**
 * Runs a lowered model in one of ONNX Runtime's providers that take host memory, through the binding of
 * onnxruntime-node: what a run needs is copied to the device, and its outputs back.
 */
import '../no-telemetry'
import { Tensor, type InferenceSession } from 'onnxruntime-node'
import { binding, initOrt } from 'onnxruntime-node/dist/binding.js'
import { deviceFailure } from '../device-failure'
import type { HostTensor } from '../engine'
import { arenaBytes } from '../graph/footprint'
import type { LoweredModel } from '../lower/lower'
import type { Target } from '../lower/target'
import { encodeModel } from '../lower/onnx'
import { watchFirstRun, type FirstRun, type Placement } from '../placement'
import { given, placed, type Session } from '../session'

export type Feed = Tensor

/** The binding reads it in place, unless it is shared. */
export function feedOf({ shape, data }: HostTensor): Feed {
  return data instanceof Float32Array
    ? new Tensor('float32', unshared(data), shape)
    : new Tensor('int32', data, shape)
}

/** The binding refuses memory that threads share. */
export const unshared = (values: Float32Array): Float32Array =>
  values.buffer instanceof SharedArrayBuffer ? values.slice() : values

export function hostTensor(tensor: Tensor | undefined): HostTensor {
  if (!tensor || !(tensor.data instanceof Float32Array || tensor.data instanceof Int32Array))
    throw new Error(`an output of type ${tensor?.type ?? 'nothing'} came back`)
  return { shape: tensor.dims, data: tensor.data }
}

export interface ProviderSettings {
  readonly target: Target
  readonly threads: number
  /** Is told where the operators of the first run ran. */
  readonly onPlacement?: (placement: Placement) => void
}

/** @throws DeviceFailure */
export function openProviderSession(model: LoweredModel, settings: ProviderSettings): Session {
  initOrt()
  const session = new binding.InferenceSession()
  const firstRun = watchFirstRun(settings.onPlacement)
  const bytes = encodeModel(model.graph)
  load(session, bytes, settings, firstRun)
  const fetches = Object.fromEntries([...model.outputs.values()].map((name) => [name, null]))
  return {
    outputs: [...model.outputs.keys()],
    bytes: bytes.length + arenaBytes(model.liveBytes),
    ready(feeds, into = {}) {
      let results: Record<string, HostTensor> = {}
      return {
        make() {
          const named = Object.fromEntries(
            [...model.inputs].map(([name, onnxName]) => [onnxName, feedOf(given(feeds, name))]),
          )
          const fetched = deviceFailure(() => session.run(named, fetches, {})) as Record<string, Tensor>
          firstRun.ran(session)
          results = Object.fromEntries(
            [...model.outputs].map(([name, onnxName]) => [
              name,
              placed(hostTensor(fetched[onnxName]), into[name]),
            ]),
          )
        },
        results: () => results,
      }
    },
    dispose() {
      firstRun.discard()
      session.dispose()
    },
  }
}

function load(
  session: InstanceType<typeof binding.InferenceSession>,
  bytes: Uint8Array,
  { target, threads }: ProviderSettings,
  { options }: FirstRun,
): void {
  deviceFailure(() =>
    session.loadModel(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength, {
      executionProviders: [target],
      graphOptimizationLevel: 'all',
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
      ...options,
    } satisfies InferenceSession.SessionOptions),
  )
}
