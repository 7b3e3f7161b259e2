/** One round of writing: the newest token of every row is read into the memory, and says what may come next. */
import type { FrozenProgram, HostTensor } from '../../compute/engine'
import { idle, type Memory } from '../network'
import type { TokenBatch } from './decoding'

/** Runs `readToken` on a batch. */
export type ReadToken = FrozenProgram<TokenBatch>['run']

/**
 * What goes in and comes out with every token: the same arrays each time, which a device need not be told
 * anew.
 */
export interface Room {
  readonly ids: HostTensor
  readonly positions: HostTensor
  readonly logits: HostTensor & { readonly data: Float32Array }
}

export function roomFor(rows: number, vocabulary: number): Room {
  const integers = (): HostTensor => ({ shape: [rows], data: new Int32Array(rows) })
  return {
    ids: integers(),
    positions: integers(),
    logits: { shape: [rows, vocabulary], data: new Float32Array(rows * vocabulary) },
  }
}

/**
 * Reads the newest token of every row into the memory.
 * @returns logits of the next ones, [rows · V], until it is called again
 */
export async function readTokens(
  read: ReadToken,
  memory: Memory,
  rows: readonly ({ readonly ids: readonly number[] } | undefined)[],
  { ids, positions, logits }: Room,
): Promise<Float32Array> {
  const at = Int32Array.from(rows, (sequence) => (sequence ? sequence.ids.length - 1 : idle))
  rows.forEach((sequence, row) => {
    ids.data[row] = sequence?.ids.at(-1) ?? 0
    positions.data[row] = Math.max(0, at[row]!)
  })
  memory.take(await read({ ids, positions, ...memory.inputs(at) }, { logits, ...memory.outputs() }), at)
  return logits.data
}
