/**
 * Cuts a text into the words that byte-pair encoding merges within. GPT-2's pattern (`encoder.py`, OpenAI
 * 2019),
 *
 *   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 *
 * read by hand: a regular expression recurses once a character and gives up on a word of millions of letters.
 * White space is Unicode's, as in OpenAI's own: JavaScript's `\s` counts U+FEFF and leaves out U+0085.
 */
const letter = 1
const digit = 2
const space = 3
const other = 4

/** The kind of each code point, looked up when it is first met. */
const kinds = new Uint8Array(0x110000)

function kindOf(codePoint: number): number {
  return (kinds[codePoint] ||= lookUp(String.fromCodePoint(codePoint)))
}

function lookUp(character: string): number {
  if (/\p{L}/u.test(character)) return letter
  if (/\p{N}/u.test(character)) return digit
  return /\p{White_Space}/u.test(character) ? space : other
}

/** Where the word that begins at `start` ends. */
export function wordEnd(text: string, start: number): number {
  const short = contractionAt(text, start)
  if (short > 0) return start + short
  let kind = kindOf(text.codePointAt(start)!)
  let at = start
  if (text.charCodeAt(start) === 0x20 && start + 1 < text.length) {
    const next = kindOf(text.codePointAt(start + 1)!)
    if (next !== space) [kind, at] = [next, start + 1]
  }
  const end = runEnd(text, at, kind)
  // \s+(?!\S): the last space of several belongs to the word after them.
  return kind === space && end < text.length && end - start > 1 ? end - 1 : end
}

/** Where the code points of one kind that begin at `start` end. */
function runEnd(text: string, start: number, kind: number): number {
  let at = start
  while (at < text.length) {
    const code = text.charCodeAt(at)
    const codePoint = code < 0xd800 || code > 0xdbff ? code : text.codePointAt(at)!
    if (kindOf(codePoint) !== kind) return at
    at += codePoint > 0xffff ? 2 : 1
  }
  return at
}

/** Letters of the contraction here, its apostrophe counted; 0 when there is none. */
function contractionAt(text: string, at: number): number {
  if (text.charCodeAt(at) !== 0x27) return 0
  if ('sdmt'.includes(text.charAt(at + 1) || ' ')) return 2
  return ['ll', 've', 're'].includes(text.slice(at + 1, at + 3)) ? 3 : 0
}
