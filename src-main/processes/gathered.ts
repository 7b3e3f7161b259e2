/** Pieces of text that come faster than anybody sees them, put together. */
import type { StreamedPiece } from './contract'

/** A window draws every 16 ms: more messages than that are only work. */
const gatherMs = 16

export async function* gathered(
  pieces: AsyncIterable<StreamedPiece>,
): AsyncGenerator<readonly StreamedPiece[]> {
  let waiting: StreamedPiece[] = []
  let sinceMs = performance.now()
  for await (const piece of pieces) {
    waiting.push(piece)
    if (!piece.end && performance.now() - sinceMs < gatherMs) continue
    yield joinedBySide(waiting)
    waiting = []
    sinceMs = performance.now()
  }
  if (waiting.length > 0) yield joinedBySide(waiting)
}

function joinedBySide(pieces: readonly StreamedPiece[]): readonly StreamedPiece[] {
  return (['left', 'right'] as const).flatMap((side) => {
    const own = pieces.filter((piece) => piece.side === side)
    const last = own.at(-1)
    return last ? [{ ...last, text: own.map((piece) => piece.text).join('') }] : []
  })
}
