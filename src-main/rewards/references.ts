/** Sources that hold a completion against reference answers: the completions that stand beside its prompt. */
import { sameness } from '../../src-shared/prompts'
import { textOf } from '../../src-shared/turn-texts'
import type { Prompt } from '../../src-shared/records/turn'
import type { Infer } from '../../src-shared/fields'
import type { RewardSource } from '../../src-shared/rewards/reward-source'
import { rewardRow, type References, type RewardRow } from './reward'

/** @param references of one prompt, at least one */
export type AgainstReferences = (completion: string, references: readonly string[]) => number

/**
 * The row of a source that compares.
 * @param compare from the settings, and all references of the run, to the score of one completion
 */
export const rewardAgainstReferences = <S extends RewardSource>(
  source: S,
  compare: (settings: Infer<S['fields']>, references: References) => AgainstReferences,
): RewardRow =>
  rewardRow(source, {
    open({ settings, references = new Map() }) {
      const score = compare(settings, references)
      return async (texts) =>
        texts.map(({ prompt, completion }) => score(completion, referencesOf(references, prompt)))
    },
  })

function referencesOf(references: References, prompt: Prompt): readonly string[] {
  const found = references.get(sameness(prompt)) ?? []
  if (found.length === 0)
    throw new Error(`there is no reference beside the prompt “${textOf(prompt).slice(0, 80)}”`)
  return found
}
