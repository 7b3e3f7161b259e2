/** What differs between two texts, by words: the longest common subsequence stays (Hunt & Szymanski 1977). */

export interface DiffPart {
  readonly kind: 'same' | 'out' | 'in'
  readonly text: string
}

/** Texts of more words are shown as wholly out and wholly in: the table would be too large. */
const mostWords = 1500

const wordsOf = (text: string): readonly string[] => text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? []

export function wordDiff(before: string, after: string): readonly DiffPart[] {
  const [one, other] = [wordsOf(before), wordsOf(after)]
  if (Math.max(one.length, other.length) > mostWords)
    return before === after
      ? joined([{ kind: 'same', text: before }])
      : joined([
          { kind: 'out', text: before },
          { kind: 'in', text: after },
        ])
  return joined(walked(one, other, commonLengths(one, other)))
}

/** How long the longest common subsequence of what follows each two words is. */
function commonLengths(one: readonly string[], other: readonly string[]): readonly Uint16Array[] {
  const table = Array.from({ length: one.length + 1 }, () => new Uint16Array(other.length + 1))
  for (let i = one.length - 1; i >= 0; i--)
    for (let j = other.length - 1; j >= 0; j--)
      table[i]![j] =
        one[i] === other[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!)
  return table
}

function walked(
  one: readonly string[],
  other: readonly string[],
  common: readonly Uint16Array[],
): readonly DiffPart[] {
  const parts: DiffPart[] = []
  let i = 0
  let j = 0
  while (i < one.length || j < other.length) {
    if (i < one.length && one[i] === other[j]) {
      parts.push({ kind: 'same', text: one[i]! })
      i++
      j++
    } else if (j === other.length || (i < one.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      parts.push({ kind: 'out', text: one[i++]! })
    } else parts.push({ kind: 'in', text: other[j++]! })
  }
  return parts
}

/** Neighbours of a kind are one part. */
function joined(parts: readonly DiffPart[]): readonly DiffPart[] {
  const found: DiffPart[] = []
  for (const part of parts) {
    const last = found.at(-1)
    if (last?.kind === part.kind) found[found.length - 1] = { ...last, text: last.text + part.text }
    else if (part.text !== '') found.push(part)
  }
  return found
}

/** "5 words out, 7 in" */
export function diffText(parts: readonly DiffPart[]): string {
  const count = (kind: DiffPart['kind']): number =>
    parts
      .filter((part) => part.kind === kind)
      .reduce((sum, { text }) => sum + (text.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0), 0)
  const [out, into] = [count('out'), count('in')]
  return out + into === 0 ? 'as written' : `${out} words out, ${into} in`
}
