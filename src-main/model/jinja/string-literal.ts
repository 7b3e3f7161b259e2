/** Escapes in string literals, as Python reads them; one that it does not know stays as it is. */
const escapes: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

const pattern = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([^]))/gu

export const escapesResolved = (text: string): string =>
  text.replace(pattern, (whole: string, ...groups: readonly (string | undefined)[]) => {
    const [x, u, long, octal, sign] = groups
    if (sign !== undefined) return escapes[sign] ?? whole
    const code = octal === undefined ? Number.parseInt(x ?? u ?? long ?? '', 16) : Number.parseInt(octal, 8)
    if (code > 0x10ffff) throw new SyntaxError(`${whole} is no character`)
    return String.fromCodePoint(code)
  })
