/**
 * The likeliest way to cut a piece into tokens when each is drawn by itself (Kudo 2018, §3.2), found by
 * Viterbi's algorithm from left to right in time linear in the text. Characters that no token holds are
 * unknown; neighbours among them are one unknown token.
 */

export interface UnigramVocabulary {
  /** Tokens with their log-probabilities, in order of id. */
  readonly tokens: readonly (readonly [token: string, score: number])[]
  readonly unknownId: number | undefined
  /** Ids of the 256 bytes, for characters that no token holds. */
  readonly byteIds: readonly number[] | undefined
}

/** As in SentencePiece: an unknown character is this much less likely than the rarest token. */
const unknownPenalty = 10

/**
 * @returns ids of a piece. It throws when it meets an unknown character and the vocabulary has no token for
 *   it.
 */
export function unigramEncoder({
  tokens,
  unknownId,
  byteIds,
}: UnigramVocabulary): (piece: string) => number[] {
  const trie = trieOf(tokens)
  const unknownScore = tokens.reduce((least, [, score]) => Math.min(least, score), Infinity) - unknownPenalty

  function unknown(characters: string): readonly number[] {
    if (byteIds) return Array.from(new TextEncoder().encode(characters), (byte) => byteIds[byte]!)
    if (unknownId === undefined)
      throw new Error(
        `the tokenizer has no token for ${JSON.stringify(characters)}, and none for what is unknown`,
      )
    return [unknownId]
  }

  return (piece) => {
    const ids: number[] = []
    for (const part of bestPath(piece, trie, unknownScore, tokens)) {
      if (part.id >= 0) ids.push(part.id)
      else for (const id of unknown(piece.slice(part.start, part.end))) ids.push(id)
    }
    return ids
  }
}

interface Node {
  readonly children: Map<number, Node>
  /** The token that ends here; -1 for none. */
  id: number
}

/** By UTF-16 units: a token is whole characters, so that none ends within one. */
function trieOf(tokens: UnigramVocabulary['tokens']): Node {
  const root: Node = { children: new Map(), id: -1 }
  tokens.forEach(([token], id) => {
    let node = root
    for (let at = 0; at < token.length; at++) {
      const unit = token.charCodeAt(at)
      const next = node.children.get(unit) ?? { children: new Map(), id: -1 }
      node.children.set(unit, next)
      node = next
    }
    if (node !== root) node.id = id
  })
  return root
}

interface Part {
  readonly start: number
  end: number
  /** -1 for unknown characters. */
  readonly id: number
}

function bestPath(
  piece: string,
  trie: Node,
  unknownScore: number,
  tokens: UnigramVocabulary['tokens'],
): readonly Part[] {
  const size = piece.length
  const score = new Float64Array(size + 1).fill(-Infinity)
  const startOf = new Int32Array(size + 1)
  const idOf = new Int32Array(size + 1).fill(-1)
  score[0] = 0
  const offer = (start: number, end: number, id: number, gain: number): void => {
    const sum = score[start]! + gain
    if (sum <= score[end]!) return
    score[end] = sum
    startOf[end] = start
    idOf[end] = id
  }
  for (let start = 0; start < size;) {
    const next = start + (piece.codePointAt(start)! > 0xffff ? 2 : 1)
    let hasSingle = false
    let node: Node | undefined = trie
    for (let at = start; at < size; at++) {
      node = node.children.get(piece.charCodeAt(at))
      if (!node) break
      if (node.id < 0) continue
      offer(start, at + 1, node.id, tokens[node.id]![1])
      if (at + 1 === next) hasSingle = true
    }
    if (!hasSingle) offer(start, next, -1, unknownScore)
    start = next
  }
  return backwards(size, startOf, idOf)
}

/** From the end along the best starts; unknown neighbours become one part. */
function backwards(size: number, startOf: Int32Array, idOf: Int32Array): readonly Part[] {
  const parts: { start: number; end: number; id: number }[] = []
  for (let end = size; end > 0; end = startOf[end]!) {
    const after = parts.at(-1)
    if (idOf[end]! < 0 && after && after.id < 0) after.start = startOf[end]!
    else parts.push({ start: startOf[end]!, end, id: idOf[end]! })
  }
  return parts.reverse()
}
