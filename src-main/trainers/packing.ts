/**
 * Packs texts into rows of one length, so that few positions are padding.
 *
 * Best fit, longest first: a text goes into the fullest row it still fits into whole (Johnson 1974, best-fit
 * decreasing bin packing). Texts of one row read each other's characters; an end token stands before, between
 * and after them, as in GPT-2's stream.
 */
import type { Row } from './rows'

/**
 * @param rows one text a row, its first id the end token; the first id of a following text is dropped, since
 *   the text before ends with it
 * @param time positions of a row
 * @returns fewer, fuller rows; inside a row texts stand in the order given
 */
export function pack(rows: readonly Row[], time: number): Row[] {
  const byLength = rows.map((_, index) => index).sort((a, b) => sizeOf(rows, b) - sizeOf(rows, a) || a - b)
  const open: number[][][] = Array.from({ length: time + 1 }, () => []) // open[r]: bins with r positions left
  const bins: number[][] = []
  for (const index of byLength) {
    const size = sizeOf(rows, index)
    let room = size
    while (room <= time && open[room]?.length === 0) room++
    const bin = open[room]?.pop() ?? []
    if (room > time) bins.push(bin)
    bin.push(index)
    open[(room > time ? time : room) - size]?.push(bin)
  }
  return bins.map((bin) => joined(bin.sort((a, b) => a - b).map((index) => rows[index] as Row)))
}

const sizeOf = (rows: readonly Row[], index: number): number => (rows[index] as Row).ids.length - 1

function joined(rows: readonly Row[]): Row {
  const ids = new Int32Array(rows.reduce((sum, row) => sum + row.ids.length - 1, 1))
  ids[0] = rows[0]?.ids[0] ?? 0
  let end = 1
  for (const row of rows) {
    ids.set(row.ids.subarray(1), end)
    end += row.ids.length - 1
  }
  return { ids, learnedFrom: 0 }
}
