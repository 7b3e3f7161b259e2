/**
 * A model's parameters: named tensors in blocks of memory, mostly in one, and where each stands there.
 *
 * A block makes an optimizer update one pass, and the recorded graph reads views of it without copying. It
 * lies in WebAssembly memory, so that the optimizer needs no copy either.
 */
import {
  blocksFor,
  bufferOf,
  BYTES,
  growToTrain,
  mostTogether,
  type Block,
  type Span,
} from './parameter-blocks'
import type { HeldWeight } from './eight-bits'

/** Names and shapes, in the order in which they stand in memory. */
export type ParameterSpec = Readonly<Record<string, readonly number[]>>

export interface Parameters {
  readonly spec: ParameterSpec
  /** How many numbers. */
  readonly count: number
  /**
   * All values, in the order of the spec: a view, like those of the tensors.
   * @throws for parameters whose values lie in several memories
   */
  readonly flat: Float32Array
  /**
   * The values of one tensor: a view, not a copy, to be read or written before the engine runs again.
   * @throws when there is no such name
   */
  view(name: string): Float32Array
  /**
   * Where one tensor lies on the host; asking does not touch it. @throws when there is no such name, or it is
   * held in 8 bits
   */
  place(name: string): Place
  /** A matrix that is held in 8 bits and nowhere else: its view is written out anew each time it is asked for. */
  held(name: string): HeldWeight | undefined
}

/** Numbers in a host's memory, from the `start`th to before the `end`th. */
export interface Place {
  readonly memory: SharedArrayBuffer
  readonly start: number
  readonly end: number
}

const blocks = new WeakMap<Parameters, readonly Block[]>()

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1)
}

/** How many numbers all tensors have. */
export const countOf = (spec: ParameterSpec): number =>
  Object.values(spec).reduce((total, shape) => total + sizeOf(shape), 0)

/** Where each tensor of the spec stands among all, in order and without gaps. */
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
 * @param most numbers in a block
 * @throws RangeError when a tensor is larger than a block
 * @throws DeviceFailure when the system has no memory to give
 */
export function allocate(spec: ParameterSpec, most: number = mostTogether): Parameters {
  const own = blocksFor(spansOf(spec), most)
  const [first, ...others] = own
  const homes = new Map(
    own.flatMap((block) => block.spans.map(({ name, start, end }) => [name, { block, start, end }] as const)),
  )
  function place(name: string): Place {
    const home = homes.get(name)
    if (!home) throw new Error(`there is no parameter "${name}"`)
    return { memory: bufferOf(home.block), start: home.start, end: home.end }
  }
  const parameters: Parameters = {
    spec,
    count: countOf(spec),
    get flat() {
      if (!first || others.length > 0) throw inSeveralMemories()
      return valuesAt({ memory: bufferOf(first), start: 0, end: first.count })
    },
    view: (name) => valuesAt(place(name)),
    place,
    held: () => undefined,
  }
  blocks.set(parameters, own)
  return parameters
}

function valuesAt({ memory, start, end }: Place): Float32Array {
  touch(memory)
  return new Float32Array(memory, start * BYTES, end - start)
}

const inSeveralMemories = () =>
  new Error('these parameters lie in several memories: ask for their tensors one by one')

const keepers = new WeakMap<SharedArrayBuffer, () => void>()

/**
 * A device that keeps copies of a memory's numbers is told, once, before somebody on the host reads or writes
 * them: it brings home what is newer there, and forgets its copies.
 */
export function onTouch(memory: SharedArrayBuffer, bringHome: () => void): void {
  touch(memory)
  keepers.set(memory, bringHome)
}

/** Brings home what a device has newer of these parameters: for those who keep views. */
export function settle(parameters: Parameters): void {
  for (const name of Object.keys(parameters.spec))
    if (!parameters.held(name)) touch(parameters.place(name).memory)
}

function touch(memory: SharedArrayBuffer): void {
  const bringHome = keepers.get(memory)
  keepers.delete(memory)
  bringHome?.()
}

/**
 * Parameters of the same spec and values, of which what is trained lies in a buffer of its own. What is
 * frozen is not copied: it never changes.
 */
export function copyParameters(from: Parameters): Parameters {
  const layers = layersOf(from)
  if (layers) return overlay(layers.frozen, copyParameters(layers.own))
  const copy = allocate(from.spec)
  for (const name of Object.keys(from.spec)) copy.view(name).set(from.view(name))
  return copy
}

/**
 * Frozen parameters, which others may read too, and what one owner has on top of them: that alone is trained.
 */
export interface Layers {
  readonly frozen: Parameters
  readonly own: Parameters
}

const overlays = new WeakMap<Parameters, Layers>()

/**
 * Both under one set of names; nothing is copied. A tensor of `own` takes the place of a frozen one of the
 * same name and shape.
 */
export function overlay(frozen: Parameters, own: Parameters): Parameters {
  for (const [name, shape] of Object.entries(own.spec)) {
    const below = frozen.spec[name]
    if (below && below.join() !== shape.join())
      throw new Error(`"${name}" has the shape [${shape}], the frozen one [${below}]`)
  }
  const parameters = viewed({ ...frozen.spec, ...own.spec }, (name) =>
    Object.hasOwn(own.spec, name) ? own : frozen,
  )
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

/** Several models' parameters under names that begin with what each is called; nothing is copied. */
export function sideBySide(models: Readonly<Record<string, Parameters>>): Parameters {
  const homes = new Map<string, { readonly parameters: Parameters; readonly name: string }>(
    Object.entries(models).flatMap(([called, parameters]) =>
      Object.keys(parameters.spec).map((name) => [`${called}/${name}`, { parameters, name }] as const),
    ),
  )
  const home = (name: string) => {
    const found = homes.get(name)
    if (!found) throw new Error(`there is no parameter "${name}"`)
    return found
  }
  const spec = Object.fromEntries(
    [...homes].map(([name, at]) => [name, at.parameters.spec[at.name] as readonly number[]]),
  )
  return {
    spec,
    count: countOf(spec),
    get flat(): Float32Array {
      throw inSeveralMemories()
    },
    view: (name) => home(name).parameters.view(home(name).name),
    place: (name) => home(name).parameters.place(home(name).name),
    held: (name) => home(name).parameters.held(home(name).name),
  }
}

/** What is one model's among weights that lie side by side, under its own names. */
export const weightsOf = <T>(weights: Readonly<Record<string, T>>, called: string): Record<string, T> =>
  Object.fromEntries(
    Object.entries(weights)
      .filter(([name]) => name.startsWith(`${called}/`))
      .map(([name, value]) => [name.slice(called.length + 1), value]),
  )

function viewed(spec: ParameterSpec, ownerOf: (name: string) => Parameters): Parameters {
  const owner = (name: string) => {
    if (!Object.hasOwn(spec, name)) throw new Error(`there is no parameter "${name}"`)
    return ownerOf(name)
  }
  return {
    spec,
    count: countOf(spec),
    get flat(): Float32Array {
      throw inSeveralMemories()
    },
    view: (name) => owner(name).view(name),
    place: (name) => owner(name).place(name),
    held: (name) => owner(name).held(name),
  }
}

/**
 * For the optimizer: the blocks, each with room for its moments and for gradients.
 * @param lanes how many gradients of each parameter
 * @throws when the parameters were not made by `allocate`
 * @throws DeviceFailure when the system has no memory to give
 */
export function blocksToTrain(parameters: Parameters, lanes: number): readonly Block[] {
  const own = blocks.get(parameters)
  if (!own) throw new Error('these parameters were not made by allocate(): the optimizer has no room')
  settle(parameters)
  for (const block of own) growToTrain(block, lanes)
  return own
}
