/** Pieces of text that come faster than anybody sees them, put together. */

/** A window draws every 16 ms: more messages than that are only work. */
const gatherMs = 16

/** How the pieces of one kind of stream go together. */
export interface Gathering<Piece> {
  /** Which of the texts that are under way a piece belongs to. */
  readonly textOf: (piece: Piece) => string | number
  readonly isLast: (piece: Piece) => boolean
  readonly join: (earlier: Piece, later: Piece) => Piece
}

export async function* gathered<Piece>(
  pieces: AsyncIterable<Piece>,
  gathering: Gathering<Piece>,
): AsyncGenerator<readonly Piece[]> {
  let waiting: Piece[] = []
  let sinceMs = performance.now()
  for await (const piece of pieces) {
    waiting.push(piece)
    if (!gathering.isLast(piece) && performance.now() - sinceMs < gatherMs) continue
    yield joined(waiting, gathering)
    waiting = []
    sinceMs = performance.now()
  }
  if (waiting.length > 0) yield joined(waiting, gathering)
}

/** One piece a text, in the order of the texts: whoever counts them sees all at the same place. */
function joined<Piece>(pieces: readonly Piece[], { textOf, join }: Gathering<Piece>): readonly Piece[] {
  const all = new Map<string | number, Piece>()
  for (const piece of pieces) {
    const text = textOf(piece)
    const earlier = all.get(text)
    all.set(text, earlier === undefined ? piece : join(earlier, piece))
  }
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, piece]) => piece)
}
