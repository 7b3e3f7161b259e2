/**
 * Runs a lowered model in ONNX Runtime. `run` blocks the thread it is called from: computing lives in a process of its own.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { failureOf } from './device-failure'
import type { HostTensor } from './engine'
import { arenaBytes, usesMemoryPattern } from './footprint'
import type { TensorType } from './graph'
import type { LoweredModel } from './lower/lower'
import type { Target } from './lower/target'
import { sizeOf } from './parameters'
import { startProfile, type Placement } from './placement'

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

export interface SessionSettings {
  readonly threads: number
  /** Another provider than the CPU's; what it runs is copied to it and back. */
  readonly target?: Target
  /** Is told where the operators of the first run ran. */
  readonly onPlacement?: (placement: Placement) => void
}

/**
 * Numbers below 1.2e-38 count as zero: a softmax is full of them, and the processor takes a hundred times as long for each. ONNX Runtime sets this
 * for the calling thread too, at the first session and for good: in a process that computes, JavaScript's numbers below 2.2e-308 are zero as well.
 * @throws DeviceFailure
 */
export async function openSession(model: LoweredModel, { threads, target = 'cpu', onPlacement }: SessionSettings): Promise<Session> {
  let profile = onPlacement && startProfile()
  const session = await InferenceSession.create(model.bytes, {
    executionProviders: [target],
    executionMode: 'sequential',
    graphOptimizationLevel: target === 'cpu' ? 'disabled' : 'all', // lowered as the CPU is fastest; ONNX Runtime would undo some of it
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableMemPattern: usesMemoryPattern(model.liveBytes),
    logSeverityLevel: 3,
    extra: { session: { set_denormal_as_zero: '1' } },
    ...profile?.options,
  }).catch(rethrown)
  return {
    outputs: [...model.outputs.keys()],
    bytes: model.bytes.length + arenaBytes(model.liveBytes),
    async run(feeds, into = {}) {
      const named: Record<string, Feed> = {}
      for (const [name, onnxName] of model.inputs) {
        const feed = feeds[name]
        if (!feed) throw new Error(`the program needs "${name}"`)
        named[onnxName] = feed
      }
      const results = new Map([...model.outputTypes].map(([name, type]) => [name, into[name] ?? newFeed(type)]))
      const fetches = Object.fromEntries([...model.outputs].map(([name, onnxName]) => [onnxName, results.get(name) ?? null]))
      await session.run(named, model.stop === undefined ? fetches : { [model.stop]: null, ...fetches }).catch(unlessStopped)
      if (profile) {
        session.endProfiling()
        onPlacement?.(profile.read())
        profile = undefined
      }
      return Object.fromEntries([...results].map(([name, tensor]) => [name, hostTensor(tensor)]))
    },
    dispose() {
      profile?.discard()
      void session.release()
    },
  }
}

function rethrown(error: unknown): never {
  throw failureOf(error)
}

/**
 * ONNX Runtime writes outputs where it is told to, and then its binding copies every one of them into a new array: 0.3 s for the gradients of
 * 124 million parameters. At an output that is no tensor the binding stops with these words: the run is done, and nothing is copied.
 */
const STOPPED = 'Non tensor type is temporarily not supported.'

function unlessStopped(error: unknown): void {
  if (!(error instanceof Error && error.message === STOPPED)) rethrown(error)
}

function newFeed({ shape, dtype }: TensorType): Feed {
  const size = sizeOf(shape)
  return feedOf(shape, dtype === 'float32' ? new Float32Array(size) : new Int32Array(size))
}

export function hostTensor(tensor: Tensor | undefined): HostTensor {
  if (!tensor || !(tensor.data instanceof Float32Array || tensor.data instanceof Int32Array)) throw new Error(`an output of type ${tensor?.type ?? 'nothing'} came back`)
  return { shape: tensor.dims, data: tensor.data }
}
