/** What a run that waits asks a person, and the answers. Plain data, safe to clone across any process border. */
import type { Prompt } from './turn'

/** One completion, to be rated; or two of a prompt, of which one is better. */
export interface Asked {
  readonly how: 'rate' | 'compare'
  readonly prompt: Prompt
  readonly completions: readonly string[]
}

export interface LiveQuestion extends Asked {
  readonly id: string
  /** 1 … 5 of one completion; of two 1 where the first is better, −1 where the second is, 0 for a tie. */
  readonly answer?: number
}

/** How far the questions of one rollout are answered. */
export interface LiveProgress {
  readonly given: number
  readonly of: number
  readonly sinceMs: number
}

/** What stands before a person: the questions of the rollout that waits, in order. */
export interface LiveAsking {
  readonly runId: string
  readonly guidance: string
  readonly questions: readonly LiveQuestion[]
}
