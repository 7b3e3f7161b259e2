/** What is inside the program, with licences: read from the lock file when the page is built. */

/** Something that is not ours and comes with the program. */
export interface InsideRow {
  readonly name: string
  /** Empty where the name says it all. */
  readonly version: string
  readonly licence: string
}

declare const __INSIDE__: readonly InsideRow[]

export const inside: readonly InsideRow[] = __INSIDE__
