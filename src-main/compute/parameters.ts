/**
 * A model's parameters: one flat buffer, and where each named tensor stands in it.
 *
 * One buffer makes a copy, an optimizer update and a checkpoint one pass each, and the recorded graph reads views of it
 * without copying. It lies in WebAssembly memory, so that the optimizer needs no copy either.
 */

/** Names and shapes, in the order in which they stand in the buffer. */
export type ParameterSpec = Readonly<Record<string, readonly number[]>>

export interface Parameters {
  readonly spec: ParameterSpec
  /** How many numbers. */
  readonly count: number
  /** All values, in the order of the spec. @throws for parameters of several owners, whose values lie in several buffers */
  readonly flat: Float32Array
  /** The values of one tensor: a view, not a copy, to be read or written before the engine runs again. @throws when there is no such name */
  view(name: string): Float32Array
  /** Where one tensor lies on the host; asking does not touch it. @throws when there is no such name */
  place(name: string): Place
}

/** Numbers in a host's memory, from the `start`th to before the `end`th. */
export interface Place {
  readonly memory: ArrayBuffer
  readonly start: number
  readonly end: number
}

/** Where one tensor stands in a flat buffer: numbers, not bytes. */
export interface Span {
  readonly name: string
  readonly shape: readonly number[]
  readonly start: number
  readonly end: number
}

/**
 * The room behind the parameters: four blocks of one WebAssembly memory (values, first moment, second moment, gradient).
 * The parameters own all four; a train step borrows the last three while it lives. Pages nobody writes cost no memory.
 */
export interface Room {
  readonly memory: WebAssembly.Memory
  /** From the start of one block to the start of the next. */
  readonly blockBytes: number
}

const BLOCKS = 4
const PAGE_BYTES = 65_536
const ALIGNMENT_BYTES = 64
const MOST_PAGES = 65_536

/** So many numbers fit one WebAssembly memory with what an optimizer needs beside them: 268 million. */
export const mostParameters = (MOST_PAGES * PAGE_BYTES) / (BLOCKS * Float32Array.BYTES_PER_ELEMENT)

const rooms = new WeakMap<Parameters, Room>()

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1)
}

/** Where each tensor of the spec stands, in order and without gaps. */
export function spansOf(spec: ParameterSpec): readonly Span[] {
  let start = 0
  return Object.entries(spec).map(([name, shape]) => {
    const span = { name, shape, start, end: start + sizeOf(shape) }
    start = span.end
    return span
  })
}

/**
 * Fresh parameters, all zero.
 * @throws RangeError when the optimizer's blocks would not fit a WebAssembly memory (4 GiB: 268 million parameters)
 */
export function allocate(spec: ParameterSpec): Parameters {
  const spans = new Map(spansOf(spec).map(span => [span.name, span]))
  const count = [...spans.values()].at(-1)?.end ?? 0
  const blockBytes = Math.ceil((count * Float32Array.BYTES_PER_ELEMENT) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
  const pages = Math.ceil((blockBytes * BLOCKS) / PAGE_BYTES)
  if (pages > MOST_PAGES) throw new RangeError(`${count} parameters are too many: at most ${mostParameters} fit`)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  const flat = new Float32Array(memory.buffer, 0, count)
  function place(name: string): Place {
    const span = spans.get(name)
    if (!span) throw new Error(`there is no parameter "${name}"`)
    return { memory: memory.buffer, start: span.start, end: span.end }
  }
  const parameters: Parameters = {
    spec,
    count,
    get flat() {
      touch(memory.buffer)
      return flat
    },
    view(name) {
      const { start, end } = place(name)
      touch(memory.buffer)
      return flat.subarray(start, end)
    },
    place,
  }
  rooms.set(parameters, { memory, blockBytes })
  return parameters
}

const keepers = new WeakMap<ArrayBuffer, () => void>()

/**
 * A device that keeps copies of a memory's numbers is told, once, before somebody on the host reads or writes them: it brings home what is newer there,
 * and forgets its copies.
 */
export function onTouch(memory: ArrayBuffer, bringHome: () => void): void {
  touch(memory)
  keepers.set(memory, bringHome)
}

/** Brings home what a device has newer of these parameters: for those who keep views. */
export function settle(parameters: Parameters): void {
  for (const name of Object.keys(parameters.spec)) touch(parameters.place(name).memory)
}

function touch(memory: ArrayBuffer): void {
  const bringHome = keepers.get(memory)
  keepers.delete(memory)
  bringHome?.()
}

/** Parameters of the same spec and values, of which what is trained lies in a buffer of its own. What is frozen is not copied: it never changes. */
export function copyParameters(from: Parameters): Parameters {
  const layers = layersOf(from)
  if (layers) return overlay(layers.frozen, copyParameters(layers.own))
  const copy = allocate(from.spec)
  for (const name of Object.keys(from.spec)) copy.view(name).set(from.view(name))
  return copy
}

/** Frozen parameters, which others may read too, and what one owner has on top of them: that alone is trained. */
export interface Layers {
  readonly frozen: Parameters
  readonly own: Parameters
}

const overlays = new WeakMap<Parameters, Layers>()

/** Both under one set of names; nothing is copied. A tensor of `own` takes the place of a frozen one of the same name and shape. */
export function overlay(frozen: Parameters, own: Parameters): Parameters {
  for (const [name, shape] of Object.entries(own.spec)) {
    const below = frozen.spec[name]
    if (below && below.join() !== shape.join()) throw new Error(`"${name}" has the shape [${shape}], the frozen one [${below}]`)
  }
  const parameters = viewed({ ...frozen.spec, ...own.spec }, name => (Object.hasOwn(own.spec, name) ? own : frozen))
  overlays.set(parameters, { frozen, own })
  return parameters
}

/** What the parameters are made of, when they are of several owners. */
export const layersOf = (parameters: Parameters): Layers | undefined => overlays.get(parameters)

/** What of them a train step changes: all, or what lies on top. */
export const trainedPart = (parameters: Parameters): Parameters => layersOf(parameters)?.own ?? parameters

/** The same values under fewer names; nothing is copied. */
export function partOf(parameters: Parameters, isPart: (name: string) => boolean): Parameters {
  const kept = Object.entries(parameters.spec).filter(([name]) => isPart(name))
  if (kept.length === Object.keys(parameters.spec).length) return parameters
  const layers = layersOf(parameters)
  if (layers) return overlay(partOf(layers.frozen, isPart), partOf(layers.own, isPart))
  return viewed(Object.fromEntries(kept), () => parameters)
}

function viewed(spec: ParameterSpec, ownerOf: (name: string) => Parameters): Parameters {
  const owner = (name: string) => {
    if (!Object.hasOwn(spec, name)) throw new Error(`there is no parameter "${name}"`)
    return ownerOf(name)
  }
  return {
    spec,
    count: Object.values(spec).reduce((total, shape) => total + sizeOf(shape), 0),
    get flat(): Float32Array { throw new Error('these parameters lie in several buffers: ask for their tensors one by one') },
    view: name => owner(name).view(name),
    place: name => owner(name).place(name),
  }
}

/** For the optimizer. @throws when the parameters were not made by `allocate` */
export function roomOf(parameters: Parameters): Room {
  const room = rooms.get(parameters)
  if (!room) throw new Error('these parameters were not made by allocate(): the optimizer has no room')
  return room
}
