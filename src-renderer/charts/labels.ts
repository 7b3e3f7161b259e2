/** Names at the ends of lines, kept apart. */

/**
 * Moves labels apart until no two are nearer than `gap`, each as little as it can, none outside 0 … `height`.
 * @param places wanted places from the bottom, in pixels
 * @returns the places they get, in the order given
 */
export function spread(places: readonly number[], gap: number, height: number): readonly number[] {
  const order = places.map((_, index) => index).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0))
  const got = [...places]
  let floor = 0
  for (const index of order) {
    got[index] = Math.max(got[index] ?? 0, floor)
    floor = (got[index] ?? 0) + gap
  }
  let ceiling = height
  for (const index of order.reverse()) {
    got[index] = Math.min(got[index] ?? 0, ceiling)
    ceiling = (got[index] ?? 0) - gap
  }
  return got
}
