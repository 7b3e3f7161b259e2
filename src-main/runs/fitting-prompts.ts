/**
 * The rows of a run without the prompts that leave its model no room for a completion, or with their ends, as the
 * run's setting says. How many there were is said once for each input.
 */
import type { SettingsValues } from '../../src-shared/fields'
import { mustFit, promptRoom, takesLongPrompts, type PromptRoom } from '../../src-shared/recipes/long-prompts'
import { isInputUsed, type Recipe } from '../../src-shared/recipes/recipe'
import type { Example } from '../../src-shared/records/example'
import type { Prompt } from '../../src-shared/records/turn'
import type { LanguageModel, Tokenizer } from '../model/model'
import { promptIdsOf } from '../model/rendering'
import { cutPrompt } from '../model/rendering/cut-prompt'
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
  const readers = new Map<string, Reader>()
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

interface Reader {
  /** Infinity for a prompt that the model cannot read at all. */
  readonly tokensOf: (prompt: Prompt) => number
  readonly room: PromptRoom
  readonly isCut: boolean
}

function* fitting(
  input: string,
  rows: Iterable<Example>,
  { tokensOf, room, isCut }: Reader,
  say: (text: string) => void,
): Generator<Example> {
  let all = 0
  let cut = 0
  const long: { readonly row: number; readonly tokens: number }[] = []
  for (const example of rows) {
    all++
    const { prompt, row } = example
    const tokens = prompt === undefined ? 0 : tokensOf(prompt)
    if (prompt === undefined || !(tokens > room.most) || tokens === Infinity) {
      yield example
      continue
    }
    long.push({ row, tokens })
    const end = isCut ? cutPrompt(prompt, room.cutTo, tokensOf) : undefined
    if (end === undefined) continue
    cut++
    yield { ...example, prompt: end }
  }
  const [first] = long
  if (!first) return
  const why =
    `more than ${room.most} tokens leave no room for a completion (the first is row ${first.row}, with ` +
    `${first.tokens})`
  const leftOut = long.length - cut
  if (leftOut === all) refuse(input, `has no prompt that fits: ${why}`)
  say(saidOf({ all, cut, leftOut }, why, room))
}

interface Counts {
  readonly all: number
  readonly cut: number
  readonly leftOut: number
}

/** Of a prompt that is to be cut not even one character may fit, beside its template and its system turn. */
function saidOf({ all, cut, leftOut }: Counts, why: string, { cutTo }: PromptRoom): string {
  if (cut === 0) return `Left out: ${leftOut} of ${all} prompts; ${why}.`
  const others = leftOut > 0 ? ` Left out, for no end of them fits: ${leftOut} of ${all}.` : ''
  return `Cut at their beginning to ${cutTo} tokens: ${cut} of ${all} prompts; ${why}.${others}`
}

/** What trains on a prompt that cannot be read says why. */
function tokensIn(tokenizer: Tokenizer, prompt: Prompt): number {
  try {
    return promptIdsOf(tokenizer, prompt).length - 1
  } catch {
    return Infinity
  }
}
