/** Whoever asks over one wire: one window, until its wire closes. */
export interface Asker {
  /** Drawn anew for each wire; what a window did keeps it. */
  readonly id: string
  /** Who it is, where the door knows: a member of the team. */
  readonly person?: string
}
