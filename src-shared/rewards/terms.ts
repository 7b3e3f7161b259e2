/**
 * What a run is rewarded by, written as the sum that it is: `lexicon + 0.5 * pattern(pattern="great") + 0 * wink`.
 * The policy learns from Σ weight · score; a term of weight 0 trains nothing and is watched. One text serves form,
 * command line and stored run; here it becomes a list of terms, and a list becomes that text.
 */
import { parseSettings, type SettingsValues } from '../fields'
import type { FieldProblem } from '../result'
import { rewardModel, rewardModelInput } from './reward-model'
import { rewardSources, rewardSourceNames, type RewardSourceName } from './rewards'

export interface RewardTerm {
  readonly source: RewardSourceName
  readonly weight: number
  /** The whole parsed settings of the source. */
  readonly settings: SettingsValues
}

export const mostTerms = 8
export const largestWeight = 1000

/** What keeps a text from being terms, in words. */
class NoTerms extends Error {}

/** The terms of a text. @throws Error in words, when it is none: `rewardsProblem` asks first */
export function termsOf(text: string): readonly RewardTerm[] {
  const terms = readTerms(text).map(checked)
  refuseTogether(terms)
  return terms
}

/**
 * The terms of a text as they are written: only the settings that it says, none of them checked, for a form that
 * shows each problem where it is. Undefined when the text is no list of rewards.
 */
export function writtenTerms(text: string): readonly RewardTerm[] | undefined {
  try {
    return readTerms(text)
  } catch (error) {
    if (error instanceof NoTerms) return undefined
    throw error
  }
}

/** What is wrong with one term: at `weight`, or at a setting of its source. */
export function problemsOfTerm({ source, weight, settings }: RewardTerm): readonly FieldProblem[] {
  const { fields, check } = rewardSources[source]
  const parsed = parseSettings(fields, settings, 'reward')
  return [
    ...(isWeight(weight)
      ? []
      : [{ field: 'weight', problem: `must be a number between -${largestWeight} and ${largestWeight}` }]),
    ...(parsed.problems.length > 0 ? parsed.problems : (check?.(parsed.settings) ?? [])),
  ]
}

const isWeight = (weight: number): boolean => Math.abs(weight) <= largestWeight

function checked(term: RewardTerm): RewardTerm {
  const { source, weight, settings } = term
  if (!isWeight(weight))
    throw new NoTerms(`can have weights between -${largestWeight} and ${largestWeight}, not ${weight}`)
  const problem = problemsOfTerm(term)[0]
  if (problem) throw new NoTerms(`has a ${source} whose ${problem.field} ${problem.problem}`)
  return {
    source,
    weight,
    settings: parseSettings(rewardSources[source].fields, settings, 'reward').settings,
  }
}

function readTerms(text: string): readonly RewardTerm[] {
  const tokens = tokensOf(text)
  const terms: RewardTerm[] = []
  do {
    terms.push(readTerm(tokens))
    if (tokens[0] && !isSign(tokens[0], '+'))
      throw new NoTerms(`has “${tokens[0].value}” where a + is wanted`)
  } while (tokens.shift())
  return terms
}

/** What is wrong with a text, in words; undefined when it is a list of terms to learn from. */
export function rewardsProblem(text: string): string | undefined {
  try {
    termsOf(text)
    return undefined
  } catch (error) {
    if (error instanceof NoTerms) return error.message
    throw error
  }
}

/** The run's input whose checkpoint a term scores with: each has one of its own. Undefined: it needs none. */
export const checkpointInputOf = ({ source, settings }: RewardTerm): string | undefined =>
  rewardSources[source].checkpoint && rewardModelInput(modelOf(settings))

/** Number of the reward model of a term. */
export const modelOf = ({ model = rewardModel.fields.model.default }: SettingsValues): number => Number(model)

/** Whether one of the terms scores with the checkpoint of this input; also while a setting is not right yet. */
export const needsCheckpoint = (text: string, input: string): boolean =>
  (writtenTerms(text) ?? []).some((term) => checkpointInputOf(term) === input)

/** The text of a list of terms; what is at its default is left out. */
export const textOfTerms = (terms: readonly RewardTerm[]): string => terms.map(textOfTerm).join(' + ')

function textOfTerm({ source, weight, settings }: RewardTerm): string {
  const said = Object.entries(rewardSources[source].fields).flatMap(([name, field]) => {
    const value = settings[name] ?? field.default
    if (value === field.default) return []
    return [`${name}=${field.type === 'text' ? `"${String(value).replaceAll('"', '""')}"` : value}`]
  })
  const called = said.length > 0 ? `${source}(${said.join(', ')})` : source
  return weight === 1 ? called : `${weight} * ${called}`
}

function refuseTogether(terms: readonly RewardTerm[]): void {
  if (terms.length > mostTerms) throw new NoTerms(`can be at most ${mostTerms}`)
  if (terms.every(({ weight }) => weight === 0))
    throw new NoTerms('has none with a weight: there is nothing to learn from')
  const inputs = terms.flatMap((term) => checkpointInputOf(term) ?? [])
  const twice = inputs.find((input, index) => inputs.indexOf(input) < index)
  if (twice !== undefined)
    throw new NoTerms(
      'scores twice with the same reward model: give each a number of its own, as in reward-model + 0.5 * ' +
        'reward-model(model=2)',
    )
}

interface Token {
  readonly kind: 'number' | 'name' | 'text' | 'sign'
  readonly value: string
}

/** A text stands in double quotes and means what it says; a double quote in it is written twice. */
const tokenPattern =
  /\s*(?:(?<number>-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)|(?<name>[a-z][a-z-]*)|"(?<text>(?:[^"]|"")*)"|(?<sign>[+*(),=]))\s*/iy

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  tokenPattern.lastIndex = 0
  for (let end = 0; end < text.length; end = tokenPattern.lastIndex) {
    const [kind, value] =
      Object.entries(tokenPattern.exec(text)?.groups ?? {}).find(([, each]) => each !== undefined) ?? []
    if (kind === undefined || value === undefined)
      throw new NoTerms(`cannot be read from “${text.slice(end)}” on`)
    tokens.push({ kind: kind as Token['kind'], value: kind === 'text' ? value.replaceAll('""', '"') : value })
  }
  return tokens
}

const isSign = (token: Token | undefined, sign: string): boolean =>
  token?.kind === 'sign' && token.value === sign

/** `0.5 * pattern(mode=forbids)`, from the front of the tokens. */
function readTerm(tokens: Token[]): RewardTerm {
  const weight = tokens[0]?.kind === 'number' ? Number(tokens.shift()?.value) : 1
  if (tokens[0]?.kind === 'name' && isSign(tokens[1], '*'))
    throw new NoTerms(`has “${tokens[0].value}” where a weight is wanted: a number, as in 0.5 * lexicon`)
  if (isSign(tokens[0], '*')) tokens.shift()
  const source = tokens.shift()?.value ?? ''
  if (!isRewardSource(source))
    throw new NoTerms(`has “${source}” where a reward is wanted: ${rewardSourceNames.join(', ')}`)
  return { source, weight, settings: readSettings(tokens) }
}

/** `(name=value, name=value)`, if it is there. */
function readSettings(tokens: Token[]): SettingsValues {
  const settings: Record<string, string | number> = {}
  if (!isSign(tokens[0], '(')) return settings
  while (tokens[0] && !isSign(tokens[0], ')')) {
    const [, name, equals, value] = tokens.splice(0, 4)
    if (name?.kind !== 'name' || !isSign(equals, '=') || !value || value.kind === 'sign')
      throw new NoTerms('can have settings only as (name=value, name=value)')
    settings[name.value] = value.kind === 'number' ? Number(value.value) : value.value
  }
  if (!tokens.shift()) throw new NoTerms('has a bracket that is not closed')
  return settings
}

const isRewardSource = (name: string): name is RewardSourceName => Object.hasOwn(rewardSources, name)
