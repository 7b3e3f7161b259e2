/**
 * Different word pairs over all word pairs of a set of texts: distinct-2.
 *
 * Words are what white space parts; pairs are neighbours within one text, never across two.
 * Source: Li et al. 2016, "A Diversity-Promoting Objective Function", §5.2. It falls as the set grows:
 * compare sets of one size.
 *
 * @returns 0 … 1; 0 when no text has two words
 */
export function distinct2(texts: readonly string[]): number {
  const different = new Set<string>()
  let all = 0
  for (const text of texts) {
    const words = text.split(/\s+/).filter((word) => word !== '')
    for (let i = 1; i < words.length; i++, all++) different.add(`${words[i - 1]} ${words[i]}`)
  }
  return all === 0 ? 0 : different.size / all
}
