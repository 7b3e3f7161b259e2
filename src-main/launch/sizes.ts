/** A run by its sizes, from what a survey of its datasets says: what the memory it takes depends on. */
import type { SettingsValues } from '../../src-shared/fields'
import { promptRoom, takesLongPrompts } from '../../src-shared/recipes/long-prompts'
import type { DatasetInput } from '../../src-shared/recipes/recipe'
import type { DatasetSurvey, SurveyDataset } from '../datasets/survey'
import type { ModelHeader } from '../model/model-header'
import { plainPrompt, plainText, promptIdsOf, renderedExample } from '../model/rendering'
import { RenderingError } from '../model/tokenizers/rendering-error'
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
    const model = models[input.readBy ?? '']
    const sizes = joined(surveys.map((each) => sizeOfTexts(each, model)))
    texts[name] = model ? fitted(sizes, input, settings, model.config.contextTokens) : sizes
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

/** Without the prompts that the run leaves out, or as long as it cuts them. */
function fitted(
  sizes: TextSizes,
  input: DatasetInput,
  settings: SettingsValues,
  contextTokens: number,
): TextSizes {
  if (!input.promptsFit || !takesLongPrompts(settings)) return sizes
  const { most } = promptRoom(input, settings, contextTokens)
  return { ...sizes, promptTokens: Math.min(sizes.promptTokens, most) }
}

function addCharacters(all: Set<string>, { characters }: DatasetSurvey): void {
  for (const part of Object.values(characters)) for (const character of part.keys()) all.add(character)
}

function sizeOfTexts(
  { rows, longestPrompts, longestRows }: DatasetSurvey,
  model: ModelHeader | undefined,
): TextSizes {
  const tokenizer = model?.tokenizer
  const most = (all: readonly number[]) => all.reduce((least, each) => Math.max(least, each), 0)
  const promptTokens = most(
    longestPrompts.map(({ prompt }) =>
      tokensOr(plainPrompt(prompt), tokenizer && (() => promptIdsOf(tokenizer, prompt).length - 1)),
    ),
  )
  const rowTokens = longestRows.map(({ prompt, completion }) =>
    tokensOr(
      plainText(prompt, completion),
      tokenizer && (() => renderedExample(tokenizer, prompt, completion).ids.length - 2),
    ),
  )
  return { rows, promptTokens, tokens: Math.max(promptTokens, most(rowTokens)) }
}

/** As many as characters where no model reads the text, or its template refuses it: the trainer names that row. */
function tokensOr(text: string, tokens?: () => number): number {
  try {
    return tokens?.() ?? text.length
  } catch (error) {
    if (!(error instanceof RenderingError)) throw error
    return text.length
  }
}

const joined = (all: readonly TextSizes[]): TextSizes =>
  all.reduce((sum, each) => ({
    rows: sum.rows + each.rows,
    promptTokens: Math.max(sum.promptTokens, each.promptTokens),
    tokens: Math.max(sum.tokens, each.tokens),
  }))
