/** What the studio keeps of keys of servers elsewhere, by name. No key crosses to the page. */
export interface KeptKeys {
  /** In the order of their names. */
  readonly names: readonly string[]
  /** Why none can be kept here, in words; absent: they can. */
  readonly whyNot?: string
}
