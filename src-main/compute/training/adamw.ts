/**
 * AdamW (Loshchilov & Hutter 2019, Algorithm 2) with clipping by global norm, in WebAssembly, in place on the
 * parameters' own memory.
 */
import type { OptimizerSettings, OptimizerState } from '../engine'
import { openMemoryPasses, type Call } from './memory-passes'
import { blocksToTrain, regionsBeforeGradients, type Block, type Parameters } from '../parameters'

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
const CLIP_EPSILON = 1e-6

const borrowed = new WeakSet<Parameters>()

/** @throws when these parameters already have an optimizer: its moments lie in their memory */
export function createAdamW(
  parameters: Parameters,
  settings: OptimizerSettings,
  { lanes, threads }: AdamWRoom,
): AdamW {
  const giveBack = borrow(parameters)
  const blocks = blocksToTrain(parameters, lanes)
  const pieces = blocks.flatMap((block, memory) => piecesOf(block, memory, settings.isDecayed))
  const piecesWith = memoized((trained: ReadonlySet<string>) =>
    pieces.filter(({ name }) => trained.has(name)),
  )
  const helpers = parameters.count < FEWEST_NUMBERS_TO_SHARE ? 0 : Math.min(threads, MOST_THREADS) - 1
  const passes = openMemoryPasses(
    blocks.map(({ memory }) => memory),
    pieces.length,
    helpers,
  )
  const region = ({ memory, regionBytes, count }: Block, index: number) =>
    new Float32Array(memory.buffer, index * regionBytes, count)
  for (const block of blocks)
    for (let index = 1; index < regionsBeforeGradients + lanes; index++) region(block, index).fill(0)
  let updates = 0

  return {
    gradients: Array.from({ length: lanes }, (_, lane) =>
      Object.fromEntries(
        blocks.flatMap((block) =>
          block.spans.map(
            ({ name, start, end }) =>
              [name, region(block, regionsBeforeGradients + lane).subarray(start, end)] as const,
          ),
        ),
      ),
    ),
    gather(trained, used) {
      for (let lane = 1; lane < used; lane++)
        passes.make(
          piecesWith(trained).map((piece) => ({
            kernel: 'add',
            memory: piece.memory,
            given: [
              from(piece, regionsBeforeGradients),
              from(piece, regionsBeforeGradients + lane),
              upTo(piece),
            ],
          })),
        )
    },
    gradientNorm(trained) {
      const squares = passes.make(
        piecesWith(trained).map((piece): Call => ({
          kernel: 'sumOfSquares',
          memory: piece.memory,
          given: [from(piece, regionsBeforeGradients), upTo(piece)],
        })),
      )
      return Math.sqrt(squares.reduce((sum, square) => sum + square, 0))
    },
    update(trained, learningRate, norm) {
      updates++
      const { beta1, beta2, epsilon, weightDecay, clipNorm } = settings
      const scale = Math.min(1, clipNorm / (norm + CLIP_EPSILON))
      const step = learningRate / (1 - beta1 ** updates)
      const correction = 1 / Math.sqrt(1 - beta2 ** updates)
      passes.make(
        piecesWith(trained).map((piece): Call => {
          const keep = piece.isDecayed ? 1 - learningRate * weightDecay : 1
          return {
            kernel: 'update',
            memory: piece.memory,
            given: [
              from(piece, 0),
              from(piece, 1),
              from(piece, 2),
              from(piece, regionsBeforeGradients),
              upTo(piece),
              beta1,
              beta2,
              scale,
              step,
              correction,
              epsilon,
              keep,
            ],
          }
        }),
      )
    },
    updates: () => updates,
    state: () => ({
      updates,
      firstMoment: joined(blocks.map((block) => region(block, 1))),
      secondMoment: joined(blocks.map((block) => region(block, 2))),
    }),
    restore(state) {
      if (state.firstMoment.length !== parameters.count || state.secondMoment.length !== parameters.count) {
        throw new Error(
          `the optimizer's state is of ${state.firstMoment.length} numbers, the model has ` +
            `${parameters.count}`,
        )
      }
      let start = 0
      for (const block of blocks) {
        region(block, 1).set(state.firstMoment.subarray(start, start + block.count))
        region(block, 2).set(state.secondMoment.subarray(start, start + block.count))
        start += block.count
      }
      updates = state.updates
    },
    dispose() {
      passes.dispose()
      giveBack()
    },
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

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((length, part) => length + part.length, 0))
  let start = 0
  for (const part of parts) {
    all.set(part, start)
    start += part.length
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
