/** AdamW's moments on a device. */
import type { OptimizerState } from '../engine'
import { spansOf, type Parameters } from '../parameters'
import type { DeviceMemory, DeviceNumbers } from './device-numbers'

/** Of one tensor. */
export interface Moments {
  readonly first: DeviceNumbers
  readonly second: DeviceNumbers
}

export interface DeviceMoments {
  at(name: string, count: number): Moments
  /** Lets the old ones go. */
  set(name: string, moments: Moments): void
  download(): Omit<OptimizerState, 'updates'>
  upload(state: OptimizerState): void
  dispose(): void
}

/** First and second moment of each tensor, on the device: zero until they are set. */
export function createMoments({ spec, count }: Parameters, memory: DeviceMemory): DeviceMoments {
  const spans = spansOf(spec)
  const held = new Map<string, Moments>()

  function set(name: string, next: Moments | undefined): void {
    const old = held.get(name)
    old?.first.release()
    old?.second.release()
    if (next) held.set(name, next)
    else held.delete(name)
  }

  return {
    set,
    at(name, count) {
      const known = held.get(name) ?? zeros(memory, count)
      held.set(name, known)
      return known
    },
    download() {
      const firstMoment = new Float32Array(count)
      const secondMoment = new Float32Array(count)
      for (const { name, start } of spans) {
        const moments = held.get(name)
        if (!moments) continue
        firstMoment.set(memory.download(moments.first), start)
        secondMoment.set(memory.download(moments.second), start)
      }
      return { firstMoment, secondMoment }
    },
    upload({ firstMoment, secondMoment }) {
      for (const { name, start, end } of spans)
        set(name, {
          first: memory.upload(firstMoment.subarray(start, end)),
          second: memory.upload(secondMoment.subarray(start, end)),
        })
    },
    dispose() {
      for (const { name } of spans) set(name, undefined)
    },
  }
}

const zeros = (memory: DeviceMemory, count: number): Moments => ({
  first: memory.upload(new Float32Array(count)),
  second: memory.upload(new Float32Array(count)),
})
