/** What says how good a completion is. */

export interface ScoredText {
  readonly prompt: string
  readonly completion: string
  readonly hasEnded: boolean
}

/** One score a text, higher is better. The text is what a person would read: no end token, no padding. */
export type Reward = (texts: readonly ScoredText[]) => Promise<readonly number[]>
