/**
 * The memory that parameters lie in: blocks of whole tensors, each with room for what an optimizer keeps
 * beside the values.
 */
import { DeviceFailure } from './device-failure'

/** Where one tensor stands among others: numbers, not bytes. */
export interface Span {
  readonly name: string
  readonly shape: readonly number[]
  readonly start: number
  readonly end: number
}

/**
 * Tensors that lie together, without gaps, in a WebAssembly memory of their own, in regions of one size. The
 * values are the first; first moment, second moment and gradient follow, and gradients of further parts of a
 * batch that are computed at the same time. The memory grows by them when a train step borrows them, and what
 * is never trained does without. Pages that nobody writes cost nothing. Threads share the memory.
 */
export interface Block {
  readonly memory: WebAssembly.Memory
  /** In the order of the spec; the first starts at 0. */
  readonly spans: readonly Span[]
  /** How many numbers a region holds. */
  readonly count: number
  /** From the start of one region to the start of the next. */
  readonly regionBytes: number
}

/** Regions of a block before the first of gradients: values, first moment, second moment. */
export const regionsBeforeGradients = 3
export const BYTES = Float32Array.BYTES_PER_ELEMENT
const PAGE_BYTES = 65_536
const ALIGNMENT_BYTES = 64
/** Room for gradients of further parts of a batch: so many bytes are worth their time. */
export const mostLaneBytes = 256 * 2 ** 20
/**
 * A page less than a WebAssembly memory can have (4 GiB): an address just behind the last number is an
 * address, too.
 */
const MOST_PAGES = 65_535

/** So many numbers fit one memory with what an optimizer keeps beside them: 268 million. */
export const mostTogether =
  (MOST_PAGES * PAGE_BYTES) / ((regionsBeforeGradients + 1) * BYTES) - ALIGNMENT_BYTES

/** And so many alone, of a tensor that is not trained: 1,074 million. */
export const mostAlone = (MOST_PAGES * PAGE_BYTES) / BYTES - ALIGNMENT_BYTES

/**
 * Blocks for all tensors, in order; at least one.
 * @param spans where each stands among all
 * @param most numbers in a block of several
 * @throws RangeError when a tensor is larger than a memory
 * @throws DeviceFailure when the system has no memory to give
 */
export const blocksFor = (spans: readonly Span[], most: number): readonly Block[] =>
  grouped(spans, most).map(blockOf)

/**
 * Makes room for moments and for gradients.
 * @param lanes how many gradients of each parameter
 * @throws DeviceFailure when they fit no memory, or the system has none to give
 */
export function growToTrain({ memory, regionBytes, spans, count }: Block, lanes: number): void {
  if (count > mostTogether)
    throw new DeviceFailure(
      `The tensor "${spans[0]!.name}" has ${millions(count)} million numbers, and at most ` +
        `${millions(mostTogether)} million of one can be trained: train an adapter alone, or keep it as it is.`,
    )
  const more = Math.max(0, pagesToTrain(regionBytes, lanes) - memory.buffer.byteLength / PAGE_BYTES)
  askedFor(more * PAGE_BYTES, () => memory.grow(more))
}

/**
 * Whole tensors, as many in a group as fit; one that is larger has its own. At least one group.
 * @throws RangeError when one is too large by itself
 */
function grouped(spans: readonly Span[], most: number): readonly (readonly Span[])[] {
  const groups: Span[][] = [[]]
  let first = 0
  for (const { name, shape, start, end } of spans) {
    if (end - start > mostAlone)
      throw new RangeError(
        `the tensor "${name}" has ${millions(end - start)} million numbers, and at most ` +
          `${millions(mostAlone)} million fit one: choose a model with a smaller vocabulary, or a narrower one`,
      )
    if (end - first > most) {
      if (groups.at(-1)!.length > 0) groups.push([])
      first = start
    }
    groups.at(-1)?.push({ name, shape, start: start - first, end: end - first })
  }
  return groups
}

const millions = (numbers: number): string =>
  (numbers / 1e6).toLocaleString('en', { maximumFractionDigits: 0 })

function blockOf(spans: readonly Span[]): Block {
  const count = spans.at(-1)?.end ?? 0
  const bytes = count * BYTES
  const regionBytes = Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
  const memory = askedFor(
    bytes,
    () =>
      new WebAssembly.Memory({
        initial: Math.ceil(bytes / PAGE_BYTES),
        maximum: Math.min(MOST_PAGES, pagesToTrain(regionBytes, 1) + mostLaneBytes / PAGE_BYTES),
        shared: true,
      }),
  )
  return { memory, spans, count, regionBytes }
}

/** @throws DeviceFailure when the system has it not to give */
function askedFor<T>(bytes: number, ask: () => T): T {
  try {
    return ask()
  } catch (error) {
    throw new DeviceFailure(
      `The system has no ${(bytes / 1e9).toFixed(1)} GB of memory to give: close other programs, choose ` +
        'a smaller model, or train an adapter alone.',
      { cause: error },
    )
  }
}

const pagesToTrain = (regionBytes: number, lanes: number): number =>
  Math.ceil((regionBytes * (regionsBeforeGradients + lanes)) / PAGE_BYTES)

/** TypeScript knows of memories that are not shared only. */
export const bufferOf = ({ memory }: Block): SharedArrayBuffer =>
  memory.buffer as ArrayBufferLike as SharedArrayBuffer
