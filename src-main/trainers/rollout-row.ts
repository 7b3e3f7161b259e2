/**
 * What the rows of trainers that learn from groups of their own completions have alike: what they are made from, what
 * is checked of it, how many texts are written at once, and what makes a run of them smaller.
 */
import type { FieldProblem } from '../../src-shared/result'
import { termsOf } from '../../src-shared/rewards/terms'
import type { Engine } from '../compute/engine'
import { openTerms } from '../rewards/terms'
import { unreadableByRewards } from './readable'
import { lengthProblems } from './rollout-prompts'
import { fewer, moreParts, switched, type Smaller } from './smaller'
import { trainedPartProblems } from './trained-part'
import type { Found, Given } from './trainer-row'

/** @throws StudioFailure when a model is gone or a reward cannot be opened */
export async function rolloutInputs(engine: Engine, given: Given, { rewards }: { readonly rewards: string }) {
  return {
    policy: await given.languageModel('policy'),
    rewards: await openTerms(engine, termsOf(rewards), given),
    prompts: given.prompts('prompts'),
  }
}

type Checked = Parameters<typeof trainedPartProblems>[1] &
  Parameters<typeof lengthProblems>[0] & { readonly rewards: string }

export const rolloutProblems = (settings: Checked, found: Found): readonly FieldProblem[] => [
  ...trainedPartProblems(found.models['policy'], settings),
  ...lengthProblems(settings, found),
  ...unreadableByRewards(settings.rewards, found),
]

/** Rows of a rollout that are written at once. */
export const mostWrittenRows = 32

/** @param batch the setting that says how large an update is */
export const smallerRollout = (batch: string): readonly Smaller[] => [
  moreParts('accumulation', batch),
  fewer(batch),
  fewer('maxTokens'),
  switched('adapter', 'lora'),
]
