/** A lowered model, opened where it runs: what it is to those who give it numbers, whatever runs it. */
import type { Batch, HostTensor } from './engine'
import type { TensorType } from './graph/graph'
import { sizeOf } from './parameters'

export interface Session {
  /** By the program's names. */
  readonly outputs: readonly string[]
  readonly bytes: number
  /**
   * Gives a run its memory. A session has one run at a time.
   * @param feeds by the program's names
   * @param into arrays that receive some outputs, by the program's names
   */
  ready(feeds: Batch, into?: Batch): ReadyRun
  dispose(): void
}

/** A run that has its memory and waits to be made. */
export interface ReadyRun {
  /** Makes it in this thread. @throws DeviceFailure, or what ONNX Runtime says */
  make(): void
  /** For a thread that makes it instead (`lanes.ts`); a provider that is not the CPU has none. */
  readonly addresses?: { readonly session: bigint; readonly binding: bigint }
  /** Once it is made: every output, in fresh arrays except for those it was given. */
  results(): Record<string, HostTensor>
}

export function runSession(session: Session, feeds: Batch, into?: Batch): Record<string, HostTensor> {
  const run = session.ready(feeds, into)
  run.make()
  return run.results()
}

export function given(feeds: Batch, name: string): HostTensor {
  const feed = feeds[name]
  if (!feed) throw new Error(`the program needs "${name}"`)
  return feed
}

export function newTensor({ shape, dtype }: TensorType): HostTensor {
  const size = sizeOf(shape)
  return { shape, data: dtype === 'float32' ? new Float32Array(size) : new Int32Array(size) }
}

/** Where an output is wanted, if it is wanted somewhere. */
export function placed(tensor: HostTensor, into: HostTensor | undefined): HostTensor {
  if (!into) return tensor
  into.data.set(tensor.data)
  return into
}
