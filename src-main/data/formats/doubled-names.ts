/** Names that stand twice in one object of JSON: who reads it keeps the last, and what the first said is gone. */

const BACKSLASH = 0x5c

/**
 * @param text sound JSON
 * @returns the first such name, and where it stands again
 */
export function doubledName(text: string): { readonly name: string; readonly offset: number } | undefined {
  const open: (Set<string> | undefined)[] = []
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (sign === '{') open.push(new Set())
    else if (sign === '[') open.push(undefined)
    else if (sign === '}' || sign === ']') open.pop()
    else if (sign === '"') {
      const end = endOfString(text, at)
      const names = open.at(-1)
      if (names && isName(text, end + 1)) {
        const name = text.slice(at + 1, end)
        if (names.has(name)) return { name, offset: at }
        names.add(name)
      }
      at = end
    }
  }
  return undefined
}

/** Where the quote stands that closes it. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return at
  }
  return text.length
}

/** A string that a colon follows. */
function isName(text: string, from: number): boolean {
  let at = from
  while (text.charCodeAt(at) <= 0x20) at++
  return text[at] === ':'
}
