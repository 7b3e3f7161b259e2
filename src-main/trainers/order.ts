/**
 * Which examples an update reads: the run's epochs, each in its own random order, laid end to end and cut
 * into updates.
 */
import { seeded, shuffled } from '../maths/random'

/**
 * Where the examples of one update stand. Nothing is remembered between updates: update n of a resumed run
 * reads exactly what update n of the whole run would have read.
 *
 * @param count  how many examples there are
 * @param size   how many an update reads; a batch may reach into the next epoch
 * @param step   updates done before this one, from 0
 * @param epochs after so many there is no more: the last update of a run reads what is left
 */
export function indicesOf(
  count: number,
  size: number,
  step: number,
  seed: number,
  epochs = Infinity,
): number[] {
  const indices: number[] = []
  const end = Math.min((step + 1) * size, count * epochs)
  let order: { readonly epoch: number; readonly indices: Int32Array } | undefined
  for (let draw = step * size; draw < end; draw++) {
    const epoch = Math.floor(draw / count)
    if (order?.epoch !== epoch) order = { epoch, indices: shuffled(count, seeded(seed, 'order', epoch)) }
    indices.push(order.indices[draw % count] as number)
  }
  return indices
}

/** The examples of one update, as `indicesOf` finds them. */
export const examplesAt = <T>(
  examples: readonly T[],
  size: number,
  step: number,
  seed: number,
  epochs?: number,
): readonly T[] => indicesOf(examples.length, size, step, seed, epochs).map((index) => examples[index] as T)

/** Updates in which so many passes read every example; the last one may read fewer than the others. */
export const updatesOf = (count: number, size: number, epochs: number): number =>
  Math.max(1, Math.ceil((count * epochs) / size))

/** What passes over a rollout are drawn from. */
export interface Passes {
  /** How many. */
  readonly epochs: number
  readonly seed: number
}

/**
 * A rollout several times over, each time in another order, cut into updates.
 * @param step rollouts done before @param size of an update; the last of a pass may be smaller
 */
export function* passesOver<T>(
  rollout: readonly T[],
  size: number,
  step: number,
  { epochs, seed }: Passes,
): Generator<readonly T[]> {
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = shuffled(rollout.length, seeded(seed, 'minibatches', step, epoch))
    for (let start = 0; start < order.length; start += size)
      yield Array.from(order.subarray(start, start + size), (index) => rollout[index] as T)
  }
}

/** By index: in which updates the completions of a rollout are first learned from. */
export const firstPass = (
  count: number,
  size: number,
  step: number,
  seed: number,
): readonly (readonly number[])[] => [
  ...passesOver(
    Array.from({ length: count }, (_, index) => index),
    size,
    step,
    { epochs: 1, seed },
  ),
]
