/** The course of a metric as far as health rules need it, in numbers that a snapshot can hold. */

/** Measurements that say where the run began, and the weight of the newest in what is followed. */
export const firstMeasured = 3
const newest = 0.3
/** Measurements whose mean is compared with the best such mean there was. */
export const window = 8
/** Weight of the newest squared difference in the noise. */
const newestNoise = 0.1

export interface Course {
  /** Mean of the first. */
  readonly began: number
  /** Running mean. */
  readonly now: number
  /** Mean of the last `window`, and the best of such means. */
  readonly recent: number
  readonly best: number
  /** The recent mean of what is trained for, when this was at its best. */
  readonly trainedAtBest: number
  /**
   * Deviation of the difference of two means of `window` measurements, from how measurements follow one another:
   * σ² = ½ E[(xₜ − xₜ₋₁)²], which a slow trend changes little (von Neumann 1941).
   */
  readonly noise: number
}

/** Numbers by name; those of a metric begin with its own. */
type Memory = Record<string, number>

const recalled = (memory: Memory, name: string, what: string): number => memory[`${name}/${what}`] ?? 0

/** The mean of the last measurements. */
function recentOf(memory: Memory, name: string): number {
  const many = Math.min(window, recalled(memory, name, 'count'))
  let sum = 0
  for (let place = 0; place < many; place++) sum += recalled(memory, name, `past-${place}`)
  return many === 0 ? 0 : sum / many
}

/** @param trained the recent mean of what is trained for */
export function remember(memory: Memory, name: string, value: number, trained: number): void {
  const recall = (what: string): number => recalled(memory, name, what)
  const keep = (what: string, kept: number): void => {
    memory[`${name}/${what}`] = kept
  }
  const count = recall('count') + 1
  keep('count', count)
  if (count <= firstMeasured) keep('began', recall('began') + (value - recall('began')) / count)
  keep('now', count <= firstMeasured ? recall('began') : recall('now') + newest * (value - recall('now')))
  if (count > 1) {
    const squared = (value - recall(`past-${(count - 2) % window}`)) ** 2 / 2
    keep('noise', recall('noise') + Math.max(newestNoise, 1 / (count - 1)) * (squared - recall('noise')))
  }
  keep(`past-${(count - 1) % window}`, value)
  const recent = recentOf(memory, name)
  if (count < window || (count > window && recent <= recall('best'))) return
  keep('best', recent)
  keep('trained-at-best', trained)
}

export function courseOf(memory: Memory, name: string): Course {
  const recall = (what: string): number => recalled(memory, name, what)
  return {
    began: recall('began'),
    now: recall('now'),
    recent: recentOf(memory, name),
    best: recall('best'),
    trainedAtBest: recall('trained-at-best'),
    noise: Math.sqrt((2 * recall('noise')) / window),
  }
}
