/** The rewards of a run as rows of a form: each with what was typed, also where that is no number yet. */
import { number } from '../../src-shared/fields'
import type { FieldProblem } from '../../src-shared/result'
import { rewardSources, rewardSourceNames, type RewardSourceName } from '../../src-shared/rewards/rewards'
import { mostRewardModels, rewardModelInput } from '../../src-shared/rewards/reward-model'
import {
  checkpointInputOf,
  largestWeight,
  problemsOfTerm,
  textOfTerms,
  writtenTerms,
  type RewardTerm,
} from '../../src-shared/rewards/terms'
import { textOf, valueOf } from './setting-text'

export interface RewardRow {
  readonly source: RewardSourceName
  /** As typed, as are the settings. */
  readonly weight: string
  readonly settings: Readonly<Record<string, string>>
}

export const weightField = number({
  group: 'Reward',
  default: 1,
  min: -largestWeight,
  max: largestWeight,
  doc: 'How much of the score counts. At 0 it trains nothing and is watched; below 0 its score is avoided.',
})

/** The rows of a text, also of one whose settings are not right yet; undefined when it is no list of rewards. */
export function rowsOf(text: string): readonly RewardRow[] | undefined {
  if (text.trim() === '') return []
  return writtenTerms(text)?.map(({ source, weight, settings }) => ({
    source,
    weight: textOf(weight),
    settings: mapValues(settings, textOf),
  }))
}

export const textOfRows = (rows: readonly RewardRow[]): string => textOfTerms(rows.map(termOf))

/** What is wrong with a row: at `weight`, or at a setting of its source. */
export const problemsOfRow = (row: RewardRow): readonly FieldProblem[] => problemsOfTerm(termOf(row))

/** A row to begin with: of a source that is not among the others yet, where there is one. */
export function newRow(others: readonly RewardRow[]): RewardRow {
  const taken = new Set(others.map(({ source }) => source))
  const source = rewardSourceNames.find((name) => !taken.has(name)) ?? 'lexicon'
  return { source, weight: textOf(weightField.default), settings: {} }
}

/**
 * A row whose source was just chosen, beside the others: a reward model gets the first number that no other has.
 */
export function besideOthers(row: RewardRow, others: readonly RewardRow[]): RewardRow {
  const input = checkpointInputOf(termOf(row))
  if (input === undefined) return row
  const taken = others.map((other) => checkpointInputOf(termOf(other)))
  const numbers = Array.from({ length: mostRewardModels }, (_, index) => index + 1)
  const free = numbers.find((number) => !taken.includes(rewardModelInput(number))) ?? 1
  return free === 1 ? row : { ...row, settings: { ...row.settings, model: textOf(free) } }
}

function termOf({ source, weight, settings }: RewardRow): RewardTerm {
  const { fields } = rewardSources[source]
  const values = Object.entries(settings).map(([name, typed]) => {
    const field = fields[name]
    return [name, field ? valueOf(field, typed) : typed] as const
  })
  return { source, weight: Number(valueOf(weightField, weight)), settings: Object.fromEntries(values) }
}

const mapValues = <A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
