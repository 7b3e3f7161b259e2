/**
 * Runs a lowered model on the CPU, in ONNX Runtime. A run blocks the thread it is called from: computing
 * lives in a process of its own.
 */
import { deviceFailure } from '../device-failure'
import type { HostTensor } from '../engine'
import { arenaBytes, usesMemoryPattern } from '../graph/footprint'
import { areEqualShapes } from '../graph/graph'
import type { LoweredModel } from '../lower/lower'
import { encodeModel, type OnnxTensor } from '../lower/onnx'
import type { Pointer } from './onnx-functions'
import { onnxRuntime, type OnnxRuntime } from './onnx-runtime'
import { given, newTensor, type Session } from '../session'

/**
 * Numbers below 1.2e-38 count as zero: a softmax is full of them, and a processor may take a hundred times as
 * long for each. ONNX Runtime sets this for the calling thread too, at the first session and for good: in a
 * process that computes, JavaScript's numbers below 2.2e-308 are zero as well.
 */
const config = { 'session.set_denormal_as_zero': '1' }

/**
 * Constants from this size on are read where they lie instead of being copied into the model, and must stay
 * as they are while the session lives. Sizes and axes (int64) stay in the model: ONNX Runtime reads shapes
 * off them while it opens it.
 */
const FEWEST_SHARED_BYTES = 1024

/** @throws DeviceFailure */
export function openSession(model: LoweredModel, { threads }: { readonly threads: number }): Session {
  const runtime = onnxRuntime()
  const shared = model.graph.constants.filter(isShared)
  const bytes = encodeModel(model.graph, isShared)
  const hasMemoryPattern = usesMemoryPattern(model.liveBytes)
  const session = deviceFailure(() =>
    runtime.createSession(bytes, shared, { threads, hasMemoryPattern, config }),
  )
  const binding = runtime.createBinding(session)
  for (const { name, shape, data } of model.kept)
    runtime.bind(binding, 'input', name, shape, data as Float32Array | Uint8Array)
  const bound = boundTensors(runtime, binding)
  let isDisposed = false
  return {
    outputs: [...model.outputs.keys()],
    // products repack the constants
    bytes:
      bytes.length + shared.reduce((sum, { data }) => sum + data.byteLength, 0) + arenaBytes(model.liveBytes),
    ready(feeds, into = {}) {
      if (isDisposed) throw new Error('this session is disposed')
      for (const [name, onnxName] of model.inputs) bound.bind('input', onnxName, given(feeds, name))
      const results = Object.fromEntries(
        [...model.outputTypes].map(([name, type]) => [name, into[name] ?? newTensor(type)]),
      )
      for (const [name, onnxName] of model.outputs) bound.bind('output', onnxName, given(results, name))
      return {
        make: () => deviceFailure(() => runtime.run(session, binding)),
        addresses: { session, binding },
        results: () => results,
      }
    },
    dispose() {
      if (isDisposed) return
      isDisposed = true
      bound.forget()
      runtime.release(session, binding)
    },
  }
}

const isShared = ({ type, data }: OnnxTensor): boolean =>
  type !== 'int64' && data.byteLength >= FEWEST_SHARED_BYTES

/** What is bound already stays: weights mostly are the same memory from run to run. */
function boundTensors(runtime: OnnxRuntime, binding: Pointer) {
  const bound = new Map<string, HostTensor>()
  return {
    bind(which: 'input' | 'output', name: string, tensor: HostTensor): void {
      const before = bound.get(name)
      if (before?.data === tensor.data && areEqualShapes(before.shape, tensor.shape)) return
      runtime.bind(binding, which, name, tensor.shape, tensor.data)
      bound.set(name, tensor)
    },
    forget: () => bound.clear(),
  }
}
