/** Lists as people say them. */

/** "one, two or three" */
export const alternatives = (all: readonly string[]): string =>
  all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`
