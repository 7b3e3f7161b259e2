/**
 * What a person types into the search field, as words. A word finds every word that begins with it, in any part of an example,
 * whatever its case and accents; all words must be found. Nothing typed can be a syntax error: a word holds letters and digits only.
 */

/** Letters, marks and digits, as SQLite's unicode61 tokenizer cuts them; co means private use, which it keeps too. */
const WORD = /[\p{L}\p{N}\p{Co}\p{M}]+/gu

export const searchWords = (search: string): readonly string[] => search.match(WORD) ?? []

/** `good qual` → `"good"* "qual"*`, in FTS5's language. */
export const ftsQuery = (words: readonly string[]): string => words.map((word) => `"${word}"*`).join(' ')

/** The same answer for a text that is not in the index. */
export function matchesWords(texts: readonly string[], words: readonly string[]): boolean {
  const there = texts.flatMap((text) => folded(text).match(WORD) ?? [])
  return words.map(folded).every((word) => there.some((each) => each.startsWith(word)))
}

const folded = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
