/** Whether the model of each input can read its texts: every character known, every prompt short enough. */
import type { SettingsValues } from '../../src-shared/fields'
import { mustFit, promptRoom, takesLongPrompts } from '../../src-shared/recipes/long-prompts'
import type { DatasetInput, Recipe } from '../../src-shared/recipes/recipe'
import type { DatasetSurvey, SurveyDataset } from '../datasets/survey'
import type { ModelHeader } from '../model/model-header'
import { promptIdsOf, renderedExample } from '../model/rendering'
import { named } from '../model/tokenizers/named'
import { RenderingError } from '../model/tokenizers/rendering-error'
import type { Materials, Problems } from './problems'

export async function checkTexts(
  survey: SurveyDataset,
  { recipe, settings, models, datasets }: Materials,
  problems: Problems,
): Promise<void> {
  for (const [field, input] of datasetInputs(recipe)) {
    const model = models[input.readBy ?? '']
    if (!model) continue
    const label = labelOf(input, settings)
    let rows = 0
    for (const dataset of datasets[field] ?? []) {
      const surveyed = await survey(dataset.id, label)
      rows += surveyed.rows
      const problem =
        unknownCharacter(surveyed, input, model) ??
        refusedTurns(surveyed, input, model) ??
        longPrompt(surveyed, input, model, settings)
      if (problem !== undefined) problems.push({ field, problem: `“${dataset.name}”, ${problem}` })
    }
    if (rows === 0 && label !== undefined && input.labelFrom !== undefined)
      problems.push({ field: input.labelFrom, problem: `No row of the ${field} has the label ${label}.` })
  }
}

export const datasetInputs = (recipe: Recipe): readonly (readonly [string, DatasetInput])[] =>
  Object.entries(recipe.inputs).flatMap(([name, input]) =>
    input.type === 'dataset' ? [[name, input] as const] : [],
  )

/** Only rows with this label are read, and those without any; undefined: all. */
export function labelOf({ labelFrom }: DatasetInput, settings: SettingsValues): number | undefined {
  const label = labelFrom === undefined ? 'all' : settings[labelFrom]
  return label === 'all' ? undefined : Number(label)
}

/** What of a dataset's texts a model has to read. */
export type Reading = Pick<DatasetInput, 'reads' | 'promptsFit'>

export function unknownCharacter(
  { characters }: DatasetSurvey,
  { reads }: Reading,
  { tokenizer }: ModelHeader,
): string | undefined {
  for (const part of reads) {
    for (const [character, row] of characters[part])
      if (!tokenizer.knows(character))
        return `row ${row}: ${named(character)} is not among the ${tokenizer.name} this model knows`
  }
  return undefined
}

/** Turns that the model's chat template refuses, in its own words. */
export function refusedTurns(
  { spokenRows }: DatasetSurvey,
  { reads }: Reading,
  { tokenizer }: Pick<ModelHeader, 'tokenizer'>,
): string | undefined {
  for (const { row, prompt = '', ...parts } of spokenRows) {
    const said = (['completion', 'rejected'] as const).flatMap((part) =>
      reads.includes(part) && parts[part] !== undefined ? [parts[part]] : [],
    )
    try {
      promptIdsOf(tokenizer, prompt)
      for (const each of said) renderedExample(tokenizer, prompt, each)
    } catch (error) {
      if (!(error instanceof RenderingError)) throw error
      return `row ${row}: ${error.message}`
    }
  }
  return undefined
}

/** @param settings say whether the run leaves such prompts out or cuts them; then only having no other is refused */
export function longPrompt(
  survey: DatasetSurvey,
  { reads, promptsFit }: Reading,
  { config: { contextTokens }, tokenizer }: ModelHeader,
  settings: SettingsValues = {},
): string | undefined {
  if (!promptsFit) return undefined
  const sized = survey.longestPrompts.map(({ row, prompt }) => ({
    row,
    tokens: promptIdsOf(tokenizer, mustFit(prompt, settings)).length - 1,
  }))
  if (takesLongPrompts(settings)) {
    const { most } = promptRoom({ reads }, settings, contextTokens)
    const isLeftOut = settings['longPrompts'] === 'leave-out'
    const isAll =
      sized.length > 0 && sized.length === survey.rows && sized.every(({ tokens }) => tokens > most)
    return isLeftOut && isAll
      ? `every prompt has more than the ${most} tokens that leave room for a completion`
      : undefined
  }
  const { row, tokens } = longestOf(sized)
  return tokens < contextTokens
    ? undefined
    : `row ${row}: the prompt has ${tokens} tokens; this model reads ${contextTokens} in all, so its ` +
        `prompts can have at most ${contextTokens - 1}`
}

interface SizedPrompt {
  readonly row: number
  readonly tokens: number
}

/** Among the prompts with most characters the one with most tokens: parts of words are of different lengths. */
const longestOf = (sized: readonly SizedPrompt[]): SizedPrompt =>
  sized.reduce((most, each) => (each.tokens > most.tokens ? each : most), { row: 0, tokens: 0 })
