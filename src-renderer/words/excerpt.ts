/** A line of a long text that begins near what was searched, in parts that are hits or not. */

export interface TextPart {
  readonly text: string
  readonly isHit: boolean
}

/** Characters that stay before the first hit, about two words. */
const before = 8
const longest = 400

/** The words of a search, as they are looked for: each may be the beginning of a word. */
export const wordsOf = (search: string): readonly string[] =>
  search
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)

/**
 * One line: white space becomes a space, and the text begins shortly before its first hit.
 *
 * @param beginning what all texts of the column begin with; left out unless it was searched for
 */
export function excerptOf(text: string, search: string, beginning = ''): readonly TextPart[] {
  const line = text.slice(0, 20_000).replace(/\s+/g, ' ')
  const hit = firstHit(line, search)
  const known =
    beginning !== '' && line.startsWith(beginning) && hit >= beginning.length ? beginning.length : 0
  const near = hit < line.length && hit > before * 2 ? line.lastIndexOf(' ', hit - before) + 1 : 0
  const start = Math.max(known, near)
  return partsOf(`${start > 0 ? '… ' : ''}${line.slice(start, start + longest)}`, search)
}

/** Where the first hit begins; the text's length when there is none. */
function firstHit(text: string, search: string): number {
  let length = 0
  for (const part of partsOf(text, search)) {
    if (part.isHit) return length
    length += part.text.length
  }
  return length
}

/** The whole text in parts: those that begin with a searched word at a word's beginning are hits. */
export function partsOf(text: string, search: string): readonly TextPart[] {
  const words = wordsOf(search)
  if (words.length === 0) return [{ text, isHit: false }]
  const pattern = new RegExp(
    `(?<![\\p{L}\\p{N}])(?:${words.toSorted((a, b) => b.length - a.length).join('|')})[\\p{L}\\p{N}]*`,
    'giu',
  )
  const parts: TextPart[] = []
  let end = 0
  for (const found of text.matchAll(pattern)) {
    if (found.index > end) parts.push({ text: text.slice(end, found.index), isHit: false })
    parts.push({ text: found[0], isHit: true })
    end = found.index + found[0].length
  }
  if (end < text.length || parts.length === 0) parts.push({ text: text.slice(end), isHit: false })
  return parts
}
