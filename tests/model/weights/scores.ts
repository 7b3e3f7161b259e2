/** What a reward model says of some texts. */
import type { Engine } from '../../../src-main/compute/engine'
import { rewardScores } from '../../../src-main/model/heads'
import type { Model } from '../../../src-main/model/model'

/** @param rows ids of each text. @returns [rows] */
export async function scoreTexts(
  engine: Engine,
  { config, parameters }: Model,
  rows: readonly (readonly number[])[],
): Promise<Float32Array> {
  const longest = Math.max(...rows.map((row) => row.length))
  const program = engine.program((weights, batch) => ({
    scores: rewardScores({ config }, weights, { ids: batch['ids']!, lengths: batch['lengths']! }),
  }))
  try {
    const padded = rows.flatMap((row) => [...row, ...new Array<number>(longest - row.length).fill(0)])
    const read = await program.run(parameters, {
      ids: { shape: [rows.length, longest], data: Int32Array.from(padded) },
      lengths: { shape: [rows.length], data: Int32Array.from(rows, (row) => row.length) },
    })
    return read['scores']!.data as Float32Array
  } finally {
    program.dispose()
  }
}
