/**
 * The compiled engine on a GPU: what `compile.ts` is for the CPU. Weights are uploaded once; gradients,
 * moments and new weights stay on the device. An update sends the batch and six scalars, and gets back one
 * short vector: the program's scalars and the sum of squares of each gradient.
 */
import type { Engine } from '../engine'
import { createLedger } from '../ledger'
import { nothingPlaced } from '../placement'
import { refuseHeld, withoutEightBits } from '../without-eight-bits'
import { deviceProgram } from './device-program'
import type { Crossing } from './device-session'
import { deviceTrainStep } from './device-train-step'
import type { Device } from './opened'
import { createResidence } from './resident'

export interface DeviceEngine extends Engine {
  /** What went between host and device so far; `placement` counts what went inside graphs. */
  crossed(): Readonly<Crossing>
}

/**
 * @param device for people
 * @throws DeviceFailure, or an error of ONNX Runtime, when there is no such device
 */
export function deviceEngine(device: string): DeviceEngine {
  const crossing = { toDeviceBytes: 0, toHostBytes: 0 }
  const own: Device = {
    residence: createResidence(crossing),
    ledger: createLedger(),
    placement: nothingPlaced,
  }
  return {
    device,
    program: (body) => withoutEightBits(deviceProgram(body, own)),
    partsAtOnce: () => 1,
    trainStep(parameters, body, optimizer, how) {
      refuseHeld(parameters)
      return deviceTrainStep(parameters, body, { ...how, optimizer }, own)
    },
    memory() {
      const { tensors, graphs, bytes } = own.ledger.memory()
      return { tensors, graphs, bytes: bytes + own.residence.bytes() }
    },
    placement: () => own.placement,
    crossed: () => ({ ...crossing }),
    dispose() {
      own.ledger.disposeAll()
      own.residence.dispose()
    },
  }
}
