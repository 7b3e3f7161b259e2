/**
 * Runs a lowered model in ONNX Runtime. `run` blocks the thread it is called from: computing lives in a process of its own.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { HostTensor } from './engine'
import type { LoweredModel } from './lower/lower'

export type Feed = Tensor

export interface Session {
  /** By the program's names. */
  readonly outputs: readonly string[]
  readonly bytes: number
  /**
   * @param feeds by the program's names
   * @param into arrays that receive some outputs, by the program's names
   * @returns every output, in fresh arrays except for those in `into`
   */
  run(feeds: Readonly<Record<string, Feed>>, into?: Readonly<Record<string, Feed>>): Promise<Record<string, HostTensor>>
  dispose(): void
}

/** A view that ONNX Runtime reads or writes in place. */
export function feedOf(shape: readonly number[], data: Float32Array | Int32Array): Feed {
  return data instanceof Float32Array ? new Tensor('float32', data, shape) : new Tensor('int32', data, shape)
}

export async function openSession(model: LoweredModel, threads: number): Promise<Session> {
  const session = await InferenceSession.create(model.bytes, {
    executionProviders: ['cpu'],
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  })
  return {
    outputs: [...model.outputs.keys()],
    bytes: model.bytes.length,
    async run(feeds, into = {}) {
      const named: Record<string, Feed> = {}
      for (const [name, onnxName] of model.inputs) {
        const feed = feeds[name]
        if (!feed) throw new Error(`the program needs "${name}"`)
        named[onnxName] = feed
      }
      const fetches = Object.fromEntries([...model.outputs].map(([name, onnxName]) => [onnxName, into[name] ?? null]))
      const results = await session.run(named, fetches)
      return Object.fromEntries([...model.outputs].map(([name, onnxName]) => [name, into[name] ? hostTensor(into[name]) : hostTensor(results[onnxName])]))
    },
    dispose: () => void session.release(),
  }
}

function hostTensor(tensor: Tensor | undefined): HostTensor {
  if (!tensor || !(tensor.data instanceof Float32Array || tensor.data instanceof Int32Array)) throw new Error(`an output of type ${tensor?.type ?? 'nothing'} came back`)
  return { shape: tensor.dims, data: tensor.data }
}
