/** String and bytes literals as Python's `repr` writes them: vocabulary files hold them. */

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** The bytes of a literal, text as UTF-8; undefined when it is none. */
export function bytesOfLiteral(literal: string): Uint8Array | undefined {
  const parts = /^(b?)(['"])(.*)\2$/su.exec(literal)
  if (!parts) return undefined
  const [, prefix, , body] = parts
  const text = unescaped(body!)
  if (text === undefined) return undefined
  if (prefix === '') return new TextEncoder().encode(text)
  const bytes = Uint8Array.from(text, (character) => character.codePointAt(0)!)
  return [...text].every((character) => character.codePointAt(0)! < 0x100) ? bytes : undefined
}

function unescaped(body: string): string | undefined {
  let isSound = true
  const text = body.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gsu,
    (_, x?: string, u?: string, long?: string, sign = '') => {
      const code = Number.parseInt(x ?? u ?? long ?? '', 16)
      if (code <= 0x10ffff) return String.fromCodePoint(code)
      isSound &&= sign in escapes
      return escapes[sign as string] ?? ''
    },
  )
  return isSound ? text : undefined
}
