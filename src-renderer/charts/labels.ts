/** Names at the ends of lines, kept apart. */

export interface EndLabel {
  readonly key: string
  readonly name: string
  readonly colour: number
  /** Fraction of the width at which the line ends. */
  readonly left: number
  /** Whether it stands before the end of its line, above it, because there is no room behind. */
  readonly isInside: boolean
  /** Pixels from the bottom. */
  readonly bottom: number
}

interface LineEnd {
  readonly name: string
  readonly colour: number
  readonly left: number
  readonly height: number
}

const gap = 13
/** A label over its line stands clear of it. */
const liftInside = 9
/** Of a caption, about. */
const letterWidth = 6.4

/** @param ends where lines end, in fractions of the plot. @param size of the plot, in pixels */
export function placed<End extends LineEnd>(
  ends: readonly End[],
  size: { readonly width: number; readonly height: number },
): readonly (End & Pick<EndLabel, 'isInside' | 'bottom'>)[] {
  const wanted = ends.map((end) => {
    const isInside = end.left * size.width + end.name.length * letterWidth + gap > size.width
    return { ...end, isInside, bottom: end.height * size.height + (isInside ? liftInside : 0) }
  })
  const bottoms = spread(
    wanted.map((end) => end.bottom),
    gap,
    size.height,
  )
  return wanted.map((end, index) => ({ ...end, bottom: bottoms[index] ?? 0 }))
}

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
