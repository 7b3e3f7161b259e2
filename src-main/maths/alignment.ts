/**
 * Alignment via optimal transport: the k-th smallest of some values is compared with the k-th smallest of
 * others, so that the distributions are ordered and not each pair. Which is the k-th is no function with a
 * gradient, so it is found beforehand, over the whole batch, and what a value is compared with is a constant.
 *
 * Source: Melnyk et al. 2024, "Distributional Preference Alignment of LLMs via Optimal Transport", Alg. 1.
 */

/**
 * Of each value the number of the same rank among as many others. [n] twice → [n]; equal values rank in their
 * order.
 */
export function partnersOf(values: ArrayLike<number>, others: ArrayLike<number>): Float32Array {
  const sorted = Float32Array.from(others).sort()
  const ranked = Array.from(values, (value, index) => ({ value, index })).sort(
    (a, b) => a.value - b.value || a.index - b.index,
  )
  const partners = new Float32Array(values.length)
  ranked.forEach(({ index }, rank) => {
    partners[index] = sorted[rank] as number
  })
  return partners
}
