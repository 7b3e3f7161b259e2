/** A number that each seed has: its mean, and how sure that is. */

export interface AcrossSeeds {
  readonly mean: number
  /** Half the 95 % interval of the mean; absent with one seed. */
  readonly half?: number
  readonly values: readonly number[]
}

/** 97.5 % of Student's t with 1, 2, 3 … degrees of freedom lies below. */
const t = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]

/** Student's interval of the mean (1908): t · s/√n. For 2 to 10 seeds. */
export function acrossSeeds(values: readonly number[]): AcrossSeeds {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const factor = t[values.length - 2]
  if (factor === undefined) return { mean, values }
  const deviation = Math.sqrt(
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1),
  )
  return { mean, half: (factor * deviation) / Math.sqrt(values.length), values }
}
