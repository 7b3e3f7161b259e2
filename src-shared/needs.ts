/** What a run takes of the machine. */
import type { FieldProblem } from './result'

/** What a run will hold in memory at its peak, by what it is for: bytes. */
export interface MemoryNeed {
  readonly parameters: number
  readonly gradients: number
  readonly optimizer: number
  /** What the way forward leaves for the way back. */
  readonly activations: number
  /** Keys and values of what is written. */
  readonly cache: number
  /** Everything else: other programs, copies on their way, the process itself. */
  readonly workspace: number
}

/** What a run needs, and what there is: bytes. */
export interface RunNeeds {
  readonly need: MemoryNeed
  /** All of it together. */
  readonly bytes: number
  /** What the machine has, or a container is allowed. */
  readonly machineBytes: number
  readonly freeBytes: number
  /** Why it cannot start, with the settings that would make it fit; empty when it fits. */
  readonly problems: readonly FieldProblem[]
}
