/** Whoever labels from elsewhere through a team's server: who one is, and what the audit keeps of what was done. */

export const roles = ['annotator', 'lead'] as const
/** An annotator judges the queues that were given; a lead all of them, sees how people agree, and takes files away. */
export type Role = (typeof roles)[number]

/** Who a page speaks for: the person at the team's server, or whoever sits at the studio itself. */
export interface TeamSelf {
  readonly name: string
  readonly role: Role | 'owner'
}

export interface Member {
  /** Drawn anew when somebody of the same name is added again. */
  readonly id: string
  readonly name: string
  readonly role: Role
  /** Queues that an annotator may judge; a lead may judge all. */
  readonly queues: readonly string[]
  readonly addedAtMs: number
}

/** One act, without a word of what was read or written. */
export interface AuditRow {
  readonly atMs: number
  /** Empty where it was not known who asks. */
  readonly who: string
  readonly role: Role | 'owner' | ''
  /** A call or stream by its name, or an act at the door: entered, refused, left. */
  readonly did: string
  /** Of which queue or comparison, by its id; of the owner's acts, of whom. */
  readonly about?: string
  /** From which address. */
  readonly from?: string
  readonly outcome: 'done' | 'refused' | 'failed'
}
