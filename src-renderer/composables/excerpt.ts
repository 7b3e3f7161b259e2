/** A line of a long text that begins near what was searched, in parts that are hits or not. */

export interface TextPart {
  readonly text: string
  readonly isHit: boolean
}

const before = 18
const longest = 400

/** The words of a search, as they are looked for: each may be the beginning of a word. */
export const wordsOf = (search: string): readonly string[] => search.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean)

/** One line: white space becomes a space, and the text begins shortly before its first hit. */
export function excerptOf(text: string, search: string): readonly TextPart[] {
  const line = text.slice(0, 20_000).replace(/\s+/g, ' ')
  const first = partsOf(line, search).findIndex((part) => part.isHit)
  const hit = first < 0 ? 0 : partsOf(line, search).slice(0, first).reduce((sum, part) => sum + part.text.length, 0)
  const start = hit > before * 2 ? line.lastIndexOf(' ', hit - before) + 1 : 0
  return partsOf(`${start > 0 ? '… ' : ''}${line.slice(start, start + longest)}`, search)
}

/** The whole text in parts: those that begin with a searched word at a word's beginning are hits. */
export function partsOf(text: string, search: string): readonly TextPart[] {
  const words = wordsOf(search)
  if (words.length === 0) return [{ text, isHit: false }]
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.toSorted((a, b) => b.length - a.length).join('|')})[\\p{L}\\p{N}]*`, 'giu')
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
