/** A run by its sizes alone: what the memory it takes depends on. Plain data. */
import type { SettingsValues } from '../../src-shared/fields'
import type { RecipeName } from '../../src-shared/recipes/recipes'
import type { Model, ModelConfig, RewardHead } from '../model/model'
import type { TextSizes } from '../trainers/trainer-row'

/** A model by its sizes alone. */
export interface SizedModel {
  readonly kind: Model['kind']
  readonly config: ModelConfig
  readonly head?: RewardHead
}

export interface SizedRun {
  readonly recipe: RecipeName
  readonly settings: SettingsValues
  readonly models: Readonly<Record<string, SizedModel>>
  /** By input; one that the run does without is not there. */
  readonly texts: Readonly<Record<string, TextSizes>>
  /** Different ones in all texts: a model that is made anew may have a token for each. */
  readonly characters: number
  /** Threads that compute parts of a batch side by side; 1 on a device that has none. */
  readonly threads: number
}
