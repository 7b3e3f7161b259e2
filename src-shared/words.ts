/** How lists read in a sentence. */

/** "a", "a or b", "a, b or c". */
export const listed = (all: readonly string[], joint: 'or' | 'and' = 'or'): string =>
  all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} ${joint} ${all.at(-1)}`
