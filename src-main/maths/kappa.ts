/** How much two agree beyond what chance would make them. */

/** Two that said one of several things each: `[what one said][what the other said]`, counts; a square. */
export type Said = readonly (readonly number[])[]

export interface Kappa {
  readonly value: number
  readonly variance: number
}

/**
 * Cohen's κ with its large-sample variance.
 *
 *   κ = (p_o − p_e) / (1 − p_e)
 *
 * Sources: Cohen 1960; variance: Fleiss, Cohen & Everitt 1969, Eq. 13.
 *
 * @returns nothing where chance alone would make them agree always: both said the same thing only, or nothing
 */
export function cohensKappa(counts: Said): Kappa | undefined {
  const total = counts.flat().reduce((sum, each) => sum + each, 0)
  if (total === 0) return undefined
  const shares = counts.map((row) => row.map((count) => count / total))
  const rows = shares.map((row) => row.reduce((sum, share) => sum + share, 0))
  const columns = shares.map((_, column) => shares.reduce((sum, row) => sum + row[column]!, 0))
  const observed = shares.reduce((sum, row, i) => sum + row[i]!, 0)
  const expected = rows.reduce((sum, row, i) => sum + row * columns[i]!, 0)
  if (expected === 1) return undefined
  const value = (observed - expected) / (1 - expected)
  const rest = 1 - value
  let agreeing = 0
  let differing = 0
  for (const [i, row] of shares.entries())
    for (const [j, share] of row.entries()) {
      if (i === j) agreeing += share * (1 - (rows[i]! + columns[i]!) * rest) ** 2
      else differing += share * (columns[i]! + rows[j]!) ** 2
    }
  const variance =
    (agreeing + rest ** 2 * differing - (value - expected * rest) ** 2) / (total * (1 - expected) ** 2)
  return { value, variance: Math.max(0, variance) }
}
