/** A run by its sizes, from what a survey of its datasets says: what the memory it takes depends on. */
import type { DatasetSurvey, SurveyDataset } from '../datasets/survey'
import type { ModelHeader } from '../model/model-header'
import type { TextSizes } from '../trainers/trainer-row'
import { datasetInputs, labelOf } from './check-texts'
import type { Materials } from './problems'
import type { SizedRun } from './sized-run'

export async function sizesOf(
  survey: SurveyDataset,
  { recipe, settings, models, datasets }: Materials,
): Promise<Omit<SizedRun, 'threads'>> {
  const texts: Record<string, TextSizes> = {}
  const characters = new Set<string>()
  for (const [name, input] of datasetInputs(recipe)) {
    const chosen = datasets[name] ?? []
    if (chosen.length === 0) continue
    const surveys = await Promise.all(chosen.map(({ id }) => survey(id, labelOf(input, settings))))
    for (const each of surveys) addCharacters(characters, each)
    texts[name] = joined(surveys.map((each) => sizeOfTexts(each, models[input.readBy ?? ''])))
  }
  const sized = Object.entries(models).map(([name, { kind, config, head }]) => [
    name,
    { kind, config, ...(head && { head }) },
  ])
  return {
    recipe: recipe.name,
    settings,
    models: Object.fromEntries(sized),
    texts,
    characters: characters.size,
  }
}

function addCharacters(all: Set<string>, { characters }: DatasetSurvey): void {
  for (const part of Object.values(characters)) for (const character of part.keys()) all.add(character)
}

function sizeOfTexts(
  { rows, longestPrompts, longestRows }: DatasetSurvey,
  model: ModelHeader | undefined,
): TextSizes {
  const tokensIn = (text: string) => (model ? model.tokenizer.encodeCompletion(text).length : text.length)
  const most = (all: readonly number[]) => all.reduce((least, each) => Math.max(least, each), 0)
  const promptTokens = most(longestPrompts.map(({ text }) => tokensIn(text)))
  const rowTokens = longestRows.map(({ prompt, completion }) => tokensIn(prompt) + tokensIn(completion))
  return { rows, promptTokens, tokens: Math.max(promptTokens, most(rowTokens)) }
}

const joined = (all: readonly TextSizes[]): TextSizes =>
  all.reduce((sum, each) => ({
    rows: sum.rows + each.rows,
    promptTokens: Math.max(sum.promptTokens, each.promptTokens),
    tokens: Math.max(sum.tokens, each.tokens),
  }))
