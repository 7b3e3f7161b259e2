/** A sentence shown for a while, with a way back where there is one. */
export interface Toast {
  readonly id: number
  readonly text: string
  readonly isFailure: boolean
  readonly undo?: () => void
}
