/** What the checks of a launch gather, and the materials that they hold against one another. */
import type { SettingsValues } from '../../src-shared/fields'
import type { Dataset } from '../../src-shared/records/dataset'
import type { KnownRecipe } from '../../src-shared/recipes/recipes'
import type { FieldProblem } from '../../src-shared/result'
import type { ModelHeader } from '../model/model-header'

/** Grows with each check, in the order in which a form shows them. */
export type Problems = FieldProblem[]

/** What a run would be made from. */
export interface Materials {
  readonly recipe: KnownRecipe
  readonly settings: SettingsValues
  /** By input. */
  readonly models: Readonly<Record<string, ModelHeader>>
  /** By input. */
  readonly datasets: Readonly<Record<string, readonly Dataset[]>>
}
