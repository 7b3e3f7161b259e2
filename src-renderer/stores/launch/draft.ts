/** What stands in the launch form, as typed; and what follows from it. */
import {
  isShown,
  kebabCase,
  parseSettings,
  type Field,
  type SettingsValues,
} from '../../../src-shared/fields'
import type { Run, RunInputs } from '../../../src-shared/records/run'
import { type RecipeName, recipeOf } from '../../../src-shared/recipes/recipes'
import type { FieldProblem } from '../../../src-shared/result'
import { isInputUsed, type Preset } from '../../../src-shared/recipes/recipe'
import { isChanged, textOf, valueOf } from '../../words/setting-text'
import { quotedFor, usualShell, type Shell } from '../../words/shells'

export interface Draft {
  readonly recipe: RecipeName
  readonly name: string
  /** The text of each field, also when it is no number yet. */
  readonly texts: Readonly<Record<string, string>>
  readonly inputs: RunInputs
}

export function emptyDraft(recipe: RecipeName): Draft {
  return { recipe, name: '', texts: textsOf(recipe, {}), inputs: {} }
}

/** The settings and inputs of a run, to be changed and run again. */
export const draftOf = (run: Run): Draft => ({
  recipe: run.recipe,
  name: '',
  texts: textsOf(run.recipe, run.settings),
  inputs: run.inputs,
})

/** Every field's text: the value given, else its default. */
export function textsOf(recipe: RecipeName, given: SettingsValues): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(recipeOf(recipe).fields).map(([name, field]) => [
      name,
      textOf(given[name] ?? field.default),
    ]),
  )
}

export function settingsOf(draft: Draft): {
  readonly settings: SettingsValues
  readonly problems: readonly FieldProblem[]
} {
  const { fields } = recipeOf(draft.recipe)
  const values = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, valueOf(field, textIn(draft, name, field))]),
  )
  return { settings: values, problems: parseSettings(fields, values).problems }
}

/** An input that the settings do not use is not shown, unless something was chosen for it. */
export function isInputShown(draft: Draft, name: string): boolean {
  const input = recipeOf(draft.recipe).inputs[name]
  const isChosen = (draft.inputs[name] ?? []).length > 0
  return isChosen || (input !== undefined && isInputUsed(input, settingsOf(draft).settings))
}

/** What stands in a field; of one that is not shown, its default, whatever was typed before. */
const textIn = ({ texts }: Draft, name: string, field: Field): string =>
  isShown(field, texts) ? (texts[name] ?? '') : textOf(field.default)

/** The preset whose settings stand in the form now. */
export function presetOf(draft: Draft): Preset | undefined {
  return recipeOf(draft.recipe).presets.find((preset) =>
    Object.entries(recipeOf(draft.recipe).fields).every(
      ([name, field]) => valueOf(field, draft.texts[name] ?? '') === (preset.settings[name] ?? field.default),
    ),
  )
}

/**
 * The command that starts the same training, one part a flag: `npx studio train ppo`, `--policy sft-01`,
 * `--kl-beta 0.1`.
 * @param nameOf how an input is called on the command line: a name that is the only one of its kind, or an id
 */
export function commandOf(
  draft: Draft,
  nameOf: (id: string) => string,
  shell: Shell = usualShell,
): readonly string[] {
  const quoted = (text: string): string => quotedFor(shell, text)
  const { inputs, fields } = recipeOf(draft.recipe)
  const chosen = Object.keys(inputs).flatMap((input) =>
    (draft.inputs[input] ?? []).map((id) => `--${kebabCase(input)} ${quoted(nameOf(id))}`),
  )
  const changed = Object.entries(fields).flatMap(([name, field]) => {
    const text = textIn(draft, name, field)
    return isChanged(field, text) && text.trim() !== '' ? [`--${kebabCase(name)} ${quoted(text.trim())}`] : []
  })
  const named = draft.name.trim() === '' ? [] : [`--name ${quoted(draft.name.trim())}`]
  return [`npx studio train ${draft.recipe}`, ...chosen, ...changed, ...named]
}
