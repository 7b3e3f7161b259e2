/** One way to store numbers in a weight file: blocks of so many, in so many bytes, and how they become float32. */

export interface ElementType {
  /** Numbers that are stored together. */
  readonly blockNumbers: number
  /** Bytes they take. */
  readonly blockBytes: number
  /** Fills `into`, whole blocks, from the beginning of `bytes`. */
  readonly decode: (bytes: Uint8Array, into: Float32Array) => void
}
