/**
 * Which examples an update reads: the run's epochs, each in its own random order, laid end to end and cut
 * into updates.
 */
import { seeded, shuffled } from '../maths/random'

/**
 * Places of the examples of one update. Nothing is remembered between updates: update n of a resumed run
 * reads exactly what update n of the whole run would have read.
 *
 * @param count how many examples there are
 * @param size  how many an update reads; a batch may reach into the next epoch
 * @param step  updates done before this one, from 0
 */
export function placesOf(count: number, size: number, step: number, seed: number): number[] {
  const places: number[] = []
  let order: { readonly epoch: number; readonly places: Int32Array } | undefined
  for (let draw = step * size; draw < (step + 1) * size; draw++) {
    const epoch = Math.floor(draw / count)
    if (order?.epoch !== epoch) order = { epoch, places: shuffled(count, seeded(seed, 'order', epoch)) }
    places.push(order.places[draw % count] as number)
  }
  return places
}

/** Updates in so many passes over the examples, at least one. */
export const updatesOf = (count: number, size: number, epochs: number): number =>
  Math.max(1, Math.round((count * epochs) / size))
