/**
 * The whole way from demonstrations to a policy that was judged, as the steps of a plan: fine-tune, label what comes
 * of it, train a reward model, optimise, and judge blind against where it started.
 */
import { defaultsOf, type SettingsValues } from './fields'
import { isInputUsed } from './recipes/recipe'
import { recipeNames, recipeOf, type RecipeName } from './recipes/recipes'
import type { PlanSource, PlanStep } from './records/plan'
import { usualSampling } from './sampling'

/** Recipes that move a policy by a reward model when nothing else is said. */
export const chainPolicies: readonly RecipeName[] = recipeNames.filter((each) => {
  const { inputs, fields } = recipeOf(each)
  const model = inputs['rewardModel']
  return model && inputs['policy'] && inputs['prompts'] && isInputUsed(model, defaultsOf(fields))
})

export const chainRuns = ['sft', 'reward', 'policy'] as const
export type ChainRun = (typeof chainRuns)[number]

export interface ChainWish {
  /** A language model. */
  readonly from: string
  /** None: it is good enough as it is. */
  readonly demonstrations: readonly string[]
  readonly prompts: string
  /** Preference pairs that are there. */
  readonly pairs: readonly string[]
  /** How many judgments to wait for; 0 for none. */
  readonly judgments: number
  readonly policy: RecipeName
  /** How many blind verdicts to wait for; 0 for none. */
  readonly verdicts: number
  readonly settings: Readonly<Partial<Record<ChainRun, SettingsValues>>>
}

const labelGuidance =
  'The completion that answers the prompt better and reads as English. Length does not count.'

export function chainOf(wish: ChainWish): readonly PlanStep[] {
  const steps: PlanStep[] = []
  /** @returns how later steps name what it makes */
  const add = (step: PlanStep): PlanSource => ({ step: steps.push(step) - 1 })
  const judging = {
    promptDatasetId: wish.prompts,
    sampling: usualSampling,
    guidance: labelGuidance,
  }
  const start: PlanSource =
    wish.demonstrations.length > 0
      ? add(run('sft', wish.settings.sft, { policy: [wish.from], demonstrations: [...wish.demonstrations] }))
      : wish.from
  const judged =
    wish.judgments > 0
      ? [add({ kind: 'label', name: 'judgments', ...judging, goal: wish.judgments, writer: start })]
      : []
  const rewardModel = add(
    run('reward', wish.settings.reward, { base: [start], pairs: [...wish.pairs, ...judged] }),
  )
  const policy = add(
    run(wish.policy, wish.settings.policy, {
      policy: [start],
      rewardModel: [rewardModel],
      prompts: [wish.prompts],
    }),
  )
  if (wish.verdicts > 0)
    add({
      kind: 'arena',
      name: 'before and after',
      ...judging,
      goal: wish.verdicts,
      contenders: [start, policy],
    })
  return steps
}

const run = (
  recipe: RecipeName,
  settings: SettingsValues = {},
  inputs: Readonly<Record<string, readonly PlanSource[]>>,
): PlanStep => ({ kind: 'run', recipe, settings, inputs })
