/** Numbers of drawn tokens laid out at their positions in a batch. */
import type { HostTensor } from '../compute/engine'
import type { Drawn, RolloutShape } from './rollout'

/**
 * [rows, time], or [rows, time, width]: token t + 1 stands at position t; 0 where nothing was drawn, and in rows
 * that are not there.
 */
export function placed<Each extends Drawn>(
  rollout: readonly Each[],
  { rows, time }: RolloutShape,
  numbersOf: (each: Each) => Float32Array,
  width?: number,
): HostTensor {
  const step = width ?? 1
  const data = new Float32Array(rows * time * step)
  for (const [row, each] of rollout.entries())
    data.set(numbersOf(each), (row * time + each.completion.promptTokens - 1) * step)
  return { shape: [rows, time, ...(width === undefined ? [] : [width])], data }
}

/** 1 where a token was drawn. */
export const drawnMask = (rollout: readonly Drawn[], shape: RolloutShape): HostTensor =>
  placed(rollout, shape, ({ logProbs }) => new Float32Array(logProbs.length).fill(1))
