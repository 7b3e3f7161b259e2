/**
 * Numbers on a device: sent there, brought back, or left there by a run, and freed when nobody retains them.
 */
import '../no-telemetry'
import { Tensor } from 'onnxruntime-node'
import { flatModel, openDeviceSession, type Crossing, type DeviceSession } from './device-session'
import { unshared } from '../providers/provider-session'

/** Float32 numbers on a device, shared by whoever retains them. */
export interface DeviceNumbers {
  readonly count: number
  /** To be fed under some shape of this many numbers. */
  as(shape: readonly number[]): Tensor
  retain(): DeviceNumbers
  /** The last one to let go frees them. */
  release(): void
}

/** A session whose runs leave tensors on the device. */
export type Keeper = Pick<DeviceSession, 'keep'>

export interface DeviceMemory {
  /** Numbers that belong to no parameters: the caller's to release. */
  upload(values: Float32Array): DeviceNumbers
  download(numbers: DeviceNumbers): Float32Array
  /** What a run of the session left on the device, as numbers. */
  adopt(tensor: Tensor, session: Keeper): DeviceNumbers
  /** What it copied; sessions beside it add to the same sums. */
  readonly crossing: Crossing
  /** What lies on the device now. */
  bytes(): number
  dispose(): void
}

/** @param crossing is added to with every copy */
export function createDeviceMemory(crossing: Crossing): DeviceMemory {
  let toDevice: CopySession | undefined
  let toHost: CopySession | undefined
  let bytes = 0

  function adopt(tensor: Tensor, session: Keeper): DeviceNumbers {
    const ownBytes = tensor.size * Float32Array.BYTES_PER_ELEMENT
    const letGo = session.keep(tensor)
    bytes += ownBytes
    return shared(tensor, () => {
      bytes -= ownBytes
      letGo()
    })
  }

  return {
    adopt,
    upload(values) {
      toDevice ??= copySession(true, crossing)
      return adopt(toDevice.run({ x: new Tensor('float32', unshared(values), [values.length]) }).y, toDevice)
    },
    download(numbers) {
      toHost ??= copySession(false, crossing)
      return toHost.run({ x: numbers.as([numbers.count]) }).y.data as Float32Array
    },
    crossing,
    bytes: () => bytes,
    dispose() {
      toDevice?.dispose()
      toHost?.dispose()
    },
  }
}

/** @param free when the last user has let go */
function shared(tensor: Tensor, free: () => void): DeviceNumbers {
  let users = 1
  const numbers: DeviceNumbers = {
    count: tensor.size,
    as: (shape) => Tensor.fromGpuBuffer(tensor.gpuBuffer, { dataType: 'float32', dims: shape }),
    retain() {
      users++
      return numbers
    },
    release() {
      users--
      if (users <= 0) free()
    },
  }
  return numbers
}

type CopySession = DeviceSession<'x', 'y'>

function copySession(stays: boolean, crossing: Crossing): CopySession {
  return openDeviceSession(
    flatModel([{ op: 'Identity', domain: '', inputs: ['x'], outputs: ['y'], attributes: {} }], ['x'], {
      y: stays,
    }),
    { crossing },
  )
}
