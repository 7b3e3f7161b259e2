/** What an evaluation has found, as it is printed, written as a page, or said as JSON. */
import type { SamplingSettings } from '../../src-shared/sampling'
import type { Measure, Written } from '../evaluation/suites/suite'
import type { SuiteName } from '../evaluation/suites/suites'

export interface Evaluated {
  readonly checkpoint: { readonly id: string; readonly name: string }
  readonly suites: readonly {
    readonly name: SuiteName
    readonly title: string
    readonly measures: readonly Measure[]
  }[]
  readonly texts: readonly Pick<Written, 'prompt' | 'completion' | 'tokens' | 'hasEnded'>[]
}

export interface EvalReport {
  readonly prompts: { readonly id: string; readonly name: string; readonly used: number }
  readonly sampling: SamplingSettings
  readonly version: string
  readonly atMs: number
  readonly evaluated: readonly Evaluated[]
}
