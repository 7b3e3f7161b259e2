/**
 * A recipe as command-line options: one for each input, one for each setting, and back to what a launch asks
 * for.
 */
import { Option, type Command } from 'commander'
import { kebabCase, type Field } from '../../src-shared/fields'
import type { Preset, Recipe, RecipeInput } from '../../src-shared/recipes/recipe'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Dataset } from '../../src-shared/records/dataset'
import type { RunInputs } from '../../src-shared/records/run'
import { StudioFailure } from '../../src-shared/result'
import { byNameOrId } from './look-up'
import { withFiles } from './reward-files'

export type OptionValues = Readonly<Record<string, unknown>>

/** Adds the options of a recipe, in the order of its form. */
export function addRecipeOptions(command: Command, recipe: Recipe): Command {
  for (const [name, input] of Object.entries(recipe.inputs)) command.addOption(inputOption(name, input))
  if (recipe.presets.length > 0) {
    const presets = recipe.presets.map((preset) => `“${preset.name}”: ${preset.doc}`).join(' ')
    command.addOption(new Option('--preset <name>', `Settings to begin with. ${presets}`).helpGroup('Run:'))
  }
  command.addOption(new Option('--name <name>', 'Name of the run.').helpGroup('Run:'))
  command.addOption(
    new Option('--device <id>', 'Where it runs; `studio devices` lists them.').helpGroup('Run:'),
  )
  command.addOption(new Option('--threads <number>', 'Threads of the device; else all.').helpGroup('Run:'))
  for (const [name, field] of Object.entries(recipe.fields)) command.addOption(fieldOption(name, field))
  return command
}

function inputOption(name: string, input: RecipeInput): Option {
  const wanted =
    input.type === 'dataset' ? `dataset (${input.kinds.join(', ')})` : `checkpoint (${input.kind})`
  const flags = `--${kebabCase(name)} <${input.isMany ? 'names...' : 'name'}>`
  return new Option(
    flags,
    `${input.doc} ${input.isMany ? 'Names or ids' : 'Name or id'} of a ` +
      `${wanted}${input.isRequired ? '; required' : ''}.`,
  ).helpGroup('Made from:')
}

function fieldOption(name: string, field: Field): Option {
  if (field.type === 'choice')
    return new Option(`--${kebabCase(name)} <choice>`, `${field.doc} [${field.default}]`)
      .choices(field.choices)
      .helpGroup(`${field.group}:`)
  if (field.type === 'text')
    return new Option(
      `--${kebabCase(name)} <text>`,
      `${field.doc}${field.default ? ` [${field.default}]` : ''}`,
    ).helpGroup(`${field.group}:`)
  const unit = field.unit ? ` ${field.unit}` : ''
  const option = new Option(
    `--${kebabCase(name)} <number>`,
    `${field.doc} [${field.default}${unit}; ${field.min} to ${field.max}]`,
  ).helpGroup(`${field.group}:`)
  option.negate = false // commander takes `--no-end-penalty` for the opposite of an `--end-penalty`
  return option
}

/** The preset that was asked for. @throws StudioFailure when there is no such preset */
export function presetFrom(recipe: Recipe, options: OptionValues): Preset | undefined {
  const asked = options['preset']
  const preset = recipe.presets.find((each) => each.name === asked)
  if (asked === undefined || preset) return preset
  throw new StudioFailure({
    kind: 'invalid-input',
    field: '--preset',
    problem: `must be one of ${recipe.presets.map((each) => `“${each.name}”`).join(', ')}`,
  })
}

/** The settings that were given, over the preset's. @throws StudioFailure when there is no such preset */
export function settingsFrom(recipe: Recipe, options: OptionValues): Record<string, number | string> {
  const preset = presetFrom(recipe, options)
  const given = Object.entries(recipe.fields).flatMap(([name, field]) =>
    options[name] === undefined ? [] : [[name, settingFrom(name, field, String(options[name]))] as const],
  )
  return { ...preset?.settings, ...Object.fromEntries(given) }
}

/** What is not a number stays text: the recipe's own check then says what is wrong with it. */
function settingFrom(name: string, field: Field, text: string): number | string {
  if (field.type === 'text' && field.lists === 'rewards') return withFiles(text, `--${kebabCase(name)}`)
  if (field.type === 'choice' || field.type === 'text' || text.trim() === '') return text
  const value = Number(text)
  return Number.isNaN(value) ? text : value
}

/** Ids of what the run is made from. @throws StudioFailure when a name is unknown or stands for several */
export function inputsFrom(
  recipe: Recipe,
  options: OptionValues,
  {
    datasets,
    checkpoints,
  }: { readonly datasets: readonly Dataset[]; readonly checkpoints: readonly Checkpoint[] },
): RunInputs {
  const entries = Object.entries(recipe.inputs).map(([name, input]) => {
    const asked = [options[name] ?? []].flat().map(String)
    const all: readonly { readonly id: string; readonly name: string }[] =
      input.type === 'dataset' ? datasets : checkpoints
    return [name, asked.map((each) => byNameOrId(all, each, `--${kebabCase(name)}`).id)] as const
  })
  return Object.fromEntries(entries.filter(([, ids]) => ids.length > 0))
}

/** Problems as the command line spells them: `--learning-rate must be …`. */
export function inFlags(failure: StudioFailure, recipe: Recipe): StudioFailure {
  if (failure.error.kind !== 'refused-settings') return failure
  const isFlag = (field: string): boolean =>
    Object.hasOwn(recipe.fields, field) ||
    Object.hasOwn(recipe.inputs, field) ||
    field === 'device' ||
    field === 'threads'
  return new StudioFailure({
    ...failure.error,
    problems: failure.error.problems.map(({ field, problem }) => ({
      field: isFlag(field) ? `--${kebabCase(field)}` : field,
      problem,
    })),
  })
}
