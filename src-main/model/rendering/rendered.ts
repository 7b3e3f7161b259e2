/** Prompt and completion as ids, and whose they are. */

/** Places `from` up to `to`, the last not counted. */
export interface Span {
  readonly from: number
  readonly to: number
}

export interface Rendered {
  readonly ids: Int32Array
  /** Where the completion begins: what stands before it is the prompt's, at least one id. */
  readonly promptTokens: number
  /** What an assistant wrote, end tokens included, in order: turns of the prompt, then those of the completion. */
  readonly spoken: readonly Span[]
}
