/** What a recipe is: the algorithm's name, what it is made from, and its settings as data. */
import type { DatasetKind, ModelKind, RecipeName } from '../records'
import type { Fields, SettingsValues } from '../fields'

export type RecipeInput =
  | { readonly type: 'dataset'; readonly label: string; readonly doc: string; readonly kinds: readonly DatasetKind[]; readonly isMany: boolean; readonly isRequired: boolean }
  | { readonly type: 'checkpoint'; readonly label: string; readonly doc: string; readonly kind: ModelKind; readonly isMany: false; readonly isRequired: boolean }

export interface Preset {
  readonly name: string
  readonly doc: string
  /** Only what differs from the defaults. */
  readonly settings: SettingsValues
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
