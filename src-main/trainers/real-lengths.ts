/**
 * Batches of texts of like length: a batch is sorted, cut into parts, and each part is padded only to its own longest
 * text, or a little more, so that a run has few shapes and so few graphs. Which texts a batch has, and so what an
 * update learns, stays as it is: a mean over the batch is a sum over its parts.
 */

export interface LengthPlan {
  /** What a part may be padded to, rising; the last is the longest text. */
  readonly lengths: readonly number[]
  /** Rows of a part. */
  readonly rows: number
}

/** Shapes of a run. Each is a graph to compile and to keep. */
const mostLengths = 8
/** Positions computed for each real one, at which a finer cut is not worth its overhead. */
const enough = 1.1
/** Parts become at most so many times as many. */
const finest = 16
/** Fewer positions a part do not fill a core. */
const fewestPositions = 128

/** What is trained, as far as its dropout is concerned. */
interface Dropping {
  readonly adapter: string
  readonly loraDropout: number
}

/** Nothing of a row is dropped. */
export const wholeRows: Dropping = { adapter: 'none', loraDropout: 0 }

/**
 * One length for all under an adapter's dropout, which draws for each position of a row, whatever stands there: what a
 * row drops must not depend on how the batch is cut.
 * @param lengths of all texts of the run, not empty
 * @param batch   rows of a batch, and in how many parts it is computed at least
 */
export function planLengths(
  lengths: readonly number[],
  batch: { readonly rows: number; readonly parts: number },
  { adapter, loraDropout }: Dropping,
): LengthPlan {
  const coarse = Math.ceil(batch.rows / Math.min(batch.parts, batch.rows))
  const isOne = adapter === 'lora' && loraDropout > 0
  let plan = { lengths: paddedLengths(lengths, isOne ? 1 : mostLengths), rows: coarse }
  if (isOne) return plan
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length
  const typical = typicalBatch(lengths, batch.rows)
  for (let finer = 2; finer <= finest; finer *= 2) {
    const rows = Math.ceil(coarse / finer)
    const isEnough = positionsFor(typical, plan) <= enough * mean * typical.length
    if (isEnough || rows * mean < fewestPositions) break
    plan = { ...plan, rows }
  }
  return plan
}

/** Positions of a part that are still worth two. */
const worthCutting = 256

/**
 * The same for texts that are yet to be written, of which only the longest possible is known: that alone, since every
 * length is a graph more that keeps its memory, and so many rows that a part fills a core.
 * @param time positions of the longest text there can be
 */
export function planRollout(
  time: number,
  batch: { readonly rows: number; readonly parts: number },
): LengthPlan {
  let rows = Math.ceil(batch.rows / Math.min(batch.parts, batch.rows))
  while (rows > 1 && Math.ceil(rows / 2) * time >= worthCutting) rows = Math.ceil(rows / 2)
  return { lengths: [time], rows }
}

/** A batch as the lengths of all texts lie: its shortest among the shortest, its longest among the longest. */
function typicalBatch(lengths: readonly number[], rows: number): readonly number[] {
  const sorted = [...lengths].sort((a, b) => a - b)
  return Array.from({ length: rows }, (_, row) => sorted[Math.floor(((row + 0.5) / rows) * sorted.length)]!)
}

const positionsFor = (lengths: readonly number[], plan: LengthPlan): number =>
  partsOfLikeLength(lengths, (length) => length, plan).reduce((sum, { time }) => sum + plan.rows * time, 0)

/**
 * A few lengths, such that as little as possible is added when each text is padded to the next of them: exactly, by
 * dynamic programming over the lengths there are.
 */
export function paddedLengths(lengths: readonly number[], most = mostLengths): readonly number[] {
  const counts = new Map<number, number>()
  for (const length of lengths) counts.set(length, (counts.get(length) ?? 0) + 1)
  const each = [...counts].sort(([a], [b]) => a - b)
  // costs[i]: least positions of the i shortest different lengths, with so many padded lengths as rounds were made
  let costs = each.map(() => Infinity)
  const chosen: number[][] = []
  for (let round = 0; round < Math.min(most, each.length); round++) {
    const before = [round === 0 ? 0 : Infinity, ...costs]
    const from = each.map(() => 0)
    costs = each.map(([longest], last) => {
      let least = Infinity
      let texts = 0
      for (let first = last; first >= 0; first--) {
        texts += each[first]![1]
        const cost = before[first]! + texts * longest
        if (cost >= least) continue
        least = cost
        from[last] = first
      }
      return least
    })
    chosen.push(from)
  }
  const padded: number[] = []
  for (let last = each.length - 1, round = chosen.length - 1; last >= 0 && round >= 0; round--) {
    padded.unshift(each[last]![0])
    last = chosen[round]![last]! - 1
  }
  return padded
}

export interface LikeLengths<T> {
  readonly rows: readonly T[]
  /** What they are padded to. */
  readonly time: number
  /** Rows of the parts before it. */
  readonly first: number
}

/** A batch in parts, the longest texts first: what needs most memory is met at once. Equal lengths keep their order. */
export function partsOfLikeLength<T>(
  batch: readonly T[],
  lengthOf: (row: T) => number,
  plan: LengthPlan,
): readonly LikeLengths<T>[] {
  const sorted = [...batch].sort((a, b) => lengthOf(b) - lengthOf(a))
  return Array.from({ length: Math.ceil(sorted.length / plan.rows) }, (_, part) => {
    const first = part * plan.rows
    const rows = sorted.slice(first, first + plan.rows)
    return { rows, time: paddedTo(lengthOf(rows[0] as T), plan), first }
  })
}

/** The next of the lengths; a text that is longer than all of them is cut there, as its batch is. */
export const paddedTo = (length: number, { lengths }: Pick<LengthPlan, 'lengths'>): number =>
  lengths.find((each) => each >= length) ?? (lengths.at(-1) as number)
