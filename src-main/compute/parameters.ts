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
  /** All values, in the order of the spec. */
  readonly flat: Float32Array
  /** The values of one tensor: a view, not a copy. @throws when there is no such name */
  view(name: string): Float32Array
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
  if (pages > MOST_PAGES) throw new RangeError(`${count} parameters are too many: at most ${(MOST_PAGES * PAGE_BYTES) / 16} fit`)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  const flat = new Float32Array(memory.buffer, 0, count)
  const parameters: Parameters = {
    spec,
    count,
    flat,
    view(name) {
      const span = spans.get(name)
      if (!span) throw new Error(`there is no parameter "${name}"`)
      return flat.subarray(span.start, span.end)
    },
  }
  rooms.set(parameters, { memory, blockBytes })
  return parameters
}

/** Parameters of the same spec and values in a buffer of their own. */
export function copyParameters(from: Parameters): Parameters {
  const copy = allocate(from.spec)
  copy.flat.set(from.flat)
  return copy
}

/** For the optimizer. @throws when the parameters were not made by `allocate` */
export function roomOf(parameters: Parameters): Room {
  const room = rooms.get(parameters)
  if (!room) throw new Error('these parameters were not made by allocate(): the optimizer has no room')
  return room
}
