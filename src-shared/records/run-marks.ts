/** What people say of a run so that it is found again, or is out of the way. It changes nothing that was measured. */
import { z } from 'zod'

/** Where a run lies: in sight, out of the way, or to be deleted. */
export const runShelves = ['desk', 'archive', 'bin'] as const
export type RunShelf = (typeof runShelves)[number]

/** Only what was said is present. */
export interface RunMarks {
  readonly tags?: readonly string[]
  readonly note?: string
  /** Stands first, and others of its recipe are measured against it. */
  readonly isPinned?: true
  /** Absent: on the desk. */
  readonly shelf?: Exclude<RunShelf, 'desk'>
}

export const longestTag = 40
export const longestNote = 2000
/** So many runs are marked at once. */
export const mostMarked = 1000

/** One run with what is to be said of it; what is absent stays as it is. */
export const runMark = z.strictObject({
  runId: z.string().min(1).max(100),
  tags: z
    .array(z.string().trim().min(1).max(longestTag, `is longer than ${longestTag} characters`))
    .max(20)
    .optional(),
  note: z.string().trim().max(longestNote, 'is longer than 2,000 characters').optional(),
  isPinned: z.boolean().optional(),
  shelf: z.enum(runShelves).optional(),
})
export interface RunMark {
  readonly runId: string
  readonly tags?: readonly string[] | undefined
  readonly note?: string | undefined
  readonly isPinned?: boolean | undefined
  readonly shelf?: RunShelf | undefined
}
