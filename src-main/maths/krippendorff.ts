/** How much several agree beyond chance, whoever said something of each thing. */

export type Scale = 'nominal' | 'ordinal' | 'interval'

/**
 * Krippendorff's α.
 *
 *   α = 1 − D_o / D_e,   D_o = Σ_c Σ_k o_ck δ²_ck / n,   D_e = Σ_c Σ_k n_c n_k δ²_ck / (n (n − 1))
 *
 * with coincidences o_ck = Σ_u (pairs of c and k in unit u) / (m_u − 1) over units with m_u ≥ 2 values, n_c = Σ_k o_ck,
 * and the squared difference δ² of the scale: 0 or 1; (Σ of n_g from c to k − (n_c + n_k)/2)²; (c − k)².
 *
 * Source: Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section E and the metrics below it.
 *
 * @param units of each thing that was judged the values that were said, in any order
 * @returns nothing where fewer than two values stand beside another, or all are the same
 */
export function krippendorffsAlpha(units: readonly (readonly number[])[], scale: Scale): number | undefined {
  const paired = units.filter((values) => values.length > 1)
  const values = [...new Set(paired.flat())].sort((a, b) => a - b)
  if (values.length < 2) return undefined
  const coincidences = coincidencesOf(paired, values)
  const counts = coincidences.map((row) => row.reduce((sum, each) => sum + each, 0))
  const total = counts.reduce((sum, each) => sum + each, 0)
  const difference = differences[scale](values, counts)
  let observed = 0
  let expected = 0
  for (const [c, row] of coincidences.entries())
    for (const [k, together] of row.entries()) {
      observed += together * difference(c, k)
      expected += (counts[c]! * counts[k]! * difference(c, k)) / (total - 1)
    }
  return 1 - observed / expected
}

function coincidencesOf(
  units: readonly (readonly number[])[],
  values: readonly number[],
): readonly (readonly number[])[] {
  const table = values.map(() => values.map(() => 0))
  for (const said of units)
    for (const [i, one] of said.entries())
      for (const [j, other] of said.entries())
        if (i !== j) table[values.indexOf(one)]![values.indexOf(other)]! += 1 / (said.length - 1)
  return table
}

type Difference = (c: number, k: number) => number

const differences: Readonly<
  Record<Scale, (values: readonly number[], counts: readonly number[]) => Difference>
> = {
  nominal: () => (c, k) => Number(c !== k),
  ordinal: (_, counts) => (c, k) => {
    const [low, high] = [Math.min(c, k), Math.max(c, k)]
    const between = counts.slice(low, high + 1).reduce((sum, each) => sum + each, 0)
    return (between - (counts[low]! + counts[high]!) / 2) ** 2
  },
  interval: (values) => (c, k) => (values[c]! - values[k]!) ** 2,
}
