/** What a recipe is: the algorithm's name, what it is made from, and its settings as data. */
import type { ModelKind } from '../records/checkpoint'
import type { DatasetKind } from '../records/dataset'
import type { RecipeName } from '../records/run'
import type { Fields, SettingsValues } from '../fields'

export type RecipeInput =
  | {
      readonly type: 'dataset'
      readonly label: string
      readonly doc: string
      readonly kinds: readonly DatasetKind[]
      readonly isMany: boolean
      readonly isRequired: boolean
    }
  | {
      readonly type: 'checkpoint'
      readonly label: string
      readonly doc: string
      readonly kind: ModelKind
      readonly isMany: false
      readonly isRequired: boolean
    }

export interface Preset {
  readonly name: string
  /** What it does, what comes of it and how long that takes. */
  readonly doc: string
  /** Only what differs from the defaults. */
  readonly settings: SettingsValues
  /** Datasets that come with the program, for inputs, by their files: chosen with it. */
  readonly datasets?: Readonly<Record<string, string>>
  /** `studio train COMMAND` starts it: for what needs nothing more to be said. */
  readonly command?: string
}

export interface Recipe {
  readonly name: RecipeName
  readonly title: string
  /** One line under the title in the list of recipes. */
  readonly summary: string
  /** Paper or program it follows. */
  readonly source: string
  readonly group: 'From text' | 'With a reward'
  readonly inputs: Readonly<Record<string, RecipeInput>>
  readonly fields: Fields
  /** The metric that says in one number how a run of it stands. */
  readonly headline: 'loss/train' | 'loss/held-out' | 'accuracy/held-out' | 'reward/mean'
  readonly presets: readonly Preset[]
}
