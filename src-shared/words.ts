/** How lists read in a sentence. */

/** "a", "a or b", "a, b or c". */
export const listed = (all: readonly string[]): string =>
  all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`
