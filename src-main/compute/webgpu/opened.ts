/** A device with all that lies and runs on it, and graphs that are opened there. */
import type { Batch } from '../engine'
import type { Graph } from '../graph/graph'
import type { Ledger } from '../ledger'
import { lower } from '../lower/lower'
import { encodeModel } from '../lower/onnx'
import type { Parameters } from '../parameters'
import { addPlacements, type Placement } from '../placement'
import { feedOf, type Feed } from '../providers/provider-session'
import { BATCH, WEIGHT } from '../recording/graphs'
import type { OpenGraph } from '../recording/opened-graphs'
import { given } from '../session'
import type { DeviceNumbers } from './device-numbers'
import { openDeviceSession, type DeviceSession } from './device-session'
import type { Residence } from './resident'

export interface Device {
  readonly residence: Residence
  readonly ledger: Ledger
  /** Of everything that was opened. */
  placement: Placement
}

/** A graph with a session, and what is known about it under the program's names. */
export interface Opened extends OpenGraph, Pick<DeviceSession, 'keep'> {
  /** @returns by the program's names: host tensors, and what was left on the device */
  run(feedOfInput: (name: string) => Feed): Readonly<Record<string, Feed>>
}

/** @param stays which outputs stay on the device */
export function openOn(
  device: Device,
  stays: (output: string) => boolean,
): (graph: Graph) => Promise<Opened> {
  return async (graph) => {
    const model = lower(graph, { target: 'webgpu' })
    const outputs = Object.fromEntries([...model.outputs].map(([name, onnxName]) => [onnxName, stays(name)]))
    const session = openDeviceSession(
      { bytes: encodeModel(model.graph), outputs },
      {
        crossing: device.residence.crossing,
        onPlacement: (placement) => {
          device.placement = addPlacements(device.placement, placement)
        },
      },
    )
    return {
      bytes: session.bytes,
      run(feedOfInput) {
        const results = session.run(
          Object.fromEntries([...model.inputs].map(([name, onnxName]) => [onnxName, feedOfInput(name)])),
        )
        return Object.fromEntries(
          [...model.outputs].map(([name, onnxName]) => [name, results[onnxName] as Feed]),
        )
      },
      keep: session.keep,
      dispose: session.dispose,
    }
  }
}

/** Lets messages through: a run blocks the thread it is called from. */
export const breath = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve)
  })

/** @param weight finds the numbers of a weight */
export function feedsOf(
  parameters: Parameters,
  batch: Batch,
  weight: (name: string) => DeviceNumbers,
): (input: string) => Feed {
  return (input) => {
    if (!input.startsWith(WEIGHT)) return feedOf(given(batch, input.slice(BATCH.length)))
    const name = input.slice(WEIGHT.length)
    return weight(name).as(parameters.spec[name] ?? [])
  }
}
