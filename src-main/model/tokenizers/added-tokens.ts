/**
 * Finds added tokens in a text, leftmost first and the longest of those, as Hugging Face's `AddedVocabulary`
 * does.
 */
import type { AddedToken } from './hugging-face-json'

/** A part of a text: text still to be cut into pieces, or a token. */
export type Section = string | AddedToken

export type SplitText = (text: string) => readonly Section[]

/** @param contentOf what is looked for: a token's content, or what normalising makes of it */
export function addedTokenSplitter(
  tokens: readonly AddedToken[],
  contentOf: (token: AddedToken) => string = ({ content }) => content,
): SplitText {
  const byContent = new Map(
    tokens.map((token) => [contentOf(token), token]).filter(([content]) => content !== '') as [
      string,
      AddedToken,
    ][],
  )
  if (byContent.size === 0) return (text) => (text === '' ? [] : [text])
  const longestFirst = [...byContent.keys()].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(longestFirst.map(escaped).join('|'), 'gu')
  return (text) => {
    const sections: Section[] = []
    let done = 0
    for (const match of text.matchAll(pattern)) {
      const token = byContent.get(match[0])!
      const found = reach(text, token, match.index, done)
      if (!found) continue
      if (found.start > done) sections.push(text.slice(done, found.start))
      sections.push(token)
      done = found.end
    }
    if (done < text.length) sections.push(text.slice(done))
    return sections
  }
}

/** Where a token stands, with the white space it takes; undefined where it does not count. */
function reach(
  text: string,
  { content, singleWord, lstrip, rstrip }: AddedToken,
  at: number,
  done: number,
): { readonly start: number; readonly end: number } | undefined {
  const start = at
  const end = at + content.length
  if (start < done) return undefined
  if (
    singleWord &&
    (/[\p{L}\p{N}_]$/u.test(text.slice(Math.max(0, start - 2), start)) ||
      /^[\p{L}\p{N}_]/u.test(text.slice(end, end + 2)))
  )
    return undefined
  return {
    start: lstrip ? done + text.slice(done, start).replace(/\p{White_Space}+$/u, '').length : start,
    end: rstrip ? text.length - text.slice(end).replace(/^\p{White_Space}+/u, '').length : end,
  }
}

/** As a regular expression that means just this. */
export const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
