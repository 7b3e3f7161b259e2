/**
 * What a run is rewarded by: a list of terms, each a source with its settings and a weight. The policy learns
 * from the weighted sum; a term of weight 0 trains nothing and is watched.
 */
import { parseSettings, type SettingsValues } from '../fields'
import type { FieldProblem } from '../result'
import { rewardSources, rewardSourceNames, type RewardSourceName } from './rewards'

export interface RewardTerm {
  readonly source: RewardSourceName
  readonly weight: number
  /** The whole parsed settings of the source. */
  readonly settings: SettingsValues
  /** Id of the checkpoint it scores with, where the source needs one. */
  readonly checkpoint?: string
}

/** A term as a form, a command line or a preset gives it: what is not said is the default. */
export interface GivenTerm {
  readonly source: string
  readonly weight?: number
  readonly settings?: SettingsValues
  readonly checkpoint?: string
}

/** One reward and one who watches: what a run has when nothing else is said. */
export const usualTerms: readonly GivenTerm[] = [{ source: 'reward-model' }, { source: 'wink', weight: 0 }]

const mostTerms = 8
const largestWeight = 1000

/** Where a term's problem stands: `rewards.1.pattern`, from 0. */
export const termField = (index: number, name: string): string => `rewards.${index}.${name}`

/**
 * Reads the terms of a run over their defaults.
 * @returns the terms that could be read, and in words what is wrong
 */
export function parseTerms(given: readonly GivenTerm[]): {
  readonly terms: readonly RewardTerm[]
  readonly problems: readonly FieldProblem[]
} {
  const read = given.map(parseTerm)
  const terms = read.flatMap(({ term }) => term ?? [])
  const problems = read.flatMap((each) => each.problems)
  if (given.length > mostTerms) problems.push({ field: 'rewards', problem: `can be at most ${mostTerms}` })
  if (problems.length === 0 && terms.every(({ weight }) => weight === 0))
    problems.push({ field: 'rewards', problem: 'has none with a weight: there is nothing to learn from' })
  return { terms, problems }
}

function parseTerm(
  given: GivenTerm,
  index: number,
): { readonly term?: RewardTerm; readonly problems: readonly FieldProblem[] } {
  const { source, weight = 1, checkpoint } = given
  const at = (name: string, problem: string): FieldProblem => ({ field: termField(index, name), problem })
  if (!isRewardSource(source))
    return { problems: [at('source', `must be one of ${rewardSourceNames.join(', ')}`)] }
  const row = rewardSources[source]
  const { settings, problems } = parseSettings(row.fields, given.settings ?? {}, 'reward')
  const found = [
    ...(isWeight(weight) ? [] : [at('weight', `must be between −${largestWeight} and ${largestWeight}`)]),
    ...(row.checkpoint && !checkpoint ? [at('checkpoint', `Choose a ${row.title.toLowerCase()}.`)] : []),
    ...(problems.length > 0 ? problems : (row.check?.(settings) ?? [])).map(({ field, problem }) =>
      at(field, problem),
    ),
  ]
  return {
    problems: found,
    term: { source, weight, settings, ...(row.checkpoint && checkpoint && { checkpoint }) },
  }
}

const isWeight = (weight: number): boolean => Math.abs(weight) <= largestWeight

export const isRewardSource = (name: string): name is RewardSourceName => Object.hasOwn(rewardSources, name)
