/** What a suite measures of completions, and what it is given for that. */
import type { Prompt } from '../../../src-shared/records/turn'
import type { Interval } from '../../maths/interval'
import type { References, ScoredText } from '../../rewards/reward'

export interface Written extends ScoredText {
  /** An end token not counted. */
  readonly tokens: number
}

export interface SuiteGiven {
  readonly texts: readonly Written[]
  /** What stands beside each prompt; absent where a dataset has prompts alone. */
  readonly references?: References
  /** What the checkpoint may have learned by heart. */
  readonly training?: readonly string[]
  /** log π of each token of a completion under the checkpoint, nats; undefined for one that is too long to be read. */
  readonly logProbsOf: (
    pairs: readonly { readonly prompt: Prompt; readonly completion: string }[],
  ) => Promise<readonly (readonly number[] | undefined)[]>
}

export interface Measure {
  readonly name: string
  readonly value: number
  /** 95 %; absent where there are too few for one. */
  readonly interval?: Interval
  /** How many texts, or tokens, it is of. */
  readonly count: number
  readonly unit?: 'share' | 'nats' | 'tokens' | 'characters'
  readonly better: 'higher' | 'lower' | 'neither'
  /** What it is, and by whom. */
  readonly doc: string
}

export interface Suite {
  readonly title: string
  /** Whether it can be measured of what is given. */
  readonly needs?: 'references' | 'training'
  measure(given: SuiteGiven): Promise<readonly Measure[]> | readonly Measure[]
}
