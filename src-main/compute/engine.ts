/**
 * What a device can do for a model: run a program, and run it with gradients and an optimizer.
 *
 * A program is plain TensorFlow.js: a pure function from named weights and named batch tensors to named
 * tensors. A compiled device records it once per set of shapes and runs the recorded graph on typed arrays;
 * an eager device runs it as it stands. Callers hold no tensor either way: numbers go in, numbers come out.
 */
import type * as tf from './tf'
import type { WeightFormat } from '../../src-shared/records/sample'
import type { Parameters } from './parameters'
import type { Placement } from './placement'

/** The parameters of a model inside a program, by name, in their own shapes. */
export type Weights = Readonly<Record<string, tf.Tensor>>
/** A batch inside a program, and what a program returns. */
export type Tensors = Readonly<Record<string, tf.Tensor>>

/**
 * Tensors of a batch, by what they hold and how many dimensions they have: ids and lengths are Int, masks and
 * rewards are Float. A program says with them what it is given:
 * `engine.program<{ ids: Int2D; mask?: Float2D }>((weights, { ids, mask }) => …)`.
 */
export type Int1D = tf.Tensor1D & { readonly dtype: 'int32' }
export type Int2D = tf.Tensor2D & { readonly dtype: 'int32' }
export type Int3D = tf.Tensor3D & { readonly dtype: 'int32' }
export type Float1D = tf.Tensor1D & { readonly dtype: 'float32' }
export type Float2D = tf.Tensor2D & { readonly dtype: 'float32' }
export type Float3D = tf.Tensor3D & { readonly dtype: 'float32' }

/** A dense array on the host: Float32Array is float32, Int32Array is int32. Row-major. */
export interface HostTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array | Int32Array
}
/** A batch on the host. The engine reads it during the call and keeps no reference. */
export type Batch = Readonly<Record<string, HostTensor>>
/** The batch on the host of a program whose batch is B: the same names, optional where they are there. */
export type HostBatch<B extends Tensors> = { readonly [Name in keyof B]: HostTensor }

/** @typeParam B its batch. A `type`, not an `interface`: those are no records. */
export interface Program<B extends Tensors = Tensors> {
  /**
   * Runs the program on one model's parameters. One compiled graph serves every model of the same spec
   * (policy and reference alike) and every batch of the same shapes.
   * @param into tensors that receive outputs of their names; one may be of the batch, too: it is changed, in
   *   place where the device can
   * @returns those, and fresh arrays for the others, owned by the caller
   */
  run(parameters: Parameters, batch: HostBatch<B>, into?: Batch): Promise<Record<string, HostTensor>>
  /**
   * Parts of a batch one by one or side by side, computed as a train step computes them whose `partsAtOnce` is so
   * many: what both compute, both round alike.
   * @returns what each part gave, in fresh arrays
   */
  runParts(
    parameters: Parameters,
    parts: readonly HostBatch<B>[],
    partsAtOnce: number,
  ): Promise<readonly Record<string, HostTensor>[]>
  /**
   * The program with these parameters, which nobody may change while it lives. It runs faster, by a third
   * when rows are few, and has to be compiled once a freeze and shape: for long work with one state of the
   * weights. The caller disposes it, before or after the program.
   * @param format in 8 bits large matrices lose digits (`eight-bits.ts`), and products with few rows are
   *   three times as fast
   * @throws DeviceFailure when the device has no products with 8-bit weights
   */
  freeze(parameters: Parameters, format?: WeightFormat): FrozenProgram<B>
  dispose(): void
}

export interface FrozenProgram<B extends Tensors = Tensors> {
  /** As `Program.run`. */
  run(batch: HostBatch<B>, into?: Batch): Promise<Record<string, HostTensor>>
  dispose(): void
}

export interface OptimizerSettings {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** Decoupled decay (Loshchilov & Hutter 2019), applied where `isDecayed` says so. */
  readonly weightDecay: number
  readonly isDecayed: (name: string, shape: readonly number[]) => boolean
  /** Largest global gradient norm; Infinity clips nothing. */
  readonly clipNorm: number
}

/** AdamW's moments and its count of updates: all that a resumed run needs beside the parameters. */
export interface OptimizerState {
  readonly updates: number
  readonly firstMoment: Float32Array
  readonly secondMoment: Float32Array
}

/** What the program of a train step returns: `loss` is the one that is minimised, the others are read. */
export type LossAndScalars = Readonly<Record<string, tf.Scalar>> & { readonly loss: tf.Scalar }

/**
 * What programs are to those who run them: what their batch holds is not known there. Method types, which may
 * be given a body with a batch of its own: it is only ever called with the batch its program was run on.
 */
export type ProgramBody = { body(weights: Weights, batch: Tensors): Tensors }['body']
export type TrainBody = { body(weights: Weights, batch: Tensors): LossAndScalars }['body']

/** @typeParam B its batch, as of a `Program` */
export interface TrainStep<B extends Tensors = Tensors> {
  /**
   * One update in place: forward, backward, clip, AdamW. Waits once for the device.
   * @param batch        the whole of it, or its parts, of which `partsAtOnce` are computed side by side, with
   *   the memory of so many: their scalars and
   *                     gradients are added, so a program that is to be cut divides by what the whole batch
   *                     has; of a scalar whose name begins with `largest` the largest is taken
   * @param learningRate step size of this update
   * @returns every named scalar of the program, its `loss` among them, and `gradientNorm` before clipping
   */
  update(batch: HostBatch<B> | readonly HostBatch<B>[], learningRate: number): Promise<Record<string, number>>
  /** A copy of the optimizer's state. */
  state(): OptimizerState
  /** Continues from a stored state. */
  restore(state: OptimizerState): void
  dispose(): void
}

export interface TrainingWay {
  /**
   * Keeps few results of the way forward and computes the others again on the way back: much less memory,
   * about a third more time, the same numbers. An eager device keeps what it keeps.
   */
  readonly recomputes: boolean
}

export interface EngineMemory {
  /** TensorFlow.js tensors alive in this process. */
  readonly tensors: number
  /** Recorded graphs alive. */
  readonly graphs: number
  /** Bytes of parameters, gradients, moments and graphs the engine holds. */
  readonly bytes: number
}

export interface Engine {
  /** For people: "CPU, 2 threads, compiled". */
  readonly device: string
  program<B extends Tensors = Tensors>(body: (weights: Weights, batch: B) => Tensors): Program<B>
  /**
   * How many parts of a batch its train step computes side by side when it gets them: a batch that is cut
   * into so many, or a multiple, is done fastest.
   * @param parameters as for `trainStep`
   */
  partsAtOnce(parameters: Parameters): number
  /**
   * @param parameters all of them are trained, or of an overlay what lies on top: of what is frozen there is
   *   no gradient and no moment
   */
  trainStep<B extends Tensors = Tensors>(
    parameters: Parameters,
    body: (weights: Weights, batch: B) => LossAndScalars,
    optimizer: OptimizerSettings,
    how?: TrainingWay,
  ): TrainStep<B>
  memory(): EngineMemory
  /** Where the operators of the graphs ran so far; nothing on devices that leave nothing to another. */
  placement(): Placement
  dispose(): void
}
