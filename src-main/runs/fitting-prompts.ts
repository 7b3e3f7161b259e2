/**
 * The rows of a run without the prompts that leave its model no room for a completion, or with their ends, as the
 * run's setting says. How many there were is said once for each input.
 */
import type { SettingsValues } from '../../src-shared/fields'
import { mustFit, promptRoom, takesLongPrompts } from '../../src-shared/recipes/long-prompts'
import { isInputUsed, type Recipe } from '../../src-shared/recipes/recipe'
import type { Example } from '../../src-shared/records/example'
import type { Prompt } from '../../src-shared/records/turn'
import type { LanguageModel } from '../model/model'
import { promptFitter, tokensIn, type PromptReader } from '../model/rendering/long-prompts'
import { refuse } from '../trainers/refuse'

/** The rows of an input that its model can read. */
export type FitRows = (input: string, rows: Iterable<Example>) => Iterable<Example>

/**
 * @param modelOf the model of an input
 * @param say     what was left out or cut, in a sentence
 */
export async function fittingPrompts(
  { inputs }: Recipe,
  settings: SettingsValues,
  modelOf: (input: string) => Promise<LanguageModel>,
  say: (text: string) => void,
): Promise<FitRows> {
  const readers = new Map<string, PromptReader>()
  for (const [name, input] of Object.entries(inputs)) {
    const isAsked = input.type === 'dataset' && input.promptsFit && isInputUsed(input, settings)
    if (!isAsked || !input.readBy || !takesLongPrompts(settings)) continue
    const { tokenizer, config } = await modelOf(input.readBy)
    const room = promptRoom(input, settings, config.contextTokens)
    const tokensOf = (prompt: Prompt) => tokensIn(tokenizer, mustFit(prompt, settings))
    readers.set(name, { tokensOf, room, isCut: settings['longPrompts'] === 'cut' })
  }
  const said = new Set<string>()
  return (name, rows) => {
    const reader = readers.get(name)
    if (!reader) return rows
    return fitting(name, rows, reader, (text) => {
      if (!said.has(name)) say(text)
      said.add(name)
    })
  }
}

function* fitting(
  input: string,
  rows: Iterable<Example>,
  reader: PromptReader,
  say: (text: string) => void,
): Generator<Example> {
  const fitter = promptFitter(reader)
  for (const example of rows) {
    const { prompt, row } = example
    const fitted = fitter.fit(prompt ?? '', row)
    if (prompt === undefined || fitted === prompt) yield example
    else if (fitted !== undefined) yield { ...example, prompt: fitted }
  }
  const none = fitter.whyNone()
  if (none !== undefined) refuse(input, none)
  const said = fitter.said()
  if (said !== undefined) say(said)
}
