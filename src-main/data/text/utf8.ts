/** UTF-8 in pieces: where a piece may be cut, and where it is wrong. */

/** How many leading bytes end with a whole character; the rest waits for the next piece. */
export function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const wanted = lengthFrom(bytes[bytes.length - back] ?? 0)
    if (wanted === 0) continue // inside a character: look further back for its first byte
    return wanted > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

/**
 * Offset of the first byte that no UTF-8 text can have there; −1 when there is none. A character cut off by
 * the end counts.
 */
export function firstInvalidByte(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length;) {
    const length = lengthAt(bytes, at)
    if (length === 0) return at
    at += length
  }
  return -1
}

/** Bytes of the well-formed character at `at` (Unicode 15, table 3-7); 0 when there is none. */
function lengthAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  const length = lengthFrom(first)
  if (length <= 1) return length
  const second = bytes[at + 1] ?? 0
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (second < least || second > most) return 0
  for (let k = 2; k < length; k++) if (((bytes[at + k] ?? 0) & 0xc0) !== 0x80) return 0
  return length
}

/** Bytes of a character that begins with this one; 0 when none does. */
function lengthFrom(first: number): number {
  if (first < 0x80) return 1
  if (first < 0xc2 || first > 0xf4) return 0
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
}
