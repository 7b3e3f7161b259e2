/**
 * Parameters that live on a device: uploaded when a program first needs them, changed there by training,
 * brought home when somebody on the host asks.
 */
import { Tensor } from 'onnxruntime-node'
import { flatModel, openDeviceSession, type Crossing, type DeviceSession } from './device-session'
import { unshared } from '../providers/provider-session'
import { onTouch, sizeOf, type Parameters, type Place } from '../parameters'

/** Float32 numbers on a device, shared by whoever retains them. */
export interface DeviceNumbers {
  readonly count: number
  /** To be fed under some shape of this many numbers. */
  as(shape: readonly number[]): Tensor
  retain(): DeviceNumbers
  /** The last one to let go frees them. */
  release(): void
}

export interface Residence {
  /**
   * A tensor of the parameters as it is now; uploaded when it is not there. It belongs to the residence:
   * retain it to keep it.
   * @param user keeps the parameters on the device until it leaves
   */
  of(parameters: Parameters, name: string, user: object): DeviceNumbers
  /** The device has newer numbers; the old ones are let go. */
  put(parameters: Parameters, name: string, numbers: DeviceNumbers): void
  /** Parameters without users go home. */
  leave(user: object): void
  /** Numbers that belong to no parameters: the caller's to release. */
  upload(values: Float32Array): DeviceNumbers
  download(numbers: DeviceNumbers): Float32Array
  /** What a run of the session left on the device, as numbers. */
  adopt(tensor: Tensor, session: Pick<DeviceSession, 'keep'>): DeviceNumbers
  /** What it copied; sessions beside it add to the same sums. */
  readonly crossing: Crossing
  /** What lies on the device now. */
  bytes(): number
  /** Everything goes home. */
  dispose(): void
}

/** The copies of one host memory, by where they start. */
interface Home {
  readonly memory: SharedArrayBuffer
  readonly held: Map<number, DeviceNumbers>
  /** Starts of what is newer on the device. */
  readonly newer: Set<number>
  readonly users: Set<object>
}

/** @param crossing is added to with every copy */
export function createResidence(crossing: Crossing): Residence {
  const homes = new WeakMap<SharedArrayBuffer, Home>()
  const alive = new Set<WeakRef<Home>>()
  const forgotten = new FinalizationRegistry<Home['held']>(freeAll)
  let toDevice: CopySession | undefined
  let toHost: CopySession | undefined
  let bytes = 0

  function adopt(tensor: Tensor, session: Pick<DeviceSession, 'keep'>): DeviceNumbers {
    const letGo = session.keep(tensor)
    let users = 1
    bytes += tensor.size * Float32Array.BYTES_PER_ELEMENT
    const numbers: DeviceNumbers = {
      count: tensor.size,
      as: (shape) => Tensor.fromGpuBuffer(tensor.gpuBuffer, { dataType: 'float32', dims: shape }),
      retain() {
        users++
        return numbers
      },
      release() {
        users--
        if (users > 0) return
        bytes -= tensor.size * Float32Array.BYTES_PER_ELEMENT
        letGo()
      },
    }
    return numbers
  }

  function upload(values: Float32Array): DeviceNumbers {
    toDevice ??= copySession(true, crossing)
    return adopt(toDevice.run({ x: new Tensor('float32', unshared(values), [values.length]) }).y, toDevice)
  }

  function download(numbers: DeviceNumbers): Float32Array {
    toHost ??= copySession(false, crossing)
    return toHost.run({ x: numbers.as([numbers.count]) }).y.data as Float32Array
  }

  function homeOf({ memory }: Place): Home {
    const known = homes.get(memory)
    if (known) return known
    const home: Home = { memory, held: new Map(), newer: new Set(), users: new Set() }
    onTouch(memory, () => goHome(home))
    homes.set(memory, home)
    alive.add(new WeakRef(home))
    forgotten.register(home, home.held, home)
    return home
  }

  /** Once: a home that has been left may still be told that its memory is touched. */
  function goHome(home: Home): void {
    if (homes.get(home.memory) !== home) return
    homes.delete(home.memory)
    forgotten.unregister(home)
    try {
      for (const start of home.newer) {
        const numbers = home.held.get(start)
        if (numbers)
          new Float32Array(home.memory, start * Float32Array.BYTES_PER_ELEMENT, numbers.count).set(
            download(numbers),
          )
      }
    } finally {
      freeAll(home.held)
    }
  }

  /** For those who only tidy up. When the device does not answer, whoever asks for the numbers is told. */
  function goHomeQuietly(home: Home): void {
    try {
      goHome(home)
    } catch (error) {
      onTouch(home.memory, () => {
        throw error
      })
    }
  }

  function homesNow(): Home[] {
    return [...alive].flatMap((reference) => {
      const home = reference.deref()
      if (home && homes.get(home.memory) === home) return [home]
      alive.delete(reference)
      return []
    })
  }

  return {
    of(parameters, name, user) {
      const place = parameters.place(name)
      const home = homeOf(place)
      home.users.add(user)
      const held =
        home.held.get(place.start) ??
        upload(
          new Float32Array(
            place.memory,
            place.start * Float32Array.BYTES_PER_ELEMENT,
            sizeOf(parameters.spec[name] ?? []),
          ),
        )
      home.held.set(place.start, held)
      return held
    },
    put(parameters, name, numbers) {
      const place = parameters.place(name)
      const home = homeOf(place)
      home.held.get(place.start)?.release()
      home.held.set(place.start, numbers)
      home.newer.add(place.start)
    },
    leave(user) {
      for (const home of homesNow()) if (home.users.delete(user) && home.users.size === 0) goHomeQuietly(home)
    },
    upload,
    download,
    adopt,
    crossing,
    bytes: () => bytes,
    dispose() {
      for (const home of homesNow()) goHomeQuietly(home)
      toDevice?.dispose()
      toHost?.dispose()
    },
  }
}

function freeAll(held: Home['held']): void {
  for (const numbers of held.values()) numbers.release()
  held.clear()
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
