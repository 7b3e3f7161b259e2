/**
 * What a recipe is: the algorithm's name, what it is made from, its settings as data, and every fact that a
 * list, a form, the command line or a check needs of it. One file a recipe, one line in `recipes.ts`.
 */
import type { Fields, SettingsValues } from '../fields'
import type { MetricName } from '../metrics'
import type { ModelKind } from '../records/checkpoint'
import type { DatasetKind } from '../records/dataset'

/** What of an example is read. */
export type ExamplePart = 'prompt' | 'completion' | 'rejected'

interface Input {
  readonly label: string
  readonly doc: string
  /** Without it nothing starts. */
  readonly isRequired: boolean
  /**
   * Settings with which the run cannot do without it: `{ learnFrom: 'ratings' }`. With others it is not
   * used, whatever stands in the form.
   */
  readonly neededWhen?: Readonly<Record<string, string>> | ((settings: SettingsValues) => boolean)
  /** What to do where it is needed and missing; without it the sentence is made from the input’s type. */
  readonly whenMissing?: string
  /** Kinds of datasets or models that one puts here first, when one begins with them. */
  readonly usualFor?: readonly (DatasetKind | ModelKind)[]
}

export interface DatasetInput extends Input {
  readonly type: 'dataset'
  readonly kinds: readonly DatasetKind[]
  readonly isMany: boolean
  readonly reads: readonly ExamplePart[]
  /** The input whose model reads it. Undefined: a model that is made for these texts. */
  readonly readBy?: string
  /** Whether every prompt must leave room for a completion. */
  readonly promptsFit: boolean
  /** The setting that chooses rows by their label: `all`, or the label. */
  readonly labelFrom?: string
}

export interface CheckpointInput extends Input {
  readonly type: 'checkpoint'
  readonly kind: ModelKind
  readonly isMany: false
}

export type RecipeInput = DatasetInput | CheckpointInput

/** Whether a run with these settings is made from it. */
export const isInputUsed = ({ neededWhen }: RecipeInput, settings: SettingsValues): boolean =>
  typeof neededWhen === 'function'
    ? neededWhen(settings)
    : Object.entries(neededWhen ?? {}).every(([name, value]) => settings[name] === value)

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
  /** Its key in the table of recipes. */
  readonly name: string
  readonly title: string
  /** One line under the title in the list of recipes. */
  readonly summary: string
  /** Paper or program it follows. */
  readonly source: string
  /** Heading in the list of recipes; groups stand in the order in which the table first has them. */
  readonly group: string
  /** What comes before the number in the name of a run that nobody named: `sft` in sft-02. */
  readonly runPrefix: string
  readonly makes: ModelKind
  /** What its model is, where a run is shown as a step of many: “fine-tuned”. */
  readonly made: string
  readonly inputs: Readonly<Record<string, RecipeInput>>
  readonly fields: Fields
  /** The metric that says in one number how a run of it stands. */
  readonly headline: MetricName
  readonly presets: readonly Preset[]
}
