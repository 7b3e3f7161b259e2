/** A character as a sentence names it: "é" (U+00E9). */
export const named = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  return `${JSON.stringify(character)} (U+${code.toString(16).toUpperCase().padStart(4, '0')})`
}
