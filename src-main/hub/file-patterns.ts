/** Patterns of file names as a dataset's card has them: * within a folder, ** through folders, ?, [a-z], {a,b}. */

const longest = 500

const signs: readonly (readonly [RegExp, (sign: string) => string])[] = [
  [/^\*\*\//, () => '(?:.*/)?'],
  [/^\*+/, (sign) => (sign.length > 1 ? '.*' : '[^/]*')],
  [/^\?/, () => '[^/]'],
  [/^\[!?[^\]/\\]+\]/, (sign) => sign.replace(/^\[!/, '[^')],
  [/^\{[^{}]*\}/, (sign) => `(?:${sign.slice(1, -1).split(',').map(escaped).join('|')})`],
  [/^[\s\S]/, escaped],
]

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}

/** @returns whether a path is one of those that the pattern means; none is, of a pattern that is none */
export function matcher(pattern: string): (path: string) => boolean {
  let rest = pattern.replace(/^\.?\//, '').slice(0, longest)
  let source = ''
  while (rest !== '') {
    for (const [begins, meaning] of signs) {
      const [sign] = begins.exec(rest) ?? []
      if (sign === undefined) continue
      source += meaning(sign)
      rest = rest.slice(sign.length)
      break
    }
  }
  try {
    const whole = new RegExp(`^${source}$`, 'u')
    return (path) => whole.test(path)
  } catch {
    return () => false
  }
}
