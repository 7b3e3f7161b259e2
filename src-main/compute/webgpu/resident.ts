/**
 * Parameters that live on a device: uploaded when a program first needs them, changed there by training,
 * brought home when somebody on the host asks.
 */
import { createDeviceMemory, type DeviceMemory, type DeviceNumbers } from './device-numbers'
import type { Crossing } from './device-session'
import { onTouch, sizeOf, type Parameters, type Place } from '../parameters'

export interface Residence extends Omit<DeviceMemory, 'dispose'> {
  /**
   * A tensor of the parameters as it is now; uploaded when it is not there. It belongs to the residence:
   * retain it to keep it.
   * @param user keeps the parameters on the device until it leaves
   */
  numbersOf(parameters: Parameters, name: string, user: object): DeviceNumbers
  /** The device has newer numbers; the old ones are let go. */
  put(parameters: Parameters, name: string, numbers: DeviceNumbers): void
  /** Parameters without users go home. */
  leave(user: object): void
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
  const { dispose: disposeMemory, ...memory } = createDeviceMemory(crossing)
  const homes = createHomes(memory.download)
  return {
    ...memory,
    numbersOf(parameters, name, user) {
      const place = parameters.place(name)
      const home = homes.at(place)
      home.users.add(user)
      const held = home.held.get(place.start) ?? memory.upload(numbersAt(place, parameters.spec[name] ?? []))
      home.held.set(place.start, held)
      return held
    },
    put(parameters, name, numbers) {
      const place = parameters.place(name)
      const home = homes.at(place)
      home.held.get(place.start)?.release()
      home.held.set(place.start, numbers)
      home.newer.add(place.start)
    },
    leave(user) {
      for (const home of homes.now())
        if (home.users.delete(user) && home.users.size === 0) quietly(home, homes.empty)
    },
    dispose() {
      for (const home of homes.now()) quietly(home, homes.empty)
      disposeMemory()
    },
  }
}

/** The memory itself: asking the parameters for a view would bring everything home. */
const numbersAt = ({ memory, start }: Place, shape: readonly number[]): Float32Array =>
  new Float32Array(memory, start * Float32Array.BYTES_PER_ELEMENT, sizeOf(shape))

/** @param download brings numbers from the device */
function createHomes(download: DeviceMemory['download']) {
  const homes = new WeakMap<SharedArrayBuffer, Home>()
  const alive = new Set<WeakRef<Home>>()
  const forgotten = new FinalizationRegistry<Home['held']>(freeAll)

  /** Once: a home that has been left may still be told that its memory is touched. */
  function empty(home: Home): void {
    if (homes.get(home.memory) !== home) return
    homes.delete(home.memory)
    forgotten.unregister(home)
    try {
      bringHome(home, download)
    } finally {
      freeAll(home.held)
    }
  }

  return {
    /** The home of a memory; made when it has none. */
    at({ memory }: Place): Home {
      const known = homes.get(memory)
      if (known) return known
      const home = newHome(memory)
      onTouch(memory, () => empty(home))
      homes.set(memory, home)
      alive.add(new WeakRef(home))
      forgotten.register(home, home.held, home)
      return home
    },
    empty,
    now(): Home[] {
      return [...alive].flatMap((reference) => {
        const home = reference.deref()
        if (home && homes.get(home.memory) === home) return [home]
        alive.delete(reference)
        return []
      })
    },
  }
}

const newHome = (memory: SharedArrayBuffer): Home => ({
  memory,
  held: new Map(),
  newer: new Set(),
  users: new Set(),
})

/** For those who only tidy up. When the device does not answer, whoever asks for the numbers is told. */
function quietly(home: Home, empty: (home: Home) => void): void {
  try {
    empty(home)
  } catch (error) {
    onTouch(home.memory, () => {
      throw error
    })
  }
}

/** Writes to the host what is newer on the device. */
function bringHome({ memory, newer, held }: Home, download: DeviceMemory['download']): void {
  for (const start of newer) {
    const numbers = held.get(start)
    if (!numbers) continue
    const host = new Float32Array(memory, start * Float32Array.BYTES_PER_ELEMENT, numbers.count)
    host.set(download(numbers))
  }
}

function freeAll(held: Home['held']): void {
  for (const numbers of held.values()) numbers.release()
  held.clear()
}
