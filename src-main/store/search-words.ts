/**
 * What a person types into the search field. Each word finds the words that begin with it, in any part of an
 * example, whatever their case and accents; "don't" finds don't and not "don … t"; all words must be found.
 * What has no letters, or is written without spaces between words, is looked for as it stands. Nothing typed
 * can be a syntax error.
 */

export interface SearchWords {
  /** For the full-text index: letters and digits, pieces of one word divided by a space. */
  readonly phrases: readonly string[]
  /** To be found anywhere, unit for unit. */
  readonly substrings: readonly string[]
}

/** Letters, digits and marks: where SQLite's unicode61 tokenizer cuts words too. */
const PIECE = /[\p{L}\p{N}\p{Co}\p{M}]+/gu
const WITHOUT_SPACES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
const LETTER = /[\p{L}\p{N}\p{Co}]/u

export function searchWords(search: string): SearchWords {
  const words = search.split(/\s+/).filter((word) => word !== '')
  const isPhrase = (word: string): boolean => LETTER.test(word) && !WITHOUT_SPACES.test(word)
  return {
    phrases: words.filter(isPhrase).map(piecesOf),
    substrings: words.filter((word) => !isPhrase(word)),
  }
}

/** In FTS5's language: `"don t"* "qual"*`. */
export const ftsQuery = (phrases: readonly string[]): string =>
  phrases.map((phrase) => `"${phrase}"*`).join(' ')

/** The same answer for texts that are in no index. */
export function matchesWords(texts: readonly string[], { phrases, substrings }: SearchWords): boolean {
  const there = texts.map((text) => ` ${piecesOf(folded(text))}`)
  return (
    phrases.every((phrase) => there.some((text) => text.includes(` ${folded(phrase)}`))) &&
    substrings.every((each) => texts.some((text) => text.includes(each)))
  )
}

const piecesOf = (text: string): string =>
  (text.match(PIECE) ?? []).filter((piece) => LETTER.test(piece)).join(' ')

const folded = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
