/** Whether rewards that a person wrote can score: tried out on a few texts before any process starts. */
import type { Example } from '../../src-shared/records/example'
import type { SettingsValues } from '../../src-shared/fields'
import { rewardsProblem, termsOf, type RewardTerm } from '../../src-shared/rewards/terms'
import { references } from '../data/training-data'
import type { References, ScoredText } from '../rewards/reward'
import { rewardRows } from '../rewards/rewards'
import { examplesOf } from '../store/examples'
import type { ReadableDb } from '../store/handle'
import type { Materials, Problems } from './problems'

/** Rows of each dataset that are enough to see a mistake. */
const rowsTried = 8

export async function checkRewards(
  db: ReadableDb,
  { recipe, settings, datasets }: Materials,
  problems: Problems,
): Promise<void> {
  const text = String(settings['rewards'] ?? '')
  if (!Object.hasOwn(recipe.fields, 'rewards') || rewardsProblem(text) !== undefined) return
  const known = references((datasets['prompts'] ?? []).flatMap(({ id }) => firstOf(examplesOf(db, id))))
  if (
    (datasets['prompts'] ?? []).length > 0 &&
    isAnsweredOnce(settings, recipe) &&
    termsOf(text).some(comparesEachOther)
  )
    problems.push({
      field: 'rewards',
      problem:
        'compares completions of one prompt with each other, and this recipe answers each prompt once: choose ' +
        'how=score for a judge model, how=rate for a person, or a recipe or group size with several',
    })
  for (const { source, settings: own } of termsOf(text)) {
    const problem = await rewardRows[source].tryOut?.(
      { settings: own, references: known },
      textsBeside(known),
    )
    if (problem !== undefined)
      problems.push({ field: 'rewards', problem: `has a ${source} that cannot score: ${problem}` })
  }
}

/** Whether it is by chance alone that a rollout has two completions of a prompt. */
const isAnsweredOnce = ({ groupSize, second }: SettingsValues, { fields }: Materials['recipe']): boolean =>
  !Object.hasOwn(fields, 'groups') ||
  (groupSize !== undefined && second !== 'reference' && Number(groupSize) < 2)

/** Of texts from nothing all are of one prompt; that is seen when they are scored. */
const comparesEachOther = ({ source, settings: { how, against } }: RewardTerm): boolean =>
  how === 'compare' && (source === 'person' || against === 'each-other')

function firstOf(examples: Iterable<Example>): readonly Example[] {
  const first: Example[] = []
  for (const example of examples) if (first.push(example) === rowsTried) break
  return first
}

/** The completions beside each prompt, and an empty one, which can always be written. */
const textsBeside = (known: References): readonly ScoredText[] =>
  [...(known.size > 0 ? known : new Map<string, readonly string[]>([['', []]]))].flatMap(
    ([prompt, completions]) =>
      [...completions, ''].map((completion) => ({ prompt, completion, hasEnded: completion !== '' })),
  )
