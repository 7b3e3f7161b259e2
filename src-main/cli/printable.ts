/**
 * Text of datasets and models as a terminal may show it: what would move the cursor, change colours or the title,
 * or turn the direction of writing is spelled out.
 */

/** Line ends and tabs stay. */
const commands = /(?![\n\t])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

export const printable = (text: string): string =>
  text.replace(commands, (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
