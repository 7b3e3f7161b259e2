/**
 * AdamW (Loshchilov & Hutter 2019, Algorithm 2) with clipping by global norm, in WebAssembly, in place on the
 * parameters' own memory.
 */
import type { OptimizerSettings, OptimizerState } from '../engine'
import { openMemoryPasses, type Call } from './memory-passes'
import { regionsBeforeGradients, type Block } from '../parameter-blocks'
import { blocksToTrain, type Parameters } from '../parameters'

/** Gradients by the names of parameters: where each must be put before an update. */
export type GradientArrays = Readonly<Record<string, Float32Array>>

export interface AdamW {
  /** Views, one set for each lane that makes gradients of a part of the batch. */
  readonly gradients: readonly GradientArrays[]
  /** Adds the gradients of these parameters from the first lanes into the first. */
  gather(trained: ReadonlySet<string>, lanes: number): void
  /** Euclidean norm of the first lane's gradients of these parameters together. */
  gradientNorm(trained: ReadonlySet<string>): number
  /**
   * Clips and applies the first lane's gradients of these parameters; the others stay as they are, without
   * decay.
   * @param norm what `gradientNorm` said
   */
  update(trained: ReadonlySet<string>, learningRate: number, norm: number): void
  /** How many updates were applied. */
  updates(): number
  state(): OptimizerState
  /** @throws when the state is of another model */
  restore(state: OptimizerState): void
  /** Gives the room back. */
  dispose(): void
}

/** What may be done side by side. */
export interface AdamWRoom {
  /** Sets of gradients. */
  readonly lanes: number
  readonly threads: number
}

/**
 * Numbers of one tensor that a thread takes at a time. They follow from the tensor alone, so that sums are
 * the same with any number of threads.
 */
interface Piece {
  readonly name: string
  readonly memory: number
  readonly regionBytes: number
  readonly start: number
  readonly end: number
  readonly isDecayed: boolean
}

const BYTES = Float32Array.BYTES_PER_ELEMENT
const PIECE_NUMBERS = 2 ** 20
/** Fewer numbers are done before another thread is awake. */
const FEWEST_NUMBERS_TO_SHARE = 2 ** 19
/** More threads than this wait for the memory. */
const MOST_THREADS = 4
/** As in PyTorch's clip_grad_norm_: keeps the quotient finite. */
export const CLIP_EPSILON = 1e-6

const borrowed = new WeakSet<Parameters>()

/** @throws when these parameters already have an optimizer: its moments lie in their memory */
export function createAdamW(parameters: Parameters, settings: OptimizerSettings, room: AdamWRoom): AdamW {
  const giveBack = borrow(parameters)
  const blocks = blocksToTrain(parameters, room.lanes)
  clearBehindValues(blocks, room.lanes)
  const pieces = blocks.flatMap((block, memory) => piecesOf(block, memory, settings.isDecayed))
  const passes = openPasses(blocks, pieces.length, helpersFor(parameters, room))
  const piecesWith = memoized((trained: ReadonlySet<string>) =>
    pieces.filter(({ name }) => trained.has(name)),
  )
  let updates = 0
  return {
    gradients: Array.from({ length: room.lanes }, (_, lane) => gradientViews(blocks, lane)),
    gather(trained, used) {
      for (let lane = 1; lane < used; lane++)
        passes.make(piecesWith(trained).map((piece) => addition(piece, lane)))
    },
    gradientNorm(trained) {
      const squares = passes.make(piecesWith(trained).map(sumOfSquares))
      return Math.sqrt(squares.reduce((sum, square) => sum + square, 0))
    },
    update(trained, learningRate, norm) {
      updates++
      const numbers = updateNumbers(settings, learningRate, norm, updates)
      passes.make(piecesWith(trained).map((piece) => updateOf(piece, numbers)))
    },
    updates: () => updates,
    state: () => ({ updates, firstMoment: allOf(blocks, 1), secondMoment: allOf(blocks, 2) }),
    restore(state) {
      checkFits(state, parameters)
      writeMoments(blocks, state)
      updates = state.updates
    },
    dispose() {
      passes.dispose()
      giveBack()
    },
  }
}

/** One region of a block: 0 are the values, 1 and 2 the moments, and then a lane's gradients each. */
const regionOf = ({ memory, regionBytes, count }: Block, index: number): Float32Array =>
  new Float32Array(memory.buffer, index * regionBytes, count)

/** Moments and gradients begin at zero. */
function clearBehindValues(blocks: readonly Block[], lanes: number): void {
  for (const block of blocks)
    for (let index = 1; index < regionsBeforeGradients + lanes; index++) regionOf(block, index).fill(0)
}

const helpersFor = ({ count }: Parameters, { threads }: AdamWRoom): number =>
  count < FEWEST_NUMBERS_TO_SHARE ? 0 : Math.min(threads, MOST_THREADS) - 1

const openPasses = (blocks: readonly Block[], mostCalls: number, helpers: number) =>
  openMemoryPasses(
    blocks.map(({ memory }) => memory),
    mostCalls,
    helpers,
  )

function gradientViews(blocks: readonly Block[], lane: number): GradientArrays {
  return Object.fromEntries(
    blocks.flatMap((block) => {
      const gradients = regionOf(block, regionsBeforeGradients + lane)
      return block.spans.map(({ name, start, end }) => [name, gradients.subarray(start, end)] as const)
    }),
  )
}

/** Adds a lane's gradient of a piece to the first lane's. */
const addition = (piece: Piece, lane: number): Call => ({
  kernel: 'add',
  memory: piece.memory,
  given: [from(piece, regionsBeforeGradients), from(piece, regionsBeforeGradients + lane), upTo(piece)],
})

const sumOfSquares = (piece: Piece): Call => ({
  kernel: 'sumOfSquares',
  memory: piece.memory,
  given: [from(piece, regionsBeforeGradients), upTo(piece)],
})

/** What an update does to every piece: the numbers `adamw.wat` names so, and what decay leaves of a value. */
interface UpdateNumbers {
  readonly shared: readonly [
    beta1: number,
    beta2: number,
    scale: number,
    step: number,
    correction: number,
    epsilon: number,
  ]
  readonly keepDecayed: number
}

/** @param update 1 for the first */
function updateNumbers(
  { beta1, beta2, epsilon, weightDecay, clipNorm }: OptimizerSettings,
  learningRate: number,
  norm: number,
  update: number,
): UpdateNumbers {
  const scale = Math.min(1, clipNorm / (norm + CLIP_EPSILON))
  const step = learningRate / (1 - beta1 ** update)
  const correction = 1 / Math.sqrt(1 - beta2 ** update)
  return {
    shared: [beta1, beta2, scale, step, correction, epsilon],
    keepDecayed: 1 - learningRate * weightDecay,
  }
}

function updateOf(piece: Piece, { shared, keepDecayed }: UpdateNumbers): Call {
  const [value, first, second] = [from(piece, 0), from(piece, 1), from(piece, 2)]
  const [gradient, end] = [from(piece, regionsBeforeGradients), upTo(piece)]
  return {
    kernel: 'update',
    memory: piece.memory,
    given: [value, first, second, gradient, end, ...shared, piece.isDecayed ? keepDecayed : 1],
  }
}

/** @throws when the state is of another model */
export function checkFits({ firstMoment, secondMoment }: OptimizerState, { count }: Parameters): void {
  if (firstMoment.length === count && secondMoment.length === count) return
  throw new Error(`the optimizer's state is of ${firstMoment.length} numbers, the model has ${count}`)
}

function writeMoments(blocks: readonly Block[], { firstMoment, secondMoment }: OptimizerState): void {
  let start = 0
  for (const block of blocks) {
    regionOf(block, 1).set(firstMoment.subarray(start, start + block.count))
    regionOf(block, 2).set(secondMoment.subarray(start, start + block.count))
    start += block.count
  }
}

/** Where a piece begins in a region: bytes from the memory's start. */
const from = ({ regionBytes, start }: Piece, region: number) => region * regionBytes + start * BYTES
/** Where the first lane's gradient of a piece ends. */
const upTo = ({ regionBytes, end }: Piece) => regionsBeforeGradients * regionBytes + end * BYTES

function piecesOf(
  { spans, regionBytes }: Block,
  memory: number,
  decays: OptimizerSettings['isDecayed'],
): readonly Piece[] {
  return spans.flatMap(({ name, shape, start, end }) =>
    Array.from({ length: Math.ceil((end - start) / PIECE_NUMBERS) }, (_, index) => ({
      name,
      memory,
      regionBytes,
      isDecayed: decays(name, shape),
      start: start + index * PIECE_NUMBERS,
      end: Math.min(end, start + (index + 1) * PIECE_NUMBERS),
    })),
  )
}

/** A copy of one region of all blocks. */
function allOf(blocks: readonly Block[], region: number): Float32Array {
  const all = new Float32Array(blocks.reduce((length, { count }) => length + count, 0))
  let start = 0
  for (const block of blocks) {
    all.set(regionOf(block, region), start)
    start += block.count
  }
  return all
}

/** For one train step at a time. @returns gives them back @throws when another trains these parameters */
export function borrow(parameters: Parameters): () => void {
  if (borrowed.has(parameters))
    throw new Error('these parameters are already being trained: dispose the other train step first')
  borrowed.add(parameters)
  return () => {
    borrowed.delete(parameters)
  }
}

function memoized<K extends object, T>(compute: (key: K) => T): (key: K) => T {
  const known = new WeakMap<K, T>()
  return (key) => {
    const value = known.get(key) ?? compute(key)
    known.set(key, value)
    return value
  }
}
