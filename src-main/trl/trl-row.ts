/** What TRL has of a recipe: the row of the table in `trl-rows.ts`. */
import type { SettingsValues } from '../../src-shared/fields'
import type { MetricName } from '../../src-shared/metrics'
import type { Json } from '../../src-shared/records/turn'
import type { Parts } from '../data/writing/form'
import type { kto, trl } from '../data/writing/trl'
import type { LanguageModel } from '../model/model'
import type { Given } from '../trainers/trainer-row'

export interface TrlData {
  /** What is trained on, each once. */
  readonly trained: readonly Parts[]
  readonly heldOut: readonly Parts[]
  /** By index, in the order of all updates; none where the trainer draws its prompts itself. */
  readonly order: readonly number[]
  /** Columns beside those of TRL's form, one for each that is trained on. */
  readonly margins?: readonly number[]
}

export interface TrlRow {
  /** The name of its class without “Trainer”. @throws StudioFailure when it is none of these settings */
  readonly trainer: (settings: SettingsValues) => string
  /** Of its rows. */
  readonly form: typeof trl | typeof kto
  /** Settings of which TRL knows only these values. */
  readonly only: Readonly<Record<string, readonly (string | number)[]>>
  /** Of its config class. */
  readonly arguments: (settings: SettingsValues, data: TrlData) => Readonly<Record<string, Json>>
  /** Its names of what it logs, and ours. */
  readonly metrics: Readonly<Record<string, MetricName>>
  readonly data: (given: Given, settings: SettingsValues, policy: LanguageModel) => TrlData
  /** Texts of an update, in all its parts. */
  readonly batch: (settings: SettingsValues, data: TrlData) => number
  readonly updates: (settings: SettingsValues, data: TrlData) => number
}
